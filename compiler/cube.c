#include "args.h"

/* Adds a cube unless it is known or there are too many. */
static void
add(struct cubes *cubes, struct cube cube)
{
	if (cubes->n == LENGTH(cubes->v))
		return;
	for (size_t i = 0; i < cubes->n; i++)
		if (cubes->v[i].free == cube.free &&
		    cubes->v[i].value == cube.value)
			return;
	cubes->v[cubes->n++] = cube;
}

void
cube_find(struct cubes *cubes, const struct range *ranges, size_t count)
{
	size_t single;

	cubes->n = 0;
	for (size_t i = 0; i < count && i < CUBE_RANGES; i++) {
		uint32_t free = ranges[i].last - ranges[i].first;

		if (!(free & (free + 1)) && !(free & ranges[i].first))
			add(cubes, (struct cube){ free, ranges[i].first,
						  UINT64_C(1) << i });
	}
	single = cubes->n;
	/* Two that differ in one bit alone are one with that bit free. */
	for (size_t i = 1; i < cubes->n; i++) {
		for (size_t j = 0; j < i; j++) {
			const struct cube *a = &cubes->v[i], *b = &cubes->v[j];
			uint32_t bit = a->value ^ b->value;

			if (a->free == b->free && !(bit & (bit - 1)))
				add(cubes,
				    (struct cube){ a->free | bit,
						   a->value & ~bit,
						   a->ranges | b->ranges });
		}
	}
	for (size_t i = single; i < cubes->n; i++)
		cubes->v[i - single] = cubes->v[i];
	cubes->n -= single;
}

struct word_part
cube_part(const struct cube *cube)
{
	return (struct word_part){ .masked = true,
				   .mask = ~cube->free,
				   .value = cube->value };
}
