#include "check.h"
#include "path.h"
#include "tools.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char file_name[] = ".seccompc.json";

enum { LIMIT_EXCEPTIONS = 1 << 12 }; /* with all that they say of files */

/* Options that a file can set; paths are relative to its folder. */
static const struct {
	const char *name;
	enum { TEXT, LIST, COUNT, SHARE, PATH } kind;
} keys[] = {
	{ "for", TEXT },
	{ "dialect", TEXT },
	{ "caps", LIST },
	{ "kernel", TEXT },
	{ "native", TEXT },
	{ "arch", LIST },
	{ "foreign-arch", TEXT },
	{ "unknown", TEXT },
	{ "conflicts", TEXT },
	{ "repeated-index", TEXT },
	{ "multiplexers", TEXT },
	{ "max-instructions", COUNT },
	{ "max-path", COUNT },
	{ "min-cached", SHARE },
	{ "no-weaker-than", PATH },
};

/* Other keys; "$schema" is for editors. */
static const char *const others[] = { "$schema", "deny", "warn", "allow" };

/* A file while it is read. */
struct reader {
	struct check *check;
	struct check_file *file;
	struct shape shape;
	struct check_settings scratch; /* what options are tried on */
	size_t exceptions;	       /* and their patterns */
};

static bool
add_option(struct reader *r, const char *name, const char *value,
	   const struct json *where)
{
	char why[256];

	if (!check_set(&r->scratch, name, value, why, sizeof(why)))
		return diag_at(&r->file->diags, DIAG_OUT_OF_RANGE, where, NULL,
			       "%s", why);
	*vec_push(&r->check->arena, &r->file->options) =
		(struct check_option){ name, value };
	return true;
}

/* A text, or a list of them, which then is one with commas. */
static const char *
read_list(struct reader *r, const struct json *value)
{
	struct buf buf = { .arena = &r->check->arena };

	if (value->kind != JSON_ARRAY)
		return shape_expect(&r->shape, value, JSON_STRING)
			       ? value->string
			       : NULL;
	for (size_t i = 0; i < value->count; i++) {
		if (!shape_expect(&r->shape, &value->children[i], JSON_STRING))
			return NULL;
		buf_printf(&buf, "%s%s", i ? "," : "",
			   value->children[i].string);
	}
	return buf.data ? buf.data : "none";
}

static const char *
read_count(struct reader *r, const struct json *value)
{
	uint64_t count;

	if (!shape_expect(&r->shape, value, JSON_NUMBER) ||
	    !shape_integer(&r->shape, value, UINT32_MAX, &count))
		return NULL;
	return arena_printf(&r->check->arena, "%llu",
			    (unsigned long long)count);
}

static bool
read_option(struct reader *r, size_t key, const struct json *value)
{
	const char *text = NULL;

	switch (keys[key].kind) {
	case LIST:
		text = read_list(r, value);
		break;
	case SHARE:
		if (value->kind == JSON_STRING && strchr(value->string, '%')) {
			text = value->string;
			break;
		}
		/* fall through */
	case COUNT:
		text = read_count(r, value);
		break;
	default:
		if (shape_expect(&r->shape, value, JSON_STRING))
			text = value->string;
	}
	if (text && keys[key].kind == PATH && text[0] != '/')
		text = arena_printf(&r->check->arena, "%s/%s", r->file->folder,
				    text);
	return text && add_option(r, keys[key].name, text, value);
}

/* deny and warn: names. */
static bool
read_names(struct reader *r, const struct json *root, const char *key)
{
	struct json_list names = { 0 };
	bool ok = shape_strings(&r->shape, root, key, &names);

	for (size_t i = 0; i < names.n; i++)
		ok &= add_option(r, key, names.v[i]->string, names.v[i]);
	return ok;
}

