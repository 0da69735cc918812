/*
 * What decides a call and why, by hand: every reason there is, and every way
 * in which a rule loses.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "explain/edit.h"
#include "explain/trace.h"
#include "subject.h"

#define ERRNO_DEFAULT "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", "
#define NAMES(list, action)                                                    \
	"{ \"names\": [" list "], \"action\": \"SCMP_ACT_" action "\""
#define ARG(index, value, op)                                                  \
	", \"args\": [{ \"index\": " #index ", \"value\": " #value             \
	", \"op\": \"SCMP_CMP_" op "\" }]"

enum { ANY = -1 };

static const struct {
	const char *profile;
	enum abi abi;
	const char *name; /* or a number */
	int64_t arg0;	  /* or ANY */
	/* Cases as "ACTION reason place", and "-loss place" of names. */
	const char *says;
} calls
	[] = {
		{ ERRNO_DEFAULT
		  "\"syscalls\": [" NAMES("\"read\"", "ALLOW") "}] }",
		  ABI_X86_64, "read", ANY, "ALLOW rule /syscalls/0/names/0;" },
		{ ERRNO_DEFAULT
		  "\"syscalls\": [" NAMES("\"read\"", "ALLOW") "}] }",
		  ABI_X86_64, "write", ANY, "ERRNO(ENOSYS) above;" },
		{ ERRNO_DEFAULT
		  "\"syscalls\": [" NAMES("\"write\"", "ALLOW") "}] }",
		  ABI_X86_64, "read", ANY, "ERRNO(EPERM) unnamed;" },
		{ ERRNO_DEFAULT
		  "\"syscalls\": [" NAMES("\"write\"", "ALLOW") "}] }",
		  ABI_X32, "write", ANY, "KILL_THREAD foreign;" },
		{ ERRNO_DEFAULT
		  "\"syscalls\": [" NAMES("\"write\"", "ALLOW") "}] }",
		  ABI_X86_64, "4294967295", ANY, "ERRNO(EPERM) skip;" },
		{ ERRNO_DEFAULT
		  "\"syscalls\": [" NAMES("\"write\"", "ALLOW") "}] }",
		  ABI_X86_64, "2147483648", ANY, "ERRNO(ENOSYS) above;" },
		{ "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": "
		  "[\"SCMP_ARCH_X32\"] }",
		  ABI_X86_64, "2147483648", ANY, "ALLOW no-abi;" },
		/* Rule 6: what repeats the default goes first. */
		{ ERRNO_DEFAULT
		  "\"syscalls\": [" NAMES("\"read\"", "ERRNO") "}] }",
		  ABI_X86_64, "read", ANY,
		  "ERRNO(EPERM) repeated; -default /syscalls/0/names/0;" },
		/* Rule 7 and 8. */
		{ ERRNO_DEFAULT "\"syscalls\": [" NAMES("\"kill\"", "ALLOW")
			  ARG(1, 9, "NE") "}] }",
		  ABI_X86_64, "kill", ANY,
		  "ALLOW rule /syscalls/0/names/0; ERRNO(EPERM) not-held;" },
		{ ERRNO_DEFAULT "\"syscalls\": [" NAMES("\"kill\"", "LOG") ARG(
			  0, 9, "NE") "}, " NAMES("\"kill\"", "ALLOW") "}] }",
		  ABI_X86_64, "kill", ANY,
		  "ALLOW rule /syscalls/1/names/0; -plain "
		  "/syscalls/0/names/0;" },
		{ ERRNO_DEFAULT
		  "\"syscalls\": [" NAMES("\"kill\"", "LOG") "}, " NAMES(
			  "\"read\", \"kill\"", "ALLOW") "}] }",
		  ABI_X86_64, "kill", ANY,
		  "LOG rule /syscalls/0/names/0; -first /syscalls/1/names/1;" },
		{ ERRNO_DEFAULT "\"syscalls\": [" NAMES("\"kill\"", "ALLOW")
			  ARG(0, 0, "LT") "}] }",
		  ABI_X86_64, "kill", ANY,
		  "ERRNO(EPERM) not-held; -never /syscalls/0/names/0;" },
		/* With --conflicts=strictest: see below. */
		{ "{ \"defaultAction\": \"SCMP_ACT_LOG\", \"syscalls\": "
		  "[" NAMES("\"kill\"", "ALLOW") ARG(0, 9, "LE") "}, " NAMES(
			  "\"kill\"", "ERRNO") ARG(0, 5, "LE") "}] }",
		  ABI_X86_64, "kill", ANY,
		  "ALLOW rule /syscalls/0/names/0; ERRNO(EPERM) rule "
		  "/syscalls/1/names/0; LOG not-held; -partly "
		  "/syscalls/0/names/0;" },
		{ "{ \"defaultAction\": \"SCMP_ACT_LOG\", \"syscalls\": "
		  "[" NAMES("\"kill\"", "ALLOW") ARG(0, 4, "LE") "}, " NAMES(
			  "\"kill\"", "ERRNO") ARG(0, 5, "LE") "}] }",
		  ABI_X86_64, "kill", ANY,
		  "ERRNO(EPERM) rule /syscalls/1/names/0; LOG not-held; "
		  "-covered /syscalls/0/names/0;" },
		{ "{ \"defaultAction\": \"SCMP_ACT_LOG\", \"syscalls\": "
		  "[" NAMES("\"kill\"", "ALLOW") ARG(0, 9, "LE") "}, " NAMES(
			  "\"kill\"", "ERRNO") ARG(0, 5, "LE") "}] }",
		  ABI_X86_64, "kill", 7, "ALLOW rule /syscalls/0/names/0;" },
		/* Rule 9: i386 has low words alone. */
		{ ERRNO_DEFAULT
		  "\"architectures\": [\"SCMP_ARCH_X86\"], "
		  "\"syscalls\": [" NAMES("\"kill\"", "ALLOW")
			  ARG(0, 18446744073709551615, "EQ") "}] }",
		  ABI_I386, "kill", 0xffffffff,
		  "ALLOW rule /syscalls/0/names/0;" },
		{ ERRNO_DEFAULT
		  "\"architectures\": [\"SCMP_ARCH_X86\"], "
		  "\"syscalls\": [" NAMES("\"kill\"", "ALLOW")
			  ARG(0, 18446744073709551615, "EQ") "}] }",
		  ABI_X86_64, "kill", 0xffffffff,
		  "ALLOW rule /syscalls/0/names/0; ERRNO(EPERM) not-held;" },
		{ ERRNO_DEFAULT
		  "\"syscalls\": [" NAMES("\"clone\"", "ALLOW")
			  ARG(0, 18446744073709551615, "EQ") "}] }",
		  ABI_X86_64, "clone", 0xffffffff, "ERRNO(EPERM) not-held;" },
		/* Rule 10. */
		{ ERRNO_DEFAULT
		  "\"architectures\": [\"SCMP_ARCH_X86\"], "
		  "\"syscalls\": [" NAMES("\"bind\"", "ALLOW") "}] }",
		  ABI_I386, "socketcall", 2,
		  "ALLOW carried /syscalls/0/names/0;" },
		{ ERRNO_DEFAULT
		  "\"architectures\": [\"SCMP_ARCH_X86\"], "
		  "\"syscalls\": [" NAMES("\"bind\"", "ALLOW") "}] }",
		  ABI_I386, "socketcall", 3, "ERRNO(EPERM) unnamed;" },
		{ ERRNO_DEFAULT "\"architectures\": [\"SCMP_ARCH_X86\"], "
				"\"syscalls\": [" NAMES("\"socket\"", "ALLOW")
					ARG(0, 2, "EQ") "}] }",
		  ABI_I386, "socketcall", ANY,
		  "ERRNO(EPERM) unnamed; -not-carried /syscalls/0/names/0;" },
		/* Rule 2. */
		{ ERRNO_DEFAULT "\"syscalls\": [" NAMES("\"mount\"", "ALLOW") ", \"includes\": { \"caps\": [\"CAP_SYS_ADMIN\"] } }, " NAMES("\"write\", \"mount\"", "ALLOW") ", \"excludes\": { \"caps\": [\"CAP_KILL\"] } }, " NAMES(
			  "\"mount\"",
			  "ALLOW") ", \"includes\": { \"minKernel\": \"6.9\" } "
				   "}, " NAMES("\"mount\"",
					       "ALLOW") ", \"excludes\": { "
							"\"minKernel\": "
							"\"5.0\" } }, " NAMES("\"mount\"",
									      "ALLOW") ", \"includes\": { \"arches\": [\"arm64\"] } }, " NAMES("\"umount2\"",
																	       "ALLOW") "}] }",
		  ABI_X86_64, "mount", ANY,
		  "ERRNO(EPERM) unnamed; -caps /syscalls/0/names/0; "
		  "-no-caps /syscalls/1/names/1; -kernel /syscalls/2/names/0; "
		  "-no-kernel /syscalls/3/names/0; -arches "
		  "/syscalls/4/names/0;" },
		/*
		 * seccomp-tools calls the default of a search tree ALLOW, as
		 * its first leaf says so: most that is named is allowed here,
		 * and the first leaf with it.
		 */
		{ ERRNO_DEFAULT "\"syscalls\": [" NAMES(
			  "\"read\", \"write\", \"open\", \"close\", \"stat\", "
			  "\"fstat\", \"lstat\", \"poll\", \"lseek\", "
			  "\"mmap\", "
			  "\"brk\", \"ioctl\", \"pipe\", \"select\", "
			  "\"mincore\", "
			  "\"dup\", \"pause\", \"getpid\", \"socket\", "
			  "\"clone\", "
			  "\"fork\", \"execve\", \"exit\", \"kill\", \"statx\"",
			  "ALLOW") "}] }",
		  ABI_X86_64, "ptrace", ANY, "ERRNO(EPERM) unnamed;" },
	};

