/*
 * scc_install() in the running kernel: in children, as there is no way back.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"
#include "library-subject.h"

#define NOTIFYING                                                              \
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":["     \
	"\"getppid\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}"

/* getppid, which always works, does not under it. */
static const char refusing[] =
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":["
	"\"getppid\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":5}]}";

/* For children: ends one of them with the line that is not as wanted. */
#define need(condition)                                                        \
	do {                                                                   \
		if (!(condition))                                              \
			_exit(__LINE__ & 0xff ? __LINE__ & 0xff : 1);          \
	} while (0)

static long
call(void)
{
	errno = 0;
	return syscall(SYS_getppid);
}

/* What the kernel says of this thread: 0 without, 2 with filters. */
static int
mode(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
}

static void
expect_child(void (*work)(void *data), void *data)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		alarm(60);
		work(data);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && !WEXITSTATUS(status),
		      "the child ended with 0x%x: line %d modulo 256", status,
		      WEXITSTATUS(status));
}

static void
install_with(void *data)
{
	unsigned flags = *(unsigned *)data;
	struct scc_filter *filter = compile_with(NULL, refusing);

	need(mode() == 0);
	need(!prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	need(call() > 0 || !errno);
	need(scc_install(filter, flags) == 0);
	need(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	need(mode() == 2);
	need(call() == -1 && errno == 5);
	/* The kernel has a copy of it. */
	scc_filter_destroy(filter);
	need(call() == -1 && errno == 5);
	need(getpid() > 0);
}

START_TEST(each_flag)
{
	static unsigned flags[] = { 0, SECCOMP_FILTER_FLAG_LOG,
				    SECCOMP_FILTER_FLAG_SPEC_ALLOW,
				    SECCOMP_FILTER_FLAG_TSYNC,
				    SECCOMP_FILTER_FLAG_TSYNC |
					    SECCOMP_FILTER_FLAG_LOG };

	expect_child(install_with, &flags[_i]);
}
END_TEST

static void
refuse_to_install(void *data)
{
	static const struct {
		const char *text;
		enum scc_result result;
		unsigned flags;
		int error;
	} cases[] = {
		{ "{}", SCC_REJECTED, 0, EINVAL },
		{ "", SCC_REJECTED, SECCOMP_FILTER_FLAG_LOG, EINVAL },
		{ refusing, SCC_OK, 1u << 30, EINVAL },
		{ NOTIFYING, SCC_OK, 0, EOPNOTSUPP },
		{ NOTIFYING, SCC_OK, SECCOMP_FILTER_FLAG_LOG, EOPNOTSUPP },
		{ NOTIFYING, SCC_OK, SECCOMP_FILTER_FLAG_TSYNC, EOPNOTSUPP },
	};
	size_t i = *(size_t *)data;
	struct scc_filter *filter =
		compile_as(cases[i].result, NULL, cases[i].text);

	need(scc_install(filter, cases[i].flags) == -1);
	need(errno == cases[i].error);
	need(scc_install_error(errno) != NULL);
	need(mode() == 0);
	need(call() > 0 || !errno);
	scc_filter_destroy(filter);
}

START_TEST(refused)
{
	size_t i = (size_t)_i;

	expect_child(refuse_to_install, &i);
}
END_TEST

static void *
call_in_thread(void *data)
{
	*(long *)data = call();
	return NULL;
}

/* The listener gets the call and answers it. */
static void
listen_to_it(void *data)
{
	struct scc_filter *filter = compile_with(NULL, NOTIFYING);
	struct seccomp_notif request = { 0 };
	struct seccomp_notif_resp response = { .val = 4711 };
	long answer = 0;
	pthread_t thread;
	int fd = scc_install(filter, SECCOMP_FILTER_FLAG_NEW_LISTENER);

	(void)data;
	need(fd > 2);
	need(mode() == 2);
	scc_filter_destroy(filter);
	need(!pthread_create(&thread, NULL, call_in_thread, &answer));
	need(!ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &request));
	need(request.data.nr == SYS_getppid);
	need(request.data.arch == AUDIT_ARCH_X86_64);
	response.id = request.id;
	need(!ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &response));
	need(!pthread_join(thread, NULL));
	need(answer == 4711);
	close(fd);
}

