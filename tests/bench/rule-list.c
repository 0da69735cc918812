#include "rule-list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"

static struct list_rule *
push(struct rule_list *list, const char *name, uint32_t action)
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
	*v = (struct list_rule){ .name = name, .action = action };
	return v;
}

static bool
repeats_index(const struct rule *rule)
{
	unsigned seen = 0;

	for (size_t i = 0; i < rule->conditions.n; i++) {
		unsigned bit = 1u << rule->conditions.v[i].arg;

		if (seen & bit)
			return true;
		seen |= bit;
	}
	return false;
}

static bool
take_name(struct rule_list *list, const struct rule *rule, const char *name)
{
	bool split = repeats_index(rule);
	struct list_rule *entry = NULL;

	if (!rule->conditions.n)
		return push(list, name, rule->action) != NULL;
	for (size_t i = 0; i < rule->conditions.n; i++) {
		const struct condition *c = &rule->conditions.v[i];

		if (split || !i)
			entry = push(list, name, rule->action);
		if (!entry)
			return false;
		entry->conditions[entry->count++] =
			(struct list_condition){ c->arg, c->op, c->value,
						 c->value2 };
	}
	return true;
}

bool
rule_list_take(struct rule_list *list, const struct selection *s)
{
	*list = (struct rule_list){
		.default_action = s->profile->default_action,
		.abis = s->abis,
	};
	for (size_t i = 0; i < s->rules.n; i++) {
		const struct rule *rule = s->rules.v[i];

		if (rule->action == list->default_action)
			continue;
		for (size_t j = 0; j < rule->names.n; j++)
			if (!take_name(list, rule, rule->names.v[j]->string))
				return false;
	}
	return true;
}

bool
rule_list_write(const struct rule_list *list, FILE *file)
{
	fprintf(file, "default %" PRIx32 " %" PRIx32 "\n", list->default_action,
		list->abis);
	for (size_t i = 0; i < list->n; i++) {
		const struct list_rule *rule = &list->v[i];

		fprintf(file, "rule %" PRIx32 " %s", rule->action, rule->name);
		for (size_t j = 0; j < rule->count; j++) {
			const struct list_condition *c = &rule->conditions[j];

			fprintf(file, " %u %u %" PRIx64 " %" PRIx64, c->index,
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
	struct list_rule *rule = name ? push(list, name, action) : NULL;

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
