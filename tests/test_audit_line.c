/*
 * Lines of the kernel's log: real ones and those of formats as they are
 * documented, by hand; then lines that are made here from known values, as
 * kernel/auditsc.c writes them, which have to give the values back, whole and
 * in pieces, and changed in one byte, which has to do no harm.
 */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "explain/audit-line.h"

struct example {
	const char *line;
	enum audit_kind kind;
	uint32_t arch, number, code;
	int64_t pid;
	const char *comm, *exe, *name;
};

#define X86_64 0xc000003e
#define I386 0x40000003
#define FIELDS                                                                 \
	"auid=4294967295 uid=0 gid=0 ses=4294967295 pid=6369 comm=\"a\" "      \
	"exe=\"/bin/a\" sig=0 arch=c000003e syscall=41 compat=0 "              \
	"ip=0x432050 code=0x7ffc0000"
#define OF_FIELDS AUDIT_CALL, X86_64, 41, 0x7ffc0000, 6369, "a", "/bin/a"

#define OF_OTHERS AUDIT_BROKEN, 0, 0, 0, 0, "", "", ""

static const struct example examples[] = {
	/* dmesg, as a kernel 6.18 wrote it; --raw; /dev/kmsg. */
	{ "[33917.081136] audit: type=1326 audit(1795679675.739:21611): "
	  "auid=4294967295 uid=0 gid=0 ses=4294967295 pid=31275 "
	  "comm=\"runc:[2:INIT]\" exe=\"/\" sig=31 arch=c000003e syscall=105 "
	  "compat=0 ip=0x40828e code=0x80000000",
	  AUDIT_CALL, X86_64, 105, 0x80000000, 31275, "runc:[2:INIT]", "/",
	  "" },
	{ "<5>[    1.5] audit: type=1326 audit(1.0:1): " FIELDS, OF_FIELDS,
	  "" },
	{ "5,1234,33917081136,-;audit: type=1326 audit(1.0:1): " FIELDS,
	  OF_FIELDS, "" },
	/* auditd, raw and enriched. */
	{ "type=SECCOMP msg=audit(1364481363.243:24287): " FIELDS, OF_FIELDS,
	  "" },
	{ "type=SECCOMP msg=audit(1364481363.243:24287): " FIELDS
	  "\035AUID=\"unset\" UID=\"root\" GID=\"root\" ARCH=x86_64 "
	  "SYSCALL=socket",
	  OF_FIELDS, "socket" },
	{ "node=host type=SECCOMP msg=audit(1.0:1): " FIELDS, OF_FIELDS, "" },
	/* ausearch -i */
	{ "type=SECCOMP msg=audit(03/28/2013 14:36:03.243:24287) : auid=unset "
	  "uid=root gid=root ses=unset pid=6369 comm=a exe=/bin/a sig=SIG0 "
	  "arch=x86_64 syscall=socket compat=0 ip=0x432050 code=log",
	  OF_FIELDS, "" },
	{ "type=SECCOMP msg=audit(1.0:1) : pid=6369 comm=a exe=/bin/a "
	  "sig=SIGSYS arch=i386 syscall=socketcall compat=1 ip=0x0 "
	  "code=kill-process",
	  AUDIT_CALL, I386, 102, 0x80000000, 6369, "a", "/bin/a", "" },
	/* Names of libaudit's own, and none; what ausearch -i decoded is not
	 * hexadecimal. */
	{ "type=SECCOMP msg=audit(11/26/26 11:31:41.095:28939) : auid=unset "
	  "uid=root gid=root ses=unset pid=6369 comm=dead exe=/bin/a sig=SIG0 "
	  "arch=x86_64 syscall=pread compat=0 ip=0x7f3cc9b98b9a code=log ",
	  AUDIT_CALL, X86_64, 17, 0x7ffc0000, 6369, "dead", "/bin/a", "" },
	{ "type=SECCOMP msg=audit(26.11.2026 11:31:41.095:28939) : pid=6369 "
	  "comm=a exe=/bin/a sig=SIG0 arch=x86_64 syscall=unknown-syscall(470) "
	  "compat=0 ip=0x0 code=log",
	  AUDIT_CALL, X86_64, 470, 0x7ffc0000, 6369, "a", "/bin/a", "" },
	{ "type=SECCOMP msg=audit(1.0:1) : arch=i386 "
	  "syscall=sched_rr_get_interval64 code=log",
	  AUDIT_CALL, I386, 423, 0x7ffc0000, -1, "", "", "" },
	{ "type=SECCOMP msg=audit(1.0:1) : arch=x86_64 "
	  "syscall=unknown-syscall() code=log",
	  AUDIT_BROKEN, 0, 0, 0, 0, "", "", "" },
	/* Paths that have a blank, one to pass for another program's. */
	{ "type=SECCOMP msg=audit(11/26/26 11:31:41.095:28939) : pid=6369 "
	  "comm=a exe=/tmp/x exe=/bin/a sig=SIG0 arch=x86_64 syscall=socket "
	  "compat=0 ip=0x432050 code=log",
	  AUDIT_CALL, X86_64, 41, 0x7ffc0000, 6369, "a", "/tmp/x exe=/bin/a",
	  "" },
	{ "type=SECCOMP msg=audit(11/26/26 11:31:41.095:28939) : pid=6369 "
	  "comm=a exe=/bin/a sig=0 b sig=SIG0 arch=x86_64 syscall=socket "
	  "compat=0 ip=0x432050 code=log",
	  AUDIT_CALL, X86_64, 41, 0x7ffc0000, 6369, "a", "/bin/a sig=0 b", "" },
	/* A program that calls itself "a arch=i386 sy", there and raw. */
	{ "type=SECCOMP msg=audit(1.0:1) : pid=6369 comm=a arch=i386 code=0x0 "
	  "exe=/bin/a sig=SIG0 arch=x86_64 syscall=socket compat=0 ip=0x432050 "
	  "code=log",
	  OF_FIELDS, "" },
	{ "type=SECCOMP msg=audit(1.0:1): pid=6369 "
	  "comm=6120617263683D69333836 exe=\"/bin/a\" sig=0 arch=c000003e "
	  "syscall=41 compat=0 ip=0x432050 code=0x7ffc0000",
	  AUDIT_CALL, X86_64, 41, 0x7ffc0000, 6369, "a arch=i386", "/bin/a",
	  "" },
	/* journalctl -o short, of two ages, and of the kernel's messages. */
	{ "Nov 26 07:00:00 host audit[6369]: SECCOMP " FIELDS, OF_FIELDS, "" },
	{ "Nov 26 07:00:00 host audit[6369]: <audit-1326> " FIELDS, OF_FIELDS,
	  "" },
	{ "Nov 26 07:00:00 host kernel: audit: type=1326 audit(1.0:1): " FIELDS,
	  OF_FIELDS, "" },
	/* With a label that has a blank, without the optional fields. */
	{ "type=1326 audit(1.0:1): auid=1 subj=docker-default (enforce) pid=5 "
	  "comm=\"b\" sig=0 arch=c000003e syscall=1073741865 compat=1 "
	  "ip=0x1 code=0x50000",
	  AUDIT_CALL, X86_64, 0x40000029, 0x50000, 5, "b", "", "" },
	{ "type=1326 audit(1.0:1): arch=40000003 syscall=102 code=0x50026",
	  AUDIT_CALL, I386, 102, 0x50000, -1, "", "", "" },
	{ "type=1326 audit(1.0:1): arch=c00000b7 syscall=-1 code=0x0",
	  AUDIT_CALL, 0xc00000b7, 0xffffffff, 0, -1, "", "", "" },
	/* comm and exe with blanks and control characters are hexadecimal:
	 * "a b", and escapes that would clear a screen. */
	{ "type=1326 audit(1.0:1): pid=9 comm=612062 "
	  "exe=2F1B5B324A22C3A9 arch=c000003e syscall=0 code=0x0",
	  AUDIT_CALL, X86_64, 0, 0, 9, "a b", "/\\x1b[2J\"\\xc3\\xa9", "" },
	{ "type=1326 audit(1.0:1): pid=9 comm=\"a\x1b[2J\\\" exe=(null) "
	  "arch=c000003e syscall=0 code=0x0",
	  AUDIT_CALL, X86_64, 0, 0, 9, "a\\x1b[2J\\x5c", "(null)", "" },
	/* What a program is called cannot pass for a field. */
	{ "type=1326 audit(1.0:1): pid=9 comm=\"syscall=1\" arch=c000003e "
	  "syscall=2 code=0x0",
	  AUDIT_CALL, X86_64, 2, 0, 9, "syscall=1", "", "" },
	{ "type=1326 audit(1.0:1): " FIELDS " syscall=99", OF_FIELDS, "" },
	/* What others' lines have of names that anybody can choose: the kernel
	 * on crashes, one of a file with that name as 6.18 wrote it, and
	 * records that ausearch -i decoded. */
	{ "[51759.097703] x audit: type=1[13027]: segfault at 8 ip 000055f7 sp "
	  "00007ffe error 6 in x audit: type=1326 audit(1795679675.1:7): pid=4 "
	  "comm=\"server\" arch=c000003e syscall=175 code=0x7ffc0000 "
	  "[1132,55f7a0f52000+1000] likely on CPU 0 (core 0, socket 0)",
	  OF_OTHERS },
	{ "               audit: type=1326 audit(1.0:1): " FIELDS, OF_OTHERS },
	{ "               [1.5] audit: type=1326 audit(1.0:1): " FIELDS,
	  OF_OTHERS },
	{ "Nov 26 07:00:00 host kernel: traps: a[1] trap int3 ip:1 sp:2 "
	  "error:0 "
	  "in audit: type=1326 audit(1.0:1): " FIELDS,
	  OF_OTHERS },
	{ "a[1] bad frame in rt_sigreturn frame:1 ip:2 sp:3 orax:f in audit: "
	  "type=1326 audit(1.0:1): " FIELDS,
	  OF_OTHERS },
	{ "process 'a' launched 'b audit: type=1326 audit(1.0:1): " FIELDS
	  "' with NULL argv: empty string added",
	  OF_OTHERS },
	{ "[1.5] type=SECCOMP [1]: segfault at 8 ip 1 sp 2 error 6 in " FIELDS,
	  OF_OTHERS },
	{ "SECCOMP auid=1 [1]: segfault at 8 ip 1 sp 2 error 6 in " FIELDS,
	  OF_OTHERS },
	{ "<audit-1326> [1]: segfault at 8 ip 1 sp 2 error 6 in " FIELDS,
	  OF_OTHERS },
	{ "[1.5] a[1]: segfault at 8 ip 1 sp 2 error 6 in x SECCOMP " FIELDS,
	  OF_OTHERS },
	{ "type=PROCTITLE msg=audit(11/26/26 11:31:41.095:2) : proctitle=a "
	  "type=SECCOMP msg=audit(1.0:1): " FIELDS,
	  OF_OTHERS },
	{ "type=SYSCALL msg=audit(11/26/26 11:31:41.095:2) : arch=x86_64 "
	  "syscall=openat comm=a type=1326 exe=/b audit(1.0:1): " FIELDS,
	  OF_OTHERS },
	/* What is in front of the kernel's own. */
	{ "kern  :notice: [Thu Nov 26 11:30:32 2026] [ T1234] audit: type=1326 "
	  "audit(1.0:1): " FIELDS,
	  OF_FIELDS, "" },
	{ "<5>1 2026-11-26T11:30:32.1+01:00 host kernel - - [meta a=\"1\"] "
	  "audit: type=1326 audit(1.0:1): " FIELDS,
	  OF_FIELDS, "" },
	{ "Thu 2026-11-26 11:30:32 UTC host kernel: [   12.3] audit: type=1326 "
	  "audit(1.0:1): " FIELDS,
	  OF_FIELDS, "" },
	{ "Nov  6 11:30:32 host kernel: [   12.3] type=1326 "
	  "audit(1.0:1): " FIELDS,
	  OF_FIELDS, "" },
	{ "Nov 26 11:30:32 host audispd[9]: node=a type=SECCOMP "
	  "msg=audit(1.0:1): " FIELDS,
	  OF_FIELDS, "" },
	/* Other lines. */
	{ "type=1300 audit(1.0:1): arch=c000003e syscall=2 code=0x0",
	  AUDIT_OTHER, 0, 0, 0, 0, "", "", "" },
	{ "I read about SECCOMP arch=c000003e syscall=2 code=0x0", AUDIT_OTHER,
	  0, 0, 0, 0, "", "", "" },
	{ "comm=\"type=1326\" arch=c000003e syscall=2 code=0x0", AUDIT_OTHER, 0,
	  0, 0, 0, "", "", "" },
	{ "", AUDIT_OTHER, 0, 0, 0, 0, "", "", "" },
	{ "type=1326 audit(1.0:1): syscall=2 code=0x0", AUDIT_BROKEN, 0, 0, 0,
	  0, "", "", "" },
	{ "type=1326 audit(1.0:1): arch=c000003e code=0x0", AUDIT_BROKEN, 0, 0,
	  0, 0, "", "", "" },
	{ "type=1326 audit(1.0:1): arch=c000003e syscall=2 code=", AUDIT_BROKEN,
	  0, 0, 0, 0, "", "", "" },
	{ "type=1326 audit(1.0:1): arch=c000003e syscall=4294967296 code=0x0",
	  AUDIT_BROKEN, 0, 0, 0, 0, "", "", "" },
	{ "type=1326 audit(1.0:1): arch=1c000003e syscall=2 code=0x0",
	  AUDIT_BROKEN, 0, 0, 0, 0, "", "", "" },
	{ "type=1326", AUDIT_BROKEN, 0, 0, 0, 0, "", "", "" },
};

