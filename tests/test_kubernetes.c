#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/check/kubernetes.h"
#include "compiler/check/yaml-read.h"

static struct arena arena;
static struct diags diags;
static struct source source;
static struct kubernetes kubernetes;

static void
setup(void)
{
	arena_init(&arena);
	if (setjmp(arena.oom))
		ck_abort_msg("out of memory");
}

static void
teardown(void)
{
	arena_finish(&arena);
}

static bool
read_text(const char *text, size_t len, bool seccomp_default)
{
	const struct kubernetes_options options = { seccomp_default };
	char *copy = arena_alloc(&arena, len);

	memcpy(copy, text, len);
	source = (struct source){ "t", copy, len };
	diags_init(&diags, &arena, &source);
	return kubernetes_read(&kubernetes, &arena, &source, &options, &diags);
}

/* The containers, one after another. */
static const char *
dump_containers(void)
{
	static const char *const types[] = {
		[KUBERNETES_NONE] = "none",
		[KUBERNETES_DEFAULT] = "default",
		[KUBERNETES_UNCONFINED] = "unconfined",
		[KUBERNETES_LOCALHOST] = "localhost",
		[KUBERNETES_INVALID] = "invalid",
	};
	struct buf buf = { .arena = &arena };

	buf_append(&buf, "", 0);
	for (size_t i = 0; i < kubernetes.containers.n; i++) {
		const struct kubernetes_container *c =
			&kubernetes.containers.v[i];

		buf_printf(&buf, "%s%s:%s%s", i ? " " : "", c->name,
			   c->privileged ? "privileged " : "", types[c->type]);
		if (c->path)
			buf_printf(&buf, "(%s)", c->path);
	}
	return buf.data;
}

/* The findings by name, each with @ and the text at its position. */
static const char *
dump_findings(void)
{
	const struct diag **list = diags_sorted(&diags);
	struct buf buf = { .arena = &arena };

	buf_append(&buf, "", 0);
	for (size_t i = 0; i < diags.list.n; i++) {
		const char *at = source.text + list[i]->offset;
		size_t left = source.len - list[i]->offset;
		size_t len = 0;

		while (len < left && !strchr("\n:,}]", at[len]))
			len++;
		buf_printf(&buf, "%s%s@%.*s", i ? " " : "",
			   diag_table[list[i]->id].name, (int)len, at);
	}
	return buf.data;
}

#define POD(spec) "apiVersion: v1\nkind: Pod\nspec:\n" spec
#define ONE(context)                                                           \
	POD("  containers: [{name: a, securityContext: {" context "}}]\n")
#define FIELD(profile) ONE("seccompProfile: {" profile "}")
#define CONTAINER                                                              \
	"{name: a, securityContext: {seccompProfile: {type: Localhost, "       \
	"localhostProfile: p}}}"
#define TEMPLATE "template: {spec: {containers: [" CONTAINER "]}}"
#define FOUND "'a':localhost(p)"