static bool
read_exception(struct reader *r, const struct json *value)
{
	static const struct field fields[] = {
		{ "name", EVERY_DIALECT },
		{ "reason", EVERY_DIALECT },
		{ "files", EVERY_DIALECT },
		{ "syscall", EVERY_DIALECT },
	};
	struct check_exception e = { .where = value };
	const struct json *name, *reason, *syscall;
	char why[256];

	if (!shape_object(&r->shape, value, fields, LENGTH(fields)) ||
	    !shape_required(&r->shape, value, "name", JSON_STRING, &name) ||
	    !shape_required(&r->shape, value, "reason", JSON_STRING, &reason) ||
	    !shape_optional(&r->shape, value, "syscall", JSON_STRING,
			    &syscall) ||
	    !shape_strings(&r->shape, value, "files", &e.files))
		return false;
	if (!check_set(&r->scratch, "allow", name->string, why, sizeof(why)))
		return diag_at(&r->file->diags, DIAG_OUT_OF_RANGE, name, NULL,
			       "%s", why);
	if (!reason->string[strspn(reason->string, " \t\n")])
		return diag_at(&r->file->diags, DIAG_OUT_OF_RANGE, reason,
			       "say why it is fine here: others will ask",
			       "an exception needs a reason");
	if (json_member(value, "files") && !e.files.n)
		return diag_at(&r->file->diags, DIAG_OUT_OF_RANGE,
			       json_member(value, "files"),
			       "without 'files' it is about every profile",
			       "an exception about no file");
	r->exceptions += 1 + e.files.n;
	if (r->exceptions > LIMIT_EXCEPTIONS)
		return diag_at(&r->file->diags, DIAG_LIMIT, value, NULL,
			       "more than %d exceptions and patterns of files",
			       LIMIT_EXCEPTIONS);
	e.id = diag_find(name->string);
	e.syscall = syscall ? syscall->string : NULL;
	*vec_push(&r->check->arena, &r->file->exceptions) = e;
	return true;
}

static bool
read_exceptions(struct reader *r, const struct json *root)
{
	const struct json *list;
	bool ok = shape_optional(&r->shape, root, "allow", JSON_ARRAY, &list);

	for (size_t i = 0; ok && list && i < list->count; i++)
		ok = read_exception(r, &list->children[i]);
	return ok;
}

static bool
read_key(struct reader *r, const struct json *member)
{
	const char *names[LENGTH(keys) + LENGTH(others)];
	const char *near;

	for (size_t i = 0; i < LENGTH(keys); i++) {
		names[i] = keys[i].name;
		if (!strcmp(member->key, keys[i].name))
			return read_option(r, i, member);
	}
	for (size_t i = 0; i < LENGTH(others); i++) {
		names[LENGTH(keys) + i] = others[i];
		if (!strcmp(member->key, others[i]))
			return i ||
			       shape_expect(&r->shape, member, JSON_STRING);
	}
	near = diag_nearest(member->key, names, LENGTH(names));
	return diag_at(&r->file->diags, DIAG_UNKNOWN_FIELD, member,
		       near ? arena_printf(&r->check->arena,
					   "did you mean '%s'?", near)
			    : NULL,
		       "there is no setting '%s'", member->key);
}

static bool
read_root(struct reader *r, const struct json *root)
{
	bool ok = shape_expect(&r->shape, root, JSON_OBJECT);

	for (size_t i = 0; ok && i < root->count; i++)
		ok = read_key(r, &root->children[i]);
	return ok && read_names(r, root, "deny") &&
	       read_names(r, root, "warn") && read_exceptions(r, root);
}

/* A path as people wrote it, if they are where it starts. */
static const char *
shorten(const char *path)
{
	char *here = realpath(".", NULL);
	const char *below = here ? path_below(here, path) : NULL;

	free(here);
	return below ? below : path;
}

/* Prints what is wrong with a file of settings. */
static void
print_refusal(struct check *check, const struct check_file *file, bool colour)
{
	const struct findings_file found = { &file->source, &file->diags, 0 };
	struct buf buf = { .arena = &check->arena };

	findings_write_file(&buf, &found, colour);
	fputs(buf.data ? buf.data : "", stderr);
}

/* Returns NULL after reporting. */
static struct check_file *
read_file(struct check *check, const char *path, const char *folder)
{
	struct check_file *file = arena_alloc(&check->arena, sizeof(*file));
	struct reader r = { .check = check, .file = file };
	const struct json *root;
	size_t len;
	char *text = tool_read(path, LIMIT_FILE, &len);
	bool ok;

	if (!text) {
		check->failed = true;
		return NULL;
	}
	file->folder = folder;
	file->source = (struct source){
		.name = arena_strndup(&check->arena, path, strlen(path)),
		.text = arena_strndup(&check->arena, text, len),
		.len = len,
	};
	free(text);
	diags_init(&file->diags, &check->arena, &file->source);
	/* A setting with a slip in its name would silently not be made. */
	file->diags.level[DIAG_UNKNOWN_FIELD] = SEVERITY_ERROR;
	r.shape = (struct shape){ &check->arena, &file->diags, DIALECT_DOCKER };
	check_settings_init(&r.scratch);
	root = json_read(&check->arena, &file->source, &file->diags);
	ok = root && read_root(&r, root);
	if (!ok || file->diags.count[SEVERITY_ERROR]) {
		print_refusal(check, file, r.scratch.target.colour);
		check->misused = true;
		return NULL;
	}
	*vec_push(&check->arena, &check->settings_files) = file;
	return file;
}

