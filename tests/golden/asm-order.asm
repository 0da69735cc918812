; seccomp filter compiled from "asm-order.json".
; 32 instructions, 46 as the kernel counts; default action ERRNO(EPERM).
 0      ld    [4]                    ; arch
 1      jeq   #0xc000003e, next, L4  ; AUDIT_ARCH_X86_64
 2      ld    [0]                    ; nr
 3      jge   #63, L3, next          ; >= uname
 4      jge   #42, L1, next          ; >= connect
 5      jge   #41, next, L9          ; >= socket
 6      ld    [16]                   ; args[0].low, family of socket
 7      jeq   #40, L2, L8            ; args[0].low, family of socket
 8  L1: jge   #62, next, L9          ; >= kill
 9      ld    [16]                   ; args[0].low, pid of kill
10      jge   #8, L8, next           ; args[0].low, pid of kill
11  L2: ld    [20]                   ; args[0].high
12      jeq   #0, L9, L8             ; args[0].high
13  L3: jeq   #135, next, L9         ; personality
14      ld    [20]                   ; args[0].high, personality of personality
15      jeq   #0, L6, L9             ; args[0].high, personality of personality
16  L4: jeq   #0x40000003, next, L9  ; AUDIT_ARCH_I386
17      ld    [0]                    ; nr
18      jge   #137, L7, next         ; >= afs_syscall
19      jge   #38, L5, next          ; >= rename
20      jge   #37, next, L9          ; >= kill
21      ld    [16]                   ; args[0].low, pid of kill
22      jge   #8, L8, L9             ; args[0].low, pid of kill
23  L5: jge   #136, next, L9         ; >= personality
24  L6: ld    [16]                   ; args[0].low
25      jset  #0xfffdfff7, next, L8  ; args[0].low
26      jeq   #0xffffffff, L8, L9    ; args[0].low
27  L7: jeq   #359, next, L9         ; socket
28      ld    [16]                   ; args[0].low, family of socket
29      jeq   #40, L9, next          ; args[0].low, family of socket
30  L8: ret   #0x7fff0000            ; ALLOW
31  L9: ret   #0x00050001            ; ERRNO(EPERM)
