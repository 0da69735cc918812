#include "compiler.h"

#include <string.h>

static const struct field condition_fields[] = {
	{ "index", EVERY_DIALECT },
	{ "value", EVERY_DIALECT },
	{ "valueTwo", EVERY_DIALECT },
	{ "op", EVERY_DIALECT },
};

static const struct {
	const char *name, *sign;
} operators[] = {
	[CMP_EQ] = { "SCMP_CMP_EQ", "==" },
	[CMP_NE] = { "SCMP_CMP_NE", "!=" },
	[CMP_LT] = { "SCMP_CMP_LT", "<" },
	[CMP_LE] = { "SCMP_CMP_LE", "<=" },
	[CMP_GT] = { "SCMP_CMP_GT", ">" },
	[CMP_GE] = { "SCMP_CMP_GE", ">=" },
	[CMP_MASKED_EQ] = { "SCMP_CMP_MASKED_EQ", "&" },
};

const char *
cmp_name(enum cmp_op op)
{
	return operators[op].name;
}

const char *
cmp_sign(enum cmp_op op)
{
	return operators[op].sign;
}

static bool
read_operator(const struct shape *shape, const struct json *value,
	      enum cmp_op *op)
{
	const char *names[LENGTH(operators)];

	for (size_t i = 0; i < LENGTH(operators); i++) {
		names[i] = operators[i].name;
		if (!strcmp(value->string, operators[i].name)) {
			*op = (enum cmp_op)i;
			return true;
		}
	}
	return diag_at(shape->diags, DIAG_UNKNOWN_OPERATOR, value,
		       shape_hint(shape, value->string, names, LENGTH(names)),
		       "unknown operator '%s'", value->string);
}

static bool
check_mask(const struct shape *shape, const struct condition *c)
{
	const char *hint = NULL;

	if (!(c->value2 & ~c->value))
		return true;
	if (!(c->value & ~c->value2))
		hint = "value is the mask: exchange value and valueTwo";
	return diag_at(shape->diags, DIAG_IMPOSSIBLE_MASK, c->where, hint,
		       "(arg%d & 0x%llx) == 0x%llx is never true: bits 0x%llx "
		       "of valueTwo are outside the mask",
		       c->arg, (unsigned long long)c->value,
		       (unsigned long long)c->value2,
		       (unsigned long long)(c->value2 & ~c->value));
}

bool
condition_read(const struct shape *shape, const struct json *value,
	       struct condition *c)
{
	const struct json *index, *op, *first, *second;
	uint64_t arg;
	bool ok;

	c->where = value;
	if (!shape_object(shape, value, condition_fields,
			  LENGTH(condition_fields)))
		return false;
	ok = shape_required(shape, value, "index", JSON_NUMBER, &index) &&
	     shape_integer(shape, index, 5, &arg);
	ok &= shape_required(shape, value, "op", JSON_STRING, &op) &&
	      read_operator(shape, op, &c->op);
	ok &= shape_required(shape, value, "value", JSON_NUMBER, &first) &&
	      shape_integer(shape, first, UINT64_MAX, &c->value);
	ok &= shape_optional(shape, value, "valueTwo", JSON_NUMBER, &second) &&
	      (!second || shape_integer(shape, second, UINT64_MAX, &c->value2));
	if (!ok)
		return false;
	c->arg = (uint8_t)arg;
	if (c->op == CMP_MASKED_EQ)
		return check_mask(shape, c);
	if (c->value2)
		return diag_at(shape->diags, DIAG_IGNORED_FIELD, second, NULL,
			       "valueTwo is ignored with %s", op->string);
	return true;
}
