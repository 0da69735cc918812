/*
 * What a command that is alone in its image can say of how it was started:
 * its arguments, whether its pid is 1, the first of its environment, and what
 * it has open.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

extern char **environ;

int
main(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		printf("%s|", argv[i]);
	printf(" %s, %s, open:", getpid() == 1 ? "first process" : "one of many",
	       environ[0] ? environ[0] : "no environment");
	for (int fd = 0; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf(" %d", fd);
	puts("");
	return 0;
}
