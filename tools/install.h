/* Installing a program in this process. */
#ifndef SECCOMPC_INSTALL_H
#define SECCOMPC_INSTALL_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Sets no_new_privs and installs a checked program: with
 * prctl(PR_SET_SECCOMP), or with seccomp(2) if flags
 * (SECCOMP_FILTER_FLAG_*) ask for what prctl cannot carry.  Returns false
 * after reporting what the errno means.
 */
bool install_program(const struct sock_filter *code, size_t count,
		     uint32_t flags);

#endif
