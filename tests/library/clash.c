/*
 * A program with names that the library uses inside, and that are its own.
 */
#include <seccompc.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
#define OWN(name) int name(void); int name(void) { return __LINE__; }
OWN(compile) OWN(emit) OWN(decide) OWN(prove) OWN(buf_printf) OWN(arena_alloc)
OWN(json_read) OWN(diag_at) OWN(disasm_write) OWN(install_filter)
OWN(syscall_find) OWN(options_init) OWN(profile_read)
	/* clang-format on */

	int main(void)
{
	static const char text[] = "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}";
	struct scc_filter *filter;
	size_t count;

	if (scc_compile(&filter, NULL, "clash", text, strlen(text)))
		return 1;
	scc_instructions(filter, &count);
	scc_filter_destroy(filter);
	printf("%d\n", count > 0 && compile() && emit() && decide() && prove());
	return 0;
}
