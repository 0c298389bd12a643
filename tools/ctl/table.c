/* SPDX-License-Identifier: BSD-2-Clause */
/* table - two passes: widths, then lines. */
#define _GNU_SOURCE
#include "tools/ctl/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tools/ctl/text.h"

#define WIDEST_TEXT 48
#define MOST_COLUMNS 16

bool ctl_table_is_coloured(const Options *options) {
  const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");
  if (options->color != COLOR_AUTO) return options->color == COLOR_ALWAYS;
  if (no != NULL && no[0] != '\0') return false;
  return isatty(STDOUT_FILENO) == 1 && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

/* --- Values --- */

static void format_bytes(double bytes, char *text) {
  static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  size_t unit = 0;
  for (; bytes >= 1024 && unit < 5; unit++) bytes /= 1024;
  (void)snprintf(text, TABLE_CELL_BYTES, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
}

static void format_seconds(double seconds, char *text) {
  static const struct {
    double scale;
    const char *unit;
  } rows[] = {{1e9, "ns"}, {1e6, "us"}, {1e3, "ms"}, {1, "s"}};
  size_t i = 0;
  while (i < 3 && seconds * rows[i].scale >= 1000) i++;
  (void)snprintf(text, TABLE_CELL_BYTES, i == 0 ? "%.0f %s" : "%.1f %s", seconds * rows[i].scale,
                 rows[i].unit);
}

static void format_moment(json_int_t ms, char *text) {
  time_t second = (time_t)(ms / 1000);
  struct tm parts;
  size_t size = localtime_r(&second, &parts) == NULL ? 0 : strftime(text, 32, "%H:%M:%S", &parts);
  (void)snprintf(text + size, TABLE_CELL_BYTES - size, ".%03d", (int)(ms % 1000));
}

/* Escaped, and cut so that it fits and no sequence is broken. */
static void format_text(const json_t *value, int most, char *text) {
  char *escaped = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&escaped, &size);
  text[0] = '\0';
  if (to == NULL) return;
  ctl_text_escape(to, (FsbBytes){json_string_value(value), json_string_length(value)});
  (void)fclose(to);
  size_t room = (size_t)(most == 0 ? WIDEST_TEXT : most);
  bool is_cut = size > room;
  if (is_cut) size = room - 1;
  while (is_cut && size != 0 && ((unsigned char)escaped[size] & 0xC0) == 0x80) size--;
  memcpy(text, escaped, size);
  (void)snprintf(text + size, TABLE_CELL_BYTES - size, "%s", is_cut ? "~" : "");
  free(escaped);
}

bool ctl_table_format(const json_t *value, CellKind kind, int most, char ret_text[TABLE_CELL_BYTES]) {
  json_int_t number = json_integer_value(value);
  ret_text[0] = '\0';
  if (value == NULL) return kind != CELL_TEXT;
  switch (kind) {
    case CELL_TEXT: format_text(value, most, ret_text); break;
    case CELL_COUNT:
      if (json_is_real(value))
        (void)snprintf(ret_text, TABLE_CELL_BYTES, "%.1f", json_real_value(value));
      else
        (void)snprintf(ret_text, TABLE_CELL_BYTES, "%" JSON_INTEGER_FORMAT, number);
      break;
    case CELL_BYTES: format_bytes(json_number_value(value), ret_text); break;
    case CELL_NS: format_seconds(json_number_value(value) / 1e9, ret_text); break;
    case CELL_SECONDS: format_seconds(json_number_value(value), ret_text); break;
    case CELL_MOMENT: format_moment(number, ret_text); break;
    case CELL_FLAG: (void)snprintf(ret_text, TABLE_CELL_BYTES, "%s", json_is_true(value) ? "yes" : ""); break;
  }
  return kind != CELL_TEXT && kind != CELL_FLAG;
}

/* --- Lines --- */

/* Columns on the screen that a text takes: its code points. */
static int width_of(const char *text) {
  int width = 0;
  for (; *text != '\0'; text++) width += ((unsigned char)*text & 0xC0) != 0x80;
  return width;
}

static void print_cell(FILE *to, const char *text, int width, bool is_right, bool is_last) {
  int pad = width - width_of(text);
  if (pad < 0) pad = 0;
  if (is_right)
    (void)fprintf(to, "%*s%s", pad, "", text);
  else
    (void)fprintf(to, "%s%*s", text, is_last ? 0 : pad, "");
  (void)fputs(is_last ? "\n" : "  ", to);
}

static void print_head(FILE *to, const TableColumn *columns, const int *widths, size_t count, bool bold) {
  if (bold) (void)fputs("\x1b[1m", to);
  for (size_t i = 0; i < count; i++) {
    bool is_right = columns[i].kind != CELL_TEXT && columns[i].kind != CELL_FLAG;
    if (i + 1 == count && bold) (void)fputs("\x1b[22m", to);
    print_cell(to, columns[i].head, widths[i], is_right, i + 1 == count);
  }
}

void ctl_table_print(FILE *to, const json_t *rows, const TableColumn *columns, size_t count,
                     bool bold, const char *none) {
  char text[TABLE_CELL_BYTES];
  int widths[MOST_COLUMNS] = {0};
  if (json_array_size(rows) == 0) {
    if (none != NULL) (void)fprintf(to, "%s\n", none);
    return;
  }
  for (size_t i = 0; i < count; i++) widths[i] = (int)strlen(columns[i].head);
  for (size_t k = 0; k < json_array_size(rows); k++)
    for (size_t i = 0; i < count; i++) {
      const json_t *value = json_object_get(json_array_get(rows, k), columns[i].name);
      (void)ctl_table_format(value, columns[i].kind, columns[i].most, text);
      if (width_of(text) > widths[i]) widths[i] = width_of(text);
    }
  print_head(to, columns, widths, count, bold);
  for (size_t k = 0; k < json_array_size(rows); k++)
    for (size_t i = 0; i < count; i++) {
      const json_t *value = json_object_get(json_array_get(rows, k), columns[i].name);
      bool is_right = ctl_table_format(value, columns[i].kind, columns[i].most, text);
      print_cell(to, text, widths[i], is_right, i + 1 == count);
    }
}
