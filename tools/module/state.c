/* SPDX-License-Identifier: BSD-2-Clause */
/* state - the one instance of it. */
#include "tools/module/state.h"

ModuleState module_state = {.mode = MODE_ENFORCE};
