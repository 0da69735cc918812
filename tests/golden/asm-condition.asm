; seccomp filter compiled from "asm-condition.json".
; 17 instructions, 29 as the kernel counts; default action ERRNO(EPERM).
 0      ld    [4]                    ; arch
 1      jeq   #0xc000003e, next, L4  ; AUDIT_ARCH_X86_64
 2      ld    [0]                    ; nr
 3      jge   #0x40000000, L1, next  ; >= x32 read
 4      jge   #135, next, L5         ; >= personality
 5      jeq   #135, next, L2         ; personality
 6      ld    [16]                   ; args[0].low, personality of personality
 7      jeq   #0xffffffff, next, L5  ; args[0].low, personality of personality
 8      ld    [20]                   ; args[0].high, personality of personality
 9      jeq   #0, next, L5           ; args[0].high, personality of personality
10      ret   #0x7fff0000            ; ALLOW
11  L1: jge   #0xc0000000, L3, next  ; nr
12      jge   #0x80000000, next, L4  ; nr
13  L2: ret   #0x00050026            ; ERRNO(ENOSYS)
14  L3: jge   #0xffffffff, L5, next  ; nr
15  L4: ret   #0x00000000            ; KILL_THREAD
16  L5: ret   #0x00050001            ; ERRNO(EPERM)
