#include "compiler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Small objects share blocks, one after another.  AddressSanitizer and
 * valgrind see every object by itself if each is a block of its own: so it
 * is under the former, and with -DARENA_OBJECTS=1 for the latter and for
 * tests that make each malloc fail.
 */
#ifndef ARENA_OBJECTS
#ifdef __SANITIZE_ADDRESS__
#define ARENA_OBJECTS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_OBJECTS 1
#endif
#endif
#endif
#ifndef ARENA_OBJECTS
#define ARENA_OBJECTS 0
#endif

enum {
	ALIGNMENT = _Alignof(max_align_t),
	SHARED = 64 << 10, /* bytes of the first block of small objects */
	MORE = 512 << 10,  /* and of those that follow */
	SMALL = 8 << 10,   /* below this an object is small */
};

struct arena_block {
	struct arena_block *next, *prev;
	void (*drop)(void *); /* set: object is somebody else's memory */
	void *object;
	max_align_t data[];
};

void
arena_init(struct arena *arena)
{
	arena->blocks = NULL;
	arena->next = NULL;
	arena->left = 0;
}

void
arena_finish(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *block = arena->blocks;

		arena->blocks = block->next;
		if (block->drop)
			block->drop(block->object);
		free(block);
	}
	arena_init(arena);
}

static _Noreturn void
fail(struct arena *arena)
{
	longjmp(arena->oom, 1);
}

static void
link_block(struct arena *arena, struct arena_block *block)
{
	block->prev = NULL;
	block->next = arena->blocks;
	if (arena->blocks)
		arena->blocks->prev = block;
	arena->blocks = block;
}

static bool
is_small(size_t size)
{
	return !ARENA_OBJECTS && size < SMALL;
}

/* The room that a small object takes. */
static size_t
room_for(size_t size)
{
	return (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

static void *
alloc_block(struct arena *arena, size_t size, bool clear)
{
	struct arena_block *block;

	if (size > SIZE_MAX - sizeof(*block))
		fail(arena);
	block = clear ? calloc(1, sizeof(*block) + size)
		      : malloc(sizeof(*block) + size);
	if (!block)
		fail(arena);
	block->drop = NULL;
	link_block(arena, block);
	return block->data;
}

/*
 * Whole blocks are not cleared: most of the last one is never used.  Larger
 * ones are mapped at first by malloc of glibc, which then keeps so much when
 * it is given back (mallopt(3), M_MMAP_THRESHOLD): the next arena need not get
 * it from the kernel.
 */
static void
add_shared(struct arena *arena)
{
	size_t size = arena->next ? MORE : SHARED;
	struct arena_block *block = malloc(size);

	if (!block)
		fail(arena);
	block->drop = NULL;
	link_block(arena, block);
	arena->next = (char *)block->data;
	arena->left = size - sizeof(*block);
}

static void *
alloc_small(struct arena *arena, size_t room)
{
	void *memory;

	if (room > arena->left || !arena->next)
		add_shared(arena);
	memory = arena->next;
	arena->next += room;
	arena->left -= room;
	return memory;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	size_t room = room_for(size);

	if (!is_small(size))
		return alloc_block(arena, size, true);
	return memset(alloc_small(arena, room), 0, room);
}

void *
arena_alloc_raw(struct arena *arena, size_t size)
{
	if (!is_small(size))
		return alloc_block(arena, size, false);
	return alloc_small(arena, room_for(size));
}

static struct arena_block *
block_of(void *memory)
{
	return (void *)((char *)memory - offsetof(struct arena_block, data));
}

/* As realloc(3), for an object with a block of its own. */
static void *
realloc_block(struct arena *arena, void *memory, size_t size)
{
	struct arena_block *block = block_of(memory), *grown;

	if (size > SIZE_MAX - sizeof(*block))
		fail(arena);
	grown = realloc(block, sizeof(*block) + size);
	if (!grown)
		fail(arena);
	if (grown->prev)
		grown->prev->next = grown;
	else
		arena->blocks = grown;
	if (grown->next)
		grown->next->prev = grown;
	return grown->data;
}

/* Whether a small object, the last of its block, can grow where it is. */
static bool
grow_last(struct arena *arena, const char *memory, size_t old, size_t size)
{
	size_t more = room_for(size) - room_for(old);

	if (memory + room_for(old) != arena->next || more > arena->left)
		return false;
	arena->next += more;
	arena->left -= more;
	return true;
}

void *
arena_realloc(struct arena *arena, void *memory, size_t old, size_t size)
{
	void *moved;

	if (!memory)
		return arena_alloc(arena, size);
	if (size <= old)
		return memory;
	if (is_small(old) &&
	    !(is_small(size) && grow_last(arena, memory, old, size))) {
		moved = arena_alloc(arena, size);
		return memcpy(moved, memory, old);
	}
	if (!is_small(old))
		memory = realloc_block(arena, memory, size);
	memset((char *)memory + old, 0, size - old);
	return memory;
}

void
arena_own(struct arena *arena, void *object, void (*drop)(void *))
{
	struct arena_block *block = calloc(1, sizeof(*block));

	if (!block) {
		drop(object);
		fail(arena);
	}
	block->object = object;
	block->drop = drop;
	link_block(arena, block);
}

char *
arena_strndup(struct arena *arena, const char *s, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	memcpy(copy, s, len);
	return copy;
}

char *
arena_printf(struct arena *arena, const char *fmt, ...)
{
	struct buf buf = { .arena = arena };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&buf, fmt, ap);
	va_end(ap);
	return buf.data;
}

void *
arena_grow(struct arena *arena, void *v, size_t n, size_t *cap, size_t size)
{
	size_t old = *cap;

	if (n < old)
		return v;
	if (old > SIZE_MAX / 2 / size)
		fail(arena);
	*cap = old ? old * 2 : 4;
	return arena_realloc(arena, v, old * size, *cap * size);
}

static void
reserve(struct buf *buf, size_t more)
{
	size_t need, cap = buf->cap ? buf->cap : 64;

	if (more >= SIZE_MAX / 2 - buf->len)
		fail(buf->arena);
	need = buf->len + more + 1;
	if (need <= buf->cap)
		return;
	while (cap < need)
		cap *= 2;
	buf->data = arena_realloc(buf->arena, buf->data, buf->cap, cap);
	buf->cap = cap;
}

void
buf_append(struct buf *buf, const void *data, size_t len)
{
	reserve(buf, len);
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void
buf_vprintf(struct buf *buf, const char *fmt, va_list ap)
{
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		fail(buf->arena);
	reserve(buf, (size_t)len);
	vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, ap);
	buf->len += (size_t)len;
}

void
buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(buf, fmt, ap);
	va_end(ap);
}
