/* SPDX-License-Identifier: BSD-2-Clause */
/* run - ferrous-vm run and heap: a file on the bare machine. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/vm/commands.h"
#include "tools/vm/host.h"
#include "vm/full/arguments.h"

typedef struct {
  const char *path;
  char **arguments; /* of the script; NULL ends them */
  uint64_t instructions;
  size_t memory;
  VmProfile profile;
  bool usage;
  bool heap;
  bool trace;
  const char *operands; /* where to append what was executed on which kinds of values; or NULL */
  bool control_low;
} Options;

enum { EXIT_USAGE = 2, EXIT_LIMIT_HIT = 3 };

static bool parse_number(const char *text, uint64_t *ret_number) {
  char *end;
  if (text == NULL || *text < '0' || *text > '9') return false;
  *ret_number = strtoull(text, &end, 10);
  return *end == 0;
}

static bool parse(int argc, char **argv, Options *options) {
  for (int i = 1; i < argc; i++) {
    uint64_t number = 0;
    if (strcmp(argv[i], "--instructions") == 0 && parse_number(i + 1 < argc ? argv[i + 1] : NULL, &number)) {
      options->instructions = number;
      i++;
    } else if (strcmp(argv[i], "--memory") == 0 && parse_number(i + 1 < argc ? argv[i + 1] : NULL, &number)) {
      options->memory = number;
      i++;
    } else if (strcmp(argv[i], "--operands") == 0 && i + 1 < argc) {
      options->operands = argv[++i];
    } else if (strcmp(argv[i], "--redis") == 0) {
      options->profile = VM_PROFILE_REDIS;
    } else if (strcmp(argv[i], "--control-low") == 0) {
      options->control_low = true;
    } else if (strcmp(argv[i], "--usage") == 0) {
      options->usage = true;
    } else if (argv[i][0] == '-' && argv[i][1] != 0) {
      fprintf(stderr, "ferrous-vm: unknown option or missing value: %s\n", argv[i]);
      return false;
    } else {
      options->path = argv[i];
      options->arguments = argv + i + 1; /* what follows belongs to the script */
      break;
    }
  }
  if (options->path == NULL) fprintf(stderr, "ferrous-vm: no file is named\n");
  return options->path != NULL;
}

static int report(Host *host, VmStatus status) {
  if (status == VM_DONE) return 0;
  if (status == VM_HOST_CALL) return vm_host_call(host->vm)->level & 255;
  if (status == VM_ERROR) {
    const VmError *error = vm_error(host->vm);
    fprintf(stderr, "ferrous-vm: %.*s\n", (int)error->text.size, error->text.data);
    return 1;
  }
  const VmEnding *ending = vm_ending(host->vm);
  static const char *const kinds[] = {"instructions", "memory", "stopped"};
  fprintf(stderr, "ferrous-vm: limit: %s, at %.*s:%" PRId64 "\n", kinds[ending->kind], (int)ending->source.size,
          ending->source.data ? ending->source.data : "", ending->line);
  return EXIT_LIMIT_HIT;
}

static void print_usage(const VM *vm) {
  VmUsage usage;
  vm_usage(vm, &usage);
  fprintf(stderr, "instructions %" PRIu64 "\ncompile_units %" PRIu64 "\nmemory_peak_bytes %" PRIu64
                  "\nmemory_bytes %" PRIu64 "\ncollections %" PRIu64 "\n",
          usage.instructions, usage.compile_units, usage.memory_peak, usage.memory_now, usage.collections);
}

/* --- Tracing --- */

static const char *const kind_names[VM_KIND_COUNT_] = {"",      "nil",       "boolean",  "number", "string",
                                                       "table", "metatable", "function", "thread", "userdata"};

static void print_instruction(void *context, const VmTracePoint *point) {
  fprintf(context, "%*s%.*s:%" PRId64 "  %4" PRIu32 "  %-12s %3u %3u %3u", (int)(point->depth < 40 ? point->depth * 2 : 80), "",
          (int)point->source.size, point->source.data, point->line, point->pc, point->name, point->word >> 8 & 255,
          point->word >> 16 & 255, point->word >> 24);
  for (int i = 0; i < 3; i++) {
    if (point->kinds[i] != VM_KIND_NONE) fprintf(context, "  %c:%s", 'A' + i, kind_names[point->kinds[i]]);
  }
  fputc('\n', context);
}

