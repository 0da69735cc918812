/* What `seccompc sim` runs, and how it prints that. */
#ifndef SECCOMPC_SIM_REPORT_H
#define SECCOMPC_SIM_REPORT_H

#include "compiler/explain/expect.h"
#include "input.h"

/* A call and what a program makes of it. */
struct sim_call {
	struct seccomp_data data;
	enum abi abi;
	const struct syscall_name *name; /* NULL: an unknown number */
	uint32_t words;			 /* that are printed, bit by word */
	uint32_t action;		 /* as the kernel takes it */
	bool cached;
	unsigned executed;
	uint16_t *path; /* the instructions */
};

struct sim_report {
	const struct input *input;
	VEC(struct sim_call) calls;
	/* What has no number where it was asked for, in words. */
	VEC(const char *) missing;
	bool trace;
};

void sim_write_text(struct buf *buf, const struct sim_report *report);
void sim_write_json(struct buf *buf, const struct sim_report *report);

#endif
