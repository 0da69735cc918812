#include "bench.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a run shares: the rules for libseccomp, and where they are. */
struct rig {
	struct bench_case *c;
	struct rule_list list;
	char list_path[4096]; /* "" without libseccomp */
	int null;	      /* /dev/null */
	struct series series[TIMING_COUNT];
};

static bool
fail(const struct rig *rig, const char *what)
{
	fprintf(stderr, "bench: %s, %s: %s\n", rig->c->name, rig->c->abi_names,
		what);
	return false;
}

/* The options that process_arguments below gives to the command. */
static void
start(struct compilation *c, const struct bench_case *bench)
{
	compilation_init(c, bench->path, bench->text, bench->len);
	c->options.caps_given = true;
	c->options.kernel_given = true;
	c->options.kernel = 6 << 8 | 1;
	c->options.abis = bench->abis;
}

static bool
copy_code(struct code *code, const struct sock_filter *v, size_t n)
{
	code->v = malloc(n * sizeof(*v));
	if (!code->v)
		return false;
	memcpy(code->v, v, n * sizeof(*v));
	code->n = n;
	return true;
}

/* Our programs; with the first one the rules for libseccomp are taken. */
static bool
make_ours(struct rig *rig, struct compilation *c, enum maker maker)
{
	start(c, rig->c);
	if (maker == MAKER_SECCOMPC_PLAIN)
		c->options.unknown = UNKNOWN_DEFAULT;
	if (!compile(c))
		return fail(rig, "the profile does not compile");
	if (!copy_code(&rig->c->code[maker], c->program->code.v,
		       c->program->code.n) ||
	    (maker == MAKER_SECCOMPC &&
	     !rule_list_take(&rig->list, c->selection)))
		return fail(rig, "out of memory");
	return true;
}

static bool
make_peer(struct rig *rig, enum peer_tree tree)
{
	struct code *code = &rig->c->code[MAKER_LINEAR + tree];
	struct sock_filter *v;
	struct stat st;
	bool ok = false;
	int fd;

	if (!peer_version())
		return true;
	fd = memfd_create("program", MFD_CLOEXEC);
	if (fd < 0 || !peer_compile(&rig->list, tree, fd) || fstat(fd, &st))
		goto out;
	v = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (v == MAP_FAILED)
		goto out;
	ok = copy_code(code, v, (size_t)st.st_size / sizeof(*v));
	munmap(v, (size_t)st.st_size);
out:
	if (fd >= 0)
		close(fd);
	return ok || fail(rig, "libseccomp does not compile the rules");
}

static bool
make_programs(struct rig *rig, struct compilation *c)
{
	struct compilation plain;
	bool ok = make_ours(rig, c, MAKER_SECCOMPC);

	if (!ok)
		return false;
	ok = make_ours(rig, &plain, MAKER_SECCOMPC_PLAIN);
	compilation_finish(&plain);
	return ok && make_peer(rig, PEER_LINEAR) && make_peer(rig, PEER_TREE);
}

static bool
measure_programs(struct rig *rig, const struct selection *s)
{
	struct bench_case *c = rig->c;
	const struct code *plain = &c->code[MAKER_SECCOMPC_PLAIN];
	size_t at;

	for (size_t i = 0; i < MAKER_COUNT; i++) {
		if (!c->code[i].v)
			continue;
		if (bpf_check(c->code[i].v, c->code[i].n, &at))
			return fail(rig, "the kernel would refuse a program");
		executed_measure(&c->code[i], s, &c->executed[i]);
	}
	for (size_t i = 0; peer_version() && i < rig->list.n; i++)
		c->left_out += c->abis != 1 << ABI_X86_64 &&
			       !peer_knows(rig->list.v[i].name);
	for (size_t i = 0; i < PEER_COUNT; i++)
		if (c->code[MAKER_LINEAR + i].v)
			c->differing[i] = executed_differ(
				plain, &c->code[MAKER_LINEAR + i], s);
	return true;
}

static bool
time_json(struct rig *rig)
{
	uint64_t before = clock_now();
	struct compilation c;
	bool ok = false;

	start(&c, rig->c);
	if (!setjmp(c.arena.oom))
		ok = json_read(&c.arena, &c.source, &c.diags) != NULL;
	compilation_finish(&c);
	series_add(&rig->series[TIME_JSON], clock_now() - before);
	return ok;
}

/* Of the program that measure_programs looks at. */
static bool
time_proof(struct rig *rig, const struct compilation *c)
{
	uint64_t before = clock_now();
	struct proof proof;

	prove(&proof, c->ruleset, c->program->code.v, c->program->code.n);
	series_add(&rig->series[TIME_PROOF], clock_now() - before);
	rig->c->nodes = proof.nodes;
	rig->c->steps = proof.steps;
	return proof.answer == PROOF_EQUAL;
}

