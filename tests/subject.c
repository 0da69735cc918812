#include "subject.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void
subject_open(struct subject *s)
{
	memset(s, 0, sizeof(*s));
	options_init(&s->c.options);
	s->file = open_memstream(&s->text, &s->size);
	ck_assert_ptr_nonnull(s->file);
}

void
subject_write(struct subject *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(s->file, fmt, ap);
	va_end(ap);
}

void
subject_write_condition(struct subject *s, unsigned arg, enum cmp_op op,
			uint64_t value, uint64_t value2)
{
	subject_write(s, "{ \"index\": %u, \"op\": \"%s\", \"value\": %" PRIu64,
		      arg, cmp_name(op), value);
	if (op == CMP_MASKED_EQ)
		subject_write(s, ", \"valueTwo\": %" PRIu64, value2);
	subject_write(s, " }");
}

void
subject_compile(struct subject *s)
{
	struct options options = s->c.options;

	fclose(s->file);
	s->file = NULL;
	compilation_init(&s->c, "test.json", s->text, s->size);
	s->c.options = options;
	s->ok = compile(&s->c);
	ck_assert(!s->c.out_of_memory);
	ck_assert_msg(s->c.proof.answer <= PROOF_EQUAL, "%s",
		      s->c.proof.reason);
	/* Rejected without an error, or compiled with one. */
	ck_assert(s->ok == !s->c.diags.count[SEVERITY_ERROR]);
}

const char *
subject_x86_64_name(uint32_t number)
{
	const struct syscall_name *name =
		syscall_find_number(ABI_X86_64, number);

	ck_assert_ptr_nonnull(name);
	return name->name;
}

void
subject_write_rule(struct subject *s, uint32_t number, unsigned arg,
		   enum cmp_op op, uint64_t value, uint64_t value2)
{
	subject_write(s,
		      "%s{ \"names\": [\"%s\"], \"action\": "
		      "\"SCMP_ACT_ALLOW\", \"args\": [",
		      number ? "," : "", subject_x86_64_name(number));
	subject_write_condition(s, arg, op, value, value2);
	subject_write(s, "] }\n");
}

void
subject_open_denying(struct subject *s)
{
	subject_open(s);
	s->c.options.unknown = UNKNOWN_DEFAULT;
	subject_write(s, "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", "
			 "\"syscalls\": [\n");
}

void
subject_compile_closed(struct subject *s)
{
	subject_write(s, "] }\n");
	subject_compile(s);
	ck_assert_msg(s->ok, "%s", s->c.diags.list.v[0].message);
}

void
subject_from(struct subject *s, const char *text)
{
	subject_open(s);
	subject_write(s, "%s", text);
	subject_compile(s);
}

/* As much of the profile as a message of Check can carry. */
static int
shown(const struct subject *s)
{
	return s->size < 2000 ? (int)s->size : 2000;
}

void
subject_expect(const struct subject *s, enum abi abi, uint32_t nr,
	       const uint64_t args[6], uint32_t wanted)
{
	struct seccomp_data data = {
		.nr = (int)(nr | arch_table[abi]->number_bit),
		.arch = arch_table[abi]->audit_token,
	};
	char got[32], text[32];
	uint32_t action;

	/* Check writes to a file at each assertion, and calls are many. */
	if (!s->ok)
		ck_abort_msg("rejected: %.*s", shown(s), s->text);
	if (args)
		memcpy(data.args, args, sizeof(data.args));
	action = bpf_run(s->c.program->code.v, s->c.program->code.n, &data,
			 NULL);
	if (action == wanted)
		return;
	action_print(got, action);
	action_print(text, wanted);
	ck_abort_msg(
		"%s %u(0x%llx, 0x%llx, 0x%llx, 0x%llx, 0x%llx, 0x%llx) "
		"is %s, not %s: %.*s",
		arch_table[abi]->name, nr, (unsigned long long)data.args[0],
		(unsigned long long)data.args[1],
		(unsigned long long)data.args[2],
		(unsigned long long)data.args[3],
		(unsigned long long)data.args[4],
		(unsigned long long)data.args[5], got, text, shown(s), s->text);
}

void
subject_expect_call(const struct subject *s, enum abi abi, const char *name,
		    uint64_t arg0, uint32_t wanted)
{
	const struct syscall_name *known = syscall_find(name);
	uint64_t args[6] = { arg0 };

	if (!known || known->number[abi] < 0)
		ck_abort_msg("%s", name);
	subject_expect(s, abi, (uint32_t)known->number[abi], args, wanted);
}

const struct diag *
subject_find(const struct subject *s, enum diag_id id)
{
	for (size_t i = 0; i < s->c.diags.list.n; i++)
		if (s->c.diags.list.v[i].id == id)
			return &s->c.diags.list.v[i];
	return NULL;
}

void
subject_finish(struct subject *s)
{
	compilation_finish(&s->c);
	free(s->text);
}

bool
subject_compare(enum cmp_op op, uint64_t x, uint64_t value, uint64_t value2)
{
	switch (op) {
	case CMP_EQ:
		return x == value;
	case CMP_NE:
		return x != value;
	case CMP_LT:
		return x < value;
	case CMP_LE:
		return x <= value;
	case CMP_GT:
		return x > value;
	case CMP_GE:
		return x >= value;
	case CMP_MASKED_EQ:
		return (x & value) == value2;
	}
	return false;
}