/* clang-format off */
static const struct {
	const char *text, *containers, *findings;
} cases[] = {
	/* Types, and what the API server refuses. */
	{ FIELD("type: RuntimeDefault"), "'a':default", "" },
	{ FIELD("type: Unconfined"), "'a':unconfined", "kubernetes-unconfined@Unconfined" },
	{ FIELD("type: Localhost, localhostProfile: x/y.json"), "'a':localhost(x/y.json)", "" },
	{ FIELD("type: Localhost, localhostProfile: ./x//y/./z/"), "'a':localhost(x/y/z)", "" },
	{ FIELD("type: Localhost, localhostProfile: ..x/y..z"), "'a':localhost(..x/y..z)", "" },
	{ FIELD(""), "'a':invalid", "kubernetes-type@{" },
	{ FIELD("type: "), "'a':invalid", "kubernetes-type@{type" },
	{ FIELD("type: ''"), "'a':invalid", "kubernetes-type@{type" },
	{ FIELD("type: unconfined"), "'a':invalid", "kubernetes-type@unconfined" },
	{ FIELD("type: runtime/default"), "'a':invalid", "kubernetes-type@runtime/default" },
	{ FIELD("type: yes"), "'a':invalid", "wrong-type@yes" },
	{ FIELD("type: Localhost"), "'a':invalid", "kubernetes-localhost@{type" },
	{ FIELD("type: Localhost, localhostProfile: ~"), "'a':invalid", "kubernetes-localhost@{type" },
	{ FIELD("type: Localhost, localhostProfile: ''"), "'a':invalid", "kubernetes-localhost@''" },
	{ FIELD("type: Localhost, localhostProfile: 12"), "'a':invalid", "wrong-type@12" },
	{ FIELD("type: Localhost, localhostProfile: /x"), "'a':invalid", "kubernetes-path@/x" },
	{ FIELD("type: Localhost, localhostProfile: a/../b"), "'a':invalid", "kubernetes-path@a/../b" },
	{ FIELD("type: Localhost, localhostProfile: .."), "'a':invalid", "kubernetes-path@.." },
	{ FIELD("type: RuntimeDefault, localhostProfile: x"), "'a':invalid", "kubernetes-localhost@x" },
	{ FIELD("type: Localhost, localhostprofile: x"), "'a':invalid", "kubernetes-localhost@{type kubernetes-misplaced@localhostprofile" },
	{ ONE("seccompProfile: RuntimeDefault"), "'a':invalid", "wrong-type@RuntimeDefault" },
	{ ONE("seccompProfile: ~"), "'a':none", "kubernetes-no-profile@{name" },
	{ ONE(""), "'a':none", "kubernetes-no-profile@{name" },
	/* Privileged: whatever is written. */
	{ ONE("privileged: true"), "'a':privileged none", "kubernetes-privileged@true" },
	{ ONE("privileged: on"), "'a':privileged none", "kubernetes-privileged@on" },
	{ ONE("privileged: false"), "'a':none", "kubernetes-no-profile@{name" },
	{ ONE("privileged: 'true'"), "'a':none", "kubernetes-no-profile@{name wrong-type@'true'" },
	{ ONE("privileged: true, seccompProfile: {type: RuntimeDefault}"),
	  "'a':privileged default", "kubernetes-without-effect@{type" },
	{ ONE("privileged: true, seccompProfile: {type: Localhost, localhostProfile: x}"),
	  "'a':privileged localhost(x)", "kubernetes-without-effect@{type" },
	/* The container's goes before the pod's; all levels. */
	{ POD("  securityContext: {seccompProfile: {type: RuntimeDefault}}\n"
	      "  initContainers: [{name: i}]\n"
	      "  containers: [{name: a}, " CONTAINER "]\n"
	      "  ephemeralContainers: [{name: e}]\n"),
	  "'i':default 'a':default 'a':localhost(p) 'e':default", "" },
	{ POD("  securityContext: {seccompProfile: {type: Localhost, localhostProfile: q}}\n"
	      "  initContainers: [" CONTAINER "]\n"
	      "  containers: [{securityContext: {privileged: true}}]\n"
	      "  ephemeralContainers: [{name: e}]\n"),
	  "'a':localhost(p) number 1:privileged localhost(q) 'e':localhost(q)",
	  "kubernetes-privileged@true" },
	/* Windows has no seccomp. */
	{ POD("  os: {name: windows}\n  containers: [{name: a}]\n"), "", "" },
	{ POD("  os: {name: windows}\n  containers: [" CONTAINER "]\n"), "",
	  "kubernetes-windows@{type" },
	{ POD("  os: {name: windows}\n  securityContext: {seccompProfile: {type: RuntimeDefault}}\n"), "",
	  "kubernetes-windows@{type" },
	{ POD("  os: {name: linux}\n  containers: [{name: a}]\n"), "'a':none",
	  "kubernetes-no-profile@{name" },
	/* Every kind, and groups. */
	{ "kind: Pod\nspec: {containers: [" CONTAINER "]}", FOUND, "" },
	{ "kind: PodTemplate\n" TEMPLATE, FOUND, "" },
	{ "kind: ReplicationController\napiVersion: v1\nspec: {" TEMPLATE "}", FOUND, "" },
	{ "kind: Deployment\napiVersion: apps/v1\nspec: {" TEMPLATE "}", FOUND, "" },
	{ "kind: Deployment\napiVersion: extensions/v1beta1\nspec: {" TEMPLATE "}", FOUND, "" },
	{ "kind: DaemonSet\napiVersion: apps/v1\nspec: {" TEMPLATE "}", FOUND, "" },
	{ "kind: StatefulSet\napiVersion: apps/v1\nspec: {" TEMPLATE "}", FOUND, "" },
	{ "kind: ReplicaSet\napiVersion: apps/v1\nspec: {" TEMPLATE "}", FOUND, "" },
	{ "kind: Job\napiVersion: batch/v1\nspec: {" TEMPLATE "}", FOUND, "" },
	{ "kind: CronJob\napiVersion: batch/v1\nspec: {jobTemplate: {spec: {" TEMPLATE "}}}", FOUND, "" },
	{ "kind: Job\napiVersion: batch.volcano.sh/v1\nspec: {" TEMPLATE "}", "",
	  "kubernetes-unread@seccompProfile" },
	{ "kind: Rollout\nspec: {" TEMPLATE "}", "", "kubernetes-unread@seccompProfile" },
	{ "kind: Service\nspec: {}", "", "" },
	{ "kind: List\nitems: [{kind: Pod, spec: {containers: [" CONTAINER "]}}, {kind: List, items: [{kind: Job, spec: {" TEMPLATE "}}]}]",
	  FOUND " " FOUND, "" },
	{ "kind: DeploymentList\napiVersion: apps/v1\nitems: [{spec: {" TEMPLATE "}}]", FOUND, "" },
	{ "kind: List\nitems: [{spec: {}}]", "", "missing-field@{spec" },
	{ "kind: AllowList\nspec: {}", "", "" },
	{ "a: b", "", "missing-field@a" },
	{ "just text", "", "wrong-type@just text" },
	{ "", "", "" },
	{ "---\n---\nkind: Pod\nspec: {containers: [" CONTAINER "]}\n---\nkind: Job\nspec: {" TEMPLATE "}\n",
	  FOUND " " FOUND, "" },
	{ "{\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"name\":\"\\ud83d\\ude00\",\"securityContext\":{\"seccompProfile\":{\"type\":\"RuntimeDefault\"}}}]}}",
	  "'\xf0\x9f\x98\x80':default", "" },
	{ "{kind: Pod, spec: {containers: [" CONTAINER "]}}", FOUND, "" },
	/* Old annotations. */
	{ "kind: Pod\nmetadata: {annotations: {seccomp.security.alpha.kubernetes.io/pod: runtime/default}}\nspec: {}",
	  "", "kubernetes-annotation@runtime/default" },
	{ "kind: Pod\nmetadata: {annotations: {seccomp.security.alpha.kubernetes.io/pod: default}}\nspec: {}",
	  "", "kubernetes-annotation-refused@default" },
	{ "kind: Pod\nmetadata: {annotations: {seccomp.security.alpha.kubernetes.io/pod: localhost/../x}}\nspec: {}",
	  "", "kubernetes-annotation-refused@localhost/../x" },
	{ "kind: Pod\nmetadata: {annotations: {container.seccomp.security.alpha.kubernetes.io/a: localhost/p}}\nspec: {containers: [" CONTAINER "]}",
	  FOUND, "" },
	{ "kind: Pod\nmetadata: {annotations: {container.seccomp.security.alpha.kubernetes.io/a: localhost/q}}\nspec: {containers: [" CONTAINER "]}",
	  FOUND, "kubernetes-annotation-refused@localhost/q" },
	{ "kind: Pod\nmetadata: {annotations: {container.seccomp.security.alpha.kubernetes.io/a: unconfined}}\nspec: {containers: [" CONTAINER "]}",
	  FOUND, "kubernetes-annotation-refused@unconfined" },
	{ "kind: Pod\nmetadata: {annotations: {container.seccomp.security.alpha.kubernetes.io/a: docker/default}}\nspec: {containers: [{name: a}]}",
	  "'a':none", "kubernetes-annotation@docker/default kubernetes-no-profile@{name" },
	/* In the wrong place, or nearly the right name. */
	{ POD("  seccompProfile: {type: RuntimeDefault}\n"), "", "kubernetes-misplaced@seccompProfile" },
	{ POD("  containers: [{name: a, seccompProfile: {}}]"), "'a':none",
	  "kubernetes-no-profile@{name kubernetes-misplaced@seccompProfile" },
	{ ONE("seccompprofile: {type: RuntimeDefault}"), "'a':none",
	  "kubernetes-no-profile@{name kubernetes-misplaced@seccompprofile" },
	{ "kind: Deployment\nspec: {securityContext: {seccompProfile: {}}, " TEMPLATE "}", FOUND,
	  "kubernetes-misplaced@seccompProfile" },
	/* By an alias, and by a merge key, which was written elsewhere. */
	{ POD("  securityContext: &c {seccompProfile: {type: RuntimeDefault}}\n"
	      "  containers: [{name: a, securityContext: *c}, {name: b, securityContext: {<<: *c}}]\n"),
	  "'a':default 'b':default", "" },
	{ "x: &c {seccompProfile: {type: RuntimeDefault}}\n" POD("  containers: [{name: a, securityContext: {<<: *c, privileged: false}}]\n"),
	  "'a':default", "" },
	{ POD("  <<: {hostPID: true}\n  x: {seccompProfile: {}}\n"), "", "kubernetes-misplaced@seccompProfile" },
	/* Other kinds of value than fields have. */
	{ POD("  containers: {a: 1}\n"), "", "wrong-type@{a" },
	{ POD("  containers: [a]\n"), "", "wrong-type@a" },
	{ "kind: Pod\nspec: []", "", "wrong-type@[" },
	{ "kind: [Pod]", "", "missing-field@kind wrong-type@[Pod" },
};
/* clang-format on */