static const char *
why_word(const struct trace_case *c)
{
	static const char *const words[] = {
		[TRACE_RULE] = "rule",	       [TRACE_UNNAMED] = "unnamed",
		[TRACE_REPEATED] = "repeated", [TRACE_NOT_HELD] = "not-held",
		[TRACE_ABOVE] = "above",       [TRACE_NEWER] = "newer",
		[TRACE_FOREIGN] = "foreign",   [TRACE_SKIP] = "skip",
		[TRACE_NO_ABI] = "no-abi",     [TRACE_PROGRAM] = "program",
	};

	return c->carried ? "carried" : words[c->why];
}

static const char *
loss_word(enum trace_loss loss)
{
	static const char *const words[] = {
		[LOSS_PLAIN] = "plain",
		[LOSS_FIRST] = "first",
		[LOSS_DEFAULT] = "default",
		[LOSS_NEVER] = "never",
		[LOSS_COVERED] = "covered",
		[LOSS_PARTLY] = "partly",
		[LOSS_NOT_CARRIED] = "not-carried",
		[LOSS_ARCHES] = "arches",
		[LOSS_CAPS] = "caps",
		[LOSS_NO_CAPS] = "no-caps",
		[LOSS_KERNEL] = "kernel",
		[LOSS_NO_KERNEL] = "no-kernel",
	};

	return words[loss];
}

