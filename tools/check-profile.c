#include "check.h"
#include "input.h"
#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum dialect dialect; /* that it reads */
} consumers[] = {
	[CONSUMER_ANY] = { "any", DIALECT_AUTO },
	[CONSUMER_DOCKER] = { "docker", DIALECT_DOCKER },
	[CONSUMER_PODMAN] = { "podman", DIALECT_PODMAN },
	[CONSUMER_CRIO] = { "crio", DIALECT_PODMAN },
	[CONSUMER_KUBERNETES] = { "kubernetes", DIALECT_OCI },
	[CONSUMER_OCI] = { "oci", DIALECT_OCI },
};

void
check_settings_init(struct check_settings *settings)
{
	memset(settings, 0, sizeof(*settings));
	target_init(&settings->target);
	settings->target.settings.lints = true;
}

static bool refuse(char *why, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static bool
refuse(char *why, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, size, fmt, ap);
	va_end(ap);
	text_clean(why);
	return false;
}

static bool
set_consumer(struct check_settings *settings, const char *value, char *why,
	     size_t size)
{
	for (size_t i = 1; i < LENGTH(consumers); i++) {
		if (strcmp(value, consumers[i].name) != 0)
			continue;
		settings->lint.consumer = (enum consumer)i;
		if (!settings->dialect_given)
			settings->target.settings.options.dialect =
				consumers[i].dialect;
		return true;
	}
	return refuse(why, size,
		      "for cannot be '%s': there are docker, podman, crio, "
		      "kubernetes and oci",
		      value);
}

/* A number from 1 on, in decimal, and what has to stand behind it. */
static bool
set_count(const char *name, const char *value, const char *end, size_t *count,
	  char *why, size_t size)
{
	size_t digits = strspn(value, "0123456789");
	unsigned long long n = 0;

	for (size_t i = 0; i < digits && n <= UINT32_MAX; i++)
		n = n * 10 + (unsigned)(value[i] - '0');
	*count = (size_t)n;
	if (n && n <= UINT32_MAX && !strcmp(value + digits, end))
		return true;
	return refuse(
		why, size, "%s: '%s' is not a number from 1 on%s", name, value,
		strcmp(name, "min-cached") != 0 ? ""
						: ", or percent such as 90%");
}

static bool
set_cached(struct check_settings *settings, const char *value, char *why,
	   size_t size)
{
	struct budgets *b = &settings->budgets;

	b->percent = strchr(value, '%') != NULL;
	if (!set_count("min-cached", value, b->percent ? "%" : "",
		       &b->min_cached, why, size))
		return false;
	if (b->percent && b->min_cached > 100)
		return refuse(why, size, "min-cached: '%s' is more than all",
			      value);
	return true;
}

bool
check_set(struct check_settings *settings, const char *name, const char *value,
	  char *why, size_t size)
{
	struct budgets *b = &settings->budgets;

	if (!strcmp(name, "for"))
		return set_consumer(settings, value, why, size);
	if (!strcmp(name, "max-instructions"))
		return set_count(name, value, "", &b->max_instructions, why,
				 size);
	if (!strcmp(name, "max-path"))
		return set_count(name, value, "", &b->max_path, why, size);
	if (!strcmp(name, "min-cached"))
		return set_cached(settings, value, why, size);
	if (!strcmp(name, "no-weaker-than")) {
		settings->baseline = value;
		return true;
	}
	if (!settings_set(&settings->target.settings, name, value, why, size))
		return false;
	settings->dialect_given |= !strcmp(name, "dialect");
	return true;
}

static const char *
copy(struct check *check, const char *s)
{
	return s ? arena_strndup(&check->arena, s, strlen(s)) : NULL;
}

void
check_keep(struct check *check, const struct diags *diags, size_t excepted)
{
	struct source *source = arena_alloc(&check->arena, sizeof(*source));
	struct diags *kept = arena_alloc(&check->arena, sizeof(*kept));

	*source = *diags->source;
	source->name = copy(check, source->name);
	source->text = arena_strndup(&check->arena, source->text, source->len);
	*kept = *diags;
	kept->arena = &check->arena;
	kept->source = source;
	memset(&kept->list, 0, sizeof(kept->list));
	for (size_t i = 0; i < diags->list.n; i++) {
		struct diag diag = diags->list.v[i];

		if (check->quiet && diag.severity < SEVERITY_ERROR)
			continue;
		diag.pointer = copy(check, diag.pointer);
		diag.message = copy(check, diag.message);
		diag.hint = copy(check, diag.hint);
		*vec_push(&check->arena, &kept->list) = diag;
	}
	*vec_push(&check->arena, &check->files) =
		(struct findings_file){ source, kept, excepted };
}

/* What a profile is checked with. */
struct job {
	struct check *check;
	const char *path;
	struct check_file *file; /* of settings, or NULL */
	struct check_settings settings;
	struct input baseline;
	bool deny_warnings;
	bool given[DIAG_COUNT]; /* severities, on the command line */
};

static void
apply(struct job *job, const check_option_list *list)
{
	char why[256];

	/* They were tried when they were read. */
	for (size_t i = 0; i < list->n; i++)
		check_set(&job->settings, list->v[i].name, list->v[i].value,
			  why, sizeof(why));
}

