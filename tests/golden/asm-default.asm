; seccomp filter compiled from "asm-default.json".
; 7 instructions, 14 as the kernel counts; default action ALLOW.
0      ld    [0]                    ; nr
1      jge   #0x40000000, next, L1  ; >= x32 read
2      jeq   #0xffffffff, next, L2  ; nr
3  L1: ld    [4]                    ; arch
4      jeq   #0xc000003e, next, L2  ; AUDIT_ARCH_X86_64
5      ret   #0x7fff0000            ; ALLOW
6  L2: ret   #0x00000000            ; KILL_THREAD
