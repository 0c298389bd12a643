/* SPDX-License-Identifier: BSD-2-Clause */
/* compile_driver - the compiler as a program, for the scripts that compare it.
 *
 *   compile_driver -l FILE...   lists in the reference compiler's instructions
 *   compile_driver -w FILE...   lists in ours
 *   compile_driver -b           reads records "NAME_SIZE SOURCE_SIZE\nNAMESOURCE"
 *                               and answers each with "TEXT_SIZE\nTEXT", the text of
 *                               the error or nothing
 *   compile_driver -t N FILE... compiles each file N times, prints MB/s and the
 *                               most scratch per byte
 *   FERROUS_LEVELS=N            nested C levels of the caller (default 0)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vm/compile/compile.h"
#include "vm/inspect/disasm.h"

static Scratch scratch;
static unsigned levels;

static void print(void *context, const char *text, size_t size) { fwrite(text, 1, size, context); }

static const Module *compile(const char *source, size_t size, const char *name, size_t name_size, CompileError *error) {
  const Module *module = NULL;
  size_t most = COMPILE_SCRATCH_CONSTANT + (size + 1) * COMPILE_SCRATCH_PER_BYTE;
  if (scratch.size < most) {
    free(scratch.base);
    scratch = (Scratch){.base = malloc(most), .size = most};
  }
  scratch.used = 0;
  const CompileText text = {source, size, name, name_size, levels, false};
  if (!vm_compile_text(&text, &scratch, &module, error)) return NULL;
  return module;
}

static char *read_file(const char *path, size_t *ret_size) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    exit(2);
  }
  fseek(file, 0, SEEK_END);
  *ret_size = (size_t)ftell(file);
  rewind(file);
  char *text = malloc(*ret_size + 1);
  if (fread(text, 1, *ret_size, file) != *ret_size) exit(2);
  fclose(file);
  return text;
}

/* As luac: a first line that begins with # is no Lua. */
static void blank_first_line(char *text, size_t size) {
  for (size_t i = 0; size > 0 && text[0] == '#' && i < size && text[i] != '\n'; i++)
    if (i > 0) text[i] = ' ';
  if (size > 0 && text[0] == '#') text[0] = ' ';
}

static int list(const char *path, bool reference) {
  size_t size;
  CompileError error;
  char *text = read_file(path, &size);
  blank_first_line(text, size);
  char name[512];
  snprintf(name, sizeof name, "@%s", path);
  const Module *module = compile(text, size, name, strlen(name), &error);
  if (!module) {
    fprintf(stderr, "%.*s\n", (int)error.text_size, error.text);
  } else if (reference) {
    vm_disasm_write_reference(module, print, stdout);
  } else {
    vm_disasm_write(module, print, stdout);
  }
  free(text);
  return module ? 0 : 1;
}

static int answer_batch(void) {
  size_t name_size, source_size;
  while (scanf("%zu %zu", &name_size, &source_size) == 2) {
    getchar();
    char *text = malloc(name_size + source_size + 1);
    if (fread(text, 1, name_size + source_size, stdin) != name_size + source_size) return 2;
    CompileError error = {.text_size = 0};
    if (compile(text + name_size, source_size, text, name_size, &error)) error.text_size = 0;
    printf("%zu\n", error.text_size);
    if (error.text_size) fwrite(error.text, 1, error.text_size, stdout);
    free(text);
  }
  return 0;
}

static int measure(long rounds, int count, char **paths) {
  double seconds = 0, bytes = 0, worst = 0;
  for (int i = 0; i < count; i++) {
    size_t size;
    CompileError error;
    char *text = read_file(paths[i], &size);
    blank_first_line(text, size);
    struct timespec from, to;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    for (long n = 0; n < rounds; n++) compile(text, size, "@file", 5, &error);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    seconds += (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) * 1e-9;
    bytes += (double)size * (double)rounds;
    scratch.peak = 0;
    if (!compile(text, size, "@file", 5, &error)) printf("%s: %.*s\n", paths[i], (int)error.text_size, error.text);
    if (size > 4000 && (double)scratch.peak / (double)size > worst) worst = (double)scratch.peak / (double)size;
    free(text);
  }
  printf("%.2f MB/s, %.1f bytes of scratch per byte\n", bytes / seconds / 1e6, worst);
  return 0;
}

int main(int argc, char **argv) {
  const char *option = argc > 1 ? argv[1] : "";
  if (getenv("FERROUS_LEVELS")) levels = (unsigned)atoi(getenv("FERROUS_LEVELS"));
  int status = 0;
  if (strcmp(option, "-b") == 0) return answer_batch();
  if (strcmp(option, "-t") == 0 && argc > 3) return measure(atol(argv[2]), argc - 3, argv + 3);
  if (strcmp(option, "-l") != 0 && strcmp(option, "-w") != 0) return 2;
  for (int i = 2; i < argc; i++) status |= list(argv[i], option[1] == 'l');
  return status;
}