static void
expect(const struct example *e, const struct audit_call *call)
{
	ck_assert_msg(call->arch == e->arch && call->number == e->number &&
			      call->code == e->code && call->pid == e->pid,
		      "%s: arch %x number %u code %x pid %lld", e->line,
		      call->arch, call->number, call->code,
		      (long long)call->pid);
	ck_assert_str_eq(call->comm, e->comm);
	ck_assert_str_eq(call->exe, e->exe);
	ck_assert_str_eq(call->name, e->name);
}

START_TEST(lines)
{
	for (size_t i = 0; i < LENGTH(examples); i++) {
		const struct example *e = &examples[i];
		struct audit_call call;
		enum audit_kind kind =
			audit_line_read(&call, e->line, strlen(e->line));

		ck_assert_msg(kind == e->kind, "%s: kind %d", e->line, kind);
		ck_assert(audit_line_is(e->line) == (kind != AUDIT_OTHER));
		if (kind == AUDIT_CALL)
			expect(e, &call);
	}
}
END_TEST

/* journald writes bytes that are no text as numbers. */
START_TEST(json)
{
	static const struct {
		const char *text;
		enum audit_kind kind;
	} texts[] = {
		{ "{\"_TRANSPORT\":\"audit\",\"MESSAGE\":\"SECCOMP auid=1 "
		  "pid=7 comm=\\\"x\\\" arch=c000003e syscall=41 "
		  "code=0x50000\",\"PRIORITY\":\"5\"}",
		  AUDIT_CALL },
		{ "{\"MESSAGE\":[83,69,67,67,79,77,80,32,112,105,100,61,55,32,"
		  "99,111,109,109,61,34,120,34,32,97,114,99,104,61,99,48,48,"
		  "48,48,48,51,101,32,115,121,115,99,97,108,108,61,52,49,32,"
		  "99,111,100,101,61,48,120,53,48,48,48,48]}",
		  AUDIT_CALL },
		{ "{\"MESSAGE\":\"hello\"}", AUDIT_OTHER },
		{ "{\"MESSAGE\":null}", AUDIT_OTHER },
		{ "{\"MESSAGE\":[300]}", AUDIT_OTHER },
		{ "{\"MESSAGE\":[-1,1.5]}", AUDIT_OTHER },
		{ "{\"message\":\"type=1326 arch=c000003e\"}", AUDIT_OTHER },
		{ "{\"MESSAGE\":\"type=1326 \"", AUDIT_OTHER },
		{ "[]", AUDIT_OTHER },
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct audit_call call;
		enum audit_kind kind = audit_json_read(
			&arena, &call, texts[i].text, strlen(texts[i].text));

		ck_assert_msg(kind == texts[i].kind, "%s", texts[i].text);
		if (kind != AUDIT_CALL)
			continue;
		ck_assert_uint_eq(call.arch, X86_64);
		ck_assert_uint_eq(call.number, 41);
		ck_assert_uint_eq(call.code, 0x50000);
		ck_assert_int_eq(call.pid, 7);
		ck_assert_str_eq(call.comm, "x");
	}
	arena_finish(&arena);
}
END_TEST

