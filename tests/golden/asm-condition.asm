; seccomp filter compiled from "asm-condition.json".
; 10 instructions, 17 as the kernel counts; default action ERRNO(EPERM).
0      ld    [4]                    ; arch
1      jeq   #0xc000003e, next, L1  ; AUDIT_ARCH_X86_64
2      ld    [0]                    ; nr
3      jeq   #135, next, L1         ; personality
4      ld    [16]                   ; args[0].low, personality of personality
5      jeq   #0xffffffff, next, L1  ; args[0].low, personality of personality
6      ld    [20]                   ; args[0].high, personality of personality
7      jeq   #0, L2, next           ; args[0].high, personality of personality
8  L1: ret   #0x00050001            ; ERRNO(EPERM)
9  L2: ret   #0x7fff0000            ; ALLOW
