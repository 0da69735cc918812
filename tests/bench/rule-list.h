/*
 * The rules that are left of a profile when it has been read, as a list that
 * another compiler can take: what both compile is the same.
 *
 * As text, a line each:
 *
 *	default ACTION ABIS
 *	rule ACTION NAME NUMBER [INDEX OPERATOR VALUE VALUE2]...
 *
 * All numbers are hexadecimal.  ACTION, ABIS (a set) and OPERATOR are those
 * of compiler.h; NUMBER is the native one, or ffffffff.
 */
#ifndef SECCOMPC_BENCH_RULE_LIST_H
#define SECCOMPC_BENCH_RULE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct selection;

struct list_condition {
	unsigned index, op;
	uint64_t value, value2;
};

enum { LIST_CONDITIONS = 6 };

struct list_rule {
	const char *name;
	int32_t number;		/* on the native ABI, -1: none */
	uint32_t action;
	size_t count;
	struct list_condition conditions[LIST_CONDITIONS];
};

struct rule_list {
	uint32_t default_action;
	uint32_t abis;
	struct list_rule *v;
	size_t n, cap;
};

/* Appends a rule without conditions; NULL when memory ends. */
struct list_rule *rule_list_push(struct rule_list *list, const char *name,
				 int32_t number, uint32_t action);

/* The functions below return false when memory ends or text is malformed. */

/*
 * rule-take.c: takes over the rules of a selection in runc's way: those with the default
 * action are left out, one that repeats an argument index becomes one for
 * each of its conditions.  Names stay the selection's.
 */
bool rule_list_take(struct rule_list *list, const struct selection *s);

bool rule_list_write(const struct rule_list *list, FILE *file);

/* Names point into text, which is cut up. */
bool rule_list_read(struct rule_list *list, char *text);

void rule_list_finish(struct rule_list *list);

#endif
