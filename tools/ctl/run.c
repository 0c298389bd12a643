/* SPDX-License-Identifier: BSD-2-Clause */
/* run - from operands to a request, and from a result to output.
 *
 * What a server would answer goes to standard output exactly as redis-cli prints
 * it, errors of the script and its limits included.  What is no answer (nobody
 * to ask, a broken worker, an interrupt) is a line on standard error.
 */
#include "tools/ctl/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/codes.h"
#include "tools/ctl/json.h"
#include "tools/ctl/reply.h"
#include "tools/ctl/script.h"
#include "tools/ctl/text.h"
#include "tools/ctl/usage.h"

/* What a run is made of. */
typedef struct {
  const Options *options;
  Script script;
  FsbBytes *words; /* heap: keys, then args */
  size_t key_count;
  size_t word_count;
  bool compile_only;
} Job;

int ctl_run_fail(const Options *options, const FsbError *error) {
  if (options->json)
    (void)ctl_json_print_error(stdout, error);
  else
    ctl_text_complain("%s", error->text);
  bool is_out = !options->json || ctl_text_finish();
  return is_out ? fsb_code_exit_status(error->code) : fsb_code_exit_status(CODE_INTERNAL);
}

/* --- Interrupts --- */

/* The one thing that a signal handler can reach. */
static struct { FsbCancel *volatile cancel; } interrupt;

static void on_signal(int number) {
  FsbCancel *cancel = interrupt.cancel;
  (void)number;
  if (cancel != NULL) fsb_cancel_request(cancel);
}

/* The first signal ends the run in good order; a second one, having its default
 * again, ends us, and all our children with us. */
static void catch_signals(FsbCancel *cancel) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction old;
  interrupt.cancel = cancel;
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
      (void)sigaction(numbers[i], &action, NULL);
}

/* --- redis.log --- */

static void show_log(void *context, int level, FsbBytes text) {
  static const char *const names[] = {"debug", "verbose", "notice", "warning"};
  const Options *options = context;
  if (level < options->log_level || level < 0 || level > 3) return;
  (void)fprintf(stderr, "redis.log %s: ", names[level]);
  ctl_text_escape(stderr, text);
  (void)putc('\n', stderr);
}

/* --- Output --- */

static ReplyStyle style_of(const Options *options) {
  bool is_terminal = isatty(STDOUT_FILENO) != 0;
  if (options->form == FORM_RAW || (options->form == FORM_AUTO && !is_terminal)) return REPLY_RAW;
  return is_terminal ? REPLY_TERMINAL : REPLY_PRETTY;
}

/* Whether the outcome is what a server would have answered. */
static bool is_answer(int code) {
  return code == CODE_OK || code == CODE_SCRIPT_ERROR || code == CODE_COMPILE_ERROR ||
         code == CODE_KILLED || policy_codes_is_limit((Code)code);
}

/* A script that returns an error has failed, as far as its caller can see. */
static int status_of(FsbResult *result) {
  FsbElement element;
  int code = fsb_result_code(result);
  if (code != CODE_OK) return fsb_code_exit_status(code);
  FsbWalk *walk = fsb_walk_open(result, 2);
  bool is_error = walk != NULL && fsb_walk_next(walk, &element) && element.kind == FSB_ERROR;
  fsb_walk_close(walk);
  return is_error ? fsb_code_exit_status(CODE_SCRIPT_ERROR) : 0;
}

static void print_error(FsbResult *result) {
  FsbBytes text = fsb_result_error(result);
  ctl_text_complain("%.*s", (int)text.size, text.data);
}

static void print_report(FsbResult *result) {
  FsbBytes report = fsb_result_report(result);
  const char *at = report.data;
  while (report.size != 0) {
    const char *end = memchr(at, '\n', report.size);
    size_t size = end == NULL ? report.size : (size_t)(end - at);
    ctl_text_escape(stderr, (FsbBytes){at, size});
    (void)putc('\n', stderr);
    if (end == NULL) break;
    report.size -= size + 1;
    at = end + 1;
  }
}

