#include "peer.h"

#include <errno.h>
#include <seccomp.h>

#include "compiler.h"

static const enum scmp_compare operators[] = {
	[CMP_EQ] = SCMP_CMP_EQ,
	[CMP_NE] = SCMP_CMP_NE,
	[CMP_LT] = SCMP_CMP_LT,
	[CMP_LE] = SCMP_CMP_LE,
	[CMP_GT] = SCMP_CMP_GT,
	[CMP_GE] = SCMP_CMP_GE,
	[CMP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
};

static const uint32_t archs[ABI_COUNT] = {
	[ABI_X86_64] = SCMP_ARCH_X86_64,
	[ABI_I386] = SCMP_ARCH_X86,
	[ABI_X32] = SCMP_ARCH_X32,
};

const char *
peer_version(void)
{
	static char text[32];
	const struct scmp_version *v = seccomp_version();

	snprintf(text, sizeof(text), "%u.%u.%u", v->major, v->minor, v->micro);
	return text;
}

/* In a tree, an arch that is added after rules would lack them. */
static bool
add_archs(scmp_filter_ctx ctx, uint32_t abis)
{
	for (size_t i = 0; i < ABI_COUNT; i++) {
		int status;

		if (!(abis >> i & 1))
			continue;
		status = seccomp_arch_add(ctx, archs[i]);
		if (status && status != -EEXIST)
			return false;
	}
	return true;
}

bool
peer_knows(const char *name)
{
	return seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR;
}

bool
peer_has(const char *name, unsigned abi)
{
	return seccomp_syscall_resolve_name_arch(archs[abi], name) >= 0;
}

/*
 * A name newer than libseccomp is added by its number, which does only with
 * the native ABI alone; else it is left out, as runc leaves it out.
 */
static bool
add_rule(scmp_filter_ctx ctx, const struct list_rule *rule, bool alone)
{
	struct scmp_arg_cmp args[LIST_CONDITIONS];
	int status, number = seccomp_syscall_resolve_name(rule->name);

	if (number == __NR_SCMP_ERROR) {
		if (!alone || rule->number < 0)
			return true;
		number = rule->number;
	}
	for (size_t i = 0; i < rule->count; i++) {
		const struct list_condition *c = &rule->conditions[i];

		args[i] = (struct scmp_arg_cmp){ c->index, operators[c->op],
						 c->value, c->value2 };
	}
	status = seccomp_rule_add_array(ctx, rule->action, number,
					(unsigned)rule->count, args);
	return !status || status == -EEXIST;
}

bool
peer_compile(const struct rule_list *list, enum peer_tree tree, int fd)
{
	scmp_filter_ctx ctx = seccomp_init(list->default_action);
	bool ok = ctx != NULL, alone = list->abis == 1 << ABI_X86_64;

	if (ok && tree == PEER_TREE)
		ok = !seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	ok = ok && add_archs(ctx, list->abis);
	for (size_t i = 0; ok && i < list->n; i++)
		ok = add_rule(ctx, &list->v[i], alone);
	ok = ok && !seccomp_export_bpf(ctx, fd);
	if (ctx)
		seccomp_release(ctx);
	return ok;
}
