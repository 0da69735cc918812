/* Text that goes to a terminal. */
#ifndef SECCOMPC_CLEAN_H
#define SECCOMPC_CLEAN_H

/* Puts ? in the place of what could drive a terminal, or a CI system: of
 * GitHub's runner "##[" is a command wherever it stands. */
static inline void
text_clean(char *s)
{
	unsigned char *c = (unsigned char *)s;
	unsigned char before = 0;

	for (; *c; before = *c++) {
		/* C1 controls are two bytes in UTF-8. */
		if (*c < 0x20 || *c == 0x7f ||
		    (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) ||
		    (*c == '#' && before == '#'))
			*c = '?';
	}
}

#endif
