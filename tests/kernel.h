/*
 * Children to install programs in: what the tests that ask the kernel share.
 */
#ifndef TESTS_KERNEL_H
#define TESTS_KERNEL_H

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "random-bpf.h"

enum {
	KERNEL_TIMEOUT = 120,
	TEST_SKIPPED = 77, /* as meson reads it */
};

static int
install(const struct sock_filter *code, size_t count)
{
	struct sock_fprog prog = {
		.len = (unsigned short)count,
		.filter = (struct sock_filter *)code,
	};

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) ? errno
								       : 0;
}

static inline void *
shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert(memory != MAP_FAILED);
	return memory;
}

/*
 * Runs work(data) in a child under no_new_privs; returns its wait status, -1
 * if there was no child, which is neither an exit nor a signal.
 */
static int
in_child(void (*work)(void *data), void *data)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return -1;
	if (!pid) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			_exit(errno);
		work(data);
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static void
try_install(void *data)
{
	static const struct sock_filter allow[] = {
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	int error = install(allow, 1);

	(void)data;
	if (error)
		_exit(error);
}

/* 0, or the errno of an attempt. */
static int
can_install(void)
{
	int status = in_child(try_install, NULL);

	return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
}

/* Runs the tests of a case; the value is for main to return. */
static int
run_with_kernel(TCase *tcase)
{
	Suite *suite = suite_create("bpf and the kernel");
	SRunner *runner = srunner_create(suite);
	int failed, error = can_install();

	suite_add_tcase(suite, tcase);
	if (error) {
		printf("skipped: no filter can be installed here: %s\n",
		       strerror(error));
		srunner_free(runner);
		return TEST_SKIPPED;
	}
	random_init();
	tcase_set_timeout(tcase, KERNEL_TIMEOUT);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
