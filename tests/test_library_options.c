/*
 * The library's options: each by its name, right and wrong values, and what
 * they do to programs and decisions.
 */
#include "library-subject.h"

#include <linux/capability.h>
#include <stdio.h>

#define EPERM_ACTION (SECCOMP_RET_ERRNO | 1)

/* Depends on capabilities and the kernel. */
static const char needy[] =
	DENYING "{\"names\":[\"mount\"]," ALLOW
		",\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}},"
		"{\"names\":[\"ptrace\"]," ALLOW
		",\"includes\":{\"minKernel\":\"4.8\"}},"
		"{\"names\":[\"accept4\"]," ALLOW "}]}";
static const char plain[] = DENYING
	"{\"names\":[\"read\",\"write\",\"close\",\"futex\"]," ALLOW "}]}";

/* What is wrong, and the words that the message has to have. */
static const struct {
	const char *name, *value, *says;
} bad[] = {
	{ "dialect", "crio", "docker, podman and oci" },
	{ "dialect", "", "cannot be ''" },
	{ "dialect", "docker ", "cannot be 'docker '" },
	{ "caps", "SYS_ADMN", "unknown capability 'SYS_ADMN'" },
	{ "caps", "CHOWN,NO,KILL", "'NO'" },
	{ "caps", "CHOWN,", "''" },
	{ "caps", "", "''" },
	{ "kernel", "6", "'6' is not a kernel version" },
	{ "kernel", "6.1x", "'6.1x'" },
	{ "kernel", "6.x-1", "'6.x-1'" },
	{ "kernel", "6.-1", "'6.-1'" },
	{ "kernel", "6.256", "'6.256'" },
	{ "kernel", "-6.1", "'-6.1'" },
	{ "kernel", " 6.1", "' 6.1'" },
	{ "kernel", "", "''" },
	{ "native", "mips", "unknown ABI 'mips'" },
	{ "arch", "x86_64,arm", "unknown ABI 'arm'" },
	{ "arch", "", "empty" },
	{ "arch", ",,", "empty" },
	{ "foreign-arch", "KILL", "'KILL'" },
	{ "foreign-arch", "SCMP_ACT_NOTIFY", "SCMP_ACT_NOTIFY" },
	{ "unknown", "since", "enosys, since:A.B and default" },
	{ "unknown", "since:", "''" },
	{ "unknown", "since:A.B", "'A.B'" },
	{ "conflicts", "x", "refuse, runc, first and strictest" },
	{ "repeated-index", "x", "refuse, or and and" },
	{ "multiplexers", "x", "strict and libseccomp" },
	{ "deny", "x", "'x'" },
	{ "warn", "json-syntax", "always an error" },
	{ "allow", "json-syntax", "always an error" },
	{ "allow", "warnings", "'warnings'" },
	{ "weights", "counts.txt", "built-in and uniform" },
	{ "optimize", "fast", "balanced, speed and size" },
	{ "tune", "x", "uncached and cached" },
};

static const char *const good[][2] = {
	{ "dialect", "docker" },
	{ "dialect", "podman" },
	{ "dialect", "oci" },
	{ "caps", "none" },
	{ "caps", "all" },
	{ "caps", "docker" },
	{ "caps", "CAP_CHOWN,kill" },
	{ "kernel", "0.1" },
	{ "kernel", "255.255" },
	{ "kernel", "6.1.0-13-amd64" },
	{ "native", "i386" },
	{ "arch", "x86_64,i386,x32" },
	{ "foreign-arch", "default" },
	{ "foreign-arch", "SCMP_ACT_KILL_PROCESS" },
	{ "unknown", "enosys" },
	{ "unknown", "since:5.4" },
	{ "unknown", "default" },
	{ "conflicts", "refuse" },
	{ "conflicts", "runc" },
	{ "conflicts", "first" },
	{ "conflicts", "strictest" },
	{ "repeated-index", "refuse" },
	{ "repeated-index", "or" },
	{ "repeated-index", "and" },
	{ "multiplexers", "strict" },
	{ "multiplexers", "libseccomp" },
	{ "deny", "warnings" },
	{ "deny", "unknown-name" },
	{ "warn", "unknown-name" },
	{ "allow", "unknown-name" },
	{ "weights", "built-in" },
	{ "weights", "uniform" },
	{ "optimize", "balanced" },
	{ "optimize", "speed" },
	{ "optimize", "size" },
	{ "tune", "uncached" },
	{ "tune", "cached" },
};

