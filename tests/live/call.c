/*
 * Makes calls under a program, in the running kernel.
 *
 *	call CALLS PROGRAM...
 *
 * Programs are stacked, the first one is the oldest.  Each line of CALLS is
 * a way to call, a number, up to six arguments, and what has to happen:
 *
 *	native   39  0 0 -> errno 1      the return value is -1 (EPERM)
 *	native   39 -> run               the same as without the filter
 *	int80    20  0x100000000 -> zero returns 0, and does not otherwise
 *	native   39 -> kill              SIGSYS ends the process
 *	thread   39 -> kill-thread       SIGSYS ends the thread alone
 *	native   39 -> trap              SIGSYS is caught, which has this
 *					 number and its audit arch
 *
 * native is syscall in a process of x86_64 or x32 and int 0x80 in one of i386;
 * int80 is the latter in the former, with whole registers.  Prints TAP.
 * Exits with 77 where the kernel has no seccomp filters.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "raw-call.h"

struct line {
	char way[16], result[32];
	long number;
	raw_arg args[6];
	long code; /* of `errno` */
};

/* What a child found, in memory that it shares with its parent. */
struct outcome {
	volatile bool done, trapped, survived;
	volatile long value;
	volatile int trapped_code, trapped_number;
	volatile unsigned trapped_arch;
};

enum {
	MAX_PROGRAMS = 8,
	TRAPPED_BY_SECCOMP = 1, /* the kernel's SYS_SECCOMP, not in libc */
};

static struct outcome *outcome;
static struct sock_fprog programs[MAX_PROGRAMS];
static size_t program_count;

static void
pause_for_ever(void)
{
	for (;;)
		__asm__ volatile("pause");
}

static void
on_trap(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	outcome->trapped_code = info->si_code;
	outcome->trapped_number = info->si_syscall;
	outcome->trapped_arch = info->si_arch;
	outcome->trapped = outcome->done = true;
	/* rt_sigreturn may not be allowed. */
	pause_for_ever();
}

static void *
make_call(void *data)
{
	const struct line *line = data;

	outcome->value = strcmp(line->way, "int80")
				 ? raw_syscall(line->number, line->args)
				 : raw_int80(line->number, line->args);
	outcome->done = true;
	return NULL;
}

static bool
install(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return false;
	for (size_t i = 0; i < program_count; i++)
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &programs[i]))
			return false;
	return true;
}

/* In the child: nothing after the installation but the call. */
static void
run_child(struct line *line, bool filtered)
{
	struct sigaction action = { .sa_sigaction = on_trap,
				    .sa_flags = SA_SIGINFO };
	pthread_t thread;

	sigaction(SIGSYS, &action, NULL);
	if (filtered && !install())
		_exit(1);
	if (strcmp(line->way, "thread")) {
		make_call(line);
		pause_for_ever();
	}
	/* KILL ends a thread at once: no join can tell. */
	if (pthread_create(&thread, NULL, make_call, line))
		_exit(1);
	for (int i = 0; i < 50; i++)
		usleep(2000);
	outcome->survived = true;
	pause_for_ever();
}

