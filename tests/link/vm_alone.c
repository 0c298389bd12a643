/* SPDX-License-Identifier: BSD-2-Clause */
/* vm_alone - a program that links the machine, libm and nothing else of ours.
 *
 * That it links is the test.  It opens no VM; tests/vm does that.
 */
#include "vm/vm.h"

int main(void) {
  return vm_control_size(1U << 20) > 0 ? 0 : 1;
}
