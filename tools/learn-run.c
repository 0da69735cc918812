#include "learn.h"

#include "tools.h"

int
learn_run(struct learn_request *request, char **command, int *wait_status)
{
	(void)request;
	*wait_status = 0;
	tool_error("%s: cannot be observed yet", command[0]);
	return STATUS_REJECTED;
}
