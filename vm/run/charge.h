/* SPDX-License-Identifier: BSD-2-Clause */
/* charge - see vm/memory/charge.h, where lower layers can reach it too. */
#ifndef VM_RUN_CHARGE_H
#define VM_RUN_CHARGE_H

#include "vm/memory/charge.h"

#endif
