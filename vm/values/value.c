/* SPDX-License-Identifier: BSD-2-Clause */
/* value - see value.h. */
#include "vm/values/value.h"

const char *const vm_value_type_names[TYPE_COUNT_] = {"nil",    "boolean", "userdata", "number",
                                                      "string", "table",   "function", "thread"};