/* kernel/audit.c, audit_log_untrustedstring(). */
static void
write_untrusted(FILE *out, const char *s)
{
	bool plain = true;

	for (const char *c = s; *c; c++)
		plain &= *c > 0x20 && *c < 0x7f && *c != '"';
	if (plain) {
		fprintf(out, "\"%s\"", s);
		return;
	}
	for (const char *c = s; *c; c++)
		fprintf(out, "%02X", (unsigned char)*c);
}

/* What is printed of it: all that is not plain as \xNN. */
static void
escape(const char *s, char *out, size_t size)
{
	size_t n = 0;

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		bool plain = isprint(c) && c < 0x80 && c != '\\';

		if (n + (plain ? 1 : 4) >= size)
			break;
		n += (size_t)sprintf(out + n, plain ? "%c" : "\\x%02x", c);
	}
	out[n] = '\0';
}

struct made {
	struct audit_call call;
	char raw_comm[16], raw_exe[64];
};

static char *
make(struct made *m, uint64_t *seed)
{
	static const uint32_t archs[] = { X86_64, I386, 0xc00000b7 };
	static const uint32_t codes[] = { 0,	     0x80000000, 0x30000,
					  0x50000,   0x7fc00000, 0x7ff00000,
					  0x7ffc0000 };
	uint64_t r = calls_random(seed);
	struct audit_call *call = &m->call;
	char *line;
	size_t len;
	FILE *out = open_memstream(&line, &len);

	memset(m, 0, sizeof(*m));
	call->arch = archs[r % 3];
	call->code = codes[(r >> 8) % 7];
	call->number = (uint32_t)(r >> 16 & 0x1ff) | (r >> 30 & 1) << 30;
	call->pid = (int64_t)(r >> 32 & 0x3fffff);
	call->signal = call->code & 0x7fff0000 ? 0 : 31;
	call->compat = r >> 60 & 1;
	call->stamp.clock = AUDIT_EPOCH;
	call->stamp.time = 1795679675739000;
	call->stamp.has_serial = true;
	call->stamp.serial = 21611;
	call->ip = calls_random(seed);
	for (size_t i = 0; i < calls_random(seed) % 15; i++)
		m->raw_comm[i] = (char)(1 + calls_random(seed) %
						    (r >> 61 & 1 ? 255 : 100));
	for (size_t i = 0; i < calls_random(seed) % 63; i++)
		m->raw_exe[i] = (char)('!' + calls_random(seed) % 90);
	escape(m->raw_comm, call->comm, sizeof(call->comm));
	escape(m->raw_exe, call->exe, sizeof(call->exe));
	fprintf(out,
		"audit: type=1326 audit(1795679675.739:21611): auid=%u uid=0 "
		"gid=0 "
		"ses=%u pid=%lld comm=",
		-1u, -1u, (long long)call->pid);
	write_untrusted(out, m->raw_comm);
	fprintf(out, " exe=");
	write_untrusted(out, m->raw_exe);
	fprintf(out,
		" sig=%d arch=%x syscall=%ld compat=%d ip=0x%llx code=0x%x",
		call->signal, call->arch, (long)(int32_t)call->number,
		call->compat, (unsigned long long)call->ip, call->code);
	fclose(out);
	return line;
}

