/*
 * A program that confines itself first thing in main, by a filter that was
 * compiled when the program was built, and shows that it is in force.  The
 * same text is C99 and C++.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "filter.h"

static void
confine(void)
{
	struct sock_fprog prog = { filter_len, (struct sock_filter *)filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog)) {
		perror("confined: no filter");
		exit(2);
	}
}

/* What the kernel says of this process: "Seccomp: 2" is a filter. */
static void
print_mode(void)
{
	static char status[4096];
	int fd = open("/proc/self/status", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, status, sizeof(status) - 1);
	const char *line = n > 0 ? strstr(status, "\nSeccomp:") : NULL;

	if (fd >= 0)
		close(fd);
	if (line)
		printf("Seccomp: %d\n", atoi(line + strlen("\nSeccomp:")));
}

int
main(void)
{
	confine();
	print_mode();
	if (!mkdir("refused", 0700)) {
		puts("mkdir worked");
		rmdir("refused");
		return 1;
	}
	printf("mkdir: %s\n", strerror(errno));
	return 0;
}