START_TEST(good_values)
{
	struct scc_options *options = scc_options_create();

	ck_assert_str_eq(scc_options_error(options), "");
	/* An error is forgotten with the next call. */
	ck_assert_int_eq(scc_options_set(options, "x", "y"), SCC_USAGE);
	ck_assert_int_eq(scc_options_set(options, good[_i][0], good[_i][1]),
			 SCC_OK);
	ck_assert_str_eq(scc_options_error(options), "");
	scc_options_destroy(options);
}
END_TEST

START_TEST(bad_values)
{
	static const char *const before[] = { "caps", "SYS_ADMIN", "kernel",
					      "6.1",  "arch",	   "x86_64,x32",
					      NULL };
	struct scc_options *options = options_of(before);
	struct scc_filter *unchanged = compile_with(options, needy), *filter;
	const char *error;

	ck_assert_int_eq(scc_options_set(options, bad[_i].name, bad[_i].value),
			 SCC_USAGE);
	error = scc_options_error(options);
	ck_assert_msg(!strncmp(error, bad[_i].name, strlen(bad[_i].name)), "%s",
		      error);
	ck_assert_msg(strstr(error, bad[_i].says) != NULL, "%s", error);
	filter = compile_with(options, needy);
	assert_same_program(filter, unchanged);
	ck_assert_uint_eq(scc_diagnostic_count(filter),
			  scc_diagnostic_count(unchanged));
	scc_filter_destroy(filter);
	scc_filter_destroy(unchanged);
	scc_options_destroy(options);
}
END_TEST

START_TEST(no_such_option)
{
	static const char *const names[] = { "",       "--caps",   "caps=all",
					     "CAPS",   "output",   "quiet",
					     "format", "verbose\n" };
	struct scc_options *options = scc_options_create();

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		ck_assert_int_eq(scc_options_set(options, names[i], "all"),
				 SCC_USAGE);
		ck_assert_msg(strstr(scc_options_error(options),
				     "there is no option") != NULL,
			      "%s", scc_options_error(options));
	}
	scc_options_destroy(options);
}
END_TEST

/* What is refused is quoted, and may be anything. */
START_TEST(hostile_values)
{
	static char value[100001];
	static const char *const names[] = {
		"dialect",	"caps",	   "kernel",	     "native",
		"arch",		"unknown", "foreign-arch",   "deny",
		"conflicts",	"tune",	   "repeated-index", "weights",
		"multiplexers", "allow",   "no\33[31msuch",  "optimize",
	};
	struct scc_options *options = scc_options_create();
	const char *error;

	memset(value, '\33', sizeof(value) - 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		ck_assert_int_eq(scc_options_set(options, names[i], value),
				 SCC_USAGE);
		error = scc_options_error(options);
		ck_assert_uint_gt(strlen(error), 10);
		for (; *error; error++)
			ck_assert(*error >= ' ' && *error < 127);
	}
	scc_options_destroy(options);
}
END_TEST

/* Bit i is capability i: each one, against a profile that asks for it. */
START_TEST(caps_mask)
{
	static const char *const kernel[] = { "kernel", "6.1", NULL };
	struct scc_options *named = options_of(kernel);
	struct scc_options *masked = options_of(kernel);
	struct scc_filter *a, *b;

	for (int i = 0; i < 3; i++) {
		static const char *const names[] = {
			"none", "CAP_SYS_ADMIN", "CHOWN,NET_ADMIN,SYS_ADMIN"
		};
		static const uint64_t masks[] = {
			0,
			UINT64_C(1) << CAP_SYS_ADMIN,
			UINT64_C(1) << CAP_SYS_ADMIN |
				UINT64_C(1) << CAP_NET_ADMIN |
				UINT64_C(1) << CAP_CHOWN,
		};
		uint32_t wanted = i ? SECCOMP_RET_ALLOW : EPERM_ACTION;

		ck_assert_int_eq(scc_options_set(named, "caps", names[i]),
				 SCC_OK);
		scc_options_set_caps(masked, masks[i]);
		a = compile_with(named, needy);
		b = compile_with(masked, needy);
		assert_same_program(a, b);
		ck_assert_uint_eq(decide_call(b, "x86_64", "mount", 0), wanted);
		scc_filter_destroy(a);
		scc_filter_destroy(b);
	}
	scc_options_destroy(named);
	scc_options_destroy(masked);
}
END_TEST

