/* Writes a line and tries to make a folder, for tools/quickstart. */
#include <stdio.h>
#include <sys/stat.h>

int
main(void)
{
	puts("hello: this line was written under the filter");
	fflush(stdout);
	if (!mkdir("/tmp/seccompc-hello", 0700)) {
		puts("hello: mkdir worked: there is no filter here");
		return 1;
	}
	perror("hello: mkdir was refused");
	return 0;
}
