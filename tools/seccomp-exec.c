/*
 * seccomp-exec: runs a command under filters, in images that have nothing
 * else: no library, no /proc, no /dev.
 *
 * All filters are read and checked, and all that can be known of the rest is
 * looked at, before the first one is installed: under it not even a message
 * may be possible.  Whatever fails, execve is not reached.  No memory is
 * allocated, and nothing is printed with stdio: both would cost more than all
 * that is here.
 */
#include "clean.h"
#include "code.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As env(1), chroot(1) and nice(1) have it: the rest is the command's. */
enum {
	STATUS_FAILED = 125, /* here, in whatever way */
	STATUS_CANNOT_RUN = 126,
	STATUS_NOT_FOUND = 127,
};

/* kernel/seccomp.c, seccomp_attach_filter. */
enum {
	STACK_LIMIT = 32768, /* MAX_INSNS_PER_PATH */
	STACK_PENALTY = 4,   /* for each filter but the newest */
	/* The shortest is RET A alone, 4 as the kernel counts; one too many
	 * is read. */
	FILTERS_MAX = STACK_LIMIT / (4 + STACK_PENALTY) + 2,
};

enum { LINKS_MAX = 40 }; /* symbolic links in a path, as the kernel */

struct filter {
	const char *path;
	const struct sock_filter *code;
	size_t count;
	size_t stacked; /* what the kernel counts up to this one */
};

struct launch {
	uint32_t flags; /* SECCOMP_FILTER_FLAG_* */
	bool allow_writable;
	size_t n;
	struct filter filters[FILTERS_MAX];
	char command[PATH_MAX]; /* the path that is executed */
	/*
	 * No instruction becomes less than one in the kernel, so what can be
	 * stacked fits below STACK_LIMIT; the rest is room to read one more.
	 */
	struct sock_filter code[STACK_LIMIT + BPF_MAXINSNS + 1];
	size_t used;
	size_t stacked; /* as the kernel counts all of them */
};

#define USAGE                                                                  \
	"Usage: seccomp-exec [OPTION]... FILTER... -- COMMAND [ARGUMENT]...\n"

/* clang-format off */
static const char help[] = USAGE
"Runs a command under seccomp filters: programs as 'seccompc compile' writes\n"
"them.\n\n"
"no_new_privs is set, the filters are installed in the order given, with\n"
"prctl(PR_SET_SECCOMP), or with seccomp(2) if an option below needs it, and the\n"
"command takes the place of seccomp-exec.\n\n"
"  --log             log what is refused (SECCOMP_FILTER_FLAG_LOG)\n"
"  --spec-allow      leave speculation alone (SECCOMP_FILTER_FLAG_SPEC_ALLOW)\n"
"  --tsync           install in all threads (SECCOMP_FILTER_FLAG_TSYNC)\n"
"  --allow-writable  take filters that others may write: else a filter, each\n"
"                    folder above it and each link to it has to belong to root\n"
"                    or to the user who runs this, and nobody else may write it\n"
"  -h, --help        print this\n"
"  --version         print the version\n\n"
"Examples:\n"
"  seccomp-exec server.bpf -- ./server --port 80\n"
"  seccomp-exec --log base.bpf server.bpf -- ./server\n"
"  ENTRYPOINT [\"/seccomp-exec\", \"/server.bpf\", \"--\", \"/server\"]\n\n"
"Exit status: the command's; 125 a filter is refused or cannot be installed, or\n"
"usage, 126 the command cannot be run, 127 it is not found.  The command is never\n"
"run without all of the filters.\n";
/* clang-format on */

/* Text. */

enum { DIGITS = 24 };

#define DECIMAL(n) print_number((char[DIGITS]){ 0 }, (n), 10)
#define OCTAL(n) print_number((char[DIGITS]){ 0 }, (n), 8)

static const char *
print_number(char digits[DIGITS], uint64_t n, unsigned base)
{
	char *end = digits + DIGITS - 1;

	do {
		*--end = (char)('0' + n % base);
		n /= base;
	} while (n);
	return end;
}

static bool
write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t done = write(fd, text, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		text += done;
		len -= (size_t)done;
	}
	return true;
}

/* Prints texts as one line on standard error; false. */
#define error(...) print_error((const char *const[]){ __VA_ARGS__, NULL })

