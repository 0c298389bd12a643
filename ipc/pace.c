/* SPDX-License-Identifier: BSD-2-Clause */
/* pace - see pace.h. */
#include "ipc/pace.h"

void ipc_pace_init(PaceGauge *gauge, bool may) {
  *gauge = (PaceGauge){.may = may, .rest = {PACE_REST_FIRST, PACE_REST_FIRST}};
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
  g->spent = (PaceCost){0, 0};
}

/* Being apart takes a second processor's time: it must be clearly better, for the run, and for those
 * who wait for its answer to send the next. */
static bool is_worth_it(PaceCost apart, PaceCost together) {
  return apart.run < together.run && apart.lap < together.lap / 8 * 7;
}

static PaceMode better(const PaceGauge *g) {
  return is_worth_it(g->mean[PACE_APART], g->mean[PACE_TOGETHER]) ? PACE_APART : PACE_TOGETHER;
}

static bool is_known(const PaceGauge *g, PaceMode mode) {
  return g->mean[mode].lap != 0;
}

/* Goes over to a mode that shows itself the better one. */
static void leave(PaceGauge *g) {
  uint32_t *rest = &g->rest[g->mode];
  if (*rest < PACE_REST_MOST) *rest *= 2;
  if (g->mode == PACE_APART) g->lap_then = g->mean[PACE_TOGETHER].lap;
  g->windows = 0;
  open_window(g, other(g->mode), false);
}

/* What apart was worse at may be over. */
static void doubt(PaceGauge *g) {
  if (g->rest[PACE_APART] > PACE_REST_AFRESH) g->rest[PACE_APART] = PACE_REST_AFRESH;
}

static bool has_changed(const PaceGauge *g) {
  uint64_t lap = g->mean[PACE_TOGETHER].lap;
  return lap > g->lap_then / 3 * 4 || lap < g->lap_then / 4 * 3;
}

/* One window may be somebody else's fault here, too. */
static void look_for_change(PaceGauge *g) {
  bool was_different = g->is_different;
  g->is_different = has_changed(g) && !was_different;
  if (!was_different || !has_changed(g)) return;
  g->lap_then = g->mean[PACE_TOGETHER].lap;
  doubt(g);
}

/* The mode in use has held for a window more. */
static void hold(PaceGauge *g) {
  if (g->mode == PACE_TOGETHER && !g->is_trial) look_for_change(g);
  g->windows = g->is_trial ? 1 : g->windows + 1;
  if (g->windows >= g->rest[g->mode]) g->rest[g->mode] = PACE_REST_FIRST;
  bool is_due = g->windows >= g->rest[other(g->mode)];
  open_window(g, is_due ? other(g->mode) : g->mode, is_due);
}

/* One window in use may be somebody else's fault. */
static void end_window(PaceGauge *g) {
  g->mean[g->mode] = (PaceCost){g->spent.lap / g->runs, g->spent.run / g->runs};
  bool is_first = !is_known(g, other(g->mode));
  bool is_worse = !is_first && better(g) != g->mode;
  bool was_worse = g->has_failed;
  g->has_failed = is_worse && !g->is_trial && !was_worse;
  if (is_first) open_window(g, other(g->mode), true);
  else if (g->has_failed) open_window(g, g->mode, false);
  else if (is_worse) leave(g);
  else hold(g);
}

/* Whether a trial shows at once that no run is faster apart. */
static bool is_hopeless(const PaceGauge *g) {
  return g->is_trial && g->mode == PACE_APART && g->runs == PACE_GLANCE &&
         g->spent.run >= g->mean[PACE_TOGETHER].run * PACE_GLANCE;
}

/* --- Runs --- */

static uint64_t capped(uint64_t from, uint64_t to) {
  uint64_t took = to > from ? to - from : 1;
  return took < PACE_WORST ? took : PACE_WORST;
}

/* The lap of the last run ends as the next begins. */
static void count(PaceGauge *g, uint64_t now) {
  if (g->warm_up != 0) {
    g->warm_up--;
    return;
  }
  g->runs++;
  g->spent.run += capped(g->began, g->ended);
  g->spent.lap += capped(g->began, now);
  if (g->spent.lap >= PACE_SPAN || is_hopeless(g)) end_window(g);
}

bool ipc_pace_begin(PaceGauge *gauge, uint64_t now) {
  uint64_t pause = now > gauge->ended ? now - gauge->ended : 0;
  if (pause > PACE_CLOSE) gauge->followers = 0;
  else if (gauge->followers < PACE_FOLLOWERS) gauge->followers++;
  if (gauge->is_counted && pause <= PACE_PAUSE) count(gauge, now);
  gauge->is_counted = false;
  gauge->began = now;
  return gauge->may && gauge->mode == PACE_APART && ipc_pace_is_close(gauge);
}

void ipc_pace_refused(PaceGauge *gauge) {
  gauge->may = false;
}

void ipc_pace_end(PaceGauge *gauge, uint64_t now) {
  gauge->ended = now;
  gauge->is_counted = gauge->may;
}
