#include "compiler.h"

#include <string.h>

#include "utf8.h"

void
output_text(struct buf *buf, const char *s)
{
	size_t left = strlen(s), size;
	uint32_t c;

	for (; left; s += size, left -= size) {
		size = utf8_decode(s, left, &c);
		if (!size) {
			c = 0xfffd;
			size = 1;
		}
		if (c == '"' || c == '\\')
			buf_printf(buf, "\\%c", (char)c);
		else if (c >= 0x20 && c < 0x7f && c != '*')
			buf_append(buf, s, 1);
		else if (c < 0x10000)
			buf_printf(buf, "\\u%04x", c);
		else
			buf_printf(buf, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10),
				   0xdc00 + (c & 0x3ff));
	}
}

void
output_action(struct buf *buf, const char *key, uint32_t action)
{
	char name[32];

	action_print(name, action);
	buf_printf(buf, "\"%s\": { \"name\": \"%s\", \"value\": %u }", key,
		   name, action);
}

static void
write_hex(struct buf *buf, const unsigned char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_printf(buf, "%02x", data[i]);
	buf_append(buf, "\n", 1);
}

/* RFC 4648, section 4, on one line. */
static void
write_base64(struct buf *buf, const unsigned char *data, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t bits = (uint32_t)data[i] << 16;
		char out[4];

		if (n > 1)
			bits |= (uint32_t)data[i + 1] << 8;
		if (n > 2)
			bits |= data[i + 2];
		for (size_t j = 0; j < 4; j++)
			out[j] =
				j > n ? '=' : digits[bits >> (18 - 6 * j) & 63];
		buf_append(buf, out, 4);
	}
	buf_append(buf, "\n", 1);
}

void
output_quote(struct buf *buf, const char *s)
{
	buf_append(buf, "\"", 1);
	output_text(buf, s);
	buf_append(buf, "\"", 1);
}

static void
write_guard(struct buf *buf, const char *symbol)
{
	for (; *symbol; symbol++) {
		bool lower = *symbol >= 'a' && *symbol <= 'z';
		char c = (char)(lower ? *symbol - 'a' + 'A' : *symbol);

		buf_append(buf, &c, 1);
	}
	buf_printf(buf, "_H");
}

/* The profile's flags as its author wrote them, with commas. */
static void
write_flags(struct buf *buf, const struct profile *profile, const char *quote)
{
	for (size_t i = 0; i < profile->flags.n; i++) {
		buf_printf(buf, "%s%s", i ? ", " : "", quote);
		output_text(buf, profile->flags.v[i]->string);
		buf_printf(buf, "%s", quote);
	}
}

/* What every form for people says first; each line starts with prefix. */
static void
write_summary(struct buf *buf, const struct compilation *c, const char *prefix)
{
	const struct program *program = c->program;
	char action[32];

	action_print(action, c->ruleset->default_action);
	buf_printf(buf, "%sseccomp filter compiled from \"", prefix);
	output_text(buf, c->source.name);
	buf_printf(buf, "\".\n%s%zu instructions, %zu as the kernel counts; ",
		   prefix, program->code.n,
		   bpf_converted_length(program->code.v, program->code.n));
	buf_printf(buf, "default action %s.\n", action);
	if (!c->profile->flags.n)
		return;
	buf_printf(buf, "%sThe profile asks for these flags of seccomp(2): ",
		   prefix);
	write_flags(buf, c->profile, "");
	buf_printf(buf, "\n");
}

static void
write_install(struct buf *buf, const char *symbol)
{
	buf_printf(buf,
		   " *\n"
		   " * To install it (stdlib.h, sys/prctl.h, "
		   "linux/seccomp.h):\n"
		   " *\n"
		   " *   struct sock_fprog prog = { %s_len, "
		   "(struct sock_filter *)%s };\n",
		   symbol, symbol);
	buf_printf(buf, " *   if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||\n"
			" *       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, "
			"&prog)) abort();\n"
			" */\n");
}

