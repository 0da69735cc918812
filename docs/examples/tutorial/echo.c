/*
 * An HTTP server that answers each request with the request it got, for
 * docs/tutorial.md.
 *
 *	echo PORT [LOG]
 *
 * PORT 0 is a free one.  LOG is a file to which the first line of each request
 * is added.  One request at a time; SIGINT and SIGTERM end it.
 */
#define _GNU_SOURCE 1 /* accept4 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_MAX = 64 * 1024 };

static void
end(int number)
{
	(void)number;
	_exit(0);
}

/* dprintf(3) makes syscalls besides write. */
static void __attribute__((format(printf, 2, 3)))
say(int fd, const char *format, ...)
{
	char line[1024];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	if (n > 0 && write(fd, line, (size_t)n) < 0)
		_exit(1);
}

static int
fail(const char *what)
{
	say(STDERR_FILENO, "echo: %s: %s\n", what, strerror(errno));
	return 1;
}

/* Returns the socket, or -1 after saying why. */
static int
listen_on(unsigned short port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_ANY),
	};
	socklen_t size = sizeof(address);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(s, (struct sockaddr *)&address, size) || listen(s, 16) ||
	    getsockname(s, (struct sockaddr *)&address, &size)) {
		fail("listen");
		return -1;
	}
	say(STDOUT_FILENO, "listening on port %d\n", ntohs(address.sin_port));
	return s;
}

/* How long the request is that begins with this text; 0: not known yet. */
static size_t
request_length(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n"), *line = text;
	size_t body = 0;

	if (!end)
		return 0;
	while (line < end && (line = strstr(line, "\r\n")) && line < end) {
		line += 2;
		if (!strncasecmp(line, "Content-Length:", 15))
			body = strtoul(line + 15, NULL, 10);
	}
	return body < REQUEST_MAX ? (size_t)(end + 4 - text) + body : 0;
}

static void
answer(int peer, int log)
{
	static char text[REQUEST_MAX + 1];
	static const char head[] = "HTTP/1.0 200 OK\r\n"
				   "Content-Type: text/plain\r\n\r\n";
	size_t used = 0, wanted = 0;
	ssize_t got;

	while (used < REQUEST_MAX && (!wanted || used < wanted)) {
		got = recv(peer, text + used, REQUEST_MAX - used, 0);
		if (got <= 0)
			return;
		used += (size_t)got;
		text[used] = '\0';
		wanted = request_length(text);
	}
	if (log >= 0)
		say(log, "%.*s\n", (int)strcspn(text, "\r\n"), text);
	send(peer, head, sizeof(head) - 1, MSG_NOSIGNAL);
	send(peer, text, used, MSG_NOSIGNAL);
}

int
main(int argc, char **argv)
{
	/* Without a handler the first process of a container ignores these. */
	struct sigaction action = { .sa_handler = end };
	int log = -1, s, peer;

	if (argc < 2 || argc > 3) {
		say(STDERR_FILENO, "Usage: echo PORT [LOG]\n");
		return 2;
	}
	if (argc > 2) {
		log = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
			   0644);
		if (log < 0)
			return fail(argv[2]);
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	s = listen_on((unsigned short)atoi(argv[1]));
	if (s < 0)
		return 1;
	while ((peer = accept4(s, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		answer(peer, log);
		close(peer);
	}
	return fail("accept");
}
