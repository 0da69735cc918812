#include "bench.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a process of its own found out. */
struct shared {
	bool done;
	uint64_t ns;
	size_t n; /* instructions */
	struct sock_filter v[BPF_MAXINSNS];
};

static void
run_work(struct shared *shared, limited_work *work, void *context,
	 unsigned seconds)
{
	struct code code = { shared->v, 0 };

	alarm(seconds);
	if (work(context, &code, &shared->ns) && code.n <= BPF_MAXINSNS) {
		shared->n = code.n;
		shared->done = true;
	}
	_exit(0);
}

enum limited_end
limited_run(limited_work *work, void *context, unsigned seconds,
	    struct code *code, uint64_t *ns)
{
	struct shared *shared =
		mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	enum limited_end end = LIMITED_FAILED;
	int status = 0;
	pid_t pid;

	*code = (struct code){ 0 };
	if (shared == MAP_FAILED)
		return LIMITED_FAILED;
	pid = fork();
	if (!pid)
		run_work(shared, work, context, seconds);
	if (pid > 0 && waitpid(pid, &status, 0) == pid) {
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
			end = LIMITED_LATE;
		code->v = malloc(sizeof(shared->v));
		if (shared->done && code->v) {
			code->n = shared->n;
			memcpy(code->v, shared->v, sizeof(shared->v));
			*ns = shared->ns;
			end = LIMITED_DONE;
		}
	}
	munmap(shared, sizeof(*shared));
	return end;
}

bool
peer_make(const struct rule_list *rules, enum peer_tree tree, struct code *code,
	  uint64_t *ns)
{
	int fd = memfd_create("program", MFD_CLOEXEC);
	uint64_t before = clock_now();
	bool ok = fd >= 0 && peer_compile(rules, tree, fd);
	ssize_t n;

	*ns = clock_now() - before;
	n = ok ? pread(fd, code->v, BPF_MAXINSNS * sizeof(*code->v), 0) : -1;
	if (fd >= 0)
		close(fd);
	code->n = n > 0 ? (size_t)n / sizeof(*code->v) : 0;
	return code->n > 0;
}
