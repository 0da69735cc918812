#include "rule-list.h"

#include "compiler.h"

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
	const struct syscall_name *known = syscall_find(name);
	int32_t number = known ? known->number[ABI_X86_64] : -1;
	struct list_rule *entry = NULL;

	if (!rule->conditions.n)
		return rule_list_push(list, name, number, rule->action) != NULL;
	for (size_t i = 0; i < rule->conditions.n; i++) {
		const struct condition *c = &rule->conditions.v[i];

		if (split || !i)
			entry = rule_list_push(list, name, number,
					       rule->action);
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
