#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "name-hash.h"

static void
write_head(FILE *out, const struct tables *t)
{
	fputs("/* Made by syscall-tables/generate. */\n"
	      "#include \"compiler.h\"\n\n",
	      out);
	fprintf(out, "_Static_assert(ABI_COUNT == %zu", t->abi_count);
	for (size_t i = 0; i < t->abi_count; i++) {
		fputs(" && ABI_", out);
		for (const char *p = t->abi[i]; *p; p++)
			fputc(toupper((unsigned char)*p), out);
		fprintf(out, " == %zu", i);
	}
	fputs(",\n\t\"the tables are in another order\");\n", out);
	fprintf(out, "_Static_assert(SYSCALL_NAME_SIZE == %d, \"names\");\n\n",
		NAME_SIZE);
	fprintf(out, "const kernel_release syscall_tables_release = 0x%x;\n",
		t->release);
}

/* The offset of a text in the pool, to which it is added. */
static size_t
text_at(struct tables *t, const char *s)
{
	size_t size = strlen(s) + 1, at = 0;

	while (at < t->text_len && strcmp(t->text + at, s) != 0)
		at += strlen(t->text + at) + 1;
	if (at < t->text_len)
		return at;
	if (size > MAX_TEXT - at)
		die(NULL, "more than %d bytes of text", MAX_TEXT);
	memcpy(t->text + at, s, size);
	t->text_len += size;
	return at;
}

/* Not as one literal: compilers need not take more than 4095 bytes. */
static void
write_text(FILE *out, const struct tables *t)
{
	fputs("\nconst char syscall_strings[] = {", out);
	for (size_t i = 0; i < t->text_len; i++) {
		if (i == 0 || !t->text[i - 1])
			fputs("\n\t", out);
		if (!t->text[i])
			fputs("0,", out);
		else
			fprintf(out, "'%s%c', ", t->text[i] == '\'' ? "\\" : "",
				t->text[i]);
	}
	fputs("\n};\n", out);
}

static void
write_args(FILE *out, struct tables *t)
{
	fputs("\nconst struct syscall_arg syscall_arg_table[] = {\n", out);
	for (size_t i = 0; i < t->arg_count; i++) {
		const struct arg *arg = &t->args[i];

		fprintf(out, "\t{ %zu, %zu, { ", text_at(t, arg->name),
			text_at(t, arg->type));
		for (size_t j = 0; j < t->abi_count; j++)
			fprintf(out, "%u, ", arg->width[j]);
		fprintf(out, "}, '%c' },\n", arg->sign);
	}
	/* Never empty, which C would not take. */
	fputs("\t{ 0 },\n};\n", out);
}

static void
write_names(FILE *out, const struct tables *t)
{
	fputs("\nconst struct syscall_name syscall_names[] = {\n", out);
	for (size_t i = 0; i < t->name_count; i++) {
		const struct name *name = t->names[i];

		fprintf(out, "\t{ \"%s\", { ", name->name);
		for (size_t j = 0; j < t->abi_count; j++)
			fprintf(out, "%d, ", name->number[j]);
		fputs("}, { ", out);
		for (size_t j = 0; j < t->abi_count; j++)
			fprintf(out, "0x%x, ", name->since[j]);
		fputs("},\n\t  { ", out);
		for (size_t j = 0; j < t->abi_count; j++)
			fprintf(out, "{ %d, %u, %zu }, ", name->args[j].known,
				name->args[j].count, name->args[j].first);
		fprintf(out, "}, %zu },\n", strlen(name->name));
	}
	fprintf(out, "};\n\nconst size_t syscall_name_count = %zu;\n",
		t->name_count);
}

static void
write_weights(FILE *out, const struct tables *t)
{
	fputs("\nconst uint64_t syscall_weights[] = {", out);
	for (size_t i = 0; i < t->name_count; i++)
		fprintf(out, "%s%u,", i % 8 ? " " : "\n\t", t->names[i]->share);
	fputs("\n};\n", out);
}

