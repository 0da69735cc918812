; seccomp filter compiled from "asm-condition.json".
; 10 instructions, 17 as the kernel counts; default action ERRNO(EPERM).
0      ld    [0]                    ; nr
1      jeq   #135, next, L1         ; x86_64 personality, i386 sysfs
2      ld    [16]                   ; args[0].low
3      jeq   #0xffffffff, next, L1  ; args[0].low
4      ld    [20]                   ; args[0].high
5      jeq   #0, next, L1           ; args[0].high
6      ld    [4]                    ; arch
7      jeq   #0xc000003e, next, L1  ; AUDIT_ARCH_X86_64
8      ret   #0x7fff0000            ; ALLOW
9  L1: ret   #0x00050001            ; ERRNO(EPERM)
