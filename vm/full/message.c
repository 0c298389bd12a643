/* SPDX-License-Identifier: BSD-2-Clause */
/* message - see message.h. */
#include "vm/full/message.h"

int vm_message_send(VM *vm, Frame *frame, VmHostKind kind, int32_t level, size_t mark, uint16_t next_step) {
  size_t size = vm_buffer_size(vm, mark);
  /* The one-element vector follows the text, at the next place where it may stand. */
  vm_buffer_space(vm, sizeof(VmBytes) + sizeof(uint64_t));
  uintptr_t behind = (uintptr_t)vm_buffer_data(vm, mark) + size;
  VmBytes *argv = (VmBytes *)((behind + sizeof(uint64_t) - 1) & ~(uintptr_t)(sizeof(uint64_t) - 1));
  *argv = (VmBytes){vm_buffer_data(vm, mark), size};
  vm->run.host_call = (VmHostCall){.kind = kind, .argc = 1, .argv = argv, .resp = vm->run.resp, .level = level};
  return vm_native_host(vm, frame, kind, next_step);
}
