/* Reading weights.tbl: how often real workloads make each syscall. */
#ifndef SYSCALL_TABLES_WEIGHTS_H
#define SYSCALL_TABLES_WEIGHTS_H

/*
 * Stores each share, in parts per million, where find says that the share of
 * this name goes; find returns NULL for a name that is no syscall.
 */
void read_weights(const char *path,
		  unsigned *(*find)(void *data, const char *name), void *data);

#endif