static const char *
say(struct arena *arena, const struct trace *trace)
{
	struct buf buf = { .arena = arena };
	const char *blank = "";

	for (size_t i = 0; i < trace->cases.n; i++) {
		const struct trace_case *c = &trace->cases.v[i];
		char action[32];

		action_print(action, c->action);
		buf_printf(&buf, "%s%s %s", blank, action, why_word(c));
		if (c->why == TRACE_RULE)
			buf_printf(&buf, " %s",
				   json_pointer(arena, c->target->where));
		buf_printf(&buf, ";");
		blank = " ";
	}
	for (size_t i = 0; i < trace->lost.n; i++)
		buf_printf(&buf, " -%s %s;", loss_word(trace->lost.v[i].loss),
			   json_pointer(arena, trace->lost.v[i].name));
	return buf.data;
}

static void
open_subject(struct subject *s, const char *profile)
{
	const char *bad;

	subject_open(s);
	s->c.options.caps_given = s->c.options.kernel_given = true;
	s->c.options.kernel = 6 << 8 | 1;
	s->c.options.conflicts = CONFLICTS_STRICTEST;
	ck_assert(options_parse_caps("KILL", &s->c.options.caps, &bad));
	subject_write(s, "%s", profile);
	subject_compile(s);
	ck_assert_msg(s->ok, "%s",
		      s->c.diags.list.n ? s->c.diags.list.v[0].message : "?");
}

