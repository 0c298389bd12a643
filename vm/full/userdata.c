/* SPDX-License-Identifier: BSD-2-Clause */
/* userdata - see userdata.h. */
#include "vm/full/userdata.h"

Value vm_userdata_new(VM *vm, uint32_t slots) {
  Table *t = vm_table_new(vm, slots, 0);
  t->header.flags |= HEADER_USERDATA;
  table_array(t)[USERDATA_ENVIRONMENT] = *state_globals(vm);
  return value_of_userdata(t);
}
