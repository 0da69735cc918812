/*
 * The best trees of tests over the ranges of a word, found by trying all:
 * what search.c is held against.
 */
#ifndef TESTS_TREE_OPTIMUM_H
#define TESTS_TREE_OPTIMUM_H

#include "compiler.h"

enum { TREE_OPTIMUM_MAX = 12 };

/*
 * The least sum of weight times tests, and `size` for each test, of all trees
 * of JGE, JEQ and JSET over at most TREE_OPTIMUM_MAX ranges of which no path
 * has more than depth tests; UINT64_MAX if there is none.
 */
uint64_t tree_optimum(const struct range *ranges, const uint64_t *weights,
		      size_t n, uint64_t size, unsigned depth);

/*
 * The same of trees of JGE alone, whatever their depth, over any number of
 * ranges: it takes steps by the third power of it.
 */
uint64_t tree_optimum_jge(const struct range *ranges, const uint64_t *weights,
			  size_t n, uint64_t size);

/* The same of the one that halves the number of ranges at each JGE. */
uint64_t tree_balanced_jge(const struct range *ranges, const uint64_t *weights,
			   size_t n, uint64_t size);

#endif