static bool
print_error(const char *const texts[])
{
	char line[4 * PATH_MAX] = "seccomp-exec: ";
	size_t len = strlen(line);

	for (; *texts; texts++) {
		/* A long name must not take the room of what is wrong. */
		size_t n = strnlen(*texts, PATH_MAX);

		if (n > sizeof(line) - 1 - len)
			n = sizeof(line) - 1 - len;
		memcpy(line + len, *texts, n);
		len += n;
	}
	line[len] = '\0';
	text_clean(line);
	line[len] = '\n';
	write_all(STDERR_FILENO, line, len + 1);
	return false;
}

/* A filter may refuse exit_group: nothing else ends the process then. */
static void __attribute__((noreturn)) leave(int status)
{
	for (;;) {
		syscall(SYS_exit_group, status);
		__builtin_trap();
	}
}

/* Files: nobody else may say what a filter is. */

/* A path on its way from its first folder to the file. */
struct walk {
	const char *path; /* as given */
	bool allow_writable;
	int at; /* the folder that rest starts from, or -1 */
	unsigned links;
	char *rest;	     /* of the path, in buffer */
	char seen[PATH_MAX]; /* the path up to here, for messages */
	char buffer[PATH_MAX];
};

static bool
failed(const struct walk *walk, int number)
{
	return error(walk->path, ": ", strerror(number));
}

/*
 * Whether none but root and this user can change what was seen last.  What
 * is sticky lets everybody add names, but nobody change those of others.
 */
static bool
is_trusted(const struct walk *walk, const struct stat *st)
{
	mode_t mode = st->st_mode;

	if (walk->allow_writable)
		return true;
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return error(walk->path, ": ", walk->seen, " belongs to user ",
			     DECIMAL(st->st_uid),
			     ", who may change it "
			     "(--allow-writable takes it nevertheless)");
	if (S_ISLNK(mode) || (S_ISDIR(mode) && mode & S_ISVTX))
		return true;
	/* The group's bits are the mask of an ACL as well. */
	if (mode & (S_IWGRP | S_IWOTH))
		return error(walk->path, ": others may write ", walk->seen,
			     ", mode ", OCTAL(mode & 07777),
			     " (--allow-writable takes it nevertheless)");
	return true;
}

static bool
add_seen(struct walk *walk, const char *name)
{
	size_t len = strlen(walk->seen);

	if (len + 1 + strlen(name) >= sizeof(walk->seen))
		return failed(walk, ENAMETOOLONG);
	if (len && walk->seen[len - 1] != '/')
		walk->seen[len++] = '/';
	strcpy(walk->seen + len, name);
	return true;
}

/* Goes on from a folder; fd -1: it could not be opened. */
static bool
enter(struct walk *walk, int fd)
{
	struct stat st;

	if (walk->at >= 0)
		close(walk->at);
	walk->at = fd;
	if (fd < 0 || fstat(fd, &st))
		return failed(walk, errno);
	return is_trusted(walk, &st);
}