static void
write_numbers(FILE *out, const struct tables *t)
{
	for (size_t i = 0; i < t->abi_count; i++) {
		fprintf(out, "\nstatic const uint16_t %s[] = {", t->abi[i]);
		for (size_t j = 0; j < t->number_count[i]; j++)
			fprintf(out, "%s%zu,", j % 12 ? " " : "\n\t",
				t->numbers[i][j]->index);
		fputs("\n};\n", out);
	}
	fputs("\nconst uint16_t *const syscall_numbers[ABI_COUNT] = {\n", out);
	for (size_t i = 0; i < t->abi_count; i++)
		fprintf(out, "\t%s,\n", t->abi[i]);
	fputs("};\n\nconst size_t syscall_number_count[ABI_COUNT] = {\n", out);
	for (size_t i = 0; i < t->abi_count; i++)
		fprintf(out, "\t%zu,\n", t->number_count[i]);
	fputs("};\n", out);
}

/* A list of numbers, twelve to a line. */
static void
write_list(FILE *out, const unsigned *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%u,", i % 12 ? " " : "\n\t", list[i]);
	fputs("\n};\n", out);
}

/* At most half full, so that a search ends soon. */
static void
write_slots(FILE *out, const struct tables *t)
{
	size_t count = 2;
	unsigned *slots;

	while (count < 2 * t->name_count)
		count *= 2;
	slots = allocate(count * sizeof(*slots));
	for (size_t i = 0; i < t->name_count; i++) {
		const char *s = t->names[i]->name;
		size_t slot = name_hash(s, strlen(s)) & (count - 1);

		while (slots[slot])
			slot = (slot + 1) & (count - 1);
		slots[slot] = (unsigned)i + 1;
	}
	fputs("\nconst uint16_t syscall_slots[] = {", out);
	write_list(out, slots, count);
	fprintf(out, "\nconst size_t syscall_slot_count = %zu;\n", count);
	free(slots);
}

static void
write_by_number(FILE *out, const struct tables *t)
{
	size_t end[MAX_ABIS] = { 0 };
	unsigned *index;

	for (size_t i = 0; i < t->abi_count; i++) {
		index = allocate((MAX_NUMBER + 1) * sizeof(*index));
		for (size_t j = 0; j < t->number_count[i]; j++) {
			const struct name *name = t->numbers[i][j];

			end[i] = (size_t)name->number[i] + 1;
			index[name->number[i]] = (unsigned)name->index + 1;
		}
		fprintf(out, "\nstatic const uint16_t by_%s[] = {", t->abi[i]);
		write_list(out, index, end[i]);
		free(index);
	}
	fputs("\nconst uint16_t *const syscall_by_number[ABI_COUNT] = {\n",
	      out);
	for (size_t i = 0; i < t->abi_count; i++)
		fprintf(out, "\tby_%s,\n", t->abi[i]);
	fputs("};\n\nconst size_t syscall_number_end[ABI_COUNT] = {\n", out);
	for (size_t i = 0; i < t->abi_count; i++)
		fprintf(out, "\t%zu,\n", end[i]);
	fputs("};\n", out);
}

static void
write_foreign(FILE *out, struct tables *t)
{
	fputs("\nconst struct syscall_foreign syscall_foreign[] = {\n", out);
	for (size_t i = 0; i < t->foreign_count; i++)
		fprintf(out, "\t{ \"%s\", %zu },\n", t->foreign[i].name,
			text_at(t, t->foreign[i].archs));
	fprintf(out,
		"\t{ \"\", 0 },\n};\n\nconst size_t syscall_foreign_count = "
		"%zu;\n",
		t->foreign_count);
}

void
write_tables(const char *path, struct tables *t)
{
	FILE *out = fopen(path, "w");
	bool failed;

	if (!out)
		die(NULL, "cannot write %s", path);
	write_head(out, t);
	write_args(out, t);
	write_names(out, t);
	write_weights(out, t);
	write_numbers(out, t);
	write_slots(out, t);
	write_by_number(out, t);
	write_foreign(out, t);
	write_text(out, t);
	failed = ferror(out);
	if (fclose(out) || failed) {
		remove(path);
		die(NULL, "cannot write %s", path);
	}
}
