/*
 * What libseccomp makes of rewritten profiles: for x86_64, exactly what they
 * mean here.  (It has no stub for numbers that are too new, rule 11, so that
 * is left out.)  Arguments: folders with profiles; a missing one is said.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/peer.h"
#include "corpus.h"
#include "differ.h"
#include "rewrite.h"

enum { SKIPPED = 77 };

struct tally {
	size_t files, compiled, equal, failed;
};

static bool
start(struct compilation *c, const char *path, const char *text, size_t len)
{
	const char *bad;

	compilation_init(c, path, text, len);
	c->options.abis = 1 << ABI_X86_64;
	c->options.conflicts = CONFLICTS_RUNC;
	c->options.repeated = REPEATED_OR;
	c->options.kernel_given = c->options.caps_given = true;
	c->options.kernel = 6 << 8 | 1;
	options_parse_caps("docker", &c->options.caps, &bad);
	return compile(c);
}

static enum rewrite_end
rewrite_rules(struct rewrite *r, const struct compilation *c)
{
	*r = (struct rewrite){
		.wanted = rewrite_read_rules,
		.data = c->ruleset,
		.native = ABI_X86_64,
		.has_default = true,
		.default_action = c->ruleset->default_action,
	};
	return rewrite(r);
}

static bool
make_peer(const struct selection *selection, struct sock_filter **code,
	  size_t *count)
{
	struct rule_list list = { 0 };
	int fd = memfd_create("peer", MFD_CLOEXEC);
	bool ok = fd >= 0 && rule_list_take(&list, selection) &&
		  peer_compile(&list, PEER_LINEAR, fd);
	off_t size = ok ? lseek(fd, 0, SEEK_END) : 0;

	*code = malloc((size_t)size + 1);
	*count = (size_t)size / sizeof(**code);
	ok = ok && *code && pread(fd, *code, (size_t)size, 0) == size;
	if (fd >= 0)
		close(fd);
	rule_list_finish(&list);
	return ok;
}

/* Whether libseccomp's program of a text decides as the text means. */
static const char *
judge(const struct buf *text)
{
	struct compilation c;
	struct sock_filter *code = NULL;
	struct side rules = { 0 }, program = { 0 };
	struct diff diff;
	size_t at;
	const char *wrong = NULL;

	compilation_init(&c, "rewritten", text->data, text->len);
	c.options.dialect = DIALECT_OCI;
	c.options.unknown = UNKNOWN_DEFAULT;
	if (!compile(&c))
		wrong = "rejected";
	else if (!make_peer(c.selection, &code, &program.count))
		wrong = "libseccomp rejects it";
	else
		wrong = bpf_check(code, program.count, &at);
	if (!wrong) {
		rules.ruleset = c.ruleset;
		program.code = code;
		if (diff_find(&diff, &rules, &program, false) != DD_DONE)
			wrong = "no answer";
		else if (!diff.equal)
			wrong = "libseccomp decides a call differently";
		diff_finish(&diff);
	}
	free(code);
	compilation_finish(&c);
	return wrong;
}

static void
check_profile(void *context, const char *path, const char *text, size_t len)
{
	struct tally *tally = context;
	struct compilation c;
	struct rewrite r;
	const char *wrong;

	tally->files++;
	if (start(&c, path, text, len)) {
		tally->compiled++;
		wrong = rewrite_rules(&r, &c) == REWRITE_DONE ? judge(&r.text)
							      : "not written";
		tally->equal += !wrong;
		tally->failed += wrong != NULL;
		if (wrong)
			printf("not ok - %s: %s\n", path, wrong);
		rewrite_finish(&r);
	}
	compilation_finish(&c);
}

int
main(int argc, char **argv)
{
	struct tally tally = { 0 };

	if (!peer_version())
		return SKIPPED;
	for (int i = 1; i < argc; i++)
		corpus_visit(argv[i], check_profile, &tally);
	printf("# libseccomp %s: %zu profiles, %zu compiled, %zu decided "
	       "alike\n",
	       peer_version(), tally.files, tally.compiled, tally.equal);
	printf("%s\n", tally.failed ? "not ok" : "ok");
	return tally.failed || !tally.equal;
}
