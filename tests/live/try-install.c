/*
 * Asks the kernel alone whether it takes a program.
 *
 *	try-install PROGRAM
 *
 * Nothing is checked before.  Prints the errno, 0 if it was installed.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>

int
main(int argc, char **argv)
{
	static struct sock_filter code[65535];
	struct sock_fprog program = { .filter = code };
	FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
	int error = 0;

	if (!file || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 2;
	program.len = (unsigned short)fread(code, sizeof(*code), 65535, file);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0))
		error = errno;
	printf("%d\n", error);
	return 0;
}
