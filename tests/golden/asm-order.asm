; seccomp filter compiled from "asm-order.json".
; 31 instructions, 46 as the kernel counts; default action ERRNO(EPERM).
 0       ld    [4]                     ; arch
 1       jeq   #0xc000003e, next, L4   ; AUDIT_ARCH_X86_64
 2       ld    [0]                     ; nr
 3       jge   #63, next, L1           ; >= uname
 4       jeq   #135, next, L10         ; personality
 5       ld    [20]                    ; args[0].high, personality of personality
 6       jeq   #0, L6, L10             ; args[0].high, personality of personality
 7  L1:  jge   #41, next, L10          ; >= socket
 8       jeq   #62, L2, next           ; kill
 9       jeq   #41, next, L10          ; socket
10       ld    [16]                    ; args[0].low, family of socket
11       jeq   #40, L3, L9             ; args[0].low, family of socket
12  L2:  ld    [16]                    ; args[0].low, pid of kill
13       jge   #8, L9, next            ; args[0].low, pid of kill
14  L3:  ld    [20]                    ; args[0].high
15       jeq   #0, L10, L9             ; args[0].high
16  L4:  jeq   #0x40000003, next, L10  ; AUDIT_ARCH_I386
17       ld    [0]                     ; nr
18       jge   #137, next, L5          ; >= afs_syscall
19       jeq   #359, L8, L10           ; socket
20  L5:  jeq   #37, L7, next           ; kill
21       jeq   #136, next, L10         ; personality
22  L6:  ld    [16]                    ; args[0].low
23       jset  #0xfffdfff7, next, L9   ; args[0].low
24       jeq   #0xffffffff, L9, L10    ; args[0].low
25  L7:  ld    [16]                    ; args[0].low, pid of kill
26       jge   #8, L9, L10             ; args[0].low, pid of kill
27  L8:  ld    [16]                    ; args[0].low, family of socket
28       jeq   #40, L10, next          ; args[0].low, family of socket
29  L9:  ret   #0x7fff0000             ; ALLOW
30  L10: ret   #0x00050001             ; ERRNO(EPERM)