static struct trace_request
find_request(enum abi abi, const char *name, int64_t arg0)
{
	const struct syscall_name *known = syscall_find(name);

	return (struct trace_request){
		.arch = arch_table[abi]->audit_token,
		.number = known ? (uint32_t)known->number[abi] |
					  arch_table[abi]->number_bit
				: (uint32_t)strtoul(name, NULL, 10),
		.given = arg0 != ANY,
		.args = { arg0 == ANY ? 0 : (uint64_t)arg0 },
	};
}

START_TEST(reasons)
{
	struct trace_request request;
	struct trace trace;
	struct subject s;
	struct side side;
	struct arena arena;
	char reason[160];

	open_subject(&s, calls[_i].profile);
	request = find_request(calls[_i].abi, calls[_i].name, calls[_i].arg0);
	side = (struct side){ s.c.ruleset, s.c.program->code.v,
			      s.c.program->code.n };
	arena_init(&arena);
	ck_assert(!setjmp(arena.oom));
	ck_assert_int_eq(trace_calls(&arena, &side, &request, 1, &trace, reason,
				     sizeof(reason)),
			 DD_DONE);
	ck_assert(!trace.wrong);
	ck_assert_str_eq(say(&arena, &trace), calls[_i].says);
	arena_finish(&arena);
	subject_finish(&s);
}
END_TEST

/* A program that is not of the rules is found out. */
START_TEST(not_of_the_rules)
{
	static const struct sock_filter kill[] = {
		{ BPF_RET | BPF_K, 0, 0, 0 },
	};
	struct trace_request request = find_request(ABI_X86_64, "read", ANY);
	struct trace trace;
	struct subject s;
	struct side side;
	struct arena arena;
	char reason[160];

	open_subject(&s, calls[0].profile);
	side = (struct side){ s.c.ruleset, kill, 1 };
	arena_init(&arena);
	ck_assert(!setjmp(arena.oom));
	ck_assert_int_eq(trace_calls(&arena, &side, &request, 1, &trace, reason,
				     sizeof(reason)),
			 DD_DONE);
	ck_assert(trace.wrong);
	arena_finish(&arena);
	subject_finish(&s);
}
END_TEST

