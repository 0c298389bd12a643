/* SPDX-License-Identifier: BSD-2-Clause */
/* main - ferrous-sandbox-ledger: the drain, as the module starts it.
 *
 * Ends after a last pass when standard input ends or whoever started it is gone.  For
 * everything that people do with a ledger there is ferrous-sandboxctl.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "build_info.h"
#include "ledger/drain.h"

#define LEAST_SYNC_MS 10
#define MOST_SYNC_MS 3600000
#define SYNC_MS 1000

static int print_help(FILE *to) {
  (void)fprintf(to,
                "ferrous-sandbox-ledger - drains a journal of usage into a ledger\n\n"
                "  ferrous-sandbox-ledger drain [--once] [--sync MS] JOURNAL LEDGER\n\n"
                "  --once      one pass, and out\n"
                "  --sync MS   time between passes, %d unless told otherwise\n\n"
                "Ends when standard input ends.  Reports: ferrous-sandboxctl usage, ledger.\n\n"
                "Exit status\n  0 ok   2 usage   69 no journal   75 the ledger could not be written; the journal "
                "keeps what is missing\n",
                SYNC_MS);
  return to == stdout ? 0 : 2;
}

static bool read_sync(const char *text, uint32_t *ret_ms) {
  char *end;
  unsigned long ms = strtoul(text, &end, 10);
  if (*end != '\0' || end == text || ms < LEAST_SYNC_MS || ms > MOST_SYNC_MS) return false;
  *ret_ms = (uint32_t)ms;
  return true;
}

static bool is_started_by_server(void) {
  struct stat status;
  return fstat(0, &status) == 0 && S_ISFIFO(status.st_mode);
}

int main(int argc, char **argv) {
  DrainOptions options = {.sync_ms = SYNC_MS, .stop_fd = 0};
  if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) return print_help(stdout);
  if (argc >= 2 && strcmp(argv[1], "--version") == 0) return puts("ferrous-sandbox-ledger " FERROUS_VERSION) < 0;
  if (argc < 2 || strcmp(argv[1], "drain") != 0) return print_help(stderr);
  int at = 2;
  for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
    if (strcmp(argv[at], "--once") == 0)
      options.is_once = true;
    else if (strcmp(argv[at], "--sync") != 0 || at + 1 >= argc || !read_sync(argv[++at], &options.sync_ms))
      return print_help(stderr);
  }
  if (argc - at != 2) return print_help(stderr);
  options.journal = argv[at];
  options.ledger = argv[at + 1];
  (void)signal(SIGPIPE, SIG_IGN);
  (void)umask(077);
  /* Who stops a whole unit signals its drain, too, which has a last pass to make. */
  if (is_started_by_server()) {
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
  }
  return ledger_drain_run(&options);
}