typedef struct {
  const char *name;
  bool seen[3][VM_KIND_COUNT_];
} Executed;

static void count_operands(void *context, const VmTracePoint *point) {
  Executed *executed = (Executed *)context + point->opcode;
  executed->name = point->name;
  for (int i = 0; i < 3; i++) executed->seen[i][point->kinds[i]] = true;
}

/* One line for each opcode, field and kind of value: "ADD_RR B number"; "RETURN0 - -" for the opcode itself. */
static void write_operands(FILE *to, const Executed *executed) {
  fprintf(to, "%s - -\n", executed->name);
  for (int i = 0; i < 3; i++) {
    for (int kind = VM_KIND_NIL; kind < VM_KIND_COUNT_; kind++) {
      if (executed->seen[i][kind]) fprintf(to, "%s %c %s\n", executed->name, 'A' + i, kind_names[kind]);
    }
  }
}

static bool append_operands(const char *path, const Executed executed[256]) {
  FILE *to = fopen(path, "a");
  for (int op = 0; to != NULL && op < 256; op++) {
    if (executed[op].name != NULL) write_operands(to, &executed[op]);
  }
  if (to == NULL || fclose(to) != 0) {
    fprintf(stderr, "ferrous-vm: cannot write %s\n", path);
    return false;
  }
  return true;
}

enum { ARGUMENTS_MAX = 1024 };

/* Running out of memory here shows at the run. */
static void set_arguments(Host *host, const Options *options) {
  VmBytes items[ARGUMENTS_MAX];
  size_t count = 0;
  for (char **next = options->arguments; *next != NULL && count < ARGUMENTS_MAX; next++) {
    items[count++] = (VmBytes){*next, strlen(*next)};
  }
  (void)vm_arguments_set(host->vm, options->path, items, count);
}

static int run(const Options *options) {
  size_t size;
  char *text = vm_host_read_file(options->path, &size);
  if (text == NULL) return EXIT_USAGE;
  vm_host_blank_first_line(text, size);
  Host host;
  if (!vm_host_open(&host, options->profile, options->memory, options->control_low)) {
    free(text);
    return 70;
  }
  VmRequest request = {.instructions = options->instructions, .memory = options->memory, .random_state = 0x1234ABCD330E, .resp = 2};
  Executed executed[256] = {0};
  if (options->trace) vm_set_trace(host.vm, print_instruction, stderr);
  else if (options->operands) vm_set_trace(host.vm, count_operands, executed);
  vm_begin(host.vm, &request);
  char chunk_name[4200];
  snprintf(chunk_name, sizeof chunk_name, "@%s", strcmp(options->path, "-") == 0 ? "stdin" : options->path);
  bool compiled = vm_compile(host.vm, (VmBytes){text, size}, chunk_name);
  if (compiled && options->profile == VM_PROFILE_FULL) set_arguments(&host, options);
  VmStatus status = compiled ? vm_host_run(&host) : vm_error(host.vm)->compile ? VM_ERROR : vm_host_run(&host);
  fflush(stdout);
  int code = report(&host, status);
  if (options->usage) print_usage(host.vm);
  if (options->heap) {
    const char *wrong = vm_check_heap(host.vm);
    printf("heap: %s\n", wrong ? wrong : "sound");
    if (wrong) code = 70;
  }
  if (options->operands && !append_operands(options->operands, executed)) code = 70;
  free(text);
  return code;
}

static int run_with(int argc, char **argv, bool heap, bool trace) {
  Options options = {.instructions = UINT64_C(1) << 50,
                     .memory = (size_t)256 << 20,
                     .profile = VM_PROFILE_FULL,
                     .usage = heap,
                     .heap = heap,
                     .trace = trace};
  return parse(argc, argv, &options) ? run(&options) : EXIT_USAGE;
}

int vm_command_run(int argc, char **argv) { return run_with(argc, argv, false, false); }
int vm_command_heap(int argc, char **argv) { return run_with(argc, argv, true, false); }
int vm_command_trace(int argc, char **argv) { return run_with(argc, argv, false, true); }
