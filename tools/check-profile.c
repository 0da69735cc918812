#include "check.h"
#include "compiler/check/lint-consumer.h"
#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	enum consumer consumer = consumer_find(value);

	if (consumer != CONSUMER_ANY) {
		settings->lint.consumer = consumer;
		if (!settings->dialect_given)
			settings->target.settings.options.dialect =
				consumer_info(consumer)->dialect;
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

static void
apply(struct check_settings *settings, const check_option_list *list)
{
	char why[256];

	/* They were tried when they were read. */
	for (size_t i = 0; i < list->n; i++)
		check_set(settings, list->v[i].name, list->v[i].value, why,
			  sizeof(why));
}

/* The command line wins over the file. */
static void
apply_all(struct check_settings *settings, const struct check *check,
	  const struct check_file *file)
{
	if (file)
		apply(settings, &file->options);
	apply(settings, &check->options);
}

static void
take_levels(enum severity level[DIAG_COUNT], struct settings *s)
{
	for (size_t i = 0; i < DIAG_COUNT; i++) {
		level[i] = s->level[i];
		if (s->deny_warnings && s->level[i] == SEVERITY_WARNING)
			level[i] = SEVERITY_ERROR;
	}
	s->deny_warnings = false;
}

void
check_levels(const struct check *check, const struct check_file *file,
	     enum severity level[DIAG_COUNT])
{
	struct check_settings settings;

	check_settings_init(&settings);
	apply_all(&settings, check, file);
	take_levels(level, &settings.target.settings);
}

static void
find_given(struct check_job *job)
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

bool
check_job_prepare(struct check_job *job)
{
	char why[256];

	check_settings_init(&job->settings);
	if (job->consumer)
		check_set(&job->settings, "for", job->consumer, why,
			  sizeof(why));
	if (!check_file_find(job->check, job->path, &job->file))
		return false;
	apply_all(&job->settings, job->check, job->file);
	find_given(job);
	take_levels(job->level, &job->settings.target.settings);
	return true;
}

/* What stops the compiler hides what is behind it: errors that can be turned
 * down are, until check_job_keep(). */
static void
set_levels(const struct check_job *job, struct diags *diags)
{
	for (size_t i = 0; i < DIAG_COUNT; i++) {
		diags->level[i] = job->level[i];
		diags->grave[i] = job->level[i] == SEVERITY_ERROR;
		if (diags->grave[i] && diag_table[i].adjustable)
			diags->level[i] = SEVERITY_WARNING;
	}
}

/* Reads the baseline in the same way as the profile. */
static bool
load_baseline(struct check_job *job)
{
	struct target_options target = job->settings.target;
	struct budgets *budgets = &job->settings.budgets;

	job->settings.lint.budgets = budgets;
	if (!job->settings.baseline)
		return true;
	/* Only what keeps it from being compared is news here, and nobody
	 * denied findings in it. */
	target.quiet = true;
	for (size_t i = 0; i < DIAG_COUNT; i++)
		if (job->level[i] > diag_table[i].severity)
			target.settings.level[i] = diag_table[i].severity;
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
report_unproved(struct check_job *job, const struct compilation *c)
{
	struct buf buf = { .arena = &job->check->arena };

	proof_write(&buf, &c->proof);
	tool_error("%s: %s", c->source.name, buf.data);
	job->check->unproved = true;
}

/* Returns false if memory ran out. */
static bool
find_all(struct check_job *job, struct compilation *c, const char *text,
	 size_t len)
{
	compilation_init(c, tool_name(job->path), text, len);
	c->options = job->settings.target.settings.options;
	set_levels(job, &c->diags);
	compile(c);
	return !c->out_of_memory && lint_run(c, &job->settings.lint) &&
	       budgets_check(c, &job->settings.budgets);
}

static bool
check_text(struct check_job *job, const char *text, size_t len)
{
	struct compilation c;
	bool ok;

	ok = find_all(job, &c, text, len);
	if (!ok)
		tool_error("%s: out of memory", job->path);
	if (ok && compilation_unproved(&c))
		report_unproved(job, &c);
	if (ok)
		check_job_keep(job, &c.diags, c.profile);
	compilation_finish(&c);
	return ok;
}

void
check_profile(struct check *check, const char *path, const char *consumer)
{
	struct check_job job = { check, path, .consumer = consumer };
	size_t len;
	char *text;

	if (!check_job_prepare(&job)) {
		check->failed |= !check->misused;
		return;
	}
	text = tool_read(path, LIMIT_FILE, &len);
	check->failed |=
		!text || !load_baseline(&job) || !check_text(&job, text, len);
	if (job.settings.baseline && text)
		input_finish(&job.baseline);
	free(text);
}
