/*
 * What the kernel's allow cache makes of compiled profiles (Linux 5.11 and
 * later, kernel/seccomp.c, seccomp_is_const_allow): at the installation it
 * walks a program once per number, with the number and the audit arch alone
 * known.  Where that ends in a plain ALLOW, calls never run the filter.
 *
 *	cache PATH...
 *
 * PATH is a profile or a folder of them; a missing one is said.  A number
 * that the profile allows whatever the arguments has to be found by the
 * walk, and one that it refuses must not be.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compiler.h"

#include "../cache-walk.h"

/* Of each arch; x86_64 ends below x32's old numbers, which begin at 512. */
enum { NUMBERS = 512 };

static size_t files, profiles, allowed, refused, failed;

static bool
covers(const struct resolved_rule *rule, enum abi abi, int32_t number)
{
	for (size_t i = 0; i < rule->targets.n; i++)
		if (rule->targets.v[i].number[abi] == number)
			return true;
	return false;
}

enum answer {
	ALLOWED,
	REFUSED,   /* for some arguments at least */
	ARGUMENTS, /* have a say */
};

/* Rules 6 and 8 of docs/profile.md for rules without conditions. */
static enum answer
read_profile(const struct ruleset *ruleset, enum abi abi, int32_t number)
{
	uint32_t action = ruleset->default_action;
	bool conditions = false;

	for (size_t i = 0; i < ruleset->rules.n; i++) {
		const struct resolved_rule *rule = &ruleset->rules.v[i];

		if (rule->action == ruleset->default_action ||
		    !covers(rule, abi, number))
			continue;
		if (!rule->condition_count) {
			action = rule->action;
			conditions = false;
			break;
		}
		conditions = true;
	}
	if (conditions)
		return ARGUMENTS;
	return action == SECCOMP_RET_ALLOW ? ALLOWED : REFUSED;
}

/* Their calls are decided by an argument: rule 10. */
static bool
is_multiplexer(enum abi abi, int32_t number)
{
	return abi == ABI_I386 && (number == 102 || number == 117);
}

/* What the rules on a number come to if arguments have a say, exactly. */
struct exact {
	const struct ruleset *ruleset;
	bool allowed[ABI_COUNT][NUMBERS];
};

static void
read_exactly(struct dd_set *set, void *data)
{
	struct exact *exact = data;
	bool clash;
	dd meaning = meaning_of(set, exact->ruleset, &clash);
	dd allow = dd_value(set, SECCOMP_RET_ALLOW);

	for (size_t abi = 0; abi < ABI_COUNT; abi++) {
		dd under = dd_at(set, meaning, DD_ARCH,
				 arch_table[abi]->audit_token);

		for (uint32_t i = 0; i < NUMBERS; i++)
			exact->allowed[abi][i] =
				dd_at(set, under, DD_NUMBER, i) == allow;
	}
}

static void
check_program(const struct compilation *c, const char *path, enum abi abi,
	      const struct exact *exact)
{
	uint32_t token = arch_table[abi]->audit_token;

	for (int32_t number = 0; number < NUMBERS; number++) {
		enum answer answer = read_profile(c->ruleset, abi, number);

		if (answer == ARGUMENTS || is_multiplexer(abi, number))
			answer =
				exact->allowed[abi][number] ? ALLOWED : REFUSED;
		if (answer == ALLOWED)
			allowed++;
		else
			refused++;
		if (cache_allows(c->program->code.v, c->program->code.n, token,
				 (uint32_t)number) == (answer == ALLOWED))
			continue;
		failed++;
		printf("not ok - %s: %s %d is %s\n", path,
		       arch_table[abi]->name, number,
		       answer == ALLOWED ? "allowed, but not cached"
					 : "cached, but not allowed");
	}
}

static void
check_text(const char *path, const char *text, size_t len, abi_set abis)
{
	struct compilation c;
	const char *bad;

	compilation_init(&c, path, text, len);
	c.options.abis = abis;
	c.options.conflicts = CONFLICTS_RUNC;
	c.options.kernel_given = c.options.caps_given = true;
	c.options.kernel = 6 << 8 | 1;
	options_parse_caps("docker", &c.options.caps, &bad);
	if (compile(&c)) {
		struct exact exact = { .ruleset = c.ruleset };
		struct dd_set set;

		profiles++;
		if (dd_run(&set, read_exactly, &exact) != DD_DONE)
			failed++;
		dd_finish(&set);
		for (enum abi abi = ABI_X86_64; abi <= ABI_I386; abi++)
			if (c.ruleset->abis >> abi & 1)
				check_program(&c, path, abi, &exact);
	}
	compilation_finish(&c);
}

static void
check_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = malloc(LIMIT_FILE + 1);
	size_t len = file && text ? fread(text, 1, LIMIT_FILE, file) : 0;

	files++;
	check_text(path, text, len, 0);
	check_text(path, text, len, (1 << ABI_COUNT) - 1);
	free(text);
	if (file)
		fclose(file);
}

static void
check_path(const char *path)
{
	struct dirent *entry;
	struct stat st;
	char inside[4096];
	DIR *dir;

	if (stat(path, &st)) {
		printf("# skipped: there is no %s\n", path);
		return;
	}
	if (!S_ISDIR(st.st_mode)) {
		check_file(path);
		return;
	}
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		size_t n = strlen(entry->d_name);

		if (n < 5 || strcmp(entry->d_name + n - 5, ".json"))
			continue;
		snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);
		check_file(inside);
	}
	if (dir)
		closedir(dir);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		check_path(argv[i]);
	printf("# %zu profiles in two ways, %zu programs: %zu numbers allowed, "
	       "%zu refused\n%zu failed\n",
	       files, profiles, allowed, refused, failed);
	return failed || !allowed || !refused;
}
