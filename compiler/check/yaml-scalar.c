#include "yaml-tree.h"

#include <float.h>
#include <string.h>

enum {
	/* Longer numbers than any that a float holds are text. */
	NUMBER_SIZE = 400,
};

static bool
is_one_of(const char *s, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(s, words[i]))
			return true;
	return false;
}

/* YAML 1.1 has all of these, in three spellings each. */
static bool
is_true(const char *s)
{
	static const char *const words[] = {
		"y",	"Y",	"yes", "Yes", "YES", "true",
		"True", "TRUE", "on",  "On",  "ON",
	};

	return is_one_of(s, words, LENGTH(words));
}

static bool
is_false(const char *s)
{
	static const char *const words[] = {
		"n",	 "N",	  "no",	 "No",	"NO",  "false",
		"False", "FALSE", "off", "Off", "OFF",
	};

	return is_one_of(s, words, LENGTH(words));
}

static bool
is_null(const char *s)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	return is_one_of(s, words, LENGTH(words));
}

static bool
is_special_float(const char *s)
{
	static const char *const words[] = {
		".nan",	 ".NaN",  ".NAN",  ".inf",  ".Inf",  ".INF",
		"+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF",
	};

	return is_one_of(s, words, LENGTH(words));
}

static const char decimals[] = "0123456789";

/* Digits with a prefix, as Go's strconv.ParseInt with base 0 takes them. */
static bool
is_prefixed_integer(const char *s)
{
	const char *digits;

	if (*s++ != '0')
		return false;
	switch (*s) {
	case 'x':
	case 'X':
		digits = "0123456789abcdefABCDEF";
		break;
	case 'b':
	case 'B':
		digits = "01";
		break;
	case 'o':
	case 'O':
		digits = "01234567";
		break;
	default:
		return false;
	}
	s++;
	return *s && !s[strspn(s, digits)];
}

/* Decimal digits with at most one point, and an exponent; nothing that is
 * larger than a double, which go-yaml takes for text. */
static bool
is_float(const char *s)
{
	size_t whole = strspn(s, decimals), part = 0;
	size_t zeros = strspn(s, "0"), exponent = 0;
	bool negative;

	s += whole;
	if (*s == '.') {
		part = strspn(++s, decimals);
		s += part;
	}
	if (whole + part == 0)
		return false;
	if (*s == 'e' || *s == 'E') {
		negative = s[1] == '-';
		s += s[1] == '+' || s[1] == '-' ? 2 : 1;
		for (part = 0; strchr(decimals, s[part]) && s[part]; part++)
			if (exponent < NUMBER_SIZE)
				exponent =
					exponent * 10 + (size_t)(s[part] - '0');
		if (!part || s[part])
			return false;
		return negative || whole - zeros + exponent <= DBL_MAX_10_EXP;
	}
	return !*s && whole - zeros <= DBL_MAX_10_EXP;
}

/* go-yaml drops every _ of what begins with a sign or a digit. */
static bool
is_number(const char *s)
{
	char plain[NUMBER_SIZE];
	size_t n = 0;

	if (is_special_float(s))
		return true;
	if (*s == '.')
		return is_float(s);
	if (!strchr("+-0123456789", *s))
		return false;
	for (s += *s == '+' || *s == '-'; *s; s++) {
		if (*s == '_')
			continue;
		plain[n++] = *s;
		if (n == sizeof(plain))
			return false;
	}
	plain[n] = '\0';
	return is_prefixed_integer(plain) || is_float(plain);
}

static enum json_kind
plain_kind(const char *s)
{
	if (is_null(s))
		return JSON_NULL;
	if (is_true(s) || is_false(s))
		return JSON_BOOL;
	return is_number(s) ? JSON_NUMBER : JSON_STRING;
}

bool
yaml_resolve(struct yaml_item *item, const char *tag)
{
	static const char prefix[] = "tag:yaml.org,2002:";
	static const struct {
		const char *tag;
		enum json_kind kind;
	} tags[] = {
		{ "null", JSON_NULL },
		{ "bool", JSON_BOOL },
		{ "int", JSON_NUMBER },
		{ "float", JSON_NUMBER },
	};
	const char *s = item->string;
	/* A NUL would cut the text short: no word or number has one. */
	enum json_kind kind =
		strlen(s) == item->length ? plain_kind(s) : JSON_STRING;

	item->kind = (uint8_t)kind;
	item->boolean = kind == JSON_BOOL && is_true(s);
	if (!tag || !*tag)
		return true;
	item->kind = JSON_STRING;
	if (strncmp(tag, prefix, sizeof(prefix) - 1) != 0)
		return true;
	tag += sizeof(prefix) - 1;
	/* Nothing that is read here is binary: this is no text. */
	if (!strcmp(tag, "binary"))
		item->kind = JSON_NUMBER;
	for (size_t i = 0; i < LENGTH(tags); i++) {
		if (strcmp(tag, tags[i].tag) != 0)
			continue;
		item->kind = (uint8_t)kind;
		return kind == tags[i].kind;
	}
	return true;
}