/* Bits that no capability has are those of newer kernels. */
START_TEST(each_capability)
{
	char profile[512];
	struct scc_options *options = scc_options_create();
	/* By number, from linux/capability.h. */
	static const struct {
		unsigned bit;
		const char *name;
	} caps[] = {
		{ CAP_CHOWN, "CAP_CHOWN" },
		{ CAP_SYS_MODULE, "CAP_SYS_MODULE" },
		{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN" },
		{ CAP_SETFCAP, "CAP_SETFCAP" },
		{ CAP_MAC_OVERRIDE, "CAP_MAC_OVERRIDE" },
		{ CAP_AUDIT_READ, "CAP_AUDIT_READ" },
		{ CAP_CHECKPOINT_RESTORE, "CAP_CHECKPOINT_RESTORE" },
	};

	for (size_t i = 0; i < sizeof(caps) / sizeof(*caps); i++)
		for (int held = 0; held < 2; held++) {
			uint64_t bit = UINT64_C(1) << caps[i].bit;
			struct scc_filter *filter;

			snprintf(profile, sizeof(profile),
				 DENYING "{\"names\":[\"mount\"]," ALLOW
					 ",\"includes\":{\"caps\":[\"%s\"]}}]}",
				 caps[i].name);
			scc_options_set_caps(options, held ? bit : ~bit);
			filter = compile_with(options, profile);
			ck_assert_uint_eq(
				decide_call(filter, "x86_64", "mount", 0),
				held ? SECCOMP_RET_ALLOW : EPERM_ACTION);
			scc_filter_destroy(filter);
		}
	scc_options_destroy(options);
}
END_TEST

/* Without options a profile that needs them is refused, not guessed. */
START_TEST(no_options)
{
	struct scc_options *defaults = scc_options_create();
	struct scc_filter *filter = compile_as(SCC_REJECTED, NULL, needy);
	struct scc_filter *other;

	ck_assert_uint_eq(scc_diagnostic_count(filter), 2);
	ck_assert_str_eq(scc_diagnostic_name(scc_diagnostic_at(filter, 0)),
			 "caps-needed");
	ck_assert_str_eq(scc_diagnostic_name(scc_diagnostic_at(filter, 1)),
			 "kernel-needed");
	scc_filter_destroy(filter);
	filter = compile_with(NULL, plain);
	other = compile_with(defaults, plain);
	assert_same_program(filter, other);
	scc_filter_destroy(filter);
	scc_filter_destroy(other);
	scc_options_destroy(defaults);
}
END_TEST

/* What options do, on calls whose answer is in docs/profile.md. */
START_TEST(effects)
{
	static const struct {
		const char *name, *value, *abi, *call;
		uint32_t wanted;
	} cases[] = {
		{ "unknown", "default", "x86_64", "mseal", EPERM_ACTION },
		{ "unknown", "since:6.9", "x86_64", "mseal",
		  SECCOMP_RET_ERRNO | 38 },
		{ "unknown", "since:6.10", "x86_64", "mseal", EPERM_ACTION },
		{ "arch", "x86_64", "i386", "read", SECCOMP_RET_KILL_THREAD },
		{ "arch", "x86_64,i386", "i386", "read", SECCOMP_RET_ALLOW },
		{ "foreign-arch", "SCMP_ACT_KILL_PROCESS", "i386", "read",
		  SECCOMP_RET_KILL_PROCESS },
		{ "native", "i386", "i386", "read", SECCOMP_RET_ALLOW },
		{ "native", "i386", "x86_64", "read", SECCOMP_RET_KILL_THREAD },
	};
	const char *const setting[] = { cases[_i].name, cases[_i].value, NULL };
	struct scc_options *options = options_of(setting);
	struct scc_filter *filter = compile_with(options, plain);

	ck_assert_uint_eq(decide_call(filter, cases[_i].abi, cases[_i].call, 0),
			  cases[_i].wanted);
	scc_filter_destroy(filter);
	scc_options_destroy(options);
}
END_TEST

/* The same name: an error, a warning, nothing. */
START_TEST(severities)
{
	static const char text[] =
		DENYING "{\"names\":[\"read\",\"nosuch\"]," ALLOW "}]}";
	static const struct {
		const char *option, *value;
		enum scc_result result;
		size_t count;
		enum scc_severity severity;
	} steps[] = {
		{ "warn", "unknown-name", SCC_OK, 1, SCC_WARNING },
		{ "allow", "unknown-name", SCC_OK, 0, SCC_NOTE },
		{ "deny", "unknown-name", SCC_REJECTED, 1, SCC_ERROR },
		{ "warn", "unknown-name", SCC_OK, 1, SCC_WARNING },
		{ "deny", "warnings", SCC_REJECTED, 1, SCC_ERROR },
	};
	struct scc_options *options = scc_options_create();

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct scc_filter *filter;

		ck_assert_int_eq(scc_options_set(options, steps[i].option,
						 steps[i].value),
				 SCC_OK);
		filter = compile_as(steps[i].result, options, text);
		ck_assert_uint_eq(scc_diagnostic_count(filter), steps[i].count);
		if (steps[i].count)
			ck_assert_int_eq(scc_diagnostic_severity(
						 scc_diagnostic_at(filter, 0)),
					 steps[i].severity);
		scc_filter_destroy(filter);
	}
	scc_options_destroy(options);
}
END_TEST

