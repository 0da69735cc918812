#include "rule-list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct list_rule *
rule_list_push(struct rule_list *list, const char *name, int32_t number,
	       uint32_t action)
{
	struct list_rule *v = list->v;

	if (list->n == list->cap) {
		size_t cap = list->cap ? 2 * list->cap : 64;

		v = realloc(v, cap * sizeof(*v));
		if (!v)
			return NULL;
		list->v = v;
		list->cap = cap;
	}
	v = &list->v[list->n++];
	*v = (struct list_rule){ .name = name,
				 .number = number,
				 .action = action };
	return v;
}

bool
rule_list_write(const struct rule_list *list, FILE *file)
{
	fprintf(file, "default %" PRIx32 " %" PRIx32 "\n", list->default_action,
		list->abis);
	for (size_t i = 0; i < list->n; i++) {
		const struct list_rule *rule = &list->v[i];

		fprintf(file, "rule %" PRIx32 " %s %" PRIx32, rule->action,
			rule->name, (uint32_t)rule->number);
		for (size_t j = 0; j < rule->count; j++) {
			const struct list_condition *c = &rule->conditions[j];

			fprintf(file, " %x %x %" PRIx64 " %" PRIx64, c->index,
				c->op, c->value, c->value2);
		}
		fputc('\n', file);
	}
	return !ferror(file) && !fflush(file);
}

/* The next word of a line, NULL at its end. */
static char *
next_word(char **at)
{
	char *word = *at;

	if (!word || !*word)
		return NULL;
	*at = strchr(word, ' ');
	if (*at)
		*(*at)++ = '\0';
	return word;
}

static uint64_t
next_number(char **at)
{
	const char *word = next_word(at);

	return word ? strtoull(word, NULL, 16) : 0;
}

static bool
read_rule(struct rule_list *list, char *at)
{
	uint32_t action = (uint32_t)next_number(&at);
	const char *name = next_word(&at);
	int32_t number = (int32_t)next_number(&at);
	struct list_rule *rule =
		name ? rule_list_push(list, name, number, action) : NULL;

	if (!rule)
		return false;
	while (at && *at) {
		struct list_condition *c = &rule->conditions[rule->count];

		if (rule->count++ == LIST_CONDITIONS)
			return false;
		c->index = (unsigned)next_number(&at);
		c->op = (unsigned)next_number(&at);
		c->value = next_number(&at);
		c->value2 = next_number(&at);
	}
	return true;
}

bool
rule_list_read(struct rule_list *list, char *text)
{
	bool ok = false;

	*list = (struct rule_list){ 0 };
	while (text && *text) {
		char *line = text, *key;

		text = strchr(line, '\n');
		if (text)
			*text++ = '\0';
		key = next_word(&line);
		if (key && !strcmp(key, "default")) {
			list->default_action = (uint32_t)next_number(&line);
			list->abis = (uint32_t)next_number(&line);
			ok = true;
		} else if (!key || strcmp(key, "rule") ||
			   !read_rule(list, line)) {
			return false;
		}
	}
	return ok;
}

void
rule_list_finish(struct rule_list *list)
{
	free(list->v);
	*list = (struct rule_list){ 0 };
}