START_TEST(each)
{
	const char *text = cases[_i].text;

	ck_assert(read_text(text, strlen(text), false));
	ck_assert_str_eq(dump_containers(), cases[_i].containers);
	ck_assert_str_eq(dump_findings(), cases[_i].findings);
}
END_TEST

/* Each path once, where it comes first, unless nothing needs it. */
START_TEST(profiles)
{
	static const char text[] = POD(
		"  securityContext:\n"
		"    seccompProfile: {type: Localhost, localhostProfile: b}\n"
		"  containers:\n"
		"  - {securityContext: {seccompProfile: {type: Localhost,\n"
		"     localhostProfile: ./a}}}\n"
		"  - {securityContext: {seccompProfile: {type: Localhost,\n"
		"     localhostProfile: a/}}}\n"
		"  - {securityContext: {privileged: true, seccompProfile:\n"
		"     {type: Localhost, localhostProfile: c}}}\n"
		"  - {name: d}\n");

	ck_assert(read_text(text, strlen(text), false));
	ck_assert_uint_eq(kubernetes.profiles.n, 2);
	ck_assert_str_eq(kubernetes.profiles.v[0].path, "a");
	ck_assert_ptr_eq(source.text + kubernetes.profiles.v[0].where->offset,
			 strstr(source.text, "./a"));
	ck_assert_str_eq(kubernetes.profiles.v[1].path, "b");
}
END_TEST

