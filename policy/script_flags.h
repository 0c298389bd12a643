/* SPDX-License-Identifier: BSD-2-Clause */
/* script_flags - the bits of script_flags.def. */
#ifndef POLICY_SCRIPT_FLAGS_H
#define POLICY_SCRIPT_FLAGS_H

enum {
#define SCRIPT_FLAG(name, bit, text) SCRIPT_##name = (bit),
#include "policy/script_flags.def"
#undef SCRIPT_FLAG
};

#endif
