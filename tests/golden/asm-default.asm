; seccomp filter compiled from "asm-default.json".
; 7 instructions, 14 as the kernel counts; default action ALLOW.
0      ld    [4]                    ; arch
1      jeq   #0xc000003e, next, L1  ; AUDIT_ARCH_X86_64
2      ld    [0]                    ; nr
3      jge   #0x40000000, next, L2  ; >= x32 read
4      jge   #0xffffffff, L2, next  ; nr
5  L1: ret   #0x00000000            ; KILL_THREAD
6  L2: ret   #0x7fff0000            ; ALLOW