static void
write_c(struct buf *buf, const struct compilation *c, const char *symbol)
{
	const struct program *program = c->program;
	struct buf listing = { .arena = buf->arena };
	const char *line;

	buf_printf(buf, "/*\n");
	write_summary(buf, c, " * ");
	write_install(buf, symbol);
	buf_printf(buf, "#ifndef ");
	write_guard(buf, symbol);
	buf_printf(buf, "\n#define ");
	write_guard(buf, symbol);
	buf_printf(buf,
		   "\n\n#include <linux/filter.h>\n\n"
		   "#define %s_len %zu\n\n"
		   "static const struct sock_filter %s[]\n"
		   "\t__attribute__((unused)) = {\n",
		   symbol, program->code.n, symbol);
	/* The listing has a line for each instruction. */
	disasm_write(&listing, buf->arena, program->code.v, program->code.n);
	line = listing.data;
	for (size_t i = 0; i < program->code.n; i++) {
		const struct sock_filter *insn = &program->code.v[i];
		size_t len = strcspn(line, "\n");

		buf_printf(buf, "\t{ 0x%02x, %3u, %3u, 0x%08x }, /* %.*s */\n",
			   insn->code, insn->jt, insn->jf, insn->k, (int)len,
			   line);
		line += len + 1;
	}
	buf_printf(buf, "};\n\n#endif\n");
}

/* The audit archs of the filter, each once, and the ABIs they serve. */
static void
write_archs(struct buf *buf, abi_set abis)
{
	const char *comma = "";

	buf_printf(buf, "  \"auditArchs\": [");
	for (size_t i = 0; i < ABI_COUNT; i++) {
		uint32_t token = arch_table[i]->audit_token;
		bool first = abis & 1u << i;

		for (size_t j = 0; j < i; j++)
			if ((abis & 1u << j) &&
			    arch_table[j]->audit_token == token)
				first = false;
		if (!first)
			continue;
		buf_printf(buf, "%s{ \"name\": \"%s\", \"value\": %u }", comma,
			   arch_table[i]->audit_name, token);
		comma = ", ";
	}
	buf_printf(buf, "],\n  \"abis\": [");
	comma = "";
	for (size_t i = 0; i < ABI_COUNT; i++) {
		if (!(abis & 1u << i))
			continue;
		buf_printf(buf, "%s\"%s\"", comma, arch_table[i]->name);
		comma = ", ";
	}
	buf_printf(buf, "],\n");
}

/* What the profile has beside the program; absent if it has none. */
static void
write_beside(struct buf *buf, const struct profile *profile)
{
	if (profile->flags.n) {
		buf_printf(buf, "  \"flags\": [");
		write_flags(buf, profile, "\"");
		buf_printf(buf, "],\n");
	}
	if (profile->listener_path) {
		buf_printf(buf, "  \"listenerPath\": ");
		output_quote(buf, profile->listener_path);
		buf_printf(buf, ",\n");
	}
	if (profile->listener_metadata) {
		buf_printf(buf, "  \"listenerMetadata\": ");
		output_quote(buf, profile->listener_metadata);
		buf_printf(buf, ",\n");
	}
}

static void
write_json(struct buf *buf, const struct compilation *c)
{
	const struct program *program = c->program;
	size_t count = program->code.n;
	char action[32];

	action_print(action, c->ruleset->default_action);
	buf_printf(buf, "{\n  \"source\": \"");
	output_text(buf, c->source.name);
	buf_printf(buf,
		   "\",\n"
		   "  \"instructions\": %zu,\n"
		   "  \"bytes\": %zu,\n"
		   "  \"convertedLength\": %zu,\n",
		   count, count * sizeof(*program->code.v),
		   bpf_converted_length(program->code.v, count));
	write_archs(buf, c->ruleset->abis);
	buf_printf(buf,
		   "  \"defaultAction\": "
		   "{ \"name\": \"%s\", \"value\": %u },\n",
		   action, c->ruleset->default_action);
	write_beside(buf, c->profile);
	buf_printf(buf, "  \"filter\": [\n");
	for (size_t i = 0; i < count; i++) {
		const struct sock_filter *insn = &program->code.v[i];

		buf_printf(buf,
			   "    { \"code\": %u, \"jt\": %u, \"jf\": %u, "
			   "\"k\": %u }%s\n",
			   insn->code, insn->jt, insn->jf, insn->k,
			   i + 1 < count ? "," : "");
	}
	buf_printf(buf, "  ]\n}\n");
}