static bool
time_compile(struct rig *rig)
{
	uint64_t before = clock_now();
	struct compilation c;
	bool ok;

	start(&c, rig->c);
	ok = compile(&c);
	compilation_finish(&c);
	series_add(&rig->series[TIME_COMPILE], clock_now() - before);
	return ok;
}

/* To /dev/null, as nothing cheaper makes libseccomp finish its work. */
static bool
time_peer(struct rig *rig, enum peer_tree tree)
{
	uint64_t before = clock_now();
	bool ok = peer_compile(&rig->list, tree, rig->null);

	series_add(&rig->series[TIME_LINEAR + tree], clock_now() - before);
	return ok;
}

/* One of each in turn, so that noise meets all of them. */
static bool
time_compilers(struct rig *rig, const struct compilation *c)
{
	for (size_t i = 0; i < rig->c->passes; i++)
		if (!time_json(rig) || !time_proof(rig, c) ||
		    !time_compile(rig) ||
		    (peer_version() && (!time_peer(rig, PEER_LINEAR) ||
					!time_peer(rig, PEER_TREE))))
			return fail(rig, "a timed compilation failed");
	return true;
}

static bool
write_list(struct rig *rig)
{
	FILE *file;
	bool ok;
	int fd;

	if (!peer_version())
		return true;
	snprintf(rig->list_path, sizeof(rig->list_path),
		 "%s/tests/bench/rules-XXXXXX", rig->c->build);
	fd = mkstemp(rig->list_path);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file) {
		rig->list_path[0] = '\0';
		return fail(rig, "no temporary file");
	}
	ok = rule_list_write(&rig->list, file);
	fclose(file);
	return ok || fail(rig, "cannot write a temporary file");
}

static bool
time_process(struct rig *rig, enum timing timing, const char *program,
	     const char *const *args)
{
	const char *argv[8] = { program };
	uint64_t ns;

	for (size_t i = 0; args[i]; i++)
		argv[i + 1] = args[i];
	if (access(program, X_OK))
		return timing == PROCESS_STATIC || fail(rig, program);
	if (process_run(argv, &ns))
		return fail(rig, "a process failed");
	series_add(&rig->series[timing], ns);
	return true;
}

static bool
time_processes(struct rig *rig)
{
	const struct bench_case *c = rig->c;
	char arch[64], programs[4][4096];
	const char *seccompc[] = { "compile",	  "--quiet",
				   "--caps=none", "--kernel=6.1",
				   arch,	  c->path,
				   NULL };
	const char *linear[] = { "linear", rig->list_path, NULL };
	const char *tree[] = { "tree", rig->list_path, NULL };
	const char *none[] = { NULL };
	static const char *const paths[4] = {
		"tools/seccompc",
		"tests/bench/bench-peer",
		"tests/bench/empty-dynamic",
		"tests/bench/empty-static",
	};

	snprintf(arch, sizeof(arch), "--arch=%s", c->abi_names);
	for (size_t i = 0; i < LENGTH(paths); i++)
		snprintf(programs[i], sizeof(programs[i]), "%s/%s", c->build,
			 paths[i]);
	for (size_t i = 0; i < 1 + c->passes / 2; i++) {
		if (!time_process(rig, PROCESS_SECCOMPC, programs[0],
				  seccompc) ||
		    !time_process(rig, PROCESS_DYNAMIC, programs[2], none) ||
		    !time_process(rig, PROCESS_STATIC, programs[3], none))
			return false;
		if (peer_version() &&
		    (!time_process(rig, PROCESS_LINEAR, programs[1], linear) ||
		     !time_process(rig, PROCESS_TREE, programs[1], tree)))
			return false;
	}
	return true;
}

static uint64_t
difference(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static void
summarise(struct rig *rig)
{
	struct summary *times = rig->c->times;

	for (size_t i = 0; i < TIMING_COUNT; i++)
		times[i] = series_finish(&rig->series[i]);
	times[TIME_PASSES] = (struct summary){
		difference(times[TIME_COMPILE].minimum,
			   times[TIME_PROOF].minimum),
		difference(times[TIME_COMPILE].median,
			   times[TIME_PROOF].median),
	};
}

bool
case_run(struct bench_case *bench)
{
	struct rig rig = { .c = bench, .null = open("/dev/null", O_WRONLY) };
	struct compilation c;
	bool ok;

	ok = make_programs(&rig, &c) && measure_programs(&rig, c.selection) &&
	     write_list(&rig) && time_compilers(&rig, &c) &&
	     time_processes(&rig);
	summarise(&rig);
	if (rig.list_path[0])
		unlink(rig.list_path);
	if (rig.null >= 0)
		close(rig.null);
	rule_list_finish(&rig.list);
	compilation_finish(&c);
	return ok;
}

void
case_finish(struct bench_case *bench)
{
	for (size_t i = 0; i < MAKER_COUNT; i++)
		free(bench->code[i].v);
	memset(bench->code, 0, sizeof(bench->code));
}
