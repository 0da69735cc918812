#include "syscall-report.h"

#include <stdio.h>
#include <string.h>

static bool
has_abi(abi_set abis, size_t abi)
{
	return abis >> abi & 1;
}

/* The number as a filter sees it. */
static uint32_t
full_number(const struct syscall_name *name, size_t abi)
{
	return (uint32_t)name->number[abi] | arch_table[abi]->number_bit;
}

const char *
report_number(char text[16], const struct syscall_name *name, size_t abi)
{
	if (name->number[abi] < 0)
		snprintf(text, 16, "-");
	else
		snprintf(text, 16, arch_table[abi]->number_bit ? "0x%x" : "%u",
			 full_number(name, abi));
	return text;
}

static const char *
release_text(char text[16], kernel_release release)
{
	if (release)
		snprintf(text, 16, "%d.%d", release >> 8, release & 0xff);
	else
		snprintf(text, 16, "-");
	return text;
}

/* The type without __user, which says nothing to who writes a profile. */
static void
write_type(struct buf *out, const char *type)
{
	static const char mark[] = "__user";
	const char *found;

	while ((found = strstr(type, mark))) {
		buf_append(out, type, (size_t)(found - type));
		type = found + strlen(mark);
		type += *type == ' ';
	}
	buf_printf(out, "%s", type);
	if (out->data[out->len - 1] != '*')
		buf_printf(out, " ");
}

static void
write_call(struct buf *out, const struct syscall_name *name, size_t abi)
{
	const struct syscall_args *args = &name->args[abi];

	buf_printf(out, "%s(", name->name);
	for (size_t i = 0; i < args->count; i++) {
		buf_printf(out, "%s", i ? ", " : "");
		write_type(out, syscall_arg_type(args, i));
		buf_printf(out, "%s", syscall_arg_name(args, i));
	}
	if (!args->known)
		buf_printf(out, "?");
	else if (!args->count)
		buf_printf(out, "void");
	buf_printf(out, ")\n");
}

const struct mux *
report_find_mux(const char *name, size_t abi, uint32_t *call)
{
	const struct arch *arch = arch_table[abi];

	for (size_t i = 0; i < arch->mux_count; i++) {
		const struct mux *mux = &arch->muxes[i];

		for (size_t j = 0; j < mux->count; j++) {
			if (strcmp(mux->calls[j].name, name) != 0)
				continue;
			*call = mux->calls[j].call;
			return mux;
		}
	}
	return NULL;
}

void
report_mux(struct buf *out, const struct mux *mux, uint32_t call)
{
	if (mux->mask == UINT32_MAX)
		buf_printf(out, "%s with args[0] == %u", mux->name, call);
	else
		buf_printf(out, "%s with (args[0] & 0x%x) == %u", mux->name,
			   mux->mask, call);
}

static int
name_width(const struct syscall_entries *entries)
{
	size_t width = strlen("name");

	for (size_t i = 0; i < entries->n; i++) {
		size_t len = strlen(entries->v[i].name->name);

		width = len > width ? len : width;
	}
	return (int)width;
}

static int
number_width(size_t abi)
{
	return arch_table[abi]->number_bit ? 10 : 6;
}

void
report_list(struct buf *out, const struct syscall_entries *entries,
	    abi_set abis)
{
	int width = name_width(entries);
	char number[16], since[16];

	buf_printf(out, "%-*s", width, "name");
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (has_abi(abis, i))
			buf_printf(out, "  %*s  since", number_width(i),
				   arch_table[i]->name);
	buf_printf(out, "  call\n");
	for (size_t i = 0; i < entries->n; i++) {
		const struct syscall_name *name = entries->v[i].name;
		size_t first = ABI_COUNT;

		buf_printf(out, "%-*s", width, name->name);
		for (size_t j = 0; j < ABI_COUNT; j++) {
			if (!has_abi(abis, j))
				continue;
			if (first == ABI_COUNT && name->number[j] >= 0)
				first = j;
			report_number(number, name, j);
			release_text(since, name->since[j]);
			buf_printf(out, "  %*s  %-5s", number_width(j), number,
				   since);
		}
		buf_printf(out, "  ");
		write_call(out, name, first);
	}
}