static int show(const Job *job, FsbResult *result) {
  const Options *options = job->options;
  bool is_fine = true;
  if (options->json)
    is_fine = ctl_json_print_result(stdout, result);
  else if (!is_answer(fsb_result_code(result)))
    print_error(result);
  else if (!job->compile_only || fsb_result_code(result) != CODE_OK)
    is_fine = ctl_reply_print(stdout, result, style_of(options));
  if (!is_fine) ctl_text_complain("out of memory");
  if (!ctl_text_finish() || !is_fine) return fsb_code_exit_status(CODE_INTERNAL);
  if (!options->json) print_report(result);
  if (options->usage) ctl_usage_print(stderr, fsb_result_usage(result), options->limits);
  return status_of(result);
}

/* --- The run --- */

FsbPool *ctl_run_open_pool(const Options *options, FsbError *ret_error) {
  FsbPoolOptions pool = FSB_POOL_OPTIONS_INIT;
  pool.worker_path = options->worker;
  pool.limits = options->limits;
  pool.require = options->require;
  pool.avoid = options->avoid;
  pool.transport = options->transport;
  return fsb_pool_open(&pool, ret_error);
}

static FsbBackend *open_backend(const Job *job, FsbError *error) {
  FsbBackend *backend = job->options->redis == NULL
                            ? fsb_backend_private(error)
                            : fsb_backend_open(job->options->redis, job->options->timeout, error);
  if (backend == NULL && error->code == CODE_USAGE) {
    char text[sizeof error->text];
    memcpy(text, error->text, sizeof text);
    ctl_options_explain(error, "--redis: %.480s", text);
  }
  if (backend != NULL) fsb_backend_set_log(backend, show_log, (void *)job->options);
  return backend;
}

static int play(const Job *job, FsbPool *pool, FsbBackend *backend, FsbCancel *cancel) {
  FsbRequest request = FSB_REQUEST_INIT;
  request.source = (FsbBytes){job->script.data, job->script.size};
  request.keys = job->words;
  request.key_count = job->key_count;
  request.args = job->words + job->key_count;
  request.arg_count = job->word_count - job->key_count;
  request.limits = job->options->limits;
  request.host = backend == NULL ? NULL : fsb_backend_host(backend);
  request.cancel = cancel;
  request.random_state = job->options->has_seed ? &job->options->random_state : NULL;
  request.timeout = job->options->timeout;
  request.compile_only = job->compile_only;
  request.await_calls = job->options->await_calls;
  FsbResult *result = fsb_run(pool, &request);
  int status = show(job, result);
  fsb_result_free(result);
  return status;
}

static int run_with_pool(const Job *job, FsbPool *pool, FsbBackend *backend) {
  FsbCancel *cancel = fsb_cancel_new();
  catch_signals(cancel);
  int status = play(job, pool, backend, cancel);
  interrupt.cancel = NULL;
  fsb_cancel_free(cancel);
  return status;
}

static int run_with_backend(const Job *job, FsbBackend *backend) {
  FsbError error;
  FsbPool *pool = ctl_run_open_pool(job->options, &error);
  if (pool == NULL) return ctl_run_fail(job->options, &error);
  int status = run_with_pool(job, pool, backend);
  fsb_pool_close(pool);
  return status;
}

/* The server first: no process is started for one that cannot be reached. */
static int run_job(const Job *job) {
  FsbError error;
  FsbBackend *backend = NULL;
  if (!ctl_text_has_output()) return fsb_code_exit_status(CODE_INTERNAL);
  if (!job->compile_only) {
    backend = open_backend(job, &error);
    if (backend == NULL) return ctl_run_fail(job->options, &error);
  }
  int status = run_with_backend(job, backend);
  fsb_backend_close(backend);
  return status;
}

/* --- Operands --- */

static bool take_words(Job *job, char *const *words, size_t count) {
  job->words = calloc(count == 0 ? 1 : count, sizeof *job->words);
  if (job->words == NULL) return false;
  for (size_t i = 0; i < count; i++) job->words[i] = (FsbBytes){words[i], strlen(words[i])};
  job->word_count = count;
  return true;
}

