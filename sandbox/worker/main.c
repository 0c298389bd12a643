/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - ferrous-sandbox-worker: a zygote whose workers run the virtual machine. */
#include "sandbox/worker/serve.h"
#include "sandbox/worker/zygote.h"
#include "vm/vm.h"

int main(void) {
  const WorkerProgram program = {.state_bytes = worker_serve_state_bytes(),
                                 .item_bytes = worker_serve_item_bytes(),
                                 .control_bytes = vm_control_size,
                                 .prepare = worker_serve_prepare,
                                 .serve = worker_serve_run};
  return worker_zygote_main(&program);
}
