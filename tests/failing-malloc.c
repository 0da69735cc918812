#include "failing-malloc.h"

#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *s);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *s);
void __wrap_free(void *memory);

static long countdown = -1; /* allocations until one fails; -1: never */
static bool all;	    /* and every one after it */
static bool failed;
static long live;

void
failing_start(long nth, bool all_after)
{
	countdown = nth;
	all = all_after;
	failed = false;
}

bool
failing_stop(void)
{
	countdown = -1;
	return failed;
}

long
failing_live(void)
{
	return live;
}

static bool
fails(void)
{
	if (countdown < 0)
		return false;
	if (countdown > 0) {
		countdown--;
		return false;
	}
	if (!all)
		countdown = -1;
	failed = true;
	return true;
}

static void *
counted(void *memory)
{
	live += memory != NULL;
	return memory;
}

void *
__wrap_malloc(size_t size)
{
	return fails() ? NULL : counted(__real_malloc(size));
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : counted(__real_calloc(count, size));
}

void *
__wrap_realloc(void *memory, size_t size)
{
	if (fails())
		return NULL;
	return memory ? __real_realloc(memory, size)
		      : counted(__real_realloc(memory, size));
}

char *
__wrap_strdup(const char *s)
{
	return fails() ? NULL : counted(__real_strdup(s));
}

void
__wrap_free(void *memory)
{
	live -= memory != NULL;
	__real_free(memory);
}
