/*
 * Serves one HTTP request on the loopback interface, with nothing but what
 * docs/examples/fine-grained.json allows; or makes one.
 *
 *	httpd         prints its port and pid, answers a request with a page,
 *		      ends
 *	httpd PORT    makes a request, prints the answer
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char page[] = "HTTP/1.0 200 OK\r\nContent-Length: 22\r\n\r\n"
			   "served under a filter\n";

static int
fail(const char *what)
{
	dprintf(STDERR_FILENO, "httpd: %s: %s\n", what, strerror(errno));
	return 1;
}

static int
serve(int listener, struct sockaddr_in *address)
{
	const char *refused = getenv("HTTPD_REFUSED");
	socklen_t size = sizeof(*address);
	char buffer[4096];
	int peer;

	if (bind(listener, (struct sockaddr *)address, size) ||
	    listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)address, &size))
		return fail("listen");
	snprintf(buffer, sizeof(buffer), "%d %d\n", ntohs(address->sin_port),
		 (int)getpid());
	if (write(STDOUT_FILENO, buffer, strlen(buffer)) < 0)
		return fail("write");
	/* Not among the fifty: the filter has to be there. */
	if (refused && *refused &&
	    (mkdir(refused, 0700) != -1 || errno != EPERM))
		return fail("mkdir was not refused with EPERM");
	peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (peer < 0)
		return fail("accept4");
	if (recvfrom(peer, buffer, sizeof(buffer), 0, NULL, NULL) <= 0)
		return fail("recvfrom");
	if (write(peer, page, sizeof(page) - 1) != sizeof(page) - 1)
		return fail("write");
	return close(peer) ? fail("close") : 0;
}

static int
request(int s, struct sockaddr_in *address)
{
	static const char get[] = "GET / HTTP/1.0\r\n\r\n";
	char buffer[4096];
	ssize_t n;

	if (connect(s, (struct sockaddr *)address, sizeof(*address)))
		return fail("connect");
	if (write(s, get, sizeof(get) - 1) < 0)
		return fail("write");
	while ((n = read(s, buffer, sizeof(buffer))) > 0)
		if (write(STDOUT_FILENO, buffer, (size_t)n) != n)
			return fail("write");
	return n ? fail("read") : 0;
}

int
main(int argc, char **argv)
{
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(argc > 1 ? (uint16_t)atoi(argv[1]) : 0),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	if (s < 0)
		return fail("socket");
	return argc > 1 ? request(s, &address) : serve(s, &address);
}
