/* SPDX-License-Identifier: BSD-2-Clause */
/* top - samples on the screen (ncurses) or as text.
 *
 * The first picture comes after the first delay, as only two looks make a rate.  The
 * terminal is put back however this ends.
 */
#define _GNU_SOURCE
#include "tools/ctl/top.h"

#include <curses.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "policy/codes.h"
#include "tools/ctl/admin.h"
#include "tools/ctl/run.h"
#include "tools/ctl/sample.h"
#include "tools/ctl/stream.h"
#include "tools/ctl/text.h"

#define DELAY UINT64_C(1000000000)

typedef struct {
  const Options *options;
  Link *link;
  Sample before, now;
  const char *sort;
  uint64_t delay, pictures;
  bool wants_end;
} Top;

static volatile sig_atomic_t is_interrupted;

static void on_interrupt(int number) {
  (void)number;
  is_interrupted = 1;
}

static bool is_over(const Top *top) {
  uint64_t most = top->options->iterations;
  return top->wants_end || is_interrupted != 0 || (most != 0 && top->pictures >= most);
}

static bool look(Top *top, FsbError *error) {
  Sample sample;
  if (!ctl_sample_take(top->link, &sample, error)) return false;
  ctl_sample_drop(&top->before);
  top->before = top->now;
  top->now = sample;
  return true;
}

/* --- Batch --- */

static bool print_json(const Top *top, json_t *rows) {
  json_t *data = json_object();
  (void)json_object_set(data, "status", top->now.status);
  (void)json_object_set(data, "running", json_object_get(top->now.ps, "running"));
  (void)json_object_set_new(data, "tenants", rows);
  return ctl_admin_print_json("top", data) == 0;
}

static bool print_picture(Top *top) {
  char first[160], second[160];
  size_t count;
  const TableColumn *columns = ctl_sample_columns(&count);
  json_t *rows = ctl_sample_rows(&top->before, &top->now, top->sort);
  if (top->options->json) return print_json(top, rows);
  ctl_sample_head(&top->now, first, second);
  (void)printf("%s%s\n%s\n\n", top->pictures == 0 ? "" : "\n", first, second);
  ctl_table_print(stdout, rows, columns, count, ctl_table_is_coloured(top->options), "no tenants");
  json_decref(rows);
  return ctl_text_finish();
}

static void pause_for(uint64_t delay) {
  const struct timespec time = {.tv_sec = (time_t)(delay / UINT64_C(1000000000)),
                                .tv_nsec = (long)(delay % UINT64_C(1000000000))};
  (void)nanosleep(&time, NULL);
}

static int run_batch(Top *top) {
  FsbError error;
  while (!is_over(top)) {
    pause_for(top->delay);
    if (is_interrupted != 0) break;
    if (!look(top, &error)) return ctl_run_fail(top->options, &error);
    if (!print_picture(top)) return fsb_code_exit_status(CODE_INTERNAL);
    top->pictures++;
  }
  return is_interrupted != 0 ? fsb_code_exit_status(CODE_CANCELLED) : 0;
}

/* --- The screen --- */

static void draw_table(const Top *top) {
  char *text = NULL;
  size_t size = 0, count;
  const TableColumn *columns = ctl_sample_columns(&count);
  FILE *to = open_memstream(&text, &size);
  if (to == NULL) return;
  json_t *rows = ctl_sample_rows(&top->before, &top->now, top->sort);
  ctl_table_print(to, rows, columns, count, false, "no tenants");
  json_decref(rows);
  (void)fclose(to);
  char *rest = text;
  for (int line = 4; line < LINES && rest != NULL; line++) {
    const char *row = strsep(&rest, "\n");
    if (line == 4) (void)attron(A_REVERSE);
    (void)mvaddnstr(line, 0, row, COLS);
    if (line == 4) (void)attroff(A_REVERSE);
  }
  free(text);
}