START_TEST(listener)
{
	expect_child(listen_to_it, NULL);
}
END_TEST

/* A thread's filters have one listener together (seccomp(2), EBUSY). */
static void
listen_twice(void *data)
{
	struct scc_filter *filter = compile_with(NULL, NOTIFYING);

	(void)data;
	need(scc_install(filter, SECCOMP_FILTER_FLAG_NEW_LISTENER) > 2);
	need(scc_install(filter, SECCOMP_FILTER_FLAG_NEW_LISTENER) == -1);
	need(errno == EBUSY);
	need(strstr(scc_install_error(EBUSY), "listener") != NULL);
	scc_filter_destroy(filter);
}

START_TEST(two_listeners)
{
	expect_child(listen_twice, NULL);
}
END_TEST

struct peer {
	pthread_barrier_t ready, end;
	long result;
	int error;
	bool diverge;
};

/* Waits; after a filter of its own, if it shall not be synchronised. */
static void *
be_a_peer(void *data)
{
	struct peer *peer = data;

	if (peer->diverge) {
		struct scc_filter *own = compile_with(
			NULL, "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");

		need(scc_install(own, 0) == 0);
		scc_filter_destroy(own);
	}
	pthread_barrier_wait(&peer->ready);
	pthread_barrier_wait(&peer->end);
	peer->result = call();
	peer->error = errno;
	return NULL;
}

static void
synchronise(void *data)
{
	struct peer peer = { .diverge = *(bool *)data };
	struct scc_filter *filter = compile_with(NULL, refusing);
	pthread_t thread;
	int result;

	need(!pthread_barrier_init(&peer.ready, NULL, 2));
	need(!pthread_barrier_init(&peer.end, NULL, 2));
	need(!pthread_create(&thread, NULL, be_a_peer, &peer));
	pthread_barrier_wait(&peer.ready);
	result = scc_install(filter, SECCOMP_FILTER_FLAG_TSYNC);
	if (peer.diverge) {
		/* Neither here nor there. */
		need(result == -1 && errno == ESRCH);
		need(mode() == 0);
	} else {
		need(result == 0);
		need(mode() == 2);
	}
	pthread_barrier_wait(&peer.end);
	need(!pthread_join(thread, NULL));
	need(peer.diverge ? peer.result >= 0
			  : peer.result == -1 && peer.error == 5);
	need(peer.diverge == (call() >= 0));
	scc_filter_destroy(filter);
}

START_TEST(other_threads)
{
	bool diverge = _i == 1;

	expect_child(synchronise, &diverge);
}
END_TEST

/* 32768 instructions are all that a process gets. */
static void
stack_filters(void *data)
{
	static struct sock_filter code[4096];
	struct scc_filter *filter;
	int installed = 0;

	(void)data;
	for (size_t i = 0; i < 4096; i++)
		code[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						       SECCOMP_RET_ALLOW);
	filter = load_code(code, 4096);
	while (installed < 20 && scc_install(filter, 0) == 0)
		installed++;
	need(errno == ENOMEM);
	/*
	 * A return is 2 instructions of the kernel's own, with 3 in front of
	 * all (bpf_convert_filter), and 4 more for each filter that is there:
	 * 3 of 8195 fit, a fourth does not.
	 */
	need(installed == 3);
	need(strstr(scc_install_error(ENOMEM), "32768") != NULL);
	scc_filter_destroy(filter);
}

START_TEST(too_many)
{
	expect_child(stack_filters, NULL);
}
END_TEST