START_TEST(seccomp_default)
{
	const char *text = ONE("");

	for (int on = 0; on < 2; on++) {
		ck_assert(read_text(text, strlen(text), on));
		ck_assert_uint_eq(diags.list.n, 1);
		ck_assert_int_eq(diags.list.v[0].id,
				 LINT_KUBERNETES_NO_PROFILE);
		ck_assert_int_eq(strstr(diags.list.v[0].message,
					"RuntimeDefault") != NULL,
				 on);
	}
}
END_TEST

static void
ck_assert_limited(const struct buf *buf)
{
	ck_assert(!read_text(buf->data, buf->len, false));
	ck_assert(diags.found[DIAG_LIMIT]);
}

/* Lists of lists, ten of each: more than can be looked at. */
START_TEST(nested_lists)
{
	struct buf buf = { .arena = &arena };

	buf_printf(&buf, "kind: List\nx: &a0 {kind: Pod, spec: {containers: "
			 "[" CONTAINER "]}}\n");
	for (int i = 1; i < 10; i++) {
		buf_printf(&buf, "x%d: &a%d {kind: List, items: [", i, i);
		for (int j = 0; j < 10; j++)
			buf_printf(&buf, "*a%d,", i - 1);
		buf_printf(&buf, "]}\n");
	}
	buf_printf(&buf, "items: [*a9]\n");
	ck_assert_limited(&buf);
}
END_TEST

