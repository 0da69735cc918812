#include "mutate.h"

/* All that the kernel takes, and an opcode of each class that it does not. */
static const uint16_t opcodes[] = {
	0x20, 0x80, 0x00, 0x60, 0x28, 0x81, 0x01, 0x61, 0xb1, 0x02, 0x03,
	0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3c, 0x44, 0x4c, 0x54,
	0x5c, 0x64, 0x6c, 0x74, 0x7c, 0x84, 0xa4, 0xac, 0x94, 0x05, 0x15,
	0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d, 0x06, 0x16, 0x07, 0x87,
};

enum {
	JUMPS = 8,    /* changes of jt and jf */
	NUMBERS = 4,  /* changes of k beside one for each of its bits */
	OPCODES = 18, /* at most so many in a class */
	KINDS = JUMPS + NUMBERS + 32 + OPCODES,
};

unsigned
mutate_kinds(void)
{
	return KINDS;
}

static void
change_jump(struct sock_filter *insn, unsigned kind)
{
	uint8_t jt = insn->jt;

	switch (kind) {
	case 0:
		insn->jt++;
		break;
	case 1:
		insn->jt--;
		break;
	case 2:
		insn->jf++;
		break;
	case 3:
		insn->jf--;
		break;
	case 4:
		insn->jt = insn->jf;
		break;
	case 5:
		insn->jf = insn->jt;
		break;
	case 6:
		insn->jt = insn->jf;
		insn->jf = jt;
		break;
	default:
		insn->jt ^= 0x80;
		break;
	}
}

static void
change_number(struct sock_filter *insn, unsigned kind)
{
	switch (kind) {
	case 0:
		insn->k++;
		break;
	case 1:
		insn->k--;
		break;
	case 2:
		insn->k = insn->k << 16 | insn->k >> 16;
		break;
	case 3:
		insn->k = ~insn->k;
		break;
	default:
		insn->k ^= 1u << (kind - NUMBERS);
		break;
	}
}

/* The nth opcode of the class. */
static void
change_code(struct sock_filter *insn, unsigned n)
{
	for (size_t i = 0; i < LENGTH(opcodes); i++)
		if (BPF_CLASS(opcodes[i]) == BPF_CLASS(insn->code) && !n--) {
			insn->code = opcodes[i];
			return;
		}
}

bool
mutate(const struct sock_filter *insn, unsigned kind, struct sock_filter *out)
{
	*out = *insn;
	if (kind < JUMPS)
		change_jump(out, kind);
	else if (kind < JUMPS + NUMBERS + 32)
		change_number(out, kind - JUMPS);
	else
		change_code(out, kind - JUMPS - NUMBERS - 32);
	return out->code != insn->code || out->jt != insn->jt ||
	       out->jf != insn->jf || out->k != insn->k;
}
