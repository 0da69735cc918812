/*
 * The container that needs least: exits with 42, its only syscall.  With an
 * argument it waits for a signal instead, in pause().
 */
#include <asm/unistd.h>

#define TEXT_(n) #n
#define TEXT(n) TEXT_(n)

__asm__(".globl _start\n"
	"_start:\n"
	"	cmpq $1, (%rsp)\n"
	"	jne 1f\n"
	"	movl $" TEXT(__NR_exit_group) ", %eax\n"
	"	movl $42, %edi\n"
	"	syscall\n"
	"1:	movl $" TEXT(__NR_pause) ", %eax\n"
	"	syscall\n"
	"	jmp 1b\n"
	".section .note.GNU-stack, \"\", @progbits\n");