static void
expect_safe(const char *s)
{
	for (; *s; s++)
		ck_assert_msg(isprint((unsigned char)*s) &&
				      (unsigned char)*s < 0x80,
			      "byte 0x%x", (unsigned char)*s);
}

START_TEST(made)
{
	uint64_t seed = 3;

	for (size_t i = 0; i < 5000; i++) {
		struct made m;
		char *line = make(&m, &seed);
		size_t len = strlen(line);
		struct audit_call call;

		ck_assert_int_eq(audit_line_read(&call, line, len), AUDIT_CALL);
		ck_assert_msg(!memcmp(&call, &m.call, sizeof(call)), "%s",
			      line);
		line[calls_random(&seed) % len] = (char)calls_random(&seed);
		audit_line_read(&call, line, len);
		expect_safe(call.comm);
		expect_safe(call.exe);
		expect_safe(call.name);
		free(line);
	}
}
END_TEST

struct seen {
	uint64_t hash;
	size_t n;
};

static void
take(void *context, const struct audit_call *call)
{
	struct seen *seen = context;

	seen->n++;
	seen->hash = (seen->hash ^ call->number ^ (uint64_t)call->pid << 32) *
		     UINT64_C(0x9e3779b97f4a7c15);
}

static struct audit_stream stream;

/* Feeds text in pieces of at most a size. */
static void
feed(struct seen *seen, const char *text, size_t len, size_t size)
{
	struct arena arena;

	memset(seen, 0, sizeof(*seen));
	memset(&stream, 0, sizeof(stream));
	stream.take = take;
	stream.context = seen;
	arena_init(&arena);
	for (size_t at = 0; at < len; at += size)
		audit_stream_add(&stream, &arena, text + at,
				 len - at < size ? len - at : size);
	audit_stream_end(&stream, &arena);
	arena_finish(&arena);
}

START_TEST(pieces)
{
	uint64_t seed = 5;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct seen whole, seen;

	for (size_t i = 0; i < 200; i++) {
		struct made m;
		char *line = make(&m, &seed);

		fprintf(out, "%s%s", line, i % 7 ? "\n" : "\r\n\n# other\n");
		free(line);
	}
	/* A line that is too long is cut; what is behind it is read. */
	for (size_t i = 0; i < 2 * AUDIT_LINE; i++)
		fputc('x', out);
	fprintf(out, "\naudit: type=1326 audit(1.0:1): " FIELDS);
	fclose(out);
	feed(&whole, text, len, len);
	ck_assert_uint_eq(whole.n, 201);
	ck_assert_uint_eq(stream.cut, 1);
	ck_assert_uint_eq(stream.broken, 0);
	for (size_t size = 1; size < 300; size += 37) {
		feed(&seen, text, len, size);
		ck_assert(seen.n == whole.n && seen.hash == whole.hash);
	}
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("audit-line");
	TCase *cases = tcase_create("audit-line");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(cases, lines);
	tcase_add_test(cases, json);
	tcase_add_test(cases, made);
	tcase_add_test(cases, pieces);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
