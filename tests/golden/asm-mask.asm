; seccomp filter compiled from "asm-mask.json".
; 8 instructions, 14 as the kernel counts; default action ALLOW.
0      ld    [4]                    ; arch
1      jeq   #0xc000003e, next, L1  ; AUDIT_ARCH_X86_64
2      ld    [0]                    ; nr
3      jeq   #56, next, L1          ; clone
4      ld    [16]                   ; args[0].low, clone_flags of clone
5      jset  #0x10000000, L2, next  ; args[0].low, clone_flags of clone
6  L1: ret   #0x7fff0000            ; ALLOW
7  L2: ret   #0x00050001            ; ERRNO(EPERM)