/* Ten to the power of nine places to look for a seccompProfile, and one. */
START_TEST(laughs)
{
	struct buf buf = { .arena = &arena };

	buf_printf(&buf, "kind: Pod\na0: &a0 {seccompProfile: x}\n");
	for (int i = 1; i < 10; i++) {
		buf_printf(&buf, "a%d: &a%d [", i, i);
		for (int j = 0; j < 10; j++)
			buf_printf(&buf, "*a%d,", i - 1);
		buf_printf(&buf, "]\n");
	}
	ck_assert(read_text(buf.data, buf.len, false));
	ck_assert_str_eq(dump_findings(),
			 "kubernetes-misplaced@seccompProfile");
}
END_TEST

/* A container with many fields, as often as there may be containers. */
START_TEST(wide_container)
{
	struct buf buf = { .arena = &arena };

	buf_printf(&buf, "kind: Pod\nx: &a\n");
	for (int i = 0; i < 100000; i++)
		buf_printf(&buf, "  s%d:\n", i);
	buf_printf(&buf, "spec:\n  containers:\n");
	for (int i = 0; i < 10000; i++)
		buf_printf(&buf, "  - *a\n");
	ck_assert_limited(&buf);
}
END_TEST

/* A profile with many fields that do not exist, in many containers. */
START_TEST(wide_profile)
{
	struct buf buf = { .arena = &arena };

	buf_printf(&buf, "kind: Pod\nx: &a\n");
	for (int i = 0; i < 50000; i++)
		buf_printf(&buf, "  s%d:\n", i);
	buf_printf(&buf, "spec:\n  containers:\n");
	for (int i = 0; i < 10000; i++)
		buf_printf(&buf, "  - {securityContext: {seccompProfile: *a}}"
				 "\n");
	ck_assert_limited(&buf);
}
END_TEST

/* Names and paths of megabytes, in many containers. */
START_TEST(long_names)
{
	struct buf buf = { .arena = &arena };

	buf_printf(&buf,
		   "kind: Pod\nmetadata:\n  annotations:\n"
		   "    container.seccomp.security.alpha.kubernetes.io/a: "
		   "&p localhost/");
	for (int i = 0; i < 1 << 20; i++)
		buf_append(&buf, "abcdefgh", 8);
	buf_printf(&buf, "\nspec:\n  containers:\n"
			 "  - &a {name: a, securityContext: {seccompProfile: "
			 "{type: Localhost, localhostProfile: *p}}}\n"
			 "  - &b {name: *p, securityContext: {seccompProfile: "
			 "{type: *p}}}\n");
	for (int i = 0; i < 8000; i++)
		buf_printf(&buf, "  - *a\n  - *b\n");
	ck_assert(read_text(buf.data, buf.len, false));
	ck_assert(diags.found[LINT_KUBERNETES_ANNOTATION_REFUSED]);
	ck_assert(diags.found[LINT_KUBERNETES_PATH]);
	ck_assert(diags.found[LINT_KUBERNETES_TYPE]);
	ck_assert_uint_eq(kubernetes.profiles.n, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("kubernetes");
	TCase *tcase = tcase_create("kubernetes");
	SRunner *runner;
	int failed;

	if (!yaml_supported()) {
		printf("# skipped: built without libyaml\n");
		return 77;
	}
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, each, 0, LENGTH(cases));
	tcase_add_test(tcase, profiles);
	tcase_add_test(tcase, seccomp_default);
	tcase_add_test(tcase, nested_lists);
	tcase_add_test(tcase, laughs);
	tcase_add_test(tcase, wide_container);
	tcase_add_test(tcase, wide_profile);
	tcase_add_test(tcase, long_names);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
