/*
 * The interface of version 0.1: every function declared once more, which is an
 * error if its type is another one, and every constant with its value.  This
 * program compiles with the header of any later version, and what was made of
 * it runs with any later library (tests/library-abi.sh).  What is here is not
 * changed or taken away; each version gets a file of its own.
 */
#include <seccompc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void function(void);

/* What the header has to declare, and the library to have. */
static function *const functions[] = {
	(function *)scc_version,
	(function *)scc_result_text,
	(function *)scc_options_create,
	(function *)scc_options_destroy,
	(function *)scc_options_set,
	(function *)scc_options_set_caps,
	(function *)scc_options_set_weights,
	(function *)scc_options_error,
	(function *)scc_compile,
	(function *)scc_load,
	(function *)scc_filter_destroy,
	(function *)scc_diagnostic_count,
	(function *)scc_diagnostic_at,
	(function *)scc_diagnostic_severity,
	(function *)scc_diagnostic_name,
	(function *)scc_diagnostic_message,
	(function *)scc_diagnostic_hint,
	(function *)scc_diagnostic_pointer,
	(function *)scc_diagnostic_line,
	(function *)scc_diagnostic_column,
	(function *)scc_diagnostic_text,
	(function *)scc_instructions,
	(function *)scc_flags,
	(function *)scc_listener_path,
	(function *)scc_listener_metadata,
	(function *)scc_statistics_create,
	(function *)scc_statistics_destroy,
	(function *)scc_statistic,
	(function *)scc_write,
	(function *)scc_decide,
	(function *)scc_call,
	(function *)scc_compare,
	(function *)scc_comparison_destroy,
	(function *)scc_comparison_order,
	(function *)scc_comparison_call,
	(function *)scc_comparison_text,
	(function *)scc_install,
	(function *)scc_install_error,
};

/* Of these types. */
const char *scc_version(void);
const char *scc_result_text(enum scc_result);
struct scc_options *scc_options_create(void);
void scc_options_destroy(struct scc_options *);
enum scc_result scc_options_set(struct scc_options *, const char *,
				const char *);
void scc_options_set_caps(struct scc_options *, uint64_t);
enum scc_result scc_options_set_weights(struct scc_options *, const char *,
					size_t);
const char *scc_options_error(const struct scc_options *);
enum scc_result scc_compile(struct scc_filter **, const struct scc_options *,
			    const char *, const void *, size_t);
enum scc_result scc_load(struct scc_filter **, const char *, const void *,
			 size_t);
void scc_filter_destroy(struct scc_filter *);
size_t scc_diagnostic_count(const struct scc_filter *);
const struct scc_diagnostic *scc_diagnostic_at(const struct scc_filter *,
					       size_t);
enum scc_severity scc_diagnostic_severity(const struct scc_diagnostic *);
const char *scc_diagnostic_name(const struct scc_diagnostic *);
const char *scc_diagnostic_message(const struct scc_diagnostic *);
const char *scc_diagnostic_hint(const struct scc_diagnostic *);
const char *scc_diagnostic_pointer(const struct scc_diagnostic *);
size_t scc_diagnostic_line(const struct scc_diagnostic *);
size_t scc_diagnostic_column(const struct scc_diagnostic *);
const char *scc_diagnostic_text(const struct scc_diagnostic *);
const struct sock_filter *scc_instructions(const struct scc_filter *, size_t *);
unsigned int scc_flags(const struct scc_filter *);
const char *scc_listener_path(const struct scc_filter *);
const char *scc_listener_metadata(const struct scc_filter *);
enum scc_result scc_statistics_create(struct scc_statistics **, const struct scc_filter *);
void scc_statistics_destroy(struct scc_statistics *);
size_t scc_statistic(const struct scc_statistics *, enum scc_statistic,
		     const char *);
enum scc_result scc_write(const struct scc_filter *, const char *, const char *,
			  char **, size_t *);
uint32_t scc_decide(const struct scc_filter *, const struct seccomp_data *,
		    unsigned int *);
bool scc_call(struct seccomp_data *, const char *, const char *);
enum scc_result scc_compare(struct scc_comparison **, const struct scc_filter *,
			    const struct scc_filter *);