/* Returns the wait status, or 0 if the child was alive after its call. */
static int
run_line(struct line *line, bool filtered)
{
	struct timespec wait = { .tv_nsec = 200000 };
	int status = 0;
	pid_t pid;

	memset(outcome, 0, sizeof(*outcome));
	pid = fork();
	if (pid == 0)
		run_child(line, filtered);
	for (int i = 0; i < 50000; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		if (outcome->survived ||
		    (outcome->done && strcmp(line->way, "thread")))
			break;
		nanosleep(&wait, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}

static bool
is_killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static bool
is_trapped(const struct line *line)
{
	bool wide = sizeof(raw_arg) == 8 && strcmp(line->way, "int80");

	return outcome->trapped &&
	       outcome->trapped_code == TRAPPED_BY_SECCOMP &&
	       outcome->trapped_number == (int)line->number &&
	       outcome->trapped_arch ==
		       (wide ? AUDIT_ARCH_X86_64 : AUDIT_ARCH_I386);
}

static bool
check(struct line *line)
{
	const char *result = line->result;
	long filtered;
	int status;

	status = run_line(line, true);
	if (!strcmp(result, "kill"))
		return is_killed(status);
	if (status)
		return false;
	if (!strcmp(result, "kill-thread"))
		return outcome->survived && !outcome->done;
	if (!strcmp(result, "trap"))
		return is_trapped(line);
	if (!outcome->done || outcome->trapped)
		return false;
	if (!strcmp(result, "errno"))
		return outcome->value == -line->code;
	filtered = outcome->value;
	if (run_line(line, false) || !outcome->done)
		return false;
	if (!strcmp(result, "zero"))
		return filtered == 0 && outcome->value != 0;
	return !strcmp(result, "run") && outcome->value == filtered;
}

/* Reads a line; false if it is malformed. */
static bool
parse(char *text, struct line *line)
{
	char *save = NULL, *word = strtok_r(text, " \t\n", &save);
	size_t n = 0;

	*line = (struct line){ 0 };
	snprintf(line->way, sizeof(line->way), "%s", word);
	word = strtok_r(NULL, " \t\n", &save);
	if (!word)
		return false;
	line->number = (long)(int)strtoul(word, NULL, 0);
	while ((word = strtok_r(NULL, " \t\n", &save)) && strcmp(word, "->")) {
		if (n == 6)
			return false;
		line->args[n++] = (raw_arg)strtoull(word, NULL, 0);
	}
	word = word ? strtok_r(NULL, " \t\n", &save) : NULL;
	if (!word)
		return false;
	snprintf(line->result, sizeof(line->result), "%s", word);
	word = strtok_r(NULL, " \t\n", &save);
	line->code = word ? strtol(word, NULL, 0) : 0;
	return true;
}

static void
load_program(const char *path)
{
	static struct sock_filter codes[MAX_PROGRAMS][BPF_MAXINSNS];
	struct sock_filter *code = codes[program_count];
	struct sock_fprog *program = &programs[program_count++];
	FILE *file = fopen(path, "rb");
	size_t n = file ? fread(code, sizeof(*code), BPF_MAXINSNS, file) : 0;

	if (!n) {
		fprintf(stderr, "call: cannot read %s\n", path);
		exit(2);
	}
	fclose(file);
	program->len = (unsigned short)n;
	program->filter = code;
}

/* Kernels can be built, or booted, without 32-bit calls. */
static bool
has_int80(void)
{
	struct line getpid_line = { .way = "int80", .number = 20 };

	return !run_line(&getpid_line, false) && outcome->done &&
	       outcome->value > 0;
}

/* Whether a line, which is not changed, holds. */
static bool
try(const char *text)
{
	struct line line;
	char *copy = strndup(text, strcspn(text, "\n"));
	bool ok = copy && parse(copy, &line) && check(&line);

	free(copy);
	printf("%s - %.*s", ok ? "ok" : "not ok", (int)strcspn(text, "\n"),
	       text);
	if (!ok)
		printf(" (value %ld, done %d, trapped %d)", outcome->value,
		       outcome->done, outcome->trapped);
	putchar('\n');
	fflush(stdout);
	return ok;
}

int
main(int argc, char **argv)
{
	FILE *calls = argc > 2 ? fopen(argv[1], "r") : NULL;
	size_t size = 0, count = 0, failed = 0;
	char *text = NULL;
	bool int80;

	if (!calls || argc > 2 + MAX_PROGRAMS) {
		fprintf(stderr, "usage: call CALLS PROGRAM...\n");
		return 2;
	}
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) {
		puts("# skipped: this kernel has no seccomp");
		return 77;
	}
	for (int i = 2; i < argc; i++)
		load_program(argv[i]);
	outcome = mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int80 = has_int80();
	if (!int80)
		puts("# skipped: int 0x80, which this kernel has not");
	while (getline(&text, &size, calls) > 0) {
		if (*text == '#' || *text == '\n' ||
		    (!int80 && !strncmp(text, "int80", 5)))
			continue;
		count++;
		failed += !try(text);
	}
	free(text);
	fclose(calls);
	return failed || (int80 && !count);
}
