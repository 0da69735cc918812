; seccomp filter compiled from "asm-mask.json".
; 8 instructions, 15 as the kernel counts; default action ALLOW.
0      ld    [0]                    ; nr
1      jeq   #56, next, L1          ; x86_64 clone, i386 mpx
2      ld    [16]                   ; args[0].low
3      jset  #0x10000000, next, L1  ; args[0].low
4      ld    [4]                    ; arch
5      jeq   #0xc000003e, next, L1  ; AUDIT_ARCH_X86_64
6      ret   #0x00050001            ; ERRNO(EPERM)
7  L1: ret   #0x7fff0000            ; ALLOW