enum format
format_find(const char *name)
{
	static const char *const names[FORMAT_COUNT] = {
		[FORMAT_BPF] = "bpf",	    [FORMAT_C] = "c",
		[FORMAT_ASM] = "asm",	    [FORMAT_JSON] = "json",
		[FORMAT_OCI] = "oci",	    [FORMAT_HEX] = "hex",
		[FORMAT_BASE64] = "base64", [FORMAT_DOT] = "dot",
	};
	enum format format = 0;

	while (format < FORMAT_COUNT && strcmp(names[format], name) != 0)
		format++;
	return format;
}

/*
 * Keywords of C23 (6.4.1) and C++23 ([lex.key], [lex.digraph]), what compilers
 * define as macros in gnu modes, and main.
 */
static bool
is_taken(const char *symbol)
{
	static const char taken[] =
		" alignas alignof and and_eq asm auto bitand bitor bool break "
		"case catch char char16_t char32_t char8_t class co_await "
		"co_return co_yield compl concept const const_cast consteval "
		"constexpr constinit continue decltype default delete do "
		"double dynamic_cast else enum explicit export extern false "
		"float for friend goto i386 if inline int linux long main "
		"mutable namespace new noexcept not not_eq nullptr operator or "
		"or_eq private protected public register reinterpret_cast "
		"requires restrict return short signed sizeof static "
		"static_assert static_cast struct switch template this "
		"thread_local throw true try typedef typeid typename typeof "
		"typeof_unqual union unix unsigned using virtual void volatile "
		"wchar_t while xor xor_eq ";
	size_t len = strlen(symbol);

	for (const char *at = taken; (at = strstr(at, symbol)); at++)
		if (at[-1] == ' ' && at[len] == ' ')
			return true;
	return false;
}

bool
format_symbol(const char *symbol)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	return *symbol && !(*symbol >= '0' && *symbol <= '9') &&
	       !symbol[strspn(symbol, letters)] && !is_taken(symbol);
}

bool
output_program(struct buf *buf, enum format format,
	       const struct sock_filter *code, size_t count)
{
	const unsigned char *data = (const unsigned char *)code;
	size_t len = count * sizeof(*code);

	switch (format) {
	case FORMAT_BPF:
		/* Native byte order is what x86 takes; these filters are for
		 * x86 alone. */
		buf_append(buf, data, len);
		return true;
	case FORMAT_ASM:
		disasm_write(buf, buf->arena, code, count);
		return true;
	case FORMAT_HEX:
		write_hex(buf, data, len);
		return true;
	case FORMAT_BASE64:
		write_base64(buf, data, len);
		return true;
	case FORMAT_DOT:
		dot_write(buf, code, count);
		return true;
	default:
		return false;
	}
}

void
output_write(struct buf *buf, enum format format, const struct compilation *c,
	     const char *symbol)
{
	if (format == FORMAT_ASM)
		write_summary(buf, c, "; ");
	if (format == FORMAT_DOT)
		write_summary(buf, c, "// ");
	if (format == FORMAT_C)
		write_c(buf, c, symbol);
	else if (format == FORMAT_JSON)
		write_json(buf, c);
	else
		output_program(buf, format, c->program->code.v,
			       c->program->code.n);
}