void scc_comparison_destroy(struct scc_comparison *);
enum scc_order scc_comparison_order(const struct scc_comparison *);
const struct seccomp_data *scc_comparison_call(const struct scc_comparison *);
const char *scc_comparison_text(const struct scc_comparison *);
int scc_install(const struct scc_filter *, unsigned int);
const char *scc_install_error(int);

#define SAME(a, b) _Static_assert((a) == (b), #a " is not " #b)

SAME(SCC_OK, 0);
SAME(SCC_REJECTED, 1);
SAME(SCC_USAGE, 2);
SAME(SCC_UNPROVED, 3);
SAME(SCC_NO_MEMORY, 4);
SAME(SCC_NOTE, 1);
SAME(SCC_WARNING, 2);
SAME(SCC_ERROR, 3);
SAME(SCC_INSTRUCTIONS, 0);
SAME(SCC_CONVERTED_LENGTH, 1);
SAME(SCC_WORST_PATH, 2);
SAME(SCC_KNOWN, 3);
SAME(SCC_ALLOWED, 4);
SAME(SCC_LOGGED, 5);
SAME(SCC_TRACED, 6);
SAME(SCC_NOTIFIED, 7);
SAME(SCC_DENIED, 8);
SAME(SCC_CONDITIONAL, 9);
SAME(SCC_CACHED, 10);
SAME(SCC_EQUAL, 0);
SAME(SCC_STRICTER, 1);
SAME(SCC_WEAKER, 2);
SAME(SCC_DIFFERENT, 3);
SAME(sizeof(enum scc_result), 4);
SAME(sizeof(enum scc_severity), 4);
SAME(sizeof(enum scc_statistic), 4);
SAME(sizeof(enum scc_order), 4);

static const char profile[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":["
	"\"read\",\"nosuch\"],\"action\":\"SCMP_ACT_ALLOW\"}]}";

#define NEED(condition)                                                        \
	do {                                                                   \
		if (!(condition)) {                                            \
			printf("line %d: %s\n", __LINE__, #condition);         \
			return EXIT_FAILURE;                                   \
		}                                                              \
	} while (0)

/* A program as one of 0.1 may be. */
int
main(void)
{
	struct scc_options *options = scc_options_create();
	struct scc_filter *filter, *loaded;
	struct scc_comparison *comparison;
	struct scc_statistics *statistics;
	struct seccomp_data call;
	unsigned int executed;
	char *data;
	size_t i, len;

	for (i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		NEED(functions[i] != NULL);
	NEED(options && *scc_version());
	NEED(scc_options_set(options, "caps", "docker") == SCC_OK);
	NEED(scc_options_set(options, "caps", "x") == SCC_USAGE);
	NEED(*scc_options_error(options));
	NEED(scc_compile(&filter, options, "abi", profile, strlen(profile)) ==
	     SCC_OK);
	NEED(scc_diagnostic_count(filter) == 1);
	NEED(scc_diagnostic_severity(scc_diagnostic_at(filter, 0)) ==
	     SCC_WARNING);
	NEED(scc_call(&call, "x86_64", "read"));
	NEED(scc_decide(filter, &call, &executed) == SECCOMP_RET_ALLOW);
	NEED(scc_write(filter, "bpf", NULL, &data, &len) == SCC_OK);
	NEED(scc_load(&loaded, "abi", data, len) == SCC_OK);
	NEED(scc_statistics_create(&statistics, loaded) == SCC_OK);
	NEED(scc_statistic(statistics, SCC_INSTRUCTIONS, NULL) == len / 8);
	NEED(scc_statistic(statistics, SCC_ALLOWED, "x86_64") == 1);
	NEED(scc_compare(&comparison, filter, loaded) == SCC_OK);
	NEED(scc_comparison_order(comparison) == SCC_EQUAL);
	scc_comparison_destroy(comparison);
	scc_statistics_destroy(statistics);
	scc_filter_destroy(loaded);
	scc_filter_destroy(filter);
	scc_options_destroy(options);
	free(data);
	puts("ok");
	return EXIT_SUCCESS;
}
