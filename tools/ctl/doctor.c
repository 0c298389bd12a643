/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor - the report of the seal. */
#include "tools/ctl/doctor.h"

#include <stdio.h>
#include <string.h>

#include "policy/codes.h"
#include "tools/ctl/admin.h"
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

/* --- Proofs: the steps are only probes --- */

static bool answers(FsbPool *pool, const char *source, const FsbHost *host, const char *reply,
                    char *ret_error, size_t size) {
  FsbRequest request = FSB_REQUEST_INIT;
  FsbBytes got = {"", 0};
  request.source = (FsbBytes){source, strlen(source)};
  request.host = host;
  FsbResult *result = fsb_run(pool, &request);
  FsbBytes error = fsb_result_error(result);
  bool works = fsb_result_reply(result, 2, &got) && got.size == strlen(reply) &&
               memcmp(got.data, reply, got.size) == 0;
  (void)snprintf(ret_error, size, "%.*s", (int)error.size, error.data);
  fsb_result_free(result);
  return works;
}

static bool try_server(FsbPool *pool, char *ret_error, size_t size) {
  FsbError error;
  FsbBackend *backend = fsb_backend_private(&error);
  (void)snprintf(ret_error, size, "out of memory");
  if (backend == NULL) return false;
  bool works = answers(pool, "return redis.call('PING')", fsb_backend_host(backend), "+PONG\r\n",
                       ret_error, size);
  fsb_backend_close(backend);
  return works;
}

/* --- A server that was named --- */

static bool names_server(const Options *options) {
  const ServerOptions *server = &options->server;
  return server->socket != NULL || server->port != NULL || server->control != NULL;
}

/* Function libraries that could not be taken over run outside every sandbox. */
static int ask_server(const Options *options, Health *health) {
  static const char *const words[] = {"status", NULL};
  int status = 0;
  if (!names_server(options)) return 0;
  json_t *data = ctl_admin_ask(options, words, &status);
  if (data == NULL) return status;
  health->has_server = true;
  health->libraries_left = ctl_link_number(data, "libraries_left");
  json_decref(data);
  return 0;
}

static void report_server(const Health *health) {
  if (!health->has_server) return;
  if (health->libraries_left == 0)
    (void)puts("The server's own Lua holds no function library.");
  else
    (void)printf("The server's own Lua still holds %llu function libraries: its log says why they were not\n"
                 "taken over; SANDBOX IMPORT-FUNCTIONS tries again.\n",
                 (unsigned long long)health->libraries_left);
}

static void report_proofs(Health *health, const Options *options) {
  if (options->json) return;
  if (health->runs) (void)puts("A script ran in a sealed worker.");
  if (health->serves)
    (void)puts("A private redis-server answered it.");
  else
    (void)printf("No private redis-server: %s\n", health->server_error);
  report_server(health);
}

int ctl_doctor_examine(const Options *options) {
  Health health = {.runs = false};
  FsbError error;
  if (options->operand_count != 0) {
    ctl_options_explain(&error, "doctor takes no operand: '%.40s'", options->operands[0]);
    return ctl_run_fail(options, &error);
  }
  int status = ask_server(options, &health);
  if (status != 0) return status;
  FsbPool *pool = ctl_run_open_pool(options, &error);
  if (pool == NULL) return ctl_run_fail(options, &error);
  health.is_sound = is_sound(pool);
  health.runs =
      answers(pool, "return 6 * 7", NULL, ":42\r\n", health.run_error, sizeof health.run_error);
  health.serves = try_server(pool, health.server_error, sizeof health.run_error);
  if (options->json)
    (void)ctl_json_print_health(stdout, pool, &health);
  else
    print_steps(pool, health.is_sound);
  report_proofs(&health, options);
  if (!health.runs) ctl_text_complain("doctor: a script does not run: %s", health.run_error);
  fsb_pool_close(pool);
  if (!ctl_text_finish()) return fsb_code_exit_status(CODE_INTERNAL);
  return fsb_code_exit_status(health.is_sound && health.runs ? CODE_OK : CODE_SEAL_REFUSED);
}
