/* SPDX-License-Identifier: BSD-2-Clause */
/* option - arguments that are optional or chosen from a list. */
#include "vm/lib/option.h"

void vm_option_refuse(VM *vm, int number, const char *before, const char *middle, const char *after) {
  size_t mark = vm_buffer_open(vm);
  vm_buffer_put(vm, before, strlen(before));
  vm_buffer_put(vm, middle, strlen(middle));
  vm_buffer_put(vm, after, strlen(after) + 1);
  vm_native_arg_error(vm, number, vm_buffer_data(vm, mark));
}

int vm_option_check(VM *vm, Value *args, int count, int number, const char *const *options) {
  const char *name = vm_native_check_string(vm, args, count, number)->bytes;
  size_t size = strlen(name); /* up to the first NUL, as the reference compares */
  for (int i = 0; options[i]; i++) {
    if (strlen(options[i]) == size && memcmp(options[i], name, size) == 0) return i;
  }
  vm_option_refuse(vm, number, "invalid option '", name, "'");
}
