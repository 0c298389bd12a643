/* SPDX-License-Identifier: BSD-2-Clause */
/* adopt - FUNCTION DUMP of the one engine, FUNCTION RESTORE of the other.
 *
 * The module's own calls pass by its filter, so FUNCTION is the server's here.
 */
#include "tools/module/adopt.h"

#include <stdlib.h>
#include <string.h>

#include "tools/module/library.h"
#include "tools/module/payload.h"
#include "tools/module/reply.h"
#include "tools/module/state.h"
#include "tools/module/tenant.h"

typedef struct {
  size_t taken, left;
} Adopted;

static bool is_due = true;

void module_adopt_notice(void) {
  is_due = true;
}

/* --- Taking over --- */

static bool is_same(const Registry *registry, FsbBytes code) {
  for (size_t i = 0; i < registry->library_count; i++) {
    FsbBytes known = fsb_library_code(registry->libraries[i]);
    if (known.size == code.size && memcmp(known.data, code.data, code.size) == 0) return true;
  }
  return false;
}

static void take_all(RedisCtx *ctx, FsbBytes payload, Registry *registry, Adopted *adopted) {
  PayloadReader reader = module_payload_read(payload);
  char error[LIBRARY_ERROR_BYTES];
  const char *problem;
  char *code;
  size_t size;
  while (module_payload_next(&reader, &code, &size, &problem)) {
    FsbBytes bytes = {code, size};
    bool is_taken = is_same(registry, bytes) ||
                    module_library_add(NULL, registry, bytes, false, true, error);
    if (!is_taken) rm.Log(ctx, "warning", "a library stays with the server's own Lua: %s", error);
    *(is_taken ? &adopted->taken : &adopted->left) += 1;
    free(code);
  }
  if (problem != NULL) adopted->left++;
}

/* Empties the server's engine when everything of it was taken. */
static void finish(RedisCtx *ctx, Registry *next, const Adopted *adopted) {
  if (adopted->taken != 0) module_registry_replace(&module_tenant_default()->libraries, next);
  if (adopted->left != 0 || adopted->taken == 0) return;
  RedisReply *reply = rm.Call(ctx, "FUNCTION", "c", "FLUSH");
  if (reply != NULL) rm.FreeCallReply(reply);
  rm.Log(ctx, "notice", "%zu function libraries taken over from the server's own Lua",
         adopted->taken);
}

static Adopted take_over(RedisCtx *ctx) {
  Adopted adopted = {0, 0};
  Registry next;
  size_t size = 0;
  RedisReply *dump = rm.Call(ctx, "FUNCTION", "c", "DUMP");
  const char *data = dump == NULL ? NULL : rm.CallReplyStringPtr(dump, &size);
  FsbBytes payload = {data, size};
  if (data != NULL && module_payload_is_whole(payload, module_library_rdb_version()) &&
      module_registry_copy(&module_tenant_default()->libraries, &next)) {
    take_all(ctx, payload, &next, &adopted);
    finish(ctx, &next, &adopted);
    module_registry_free(&next);
  }
  if (dump != NULL) rm.FreeCallReply(dump);
  module_state.libraries_left = adopted.left;
  return adopted;
}

void module_adopt_tend(RedisCtx *ctx) {
  if (!is_due || module_state.mode == MODE_OFF) return;
  is_due = false;
  if (module_tenant_has_off()) return; /* theirs: SANDBOX IMPORT-FUNCTIONS takes them all the same */
  (void)take_over(ctx);
}

int module_adopt_import(RedisCtx *ctx, RedisString **argv, int argc) {
  (void)argv;
  (void)argc;
  Adopted adopted = take_over(ctx);
  if (adopted.left != 0)
    return module_reply_fail(ctx, "%zu libraries could not be taken over, see the log",
                             adopted.left);
  return rm.ReplyWithLongLong(ctx, (long long)adopted.taken);
}

/* --- Giving back --- */

int module_adopt_export(RedisCtx *ctx, RedisString **argv, int argc) {
  const Registry *registry = &module_tenant_default()->libraries;
  PayloadWriter writer = {.data = NULL};
  (void)argv;
  (void)argc;
  for (size_t i = 0; i < registry->library_count; i++)
    module_payload_put(&writer, fsb_library_code(registry->libraries[i]));
  module_payload_finish(&writer);
  if (writer.has_failed) {
    free(writer.data);
    return module_reply_fail(ctx, "out of memory");
  }
  RedisReply *reply =
      rm.Call(ctx, "FUNCTION", "cbcE", "RESTORE", writer.data, writer.size, "REPLACE");
  free(writer.data);
  if (reply == NULL) return module_reply_fail(ctx, "the server's own FUNCTION is renamed away");
  bool is_done = rm.CallReplyType(reply) != REDIS_REPLY_ERROR;
  rm.FreeCallReply(reply);
  if (!is_done) return module_reply_fail(ctx, "the server's own Lua refuses them");
  return rm.ReplyWithLongLong(ctx, (long long)registry->library_count);
}