/* A filter that refuses seccomp(2) lets no other one in. */
static void
lock_out(void *data)
{
	struct scc_filter *filter = compile_with(
		NULL, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{"
		      "\"names\":[\"seccomp\",\"prctl\"],\"action\":"
		      "\"SCMP_ACT_ERRNO\",\"errnoRet\":1}]}");

	(void)data;
	need(scc_install(filter, 0) == 0);
	need(scc_install(filter, 0) == -1 && errno == EPERM);
	need(scc_install(filter, SECCOMP_FILTER_FLAG_LOG) == -1 &&
	     errno == EPERM);
	need(strstr(scc_install_error(EPERM), "in force") != NULL);
	scc_filter_destroy(filter);
}

START_TEST(locked_out)
{
	expect_child(lock_out, NULL);
}
END_TEST

/* As the kernel has it: nothing else is asked whether it was installed. */
static void
put_in_force(const char *profile)
{
	struct scc_filter *filter = compile_with(NULL, profile);
	size_t count;
	const struct sock_filter *code = scc_instructions(filter, &count);
	struct sock_fprog program = { (unsigned short)count,
				      (struct sock_filter *)code };

	need(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
	scc_filter_destroy(filter);
}

/* Errno 0 is success for whoever called, but nothing was done. */
static void
pretend(void *data)
{
	struct scc_filter *filter = compile_with(NULL, refusing);

	need(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	put_in_force(*(const char **)data);
	for (unsigned flags = 0; flags < 16; flags++) {
		need(scc_install(filter, flags) == -1 && errno == EPERM);
		need(call() >= 0);
	}
	scc_filter_destroy(filter);
}

#define PRETENDING(calls)                                                      \
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" calls "]}"
#define OF_PRCTL(option)                                                       \
	"{\"names\":[\"prctl\"],\"action\":\"SCMP_ACT_ERRNO\","                \
	"\"errnoRet\":0,\"args\":[{\"index\":0,\"value\":" option              \
	",\"op\":\"SCMP_CMP_EQ\"}]}"

START_TEST(pretended)
{
	const char *profile = PRETENDING(
		OF_PRCTL("22") ",{\"names\":[\"seccomp\"],\"action\":"
			       "\"SCMP_ACT_ERRNO\",\"errnoRet\":0}");

	expect_child(pretend, &profile);
}
END_TEST

/* Root needs no no_new_privs, but it is promised. */
static void
pretend_privs(void *data)
{
	struct scc_filter *filter = compile_with(NULL, refusing);

	(void)data;
	put_in_force(PRETENDING(OF_PRCTL("38")));
	need(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	need(!prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	need(scc_install(filter, 0) == -1 && errno == EPERM);
	need(scc_install(filter, SECCOMP_FILTER_FLAG_LOG) == -1);
	need(errno == EPERM);
	need(call() >= 0);
	scc_filter_destroy(filter);
}

/* Only who may do without it can have filters in force and not have it. */
static bool
needs_no_privs(void)
{
	static struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K,
						      SECCOMP_RET_ALLOW) };
	struct sock_fprog program = { 1, code };
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid)
		_exit(!!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

START_TEST(pretended_privs)
{
	if (needs_no_privs())
		expect_child(pretend_privs, NULL);
}
END_TEST

START_TEST(errors_in_words)
{
	static const int known[] = { EINVAL, EOPNOTSUPP, ESRCH, 524,   EPERM,
				     ENOMEM, ENOSYS,	 EBUSY, EACCES };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(scc_install_error(known[i]),
					 scc_install_error(known[j]));
	ck_assert_ptr_null(scc_install_error(0));
	ck_assert_ptr_null(scc_install_error(-1));
	ck_assert_ptr_null(scc_install_error(EPIPE));
	ck_assert_ptr_nonnull(strstr(scc_install_error(524), "bpf_jit_limit"));
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("install");

	tcase_add_loop_test(tcase, each_flag, 0, 5);
	tcase_add_loop_test(tcase, refused, 0, 6);
	tcase_add_test(tcase, listener);
	tcase_add_test(tcase, two_listeners);
	tcase_add_loop_test(tcase, other_threads, 0, 2);
	tcase_add_test(tcase, too_many);
	tcase_add_test(tcase, locked_out);
	tcase_add_test(tcase, pretended);
	tcase_add_test(tcase, pretended_privs);
	tcase_add_test(tcase, errors_in_words);
	return run_with_kernel(tcase);
}