static int out_of_memory(const Options *options) {
  FsbError error = {.code = CODE_INTERNAL, .text = "out of memory"};
  return ctl_run_fail(options, &error);
}

/* Keys up to the first word that is a comma, arguments behind it. */
static bool split_at_comma(Job *job, char **words, size_t count) {
  size_t comma = 0;
  while (comma < count && strcmp(words[comma], ",") != 0) comma++;
  job->key_count = comma;
  if (comma < count) {
    memmove(words + comma, words + comma + 1, (count - comma - 1) * sizeof *words);
    count--;
  }
  return take_words(job, words, count);
}

static bool read_script(Job *job, const char *path, FsbError *error) {
  uint64_t most = 0;
  (void)fsb_limits_get(job->options->limits, "script_bytes", &most);
  return ctl_script_read(path, most, &job->script, error);
}

int ctl_run_file(const Options *options) {
  Job job = {.options = options};
  FsbError error;
  int status;
  if (options->operand_count == 0) {
    ctl_options_explain(&error,
                        "run: no script; write ferrous-sandboxctl run FILE [key ...] [, arg ...]");
    return ctl_run_fail(options, &error);
  }
  if (!read_script(&job, options->operands[0], &error)) return ctl_run_fail(options, &error);
  if (split_at_comma(&job, options->operands + 1, (size_t)options->operand_count - 1))
    status = run_job(&job);
  else
    status = out_of_memory(options);
  free(job.words);
  ctl_script_free(&job.script);
  return status;
}

/* As EVAL reads and refuses it. */
static bool read_numkeys(const char *word, int given, size_t *ret_count, FsbError *error) {
  char *end;
  errno = 0;
  long long number = strtoll(word, &end, 10);
  bool is_number = errno == 0 && end != word && *end == '\0' && word[0] != ' ' && word[0] != '+';
  if (!is_number)
    ctl_options_explain(error, "eval: numkeys: ERR value is not an integer or out of range");
  else if (number > given)
    ctl_options_explain(error, "eval: ERR Number of keys can't be greater than number of args");
  else if (number < 0)
    ctl_options_explain(error, "eval: ERR Number of keys can't be negative");
  else
    *ret_count = (size_t)number;
  return is_number && number >= 0 && number <= given;
}

int ctl_run_text(const Options *options) {
  Job job = {.options = options};
  Script from_stdin = {NULL, 0};
  FsbError error;
  if (options->operand_count < 2) {
    ctl_options_explain(&error,
                        "eval: write ferrous-sandboxctl eval SCRIPT numkeys [key ...] [arg ...]");
    return ctl_run_fail(options, &error);
  }
  char **words = options->operands;
  int count = options->operand_count - 2;
  if (!read_numkeys(words[1], count, &job.key_count, &error)) return ctl_run_fail(options, &error);
  bool is_stdin = strcmp(words[0], "-") == 0;
  if (is_stdin && !read_script(&job, "-", &error)) return ctl_run_fail(options, &error);
  if (is_stdin)
    from_stdin = job.script;
  else
    job.script = (Script){words[0], strlen(words[0])};
  int status = take_words(&job, words + 2, (size_t)count) ? run_job(&job) : out_of_memory(options);
  free(job.words);
  ctl_script_free(&from_stdin);
  return status;
}

int ctl_run_check(const Options *options) {
  Job job = {.options = options, .compile_only = true};
  FsbError error;
  if (options->operand_count != 1) {
    ctl_options_explain(&error, "check: write ferrous-sandboxctl check FILE");
    return ctl_run_fail(options, &error);
  }
  if (!read_script(&job, options->operands[0], &error)) return ctl_run_fail(options, &error);
  int status = take_words(&job, NULL, 0) ? run_job(&job) : out_of_memory(options);
  free(job.words);
  ctl_script_free(&job.script);
  return status;
}
