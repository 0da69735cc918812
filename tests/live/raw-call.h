/*
 * Calls outside of libc, with every register as given, for x86_64, x32 and
 * i386.  For one file of a program.
 *
 * raw_syscall is what programs of the ABI use: syscall, or int 0x80 on i386.
 * raw_int80 is int 0x80: from x86_64 and x32 it makes calls of i386, with
 * whole registers.  Both return what the kernel put into eax, with its sign.
 */
#ifndef TESTS_RAW_CALL_H
#define TESTS_RAW_CALL_H

#include <stdint.h>

#ifdef __x86_64__

/* As wide as a register: x32 has them whole too. */
typedef uint64_t raw_arg;

long raw_syscall(long number, const raw_arg args[6]);
long raw_int80(long number, const raw_arg args[6]);

__asm__(".text\n"
	"raw_syscall:\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %r11\n"
	"	mov 0(%r11), %rdi\n"
	"	mov 8(%r11), %rsi\n"
	"	mov 16(%r11), %rdx\n"
	"	mov 24(%r11), %r10\n"
	"	mov 32(%r11), %r8\n"
	"	mov 40(%r11), %r9\n"
	"	syscall\n"
	"	ret\n"
	"raw_int80:\n"
	"	push %rbp\n"
	"	push %rbx\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %r11\n"
	"	mov 0(%r11), %rbx\n"
	"	mov 8(%r11), %rcx\n"
	"	mov 16(%r11), %rdx\n"
	"	mov 24(%r11), %rsi\n"
	"	mov 32(%r11), %rdi\n"
	"	mov 40(%r11), %rbp\n"
	"	int $0x80\n"
	"	movslq %eax, %rax\n"
	"	pop %rbx\n"
	"	pop %rbp\n"
	"	ret\n");

#else

typedef uint32_t raw_arg;

long raw_int80(long number, const raw_arg args[6]);
#define raw_syscall raw_int80

/* Both functions below differ in how they enter the kernel alone. */
#define RAW_I386(name, enter)                                                  \
	name ":\n"                                                             \
	     "	push %ebp\n"                                                    \
	     "	push %ebx\n"                                                    \
	     "	push %esi\n"                                                    \
	     "	push %edi\n"                                                    \
	     "	mov 20(%esp), %eax\n"                                           \
	     "	mov 24(%esp), %ebp\n"                                           \
	     "	mov 0(%ebp), %ebx\n"                                            \
	     "	mov 4(%ebp), %ecx\n"                                            \
	     "	mov 8(%ebp), %edx\n"                                            \
	     "	mov 12(%ebp), %esi\n"                                           \
	     "	mov 16(%ebp), %edi\n"                                           \
	     "	mov 20(%ebp), %ebp\n"                                           \
	     "	" enter "\n"                                                   \
	     "	pop %edi\n"                                                     \
	     "	pop %esi\n"                                                     \
	     "	pop %ebx\n"                                                     \
	     "	pop %ebp\n"                                                     \
	     "	ret\n"

__asm__(".text\n" RAW_I386("raw_int80", "int $0x80"));

#ifdef RAW_VDSO
/* The way of libcs: where AT_SYSINFO says, by sysenter or syscall. */
long raw_vdso(long number, const raw_arg args[6]);
uintptr_t raw_vdso_entry;
__asm__(".text\n" RAW_I386("raw_vdso", "call *raw_vdso_entry"));
#endif

#endif
#endif