/* The folder of a path, as realpath(3) has it; NULL after reporting. */
static const char *
folder_of(struct check *check, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *folder = ".";
	char *real;

	if (slash)
		folder =
			arena_strndup(&check->arena, path,
				      (size_t)(slash - path) + (slash == path));
	real = realpath(folder, NULL);
	if (!real) {
		tool_error("%s: %s", folder, strerror(errno));
		return NULL;
	}
	folder = arena_strndup(&check->arena, real, strlen(real));
	free(real);
	return folder;
}

static struct check_file *
find_read(const struct check *check, const char *folder)
{
	for (size_t i = 0; i < check->settings_files.n; i++)
		if (!strcmp(check->settings_files.v[i]->folder, folder))
			return check->settings_files.v[i];
	return NULL;
}

/* A repository's settings end where it does. */
static bool
is_top(struct check *check, const char *folder)
{
	struct stat st;

	return !strcmp(folder, "/") ||
	       !stat(arena_printf(&check->arena, "%s/.git", folder), &st);
}

/*
 * Reads what a path found on the way up leads to.  A link from a repository
 * to a terminal or pipe must not make anybody wait.
 */
static struct check_file *
read_found(struct check *check, const char *path, const char *folder)
{
	struct stat st;

	if (!stat(path, &st) && !S_ISREG(st.st_mode)) {
		tool_error("%s: %s; --no-config does without", path,
			   S_ISDIR(st.st_mode) ? "Is a directory"
					       : "No regular file");
		check->failed = true;
		return NULL;
	}
	return read_file(check, shorten(path), folder);
}

/* Looks in a folder and those above it.  Returns false after reporting. */
static bool
look(struct check *check, const char *folder, struct check_file **file)
{
	struct stat st;

	for (;; folder = *folder ? folder : "/") {
		const char *path = arena_printf(
			&check->arena, "%s/%s",
			strcmp(folder, "/") != 0 ? folder : "", file_name);

		*file = find_read(check, folder);
		if (*file)
			return true;
		if (!lstat(path, &st)) {
			*file = read_found(check, path, folder);
			return *file;
		}
		if (errno != ENOENT) {
			tool_error("%s: %s; --no-config does without", path,
				   strerror(errno));
			return false;
		}
		if (is_top(check, folder))
			return true;
		folder = arena_strndup(&check->arena, folder,
				       (size_t)(strrchr(folder, '/') - folder));
	}
}

/* --config: one file for all. */
static bool
take_given(struct check *check, struct check_file **file)
{
	const char *folder;

	if (check->settings_files.n) {
		*file = check->settings_files.v[0];
		return true;
	}
	folder = folder_of(check, check->settings_file);
	*file = folder ? read_file(check, check->settings_file, folder) : NULL;
	return *file;
}

bool
check_file_find(struct check *check, const char *path, struct check_file **file)
{
	const char *folder;

	*file = NULL;
	if (check->no_settings_file)
		return true;
	if (check->settings_file)
		return take_given(check, file);
	folder = folder_of(check, strcmp(path, "-") != 0 ? path : "");
	if (!folder)
		return false;
	if (!check->folder || strcmp(check->folder, folder) != 0) {
		check->folder = NULL;
		if (!look(check, folder, &check->folder_has))
			return false;
		check->folder = folder;
	}
	*file = check->folder_has;
	return true;
}

const char *
check_file_path(struct check *check, const struct check_file *file,
		const char *path)
{
	const char *name = strrchr(path, '/'), *folder, *below;

	if (!strcmp(path, "-"))
		return NULL;
	folder = folder_of(check, path);
	below = folder ? path_below(file->folder, folder) : NULL;
	if (!below)
		return NULL;
	name = name ? name + 1 : path;
	return *below ? arena_printf(&check->arena, "%s/%s", below, name)
		      : name;
}

bool
check_file_meets(const struct check_exception *e, const char *path)
{
	if (!e->files.n)
		return true;
	for (size_t i = 0; path && i < e->files.n; i++)
		if (!fnmatch(e->files.v[i]->string, path,
			     FNM_PATHNAME | FNM_LEADING_DIR))
			return true;
	return false;
}

void
check_file_report(struct check *check)
{
	for (size_t i = 0; i < check->settings_files.n; i++) {
		struct check_file *file = check->settings_files.v[i];

		check_levels(check, file, file->diags.level);
		for (size_t j = 0; j < file->exceptions.n; j++) {
			const struct check_exception *e =
				&file->exceptions.v[j];

			if (e->met && !e->used)
				diag_at(&file->diags, DIAG_UNUSED_EXCEPTION,
					e->where, "remove it",
					"nothing is found that this exception "
					"is about");
		}
		if (file->diags.list.n)
			check_keep(check, &file->diags, 0);
	}
}
