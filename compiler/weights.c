#include "compiler.h"

const struct weights weights_uniform, weights_built_in;