static void
find_given(struct job *job)
{
	const check_option_list *list = &job->check->options;

	for (size_t i = 0; i < list->n; i++) {
		const char *name = list->v[i].name;
		enum diag_id id = diag_find(list->v[i].value);

		if (id < DIAG_COUNT &&
		    (!strcmp(name, "deny") || !strcmp(name, "warn") ||
		     !strcmp(name, "allow")))
			job->given[id] = true;
	}
}

static bool
is_in_force(const struct job *job, const struct check_exception *e)
{
	return e->met && !job->given[e->id];
}

/*
 * The command line wins over the file.  Severities that only matter for the
 * report wait until then: what stops the compiler shows less.
 */
static bool
prepare(struct job *job)
{
	struct settings *s = &job->settings.target.settings;

	check_settings_init(&job->settings);
	if (!check_file_find(job->check, job->path, &job->file))
		return false;
	if (job->file)
		apply(job, &job->file->options);
	apply(job, &job->check->options);
	find_given(job);
	for (size_t i = 0; job->file && i < job->file->exceptions.n; i++) {
		struct check_exception *e = &job->file->exceptions.v[i];
		bool met =
			check_file_meets(job->check, job->file, e, job->path);

		e->met |= met;
		if (met && !e->syscall && !job->given[e->id] &&
		    s->level[e->id] == SEVERITY_ERROR)
			s->level[e->id] = SEVERITY_WARNING;
	}
	job->deny_warnings = s->deny_warnings;
	s->deny_warnings = false;
	return true;
}

/* Whether a finding is at the name of a syscall. */
static bool
is_at(const struct source *source, const struct diag *diag, const char *name)
{
	size_t len = strlen(name), at = diag->offset;

	return at < source->len && source->len - at > len + 1 &&
	       source->text[at] == '"' && source->text[at + len + 1] == '"' &&
	       !memcmp(source->text + at + 1, name, len);
}

static bool
is_excepted(struct job *job, const struct diags *diags, const struct diag *diag)
{
	bool excepted = false;

	for (size_t i = 0; job->file && i < job->file->exceptions.n; i++) {
		struct check_exception *e = &job->file->exceptions.v[i];

		if (e->id != diag->id || !is_in_force(job, e) ||
		    !check_file_meets(job->check, job->file, e, job->path) ||
		    (e->syscall && !is_at(diags->source, diag, e->syscall)))
			continue;
		e->used = true;
		excepted = true;
	}
	return excepted;
}

/* Takes out what exceptions silence; raises warnings that are denied. */
static void
keep(struct job *job, struct diags *diags)
{
	size_t n = 0, excepted = 0;

	for (size_t i = 0; i < diags->list.n; i++) {
		struct diag *diag = &diags->list.v[i];

		if (is_excepted(job, diags, diag)) {
			diags->count[diag->severity]--;
			excepted++;
			continue;
		}
		if (job->deny_warnings && diag->severity == SEVERITY_WARNING)
			diag->severity = SEVERITY_ERROR;
		diags->list.v[n++] = *diag;
	}
	diags->list.n = n;
	if (job->deny_warnings) {
		diags->count[SEVERITY_ERROR] += diags->count[SEVERITY_WARNING];
		diags->count[SEVERITY_WARNING] = 0;
	}
	check_keep(job->check, diags, excepted);
}

/* Reads the baseline in the same way as the profile. */
static bool
load_baseline(struct job *job)
{
	struct target_options target = job->settings.target;
	struct budgets *budgets = &job->settings.budgets;

	job->settings.lint.budgets = budgets;
	if (!job->settings.baseline)
		return true;
	/* Only what keeps it from being compared is news here. */
	target.quiet = true;
	budgets->baseline_name = job->settings.baseline;
	budgets->baseline = &job->baseline.side;
	switch (input_load(&job->baseline, &target, job->settings.baseline)) {
	case STATUS_OK:
		return true;
	case STATUS_UNPROVED:
		job->check->unproved = true;
		/* fall through */
	default:
		tool_error("%s: there is no baseline to compare it with",
			   job->path);
		return false;
	}
}

static void
report_unproved(struct job *job, const struct compilation *c)
{
	struct buf buf = { .arena = &job->check->arena };

	proof_write(&buf, &c->proof);
	tool_error("%s: %s", c->source.name, buf.data);
	job->check->unproved = true;
}

static bool
check_compiled(struct job *job, struct compilation *c)
{
	if (c->out_of_memory || !lint_run(c, &job->settings.lint) ||
	    !budgets_check(c, &job->settings.budgets)) {
		tool_error("%s: out of memory", c->source.name);
		return false;
	}
	if (compilation_unproved(c))
		report_unproved(job, c);
	keep(job, &c->diags);
	return true;
}

void
check_profile(struct check *check, const char *path)
{
	struct job job = { .check = check, .path = path };
	const char *name = strcmp(path, "-") != 0 ? path : "<stdin>";
	struct compilation c;
	size_t len;
	char *text;

	if (!prepare(&job)) {
		check->failed |= !check->misused;
		return;
	}
	text = tool_read(path, LIMIT_FILE, &len);
	if (!text || !load_baseline(&job)) {
		check->failed = true;
	} else {
		target_compile(&job.settings.target, &c, name, text, len);
		check->failed |= !check_compiled(&job, &c);
		compilation_finish(&c);
	}
	if (job.settings.baseline && text)
		input_finish(&job.baseline);
	free(text);
}
