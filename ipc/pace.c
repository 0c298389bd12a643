/* SPDX-License-Identifier: BSD-2-Clause */
/* pace - see pace.h. */
#include "ipc/pace.h"

void ipc_pace_init(PaceGauge *gauge, bool may) {
  *gauge = (PaceGauge){.may = may, .rest = PACE_REST_FIRST};
}

static PaceMode other(PaceMode mode) {
  return mode == PACE_APART ? PACE_TOGETHER : PACE_APART;
}

/* --- Windows --- */

static void open_window(PaceGauge *g, PaceMode mode, bool is_trial) {
  g->warm_up = mode == g->mode ? 0 : PACE_WARM_UP;
  g->mode = mode;
  g->is_trial = is_trial;
  g->runs = 0;
  g->spent = 0;
}

/* Being apart takes a second processor's time: it must be clearly better. */
static PaceMode better(const PaceGauge *g) {
  return g->mean[PACE_APART] < g->mean[PACE_TOGETHER] / 5 * 4 ? PACE_APART : PACE_TOGETHER;
}

/* A mode has lost: in its trial, or in use against what its trial had promised. */
static void rest_longer(PaceGauge *g) {
  g->windows = 0;
  if (g->rest < PACE_REST_MOST) g->rest *= 2;
}

static void end_window(PaceGauge *g) {
  PaceMode mode = g->mode;
  g->mean[mode] = g->spent / g->runs;
  bool is_first = g->mean[other(mode)] == 0;
  bool is_lost = !is_first && better(g) != mode;
  if (is_lost) rest_longer(g);
  bool is_due = !is_first && !is_lost && !g->is_trial && ++g->windows >= g->rest;
  open_window(g, is_first || is_lost || is_due ? other(mode) : mode, is_first || is_due);
}

/* A window costs too much when it has taken twice what all of it would in the other mode. */
static bool is_over(const PaceGauge *g) {
  uint32_t runs = g->is_trial || g->mean[g->mode] == 0 ? PACE_TRIAL : PACE_WINDOW;
  uint64_t elsewhere = g->mean[other(g->mode)];
  return g->runs >= runs || (elsewhere != 0 && g->spent > 2 * elsewhere * runs);
}

/* --- Runs --- */

bool ipc_pace_begin(PaceGauge *gauge, uint64_t now) {
  uint64_t pause = now - gauge->ended;
  if (pause > PACE_CLOSE) gauge->followers = 0;
  else if (gauge->followers < PACE_FOLLOWERS) gauge->followers++;
  gauge->is_counted = gauge->may && pause <= PACE_PAUSE;
  gauge->began = now;
  return gauge->may && gauge->mode == PACE_APART && gauge->followers == PACE_FOLLOWERS;
}

void ipc_pace_refused(PaceGauge *gauge) {
  gauge->may = false;
}

void ipc_pace_end(PaceGauge *gauge, uint64_t now) {
  gauge->ended = now;
  if (!gauge->is_counted) return;
  if (gauge->warm_up != 0) {
    gauge->warm_up--;
    return;
  }
  uint64_t took = now > gauge->began ? now - gauge->began : 1;
  gauge->runs++;
  gauge->spent += took < PACE_WORST ? took : PACE_WORST;
  if (is_over(gauge)) end_window(gauge);
}
