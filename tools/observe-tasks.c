#include "observe.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Open addressing with steps of one.  Ids are given out in turn, so that
 * neighbours are the rule: the factor scatters them. */
static size_t
slot(const struct tasks *tasks, pid_t tid)
{
	return ((uint32_t)tid * 0x9e3779b1u >> 8) & (tasks->size - 1);
}

static struct task *
look(const struct tasks *tasks, pid_t tid)
{
	size_t i = slot(tasks, tid);

	while (tasks->v[i].tid && tasks->v[i].tid != tid)
		i = (i + 1) & (tasks->size - 1);
	return &tasks->v[i];
}

struct task *
tasks_find(const struct tasks *tasks, pid_t tid)
{
	struct task *task = tasks->size ? look(tasks, tid) : NULL;

	return task && task->tid ? task : NULL;
}

static void
grow(struct tasks *tasks, struct arena *arena)
{
	struct tasks grown = { .size = tasks->size ? tasks->size * 2 : 64 };

	grown.v = arena_alloc(arena, grown.size * sizeof(*grown.v));
	grown.n = tasks->n;
	for (size_t i = 0; i < tasks->size; i++)
		if (tasks->v[i].tid)
			*look(&grown, tasks->v[i].tid) = tasks->v[i];
	*tasks = grown;
}

struct task *
tasks_add(struct tasks *tasks, struct arena *arena, pid_t tid)
{
	struct task *task = tasks_find(tasks, tid);

	if (task)
		return task;
	if (tasks->n >= tasks->size / 2)
		grow(tasks, arena);
	task = look(tasks, tid);
	task->tid = tid;
	tasks->n++;
	return task;
}

/* What stands behind a gap may have been put there because the gap was
 * taken. */
void
tasks_remove(struct tasks *tasks, pid_t tid)
{
	struct task *task = tasks_find(tasks, tid);
	struct task moved;
	size_t i;

	if (!task)
		return;
	memset(task, 0, sizeof(*task));
	tasks->n--;
	i = (size_t)(task - tasks->v);
	for (;;) {
		i = (i + 1) & (tasks->size - 1);
		if (!tasks->v[i].tid)
			return;
		moved = tasks->v[i];
		memset(&tasks->v[i], 0, sizeof(moved));
		*look(tasks, moved.tid) = moved;
	}
}

/* pidfd_open(2) takes the first thread of a process and no other, and one that
 * is traced keeps its id until this process has waited for it. */
void
tasks_signal(const struct tasks *tasks, int signal)
{
	for (size_t i = 0; i < tasks->size; i++) {
		const struct task *task = &tasks->v[i];
		int fd;

		if (!task->tid || !task->started)
			continue;
		fd = (int)syscall(SYS_pidfd_open, (long)task->tid, 0L);
		if (fd >= 0)
			close(fd);
		if (fd >= 0 || errno == ENOSYS || errno == EPERM)
			kill(task->tid, signal);
	}
}
