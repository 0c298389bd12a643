/* SPDX-License-Identifier: BSD-2-Clause */
/* costs - names of the rows of costs.def. */
#ifndef POLICY_COSTS_H
#define POLICY_COSTS_H

#define COST_MODEL 7 /* raised by every change of costs.def or of emitted bytecode */

typedef enum {
#define COST(name, numerator, denominator, amount, meaning) COST_##name,
#include "policy/costs.def"
#undef COST
  COST_COUNT_
} Cost;

enum {
#define COST(name, numerator, denominator, amount, meaning) \
  COST_##name##_NUMERATOR = numerator, COST_##name##_DENOMINATOR = denominator,
#include "policy/costs.def"
#undef COST
  COST_VALUES_END_
};

#endif