static bool
enter_first(struct walk *walk, const char *name)
{
	strcpy(walk->seen, name);
	return enter(walk, open(name, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* The folders above the one that relative paths start from. */
static bool
trust_above(struct walk *walk)
{
	struct stat st, above;

	for (;;) {
		int fd = openat(walk->at, "..",
				O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0 || fstat(walk->at, &st) || fstat(fd, &above))
			return error(walk->path, ": cannot look above ",
				     walk->seen, ": ", strerror(errno));
		if (!add_seen(walk, "..") || !enter(walk, fd))
			return false;
		if (st.st_dev == above.st_dev && st.st_ino == above.st_ino)
			return true;
	}
}

/* Goes to the folder that rest starts from. */
static bool
start(struct walk *walk)
{
	if (walk->rest[0] == '/')
		return enter_first(walk, "/");
	if (walk->at >= 0)
		return true;
	return enter_first(walk, ".") &&
	       (walk->allow_writable ||
		(trust_above(walk) && enter_first(walk, ".")));
}

/* Puts the target of a link in its place, with more, if not NULL, behind. */
static bool
follow(struct walk *walk, int link, const char *more)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(link, "", target, sizeof(target));

	if (len < 0)
		return failed(walk, errno);
	if (++walk->links > LINKS_MAX)
		return failed(walk, ELOOP);
	if ((size_t)len + (more ? strlen(more) : 0) + 2 > sizeof(target))
		return failed(walk, ENAMETOOLONG);
	target[len] = '\0';
	if (more)
		strcpy(stpcpy(target + len, "/"), more);
	strcpy(walk->buffer, target);
	walk->rest = walk->buffer;
	return start(walk);
}

/* Opens what was looked at: another file may have come in its place. */
static int
open_file(const struct walk *walk, const char *name)
{
	struct stat st;
	int fd = openat(walk->at, name,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
				O_CLOEXEC);

	if (fd < 0)
		failed(walk, errno);
	else if (fstat(fd, &st))
		failed(walk, errno);
	else if (!S_ISREG(st.st_mode))
		error(walk->path, ": not a regular file");
	else if (is_trusted(walk, &st))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/*
 * Takes the next name off rest.  Returns false at the end, which is a file
 * in *file, or -1 after reporting.
 */
static bool
step(struct walk *walk, int *file)
{
	size_t seen = strlen(walk->seen);
	char *name = walk->rest + strspn(walk->rest, "/"), *more;
	struct stat st;
	bool ok;
	int fd;

	*file = -1;
	more = strchr(name, '/');
	if (more)
		*more++ = '\0';
	walk->rest = more ? more : name + strlen(name);
	if (!*name)
		return error(walk->path, ": not a regular file");
	fd = openat(walk->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return failed(walk, errno);
	if (!add_seen(walk, name)) {
		close(fd);
		return false;
	}
	if (S_ISDIR(st.st_mode))
		return enter(walk, fd);
	if (S_ISLNK(st.st_mode)) {
		ok = is_trusted(walk, &st);
		walk->seen[seen] = '\0';
		ok = ok && follow(walk, fd, more);
		close(fd);
		return ok;
	}
	close(fd);
	if (more)
		return failed(walk, ENOTDIR);
	if (!S_ISREG(st.st_mode))
		return error(walk->path, ": not a regular file");
	*file = open_file(walk, name);
	return false;
}

/*
 * Opens a filter by way of folders that are held open, each of which nobody
 * else can change: so what is judged is what is read.  -1 after reporting.
 */
static int
open_filter(const struct launch *launch, const char *path)
{
	struct walk walk = {
		.path = path,
		.allow_writable = launch->allow_writable,
		.at = -1,
	};
	int file = -1;

	if (!*path || strlen(path) >= sizeof(walk.buffer)) {
		failed(&walk, *path ? ENAMETOOLONG : ENOENT);
		return -1;
	}
	strcpy(walk.buffer, path);
	walk.rest = walk.buffer;
	if (start(&walk))
		while (step(&walk, &file))
			;
	if (walk.at >= 0)
		close(walk.at);
	return file;
}

/* Filters. */

/* Reads at most one instruction more than a filter has. */
static bool
read_code(int fd, struct filter *filter, struct sock_filter *code)
{
	size_t size = (BPF_MAXINSNS + 1) * sizeof(*code), len = 0;
	ssize_t got = 1;

	while (len < size && got > 0) {
		got = read(fd, (char *)code + len, size - len);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got < 0)
			return error(filter->path, ": ", strerror(errno));
		else
			len += (size_t)got;
	}
	filter->code = code;
	filter->count = len / sizeof(*code);
	if (len && *(const char *)code == '{')
		return error(filter->path,
			     ": a profile, it seems: 'seccompc compile' makes "
			     "the program that is needed");
	if (len % sizeof(*code))
		return error(filter->path, ": ", DECIMAL(len),
			     " bytes: not whole instructions of 8 bytes each");
	return true;
}

static bool
check(const struct filter *filter)
{
	size_t at;
	const char *wrong = bpf_check(filter->code, filter->count, &at);

	if (wrong && at < filter->count)
		return error(filter->path, ": instruction ", DECIMAL(at), ": ",
			     wrong);
	if (wrong)
		return error(filter->path, ": ", wrong);
	if (install_needs_listener(filter->code, filter->count))
		return error(filter->path,
			     ": it uses NOTIFY, which needs a listener: there "
			     "is none here");
	return true;
}

static bool
load(struct launch *launch, const char *path)
{
	struct filter *filter = &launch->filters[launch->n];
	int fd = open_filter(launch, path);
	bool ok;

	if (fd < 0)
		return false;
	filter->path = path;
	ok = read_code(fd, filter, launch->code + launch->used) &&
	     check(filter);
	close(fd);
	if (!ok)
		return false;
	launch->stacked += bpf_converted_length(filter->code, filter->count) +
			   (launch->n ? STACK_PENALTY : 0);
	filter->stacked = launch->stacked;
	/* What is too much is counted, but not kept. */
	if (launch->stacked <= STACK_LIMIT) {
		launch->used += filter->count;
		launch->n++;
	}
	return true;
}

/* What can be known before a filter is installed. */

#define CANNOT ": cannot be installed: "

static bool
check_stack(const struct launch *launch)
{
	if (launch->stacked <= STACK_LIMIT)
		return true;
	return error(
		"the filters are too long together: ", DECIMAL(launch->stacked),
		" instructions as the kernel counts them, ",
		DECIMAL(launch->stacked - STACK_LIMIT), " more than the ",
		DECIMAL(STACK_LIMIT), " that it stacks");
}

/* Whether each filter lets those behind it be installed. */
static bool
check_order(const struct launch *launch)
{
	struct sock_fprog program;
	const struct {
		const char *name;
		int number;
		uint64_t args[6];
	} calls[] = {
		{ "prctl(PR_SET_NO_NEW_PRIVS)",
		  SYS_prctl,
		  { PR_SET_NO_NEW_PRIVS, 1 } },
		{ "prctl(PR_SET_SECCOMP)",
		  SYS_prctl,
		  { PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
		    (uintptr_t)&program } },
		{ "seccomp(2)",
		  SYS_seccomp,
		  { SECCOMP_SET_MODE_FILTER, launch->flags,
		    (uintptr_t)&program } },
	};

	for (size_t i = 0; i + 1 < launch->n; i++) {
		const struct filter *filter = &launch->filters[i];

		for (size_t j = 0; j < LENGTH(calls); j++)
			if (j != (launch->flags ? 1 : 2) &&
			    install_refuses(filter->code, filter->count,
					    calls[j].number, calls[j].args))
				return error(
					filter[1].path, CANNOT, filter->path,
					", which comes before it, refuses ",
					calls[j].name);
	}
	return true;
}

static bool
check_execve(const struct launch *launch, char **argv)
{
	const uint64_t args[6] = { (uintptr_t)launch->command, (uintptr_t)argv,
				   (uintptr_t)environ };

	for (size_t i = 0; i < launch->n; i++) {
		const struct filter *filter = &launch->filters[i];

		if (install_refuses(filter->code, filter->count, SYS_execve,
				    args))
			return error(filter->path,
				     ": it refuses execve: no command can be "
				     "run under it");
	}
	return true;
}

/* The command. */

/* 0 if a path can be executed as far as is known, or an errno. */
static int
examine(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	return access(path, X_OK) ? errno : 0;
}

/* The path of folder and name, as execvp: an empty folder is this one. */
static int
examine_in(struct launch *launch, const char *folder, size_t len,
	   const char *name)
{
	if (len + strlen(name) + 2 > sizeof(launch->command))
		return ENAMETOOLONG;
	memcpy(launch->command, folder, len);
	if (len)
		launch->command[len++] = '/';
	strcpy(launch->command + len, name);
	return examine(launch->command);
}

/* What execvp would execute.  Returns 0 or an exit status. */
static int
find_command(struct launch *launch, const char *name)
{
	const char *folders = strchr(name, '/') ? "" : getenv("PATH");
	int number = ENOENT;

	if (!folders)
		folders = "/bin:/usr/bin";
	while (*name) {
		size_t len = strcspn(folders, ":");
		int found = examine_in(launch, folders, len, name);

		if (!found)
			return 0;
		/* A later one may do, but what was there is the reason. */
		if (found != ENOENT && found != ENOTDIR)
			number = found;
		if (!folders[len])
			break;
		folders += len + 1;
	}
	error(name, ": ", strerror(number));
	return number == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
}

static int
execute(struct launch *launch, char **argv)
{
	int number;

	execve(launch->command, argv, environ);
	number = errno;
	error(launch->command, ": ", strerror(number),
	      number == ENOENT ? ": it is there, but not its interpreter"
	      : number == EPERM || number == ENOSYS
		      ? ": does the filter allow execve?"
		      : "");
	return number == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
}

/* Installing. */

/* How many filters are in force; -1: some, and it is not known how many. */
static int
count_filters(void)
{
	static const char label[] = "\nSeccomp_filters:";
	char text[4096];
	const char *found;
	ssize_t len;
	int fd;

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0)
		return 0;
	fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[len < 0 ? 0 : len] = '\0';
	found = strstr(text, label);
	return found ? atoi(found + sizeof(label) - 1) : -1;
}

/* ENOMEM, though the filters here are not too long together. */
static bool
explain_memory(const struct filter *filter, int before)
{
	const char *many = before < 0 ? "some" : DECIMAL((uint64_t)before);

	if (!before)
		return error(filter->path, CANNOT,
			     "out of memory, or too long where "
			     "net.core.bpf_jit_harden is set (errno 12)");
	return error(filter->path, CANNOT, "up to it the filters here have ",
		     DECIMAL(filter->stacked),
		     " instructions as the kernel counts them, of ",
		     DECIMAL(STACK_LIMIT),
		     " that it stacks; those in force before (", many,
		     ", Seccomp_filters in /proc/self/status) are longer than "
		     "the ",
		     DECIMAL(STACK_LIMIT - filter->stacked),
		     " that are left (errno 12)");
}

static bool
install(const struct launch *launch)
{
	int before = count_filters();

	for (size_t i = 0; i < launch->n; i++) {
		const struct filter *filter = &launch->filters[i];
		int thread, number;

		if (!install_filter(filter->code, filter->count, launch->flags,
				    &thread))
			continue;
		number = errno;
		if (thread)
			return error(filter->path, CANNOT, "thread ",
				     DECIMAL((uint64_t)thread),
				     " cannot take it (TSYNC)");
		if (number == ENOMEM)
			return explain_memory(filter, before);
		return error(filter->path, CANNOT, install_cause(number),
			     " (errno ", DECIMAL((uint64_t)number), ")");
	}
	return true;
}

/* Options. */

static int
print(const char *text)
{
	return write_all(STDOUT_FILENO, text, strlen(text)) ? 0 : STATUS_FAILED;
}

static int
misused(const char *what, const char *name)
{
	error(what, name);
	write_all(STDERR_FILENO, USAGE, sizeof(USAGE) - 1);
	return STATUS_FAILED;
}

static bool
take_option(struct launch *launch, const char *option)
{
	if (!strcmp(option, "--log"))
		launch->flags |= SECCOMP_FILTER_FLAG_LOG;
	else if (!strcmp(option, "--spec-allow"))
		launch->flags |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	else if (!strcmp(option, "--tsync"))
		launch->flags |= SECCOMP_FILTER_FLAG_TSYNC;
	else if (!strcmp(option, "--allow-writable"))
		launch->allow_writable = true;
	else
		return false;
	return true;
}

/* The status to leave with: nothing was executed. */
static int
run(struct launch *launch, char **filters, char **command)
{
	int status;

	for (; *filters; filters++)
		if (!load(launch, *filters))
			return STATUS_FAILED;
	if (!check_stack(launch) || !check_order(launch))
		return STATUS_FAILED;
	status = find_command(launch, command[0]);
	if (status)
		return status;
	if (!check_execve(launch, command) || !install(launch))
		return STATUS_FAILED;
	return execute(launch, command);
}

static int
start_with(struct launch *launch, char **argv)
{
	char **filters = argv + 1, **end = filters;

	for (argv++; *argv && strcmp(*argv, "--") != 0; argv++) {
		if (!strcmp(*argv, "--help") || !strcmp(*argv, "-h"))
			return print(help);
		if (!strcmp(*argv, "--version"))
			return print("seccomp-exec " SECCOMPC_VERSION "\n");
		if ((*argv)[0] != '-')
			*end++ = *argv;
		else if (!take_option(launch, *argv))
			return misused("bad option ", *argv);
	}
	if (!*argv)
		return misused("there is no -- before a command", "");
	if (!argv[1])
		return misused("COMMAND is needed", "");
	if (end == filters)
		return misused("FILTER is needed", "");
	*end = NULL;
	return run(launch, filters, argv + 1);
}

int
main(int argc, char **argv)
{
	static struct launch launch;

	(void)argc;
	leave(argv[0] ? start_with(&launch, argv) : STATUS_FAILED);
}
