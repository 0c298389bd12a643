/* SPDX-License-Identifier: BSD-2-Clause */
/* reboot - the first opening after the machine itself went down.
 *
 * After a power failure the file may be older than what the drain has seen of it, row by
 * row.  Runs added to such rows would hide behind what was seen.  So the file as it was
 * found is copied aside, as PATH.before-<second>, for the drain to take what it has not
 * seen yet; and all counting begins in new rows, under new numbers.
 * Every step may be interrupted and done again: rows have numbers of their own, so a
 * second copy brings nothing twice.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "policy/journal/writer.h"

#define ROWS_A_SECOND_BITS 20

static void read_boot_id(char id[JOURNAL_BOOT_BYTES]) {
  memset(id, 0, JOURNAL_BOOT_BYTES);
  int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  if (read(fd, id, JOURNAL_BOOT_BYTES - 1) < 0) id[0] = '\0';
  (void)close(fd);
}

/* --- The copy --- */

static bool write_all(int fd, const uint8_t *bytes, size_t size) {
  while (size > 0) {
    ssize_t written = write(fd, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    size -= (size_t)written;
  }
  return true;
}

static bool set_aside(const JournalMap *map, const char *path, int64_t now) {
  char fresh[4096], final[4096];
  long long second = (long long)(now / 1000000000);
  if (snprintf(final, sizeof final, "%s.before-%lld", path, second) >= (int)sizeof final - 8) return false;
  (void)snprintf(fresh, sizeof fresh, "%.4080s.new", final);
  (void)unlink(fresh);
  int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  bool is_good = write_all(fd, map->base, map->size) && fsync(fd) == 0;
  is_good = close(fd) == 0 && is_good && rename(fresh, final) == 0;
  if (!is_good) (void)unlink(fresh);
  return is_good;
}

/* --- The new beginning --- */

static void give_up_rows(JournalMap *map) {
  Recycle *recycle = &map->header->recycle;
  for (uint32_t i = 0; i < map->row_count; i++) {
    const Row *row = &map->rows[i];
    if (row->state != PLACE_USED) continue;
    recycle->tenant = row->key.tenant;
    recycle->row = i;
    recycle->id = row->id;
    recycle->retired_after = map->tenants[row->key.tenant].retired + row->sums.amount[FIELD_RUNS];
    layout_publish(&recycle->state, RECYCLE_ARMED);
    policy_journal_rows_retire(map);
  }
}

/* Numbers of rows must not be given out twice, whatever the header has forgotten. */
static void jump_ahead(Header *header, int64_t now) {
  uint64_t ahead = (uint64_t)(now / 1000000000) << ROWS_A_SECOND_BITS;
  if (now > 0 && header->next_row < ahead) header->next_row = ahead;
}

bool policy_journal_reboot_notice(JournalMap *map, const char *path, int64_t now) {
  char id[JOURNAL_BOOT_BYTES];
  Header *header = map->header;
  bool is_good = true;
  read_boot_id(id);
  if (id[0] != '\0' && memcmp(id, header->machine_boot, sizeof id) == 0) return true;
  jump_ahead(header, now);
  if (header->next_ticket > 1) { /* else it is new */
    is_good = set_aside(map, path, now);
    if (is_good) give_up_rows(map);
  }
  memcpy(header->machine_boot, id, sizeof id);
  return is_good;
}
