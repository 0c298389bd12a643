/* SPDX-License-Identifier: BSD-2-Clause */
/* test_slot - hash slots, against those that CLUSTER KEYSLOT tells. */
#include <string.h>

#include "tests/check_main.h"
#include "tools/module/slot.h"

/* The module's table of the server's functions: none is called here. */
RedisApi module_api;

START_TEST(slots_are_those_of_the_server) {
  static const struct {
    const char *key;
    int slot;
  } rows[] = {{"", 0},          {"foo", 12182},     {"bar", 5061},        {"123456789", 12739},
              {"{foo}bar", 12182}, {"x{foo}{bar}", 12182}, {"{}foo", 9500}, {"foo{}{bar}", 8363}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    ck_assert_msg(module_slot_of(rows[i].key, strlen(rows[i].key)) == rows[i].slot, "%s: %d",
                  rows[i].key, module_slot_of(rows[i].key, strlen(rows[i].key)));
}
END_TEST

SUITE("module slot", slots_are_those_of_the_server)