static void draw(const Top *top, const char *problem) {
  char first[160], second[160];
  (void)erase();
  ctl_sample_head(&top->now, first, second);
  (void)mvaddnstr(0, 0, first, COLS);
  (void)mvaddnstr(1, 0, problem != NULL ? problem : second, COLS);
  (void)mvprintw(2, 0, "%.*s", COLS,
                 "q quit   sort: t time  r runs  f failures  i instructions  c cpu  a calls  n tenant");
  draw_table(top);
  (void)refresh();
}

static void take_key(Top *top, int key) {
  char letter;
  if (key == 'q' || key == 'Q' || key == 27) top->wants_end = true;
  for (size_t i = 0; ctl_sample_sort(i, &letter) != NULL; i++)
    if (key == letter) top->sort = ctl_sample_sort(i, &letter);
}

/* Until the next look is due; keys and a new size of the window are shown at once. */
static void wait_for_keys(Top *top, const char *problem) {
  uint64_t until = ctl_stream_now() + top->delay;
  while (!is_over(top)) {
    uint64_t now = ctl_stream_now();
    if (now >= until) return;
    timeout((int)((until - now) / 1000000) + 1);
    int key = getch();
    if (key == ERR) continue;
    take_key(top, key);
    draw(top, problem);
  }
}

static bool connect_again(Top *top, FsbError *error) {
  ctl_link_close(top->link);
  top->link = ctl_link_open(top->options, error);
  return top->link != NULL && look(top, error);
}

/* A server that goes away is shown as such and asked again: it may come back. */
static void run_pictures(Top *top) {
  FsbError error;
  while (!is_over(top)) {
    bool is_there = top->link != NULL && look(top, &error);
    if (!is_there) is_there = connect_again(top, &error);
    draw(top, is_there ? NULL : error.text);
    top->pictures++;
    if (!is_over(top)) wait_for_keys(top, is_there ? NULL : error.text);
  }
}

static int run_screen(Top *top) {
  FsbError error;
  SCREEN *screen = newterm(NULL, stdout, stdin);
  if (screen == NULL) {
    ctl_options_explain(&error, "top cannot use this terminal ($TERM); --batch prints instead");
    return ctl_run_fail(top->options, &error);
  }
  (void)cbreak();
  (void)noecho();
  (void)keypad(stdscr, TRUE);
  (void)set_escdelay(25);
  (void)curs_set(0);
  run_pictures(top);
  (void)endwin();
  delscreen(screen);
  return is_interrupted != 0 ? fsb_code_exit_status(CODE_CANCELLED) : 0;
}

/* --- The command --- */

static bool is_sort(const char *sort, FsbError *error) {
  char key;
  for (size_t i = 0; ctl_sample_sort(i, &key) != NULL; i++)
    if (strcmp(ctl_sample_sort(i, &key), sort) == 0) return true;
  ctl_options_explain(error, "--sort: '%.40s' is none of time, runs, failures, instructions, cpu, calls, tenant", sort);
  return false;
}

int ctl_top_show(const Options *options) {
  const struct sigaction action = {.sa_handler = on_interrupt};
  Top top = {.options = options,
             .sort = options->sort != NULL ? options->sort : "time",
             .delay = options->delay != 0 ? options->delay : DELAY};
  FsbError error;
  bool is_batch = options->batch || options->json || isatty(STDOUT_FILENO) != 1;
  int status = ctl_admin_refuse_operands(options, "top");
  if (status != 0) return status;
  if (!is_sort(top.sort, &error)) return ctl_run_fail(options, &error);
  (void)setlocale(LC_ALL, "");
  top.link = ctl_link_open(options, &error);
  if (top.link == NULL || !look(&top, &error)) {
    ctl_link_close(top.link);
    return ctl_run_fail(options, &error);
  }
  (void)sigaction(SIGINT, &action, NULL);
  (void)sigaction(SIGTERM, &action, NULL);
  status = is_batch ? run_batch(&top) : run_screen(&top);
  ctl_sample_drop(&top.before);
  ctl_sample_drop(&top.now);
  ctl_link_close(top.link);
  return status;
}