/* Changes, as texts. */
static const struct {
	const char *profile;
	enum abi abi;
	const char *name;
	int64_t arg0;
	enum edit_way way;
	const char *text; /* afterwards; or why there is none, after ! */
} edits[] = {
	/* In its place in a sorted list, on a line of its own, or in a row. */
	{ ERRNO_DEFAULT
	  "\"syscalls\": [" NAMES("\"bind\", \"read\"", "ALLOW") "}] }",
	  ABI_X86_64, "close", ANY, EDIT_SYSCALL,
	  ERRNO_DEFAULT "\"syscalls\": [" NAMES("\"bind\", \"close\", \"read\"",
						"ALLOW") "}] }" },
	{ ERRNO_DEFAULT "\"syscalls\": [" NAMES("\n\t\"read\",\n\t\"bind\"\n",
						"ALLOW") "}] }",
	  ABI_X86_64, "close", ANY, EDIT_SYSCALL,
	  ERRNO_DEFAULT
	  "\"syscalls\": [" NAMES("\n\t\"read\",\n\t\"bind\",\n\t\"close\"\n",
				  "ALLOW") "}] }" },
	{ ERRNO_DEFAULT "\"syscalls\": [" NAMES("\"read\"", "ALLOW") "}] }",
	  ABI_X86_64, "close", ANY, EDIT_SYSCALL,
	  ERRNO_DEFAULT
	  "\"syscalls\": [" NAMES("\"close\", \"read\"", "ALLOW") "}] }" },
	/* No rule to put it into; no rules; an empty list. */
	{ ERRNO_DEFAULT "\"syscalls\": [" NAMES("\"read\"", "LOG") "}] }",
	  ABI_X86_64, "close", ANY, EDIT_SYSCALL,
	  ERRNO_DEFAULT "\"syscalls\": [" NAMES("\"read\"", "LOG") "}, " NAMES(
		  "\"close\"", "ALLOW") " }] }" },
	{ "{ \"defaultAction\": \"SCMP_ACT_ERRNO\" }", ABI_X86_64, "close", ANY,
	  EDIT_SYSCALL,
	  "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [" NAMES(
		  "\"close\"", "ALLOW") " }] }" },
	{ ERRNO_DEFAULT "\"syscalls\": [] }", ABI_X86_64, "close", ANY,
	  EDIT_SYSCALL,
	  ERRNO_DEFAULT "\"syscalls\": [" NAMES("\"close\"", "ALLOW") " }] }" },
	{ ERRNO_DEFAULT "\"architectures\": null, \"syscalls\": null }",
	  ABI_I386, "close", ANY, EDIT_SYSCALL,
	  ERRNO_DEFAULT "\"architectures\": [\"SCMP_ARCH_X86\"], "
			"\"syscalls\": [" NAMES("\"close\"", "ALLOW") " }] }" },
	/* What denies goes: a name, the last one, a whole rule. */
	{ "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [" NAMES(
		  "\"read\", \"close\"", "ERRNO") "}] }",
	  ABI_X86_64, "close", ANY, EDIT_SYSCALL,
	  "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [" NAMES(
		  "\"read\"", "ERRNO") "}] }" },
	{ "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [" NAMES(
		  "\"close\", \"read\"", "ERRNO") "}] }",
	  ABI_X86_64, "close", ANY, EDIT_SYSCALL,
	  "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [" NAMES(
		  "\"read\"", "ERRNO") "}] }" },
	{ "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [" NAMES(
		  "\"close\"", "ERRNO") "}] }",
	  ABI_X86_64, "close", ANY, EDIT_SYSCALL,
	  "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [] }" },
	{ "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": ["
	  "{ \"name\": \"close\", \"action\": \"SCMP_ACT_ERRNO\" }, " NAMES(
		  "\"close\"", "LOG")
		  ARG(0, 1, "EQ") "}, " NAMES("\"read\"", "ERRNO") "}] }",
	  ABI_X86_64, "close", ANY, EDIT_SYSCALL,
	  "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [" NAMES(
		  "\"read\"", "ERRNO") "}] }" },
	/* For arguments alone. */
	{ ERRNO_DEFAULT "\"syscalls\": [" NAMES("\"kill\"", "ALLOW")
		  ARG(0, 9, "EQ") "}] }",
	  ABI_X86_64, "kill", 7, EDIT_ARGUMENTS,
	  ERRNO_DEFAULT "\"syscalls\": [" NAMES("\"kill\"", "ALLOW")
		  ARG(0, 9, "EQ") "}, " NAMES("\"kill\"", "ALLOW")
			  ARG(0, 7, "EQ") " }] }" },
	/* Architectures: the list, Docker's map, none. */
	{ ERRNO_DEFAULT "\"architectures\": [\"SCMP_ARCH_X86_64\"], "
			"\"syscalls\": [" NAMES("\"read\"", "ALLOW") "}] }",
	  ABI_I386, "read", ANY, EDIT_SYSCALL,
	  ERRNO_DEFAULT "\"architectures\": [\"SCMP_ARCH_X86_64\", "
			"\"SCMP_ARCH_X86\"], \"syscalls\": [" NAMES(
				"\"read\"", "ALLOW") "}] }" },
	{ ERRNO_DEFAULT "\"archMap\": [{ \"architecture\": "
			"\"SCMP_ARCH_X86_64\", \"subArchitectures\": [] }], "
			"\"syscalls\": [" NAMES("\"read\"", "ALLOW") "}] }",
	  ABI_X32, "read", ANY, EDIT_SYSCALL,
	  ERRNO_DEFAULT
	  "\"archMap\": [{ \"architecture\": "
	  "\"SCMP_ARCH_X86_64\", \"subArchitectures\": [\"SCMP_ARCH_X32\"] "
	  "}], \"syscalls\": [" NAMES("\"read\"", "ALLOW") "}] }" },
	{ ERRNO_DEFAULT "\"archMap\": [{ \"architecture\": "
			"\"SCMP_ARCH_AARCH64\", \"subArchitectures\": [] }], "
			"\"syscalls\": [" NAMES("\"read\"", "ALLOW") "}] }",
	  ABI_X32, "read", ANY, EDIT_SYSCALL,
	  ERRNO_DEFAULT
	  "\"archMap\": [{ \"architecture\": "
	  "\"SCMP_ARCH_AARCH64\", \"subArchitectures\": [] }, "
	  "{ \"architecture\": \"SCMP_ARCH_X86_64\", \"subArchitectures\": "
	  "[\"SCMP_ARCH_X32\"] }], \"syscalls\": [" NAMES("\"read\"",
							  "ALLOW") "}] }" },
	/* Through a multiplexer, what is behind it. */
	{ ERRNO_DEFAULT "\"architectures\": [\"SCMP_ARCH_X86\"], "
			"\"syscalls\": [" NAMES("\"read\"", "ALLOW") "}] }",
	  ABI_I386, "socketcall", 2, EDIT_SYSCALL,
	  ERRNO_DEFAULT
	  "\"architectures\": [\"SCMP_ARCH_X86\"], "
	  "\"syscalls\": [" NAMES("\"bind\", \"read\"", "ALLOW") "}] }" },
	/* Nothing to be done. */
	{ ERRNO_DEFAULT "\"syscalls\": [" NAMES("\"read\"", "ALLOW") "}] }",
	  ABI_X86_64, "read", ANY, EDIT_SYSCALL, "!it is so already" },
	{ ERRNO_DEFAULT "\"syscalls\": [" NAMES("\"read\"", "ALLOW") "}] }",
	  ABI_X86_64, "4294967295", ANY, EDIT_SYSCALL,
	  "!the number is no syscall of any ABI" },
	{ ERRNO_DEFAULT "\"syscalls\": [" NAMES("\"read\"", "ALLOW") "}] }",
	  ABI_X86_64, "400", ANY, EDIT_SYSCALL,
	  "!the number has no name that a profile can use" },
	{ ERRNO_DEFAULT "\"syscalls\": [" NAMES("\"read\"", "ALLOW") "}] }",
	  ABI_X86_64, "close", ANY, EDIT_OPTIONS,
	  "!no rule waits for a capability or a kernel" },
};

START_TEST(changes)
{
	struct trace_request request;
	struct subject s;
	struct arena arena;
	struct edit edit;

	open_subject(&s, edits[_i].profile);
	request = find_request(edits[_i].abi, edits[_i].name, edits[_i].arg0);
	arena_init(&arena);
	ck_assert(!setjmp(arena.oom));
	edit_find(&edit, &arena, &s.c, &request, edits[_i].way,
		  SECCOMP_RET_ALLOW);
	if (edits[_i].text[0] == '!')
		ck_assert_str_eq(edit.problem ? edit.problem : edit.text,
				 edits[_i].text + 1);
	else
		ck_assert_str_eq(edit.problem ? edit.problem : edit.text,
				 edits[_i].text);
	arena_finish(&arena);
	subject_finish(&s);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("explain");
	TCase *tcase = tcase_create("explain");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, reasons, 0, LENGTH(calls));
	tcase_add_test(tcase, not_of_the_rules);
	tcase_add_loop_test(tcase, changes, 0, LENGTH(edits));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
