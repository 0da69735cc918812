/*
 * The arena against a copy of what was written: objects keep apart and keep
 * their bytes while others grow, and start zeroed unless asked for raw.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"

enum {
	OBJECTS = 200,
	STEPS = 500,
	LARGEST = 30000,
};

struct object {
	unsigned char *memory;
	size_t size;
	unsigned char fill; /* of every byte */
};

static uint32_t state;

static uint32_t
below(uint32_t n)
{
	state = state * 1664525 + 1013904223;
	return (uint32_t)(((uint64_t)state * n) >> 32);
}

/* Mostly small, and around the size at which objects are apart. */
static size_t
pick_size(void)
{
	switch (below(8)) {
	case 0:
		return below(LARGEST);
	case 1:
		return 8192 - 20 + below(40);
	default:
		return below(300);
	}
}

static void
check_bytes(const unsigned char *bytes, size_t from, size_t to,
	    unsigned char value)
{
	size_t i = from;

	while (i < to && bytes[i] == value)
		i++;
	ck_assert_msg(i >= to, "byte %zu is %u, not %u", i, bytes[i], value);
}

static void
grow(struct arena *arena, struct object *object, unsigned char fill)
{
	size_t size = object->size + pick_size();
	bool raw = !object->memory && below(2);
	unsigned char *memory =
		raw ? arena_alloc_raw(arena, size)
		    : arena_realloc(arena, object->memory, object->size, size);

	ck_assert_ptr_nonnull(memory);
	ck_assert_uint_eq((uintptr_t)memory % _Alignof(max_align_t), 0);
	check_bytes(memory, 0, object->size, object->fill);
	if (!raw)
		check_bytes(memory, object->size, size, 0);
	memset(memory, fill, size);
	*object = (struct object){ memory, size, fill };
}

START_TEST(keeps_objects)
{
	struct object objects[OBJECTS] = { { 0 } };
	struct arena arena;

	state = (uint32_t)_i;
	arena_init(&arena);
	ck_assert_int_eq(setjmp(arena.oom), 0);
	for (size_t i = 0; i < STEPS; i++) {
		struct object *object = &objects[below(OBJECTS)];

		if (object->size > LARGEST)
			*object = (struct object){ 0 };
		grow(&arena, object, (unsigned char)(1 + i % 255));
	}
	for (size_t i = 0; i < OBJECTS; i++)
		check_bytes(objects[i].memory, 0, objects[i].size,
			    objects[i].fill);
	arena_finish(&arena);
}
END_TEST

/* The last one that was allocated, which can grow where it is. */
START_TEST(grows_the_last)
{
	struct object object = { 0 };
	struct arena arena;

	state = (uint32_t)_i;
	arena_init(&arena);
	ck_assert_int_eq(setjmp(arena.oom), 0);
	for (size_t i = 0; i < 400; i++) {
		if (below(20) == 0)
			object = (struct object){ 0 };
		grow(&arena, &object, (unsigned char)(1 + i % 255));
	}
	arena_finish(&arena);
	/* It can be used again. */
	check_bytes(arena_alloc(&arena, 1000), 0, 1000, 0);
	arena_finish(&arena);
}
END_TEST

static void
count(void *object)
{
	unsigned *n = object;

	ck_assert_uint_eq(*n % 2, 0);
	*n += 2;
}

/* What is owned is dropped while the objects made before it are there. */
START_TEST(drops)
{
	unsigned *first, outside = 0;
	struct arena arena;

	arena_init(&arena);
	ck_assert_int_eq(setjmp(arena.oom), 0);
	first = arena_alloc(&arena, sizeof(*first));
	arena_own(&arena, first, count);
	arena_own(&arena, &outside, count);
	for (size_t i = 0; i < 100; i++)
		arena_alloc(&arena, 5000);
	arena_finish(&arena);
	ck_assert_uint_eq(outside, 2);
}
END_TEST

/* What malloc is not even asked for, as there is a header before it. */
START_TEST(refuses_too_much)
{
	struct arena arena;
	volatile int left = 0;

	arena_init(&arena);
	if (!setjmp(arena.oom))
		arena_alloc(&arena, SIZE_MAX - (size_t)_i);
	else
		left = 1;
	ck_assert_int_eq(left, 1);
	arena_finish(&arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("arena");
	TCase *tcase = tcase_create("arena");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, keeps_objects, 0, 4);
	tcase_add_loop_test(tcase, grows_the_last, 0, 50);
	tcase_add_test(tcase, drops);
	tcase_add_loop_test(tcase, refuses_too_much, 0, 32);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
