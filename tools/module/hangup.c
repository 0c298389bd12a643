/* SPDX-License-Identifier: BSD-2-Clause */
/* hangup - one flag between a signal and the cron. */
#include "tools/module/hangup.h"

#include <signal.h>

#include "tools/module/policy.h"

static volatile sig_atomic_t has_come;
static bool is_ours;

static void take(int number) {
  (void)number;
  has_come = 1;
}

bool module_hangup_install(RedisCtx *ctx) {
  struct sigaction before, ours = {.sa_handler = take, .sa_flags = SA_RESTART};
  (void)sigemptyset(&ours.sa_mask);
  if (sigaction(SIGHUP, NULL, &before) != 0 || before.sa_handler != SIG_IGN) {
    rm.Log(ctx, "notice", "SIGHUP is somebody else's: SANDBOX RELOAD reads the policy again");
    return true;
  }
  is_ours = sigaction(SIGHUP, &ours, NULL) == 0;
  return is_ours;
}

void module_hangup_tend(RedisCtx *ctx) {
  char error[POLICY_ERROR_BYTES];
  if (has_come == 0) return;
  has_come = 0;
  if (module_policy_path()[0] == '\0') return;
  if (!module_policy_load(module_policy_path(), error)) rm.Log(ctx, "warning", "SIGHUP: %s", error);
}

void module_hangup_remove(void) {
  if (is_ours) (void)signal(SIGHUP, SIG_IGN);
  is_ours = false;
}
