#include "learn.h"

#include <string.h>

#include "compiler/explain/constant.h"

#define ALL UINT32_MAX
/* Without SOCK_CLOEXEC and SOCK_NONBLOCK, which are about the descriptor. */
#define SOCKET_TYPE (ALL & ~UINT32_C(0x80800))
/* CLONE_NEW* of clone(2).  CLONE_NEWTIME is in the signal's place there. */
#define NAMESPACES UINT32_C(0x7e020000)

/*
 * Syscalls that do one of many things, by a number that programs mostly have
 * in their text.  All arguments are of 32 bits by the tables; clone's flags
 * are cut to that by kernel/fork.c, and ipc(2) takes the version off its call
 * (ipc/syscall.c).  Of clone's flags only those are held that open something:
 * others depend on the C library and on how a thread or process is started.
 */
static const struct watched list[] = {
	{ "clone", 1, { 0 }, { NAMESPACES }, "namespaces in flags" },
	{ "fcntl", 1, { 1 }, { ALL }, "cmd" },
	{ "fcntl64", 1, { 1 }, { ALL }, "cmd" },
	{ "ioctl", 1, { 1 }, { ALL }, "cmd" },
	{ "ipc", 1, { 0 }, { 0xffff }, "call, without its version" },
	{ "personality", 1, { 0 }, { ALL }, "personality" },
	{ "prctl", 1, { 0 }, { ALL }, "option" },
	{ "socket",
	  2,
	  { 0, 1 },
	  { ALL, SOCKET_TYPE },
	  "family, and type without its flags" },
	{ "socketcall", 1, { 0 }, { ALL }, "call" },
	{ "socketpair",
	  2,
	  { 0, 1 },
	  { ALL, SOCKET_TYPE },
	  "family, and type without its flags" },
};

const struct watched *
watched_at(size_t i)
{
	return i < LENGTH(list) ? &list[i] : NULL;
}

const struct watched *
watched_find(const char *name)
{
	for (size_t i = 0; i < LENGTH(list); i++)
		if (!strcmp(list[i].name, name))
			return &list[i];
	return NULL;
}

void
seen_value_write(struct buf *buf, const struct watched *watched,
		 const struct seen_value *value)
{
	for (size_t i = 0; i < watched->count; i++) {
		buf_printf(buf, i ? ", " : "");
		if (!constant_write(buf, watched->name, watched->arg[i],
				    value->v[i]))
			buf_printf(buf, value->v[i] < 10 ? "%u" : "0x%x",
				   value->v[i]);
	}
}

void
seen_value_conditions(const struct watched *watched,
		      const struct seen_value *value,
		      struct condition *conditions)
{
	for (size_t i = 0; i < watched->count; i++)
		conditions[i] = (struct condition){
			.arg = watched->arg[i],
			.op = CMP_MASKED_EQ,
			.value = watched->mask[i],
			.value2 = value->v[i],
		};
}