/* The lines of an entry that have a number of their own, or share one. */
static void
write_lines(struct buf *out, const struct syscall_entry *entry, int width)
{
	const struct syscall_name *name = entry->name;
	char number[16], since[16];

	for (size_t i = 0; i < ABI_COUNT; i++) {
		const struct mux *mux;
		uint32_t call;

		if (!has_abi(entry->abis, i))
			continue;
		if (name->number[i] >= 0) {
			report_number(number, name, i);
			release_text(since, name->since[i]);
			buf_printf(out, "%-*s  %-6s  %-10s  %-5s  ", width,
				   name->name, arch_table[i]->name, number,
				   since);
			write_call(out, name, i);
		}
		mux = report_find_mux(name->name, i, &call);
		if (!mux)
			continue;
		report_number(number, syscall_find(mux->name), i);
		buf_printf(out, "%-*s  %-6s  %-10s  %-5s  ", width, name->name,
			   arch_table[i]->name, number, "");
		report_mux(out, mux, call);
		buf_printf(out, "\n");
	}
}

void
report_lines(struct buf *out, const struct syscall_entries *entries)
{
	int width = name_width(entries);

	if (!entries->n)
		return;
	buf_printf(out, "%-*s  %-6s  %-10s  %-5s  %s\n", width, "name", "abi",
		   "number", "since", "call");
	for (size_t i = 0; i < entries->n; i++)
		write_lines(out, &entries->v[i], width);
}

static void
write_json_args(struct buf *out, const struct syscall_args *args, size_t abi)
{
	if (!args->known) {
		buf_printf(out, "null");
		return;
	}
	buf_printf(out, "[");
	for (size_t i = 0; i < args->count; i++) {
		const struct syscall_arg *arg = syscall_arg(args, i);

		buf_printf(out,
			   "%s{\"name\": \"%s\", \"type\": \"%s\", "
			   "\"width\": %d, \"sign\": \"%s\"}",
			   i ? ", " : "", syscall_arg_name(args, i),
			   syscall_arg_type(args, i), arg->width[abi],
			   arg->sign == 's'   ? "signed"
			   : arg->sign == 'u' ? "unsigned"
					      : "pointer");
	}
	buf_printf(out, "]");
}

static void
write_json_entry(struct buf *out, const struct syscall_entry *entry)
{
	const struct syscall_name *name = entry->name;
	const char *comma = "";
	uint32_t call;

	buf_printf(out, "{\"name\": \"%s\", \"abis\": {", name->name);
	for (size_t i = 0; i < ABI_COUNT; i++) {
		char since[16];

		if (!has_abi(entry->abis, i) || name->number[i] < 0)
			continue;
		release_text(since, name->since[i]);
		buf_printf(out, "%s\"%s\": {\"number\": %u, \"since\": ", comma,
			   arch_table[i]->name, full_number(name, i));
		buf_printf(out, name->since[i] ? "\"%s\"" : "null", since);
		buf_printf(out, ", \"arguments\": ");
		write_json_args(out, &name->args[i], i);
		buf_printf(out, "}");
		comma = ", ";
	}
	buf_printf(out, "}, \"multiplexed\": {");
	comma = "";
	for (size_t i = 0; i < ABI_COUNT; i++) {
		const struct mux *mux = report_find_mux(name->name, i, &call);

		if (!has_abi(entry->abis, i) || !mux)
			continue;
		buf_printf(out,
			   "%s\"%s\": {\"name\": \"%s\", \"number\": %u, "
			   "\"mask\": %u, \"call\": %u}",
			   comma, arch_table[i]->name, mux->name,
			   full_number(syscall_find(mux->name), i), mux->mask,
			   call);
		comma = ", ";
	}
	buf_printf(out, "}}");
}

void
report_json(struct buf *out, const struct syscall_entries *entries)
{
	char release[16];

	release_text(release, syscall_tables_release);
	buf_printf(out, "{\"release\": \"%s\", \"syscalls\": [", release);
	for (size_t i = 0; i < entries->n; i++) {
		buf_printf(out, "%s\n", i ? "," : "");
		write_json_entry(out, &entries->v[i]);
	}
	buf_printf(out, "\n]}\n");
}
