/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor - the report of the seal. */
#include "tools/ctl/doctor.h"

#include <stdio.h>
#include <string.h>

#include "policy/codes.h"
#include "tools/ctl/json.h"
#include "tools/ctl/run.h"
#include "tools/ctl/text.h"

static bool is_sound(const FsbPool *pool) {
  FsbStep step;
  for (size_t i = 0; fsb_pool_step(pool, i, &step); i++)
    if (step.is_floor && !step.in_force) return false;
  return true;
}

static void print_step(const FsbStep *step) {
  (void)printf("  %-4s %-15s %s",
               step->in_force   ? "ok"
               : step->is_floor ? "MISS"
                                : "weak",
               step->name, step->what);
  if (strcmp(step->state, "applied") != 0) (void)printf(" [%s]", step->state);
  (void)putchar('\n');
  if (step->in_force) return;
  if (step->error != 0)
    (void)printf(
        "       %-15s the kernel said: %s\n", "",
        strcmp(step->state, "refused") == 0 ? strsignal(step->error) : strerror(step->error));
  (void)printf("       %-15s without it: %s\n", "", step->lack);
}

static void print_steps(const FsbPool *pool, bool sound) {
  FsbStep step;
  size_t weak = 0;
  (void)printf("ferrous-sandboxctl %s, build %s\n\nSteps of the seal, in order:\n", fsb_version(),
               fsb_build_id());
  for (size_t i = 0; fsb_pool_step(pool, i, &step); i++) {
    print_step(&step);
    if (!step.in_force && !step.is_floor) weak++;
  }
  if (!sound)
    (void)puts("\nScripts cannot run here: a step that is never waived is missing.");
  else if (weak == 0)
    (void)puts("\nEvery step is in force.");
  else
    (void)printf("\nScripts run confined; %zu optional step%s not in force.\n", weak,
                 weak == 1 ? " is" : "s are");
}

/* The steps are probes; this is the proof. */
static bool try_script(FsbPool *pool, bool is_shown) {
  static const char source[] = "return 6 * 7";
  FsbRequest request = FSB_REQUEST_INIT;
  FsbBytes reply = {"", 0};
  request.source = (FsbBytes){source, sizeof source - 1};
  FsbResult *result = fsb_run(pool, &request);
  bool works = fsb_result_code(result) == 0 && fsb_result_reply(result, 2, &reply) &&
               reply.size == 5 && memcmp(reply.data, ":42\r\n", 5) == 0;
  FsbBytes error = fsb_result_error(result);
  if (is_shown && works) (void)puts("A script ran in a sealed worker.");
  if (!works) ctl_text_complain("doctor: a script does not run: %.*s", (int)error.size, error.data);
  fsb_result_free(result);
  return works;
}

int ctl_doctor_examine(const Options *options) {
  FsbError error;
  if (options->operand_count != 0) {
    ctl_options_explain(&error, "doctor takes no operand: '%.40s'", options->operands[0]);
    return ctl_run_fail(options, &error);
  }
  FsbPool *pool = ctl_run_open_pool(options, &error);
  if (pool == NULL) return ctl_run_fail(options, &error);
  bool sound = is_sound(pool);
  if (options->json)
    (void)ctl_json_print_steps(stdout, pool, sound);
  else
    print_steps(pool, sound);
  bool works = try_script(pool, !options->json);
  fsb_pool_close(pool);
  if (!ctl_text_finish()) return fsb_code_exit_status(CODE_INTERNAL);
  return fsb_code_exit_status(sound && works ? CODE_OK : CODE_SEAL_REFUSED);
}