/* A filter is nobody's but the caller's: what it was made of may go. */
START_TEST(filters_outlive)
{
	static const char counts[] = "mbind 1000000\n";
	struct scc_options *options = scc_options_create();
	char *text = strdup(needy), *name = strdup("gone.json");
	struct scc_filter *filter;
	char *data;
	size_t len;

	scc_options_set_caps(options, 0);
	scc_options_set(options, "kernel", "6.1");
	scc_options_set_weights(options, counts, sizeof(counts) - 1);
	ck_assert_int_eq(
		scc_compile(&filter, options, name, text, strlen(text)),
		SCC_OK);
	memset(text, 'x', strlen(text));
	memset(name, 'x', strlen(name));
	free(text);
	free(name);
	scc_options_destroy(options);
	ck_assert_int_eq(scc_write(filter, "asm", NULL, &data, &len), SCC_OK);
	ck_assert_ptr_nonnull(strstr(data, "\"gone.json\""));
	free(data);
	ck_assert_int_eq(scc_write(filter, "oci", NULL, &data, &len), SCC_OK);
	free(data);
	scc_filter_destroy(filter);
}
END_TEST

START_TEST(nothing_to_destroy)
{
	scc_options_destroy(NULL);
	scc_filter_destroy(NULL);
	scc_comparison_destroy(NULL);
}
END_TEST

int
main(void)
{
	TCase *values = tcase_create("values"), *use = tcase_create("use");

	tcase_add_loop_test(values, good_values, 0,
			    sizeof(good) / sizeof(*good));
	tcase_add_loop_test(values, bad_values, 0, sizeof(bad) / sizeof(*bad));
	tcase_add_test(values, no_such_option);
	tcase_add_test(values, hostile_values);
	tcase_add_test(use, caps_mask);
	tcase_add_test(use, each_capability);
	tcase_add_test(use, no_options);
	tcase_add_loop_test(use, effects, 0, 8);
	tcase_add_test(use, severities);
	tcase_add_test(use, filters_outlive);
	tcase_add_test(use, nothing_to_destroy);
	return run_cases("library: options", (TCase *[]){ values, use }, 2);
}
