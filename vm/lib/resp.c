/* SPDX-License-Identifier: BSD-2-Clause */
/* resp - a strict reader of RESP that builds Lua values as it goes.
 *
 * No recursion: the aggregates being filled wait in the frame's slots, four slots to a
 * level.  Lengths and counts are believed only as far as the bytes that follow can
 * bear them out.  In Redis every table grows store by store, and `#` and the order of
 * keys follow from it.  An array without nil ends up the same when it gets its size at
 * once, and RESP2 has no nil.
 * Layer: vm/lib.
 */
#include "vm/lib/resp.h"

#include "vm/lib/meter.h"
#include "vm/lib/redis.h"
#include "vm/values/number.h"

enum {
  SLOT_VALUE,      /* the value just read; the result in the end */
  SLOT_WRAPPER,    /* a table made around it */
  SLOT_NAME,       /* the name of its field */
  SLOT_LEVELS,
  LEVEL_SLOTS = 4, /* table, pending key, values left, index and target */
  LEVELS_PIECE = 16,
  DEPTH_MAX = 1024,
  ELEMENT_MIN = 3, /* bytes of the shortest value, "_\r\n" */
  NUMBER_MAX = 64  /* bytes of a double */
};

/* What an open aggregate does with the next value. */
typedef enum { TO_ARRAY, TO_SET, TO_KEY, TO_MEMBER, TO_NOTHING } Target;

typedef struct {
  VM *vm;
  Frame *frame;
  Value *slots;
  const char *at, *end;
  Meter meter;
  /* The aggregate being filled. */
  Table *table;
  uint32_t index;  /* of an array's next element */
  uint32_t left;   /* values still to come */
  Target target;
  int depth;
  int levels;      /* levels whose slots are ours */
} Reader;

typedef enum { READ_VALUE, READ_OPENED, READ_BROKEN } Outcome;

/* --- Lines --- */

/* The line at hand up to its CR LF, which is skipped; false when there is none. */
static bool read_line(Reader *r, VmBytes *ret_line) {
  const char *cr = memchr(r->at, '\r', (size_t)(r->end - r->at));
  if (cr == NULL || cr + 1 == r->end || cr[1] != '\n') return false;
  *ret_line = (VmBytes){r->at, (size_t)(cr - r->at)};
  if (memchr(r->at, '\n', ret_line->size) != NULL) return false;
  r->at = cr + 2;
  return true;
}

static bool read_integer(Reader *r, int64_t *ret_integer) {
  const char *p = r->at;
  bool negative = p < r->end && *p == '-';
  const char *first = p += negative;
  uint64_t n = 0; /* 19 digits fit */
  for (; p < r->end && *p >= '0' && *p <= '9'; p++) {
    if (p - first >= 19) return false;
    n = n * 10 + (uint64_t)(*p - '0');
  }
  if (p == first || r->end - p < 2 || p[0] != '\r' || p[1] != '\n') return false;
  if (n > (uint64_t)INT64_MAX + negative) return false;
  *ret_integer = (int64_t)(negative ? -n : n);
  r->at = p + 2;
  return true;
}

/* A length or count: 0 to what is left, or -1 for null. */
static bool read_size(Reader *r, size_t unit, int64_t *ret_size) {
  const char *first = r->at;
  bool negative = first < r->end && *first == '-';
  if (!read_integer(r, ret_size)) return false;
  if (first[0] == '0' && first[1] != '\r') return false; /* "0", not "00" or "01" */
  if (negative) return *ret_size == -1 && r->at[-4] == '-'; /* "-1", not "-01" */
  return *ret_size <= (int64_t)((size_t)(r->end - r->at) / unit);
}

/* The bytes of a bulk of known size and their CR LF. */
static bool read_bulk(Reader *r, int64_t size, VmBytes *ret_bytes) {
  if (r->end - r->at < size + 2) return false;
  const char *end = r->at + size;
  if (end[0] != '\r' || end[1] != '\n') return false;
  *ret_bytes = (VmBytes){r->at, (size_t)size};
  r->at = end + 2;
  return true;
}

/* --- Values --- */

static Outcome give(Reader *r, Value v) {
  r->slots[SLOT_VALUE] = v;
  return READ_VALUE;
}

static Outcome give_string(Reader *r, VmBytes bytes) {
  return give(r, value_of_string(vm_string_new(r->vm, bytes.data, bytes.size)));
}

static void put_field(Reader *r, const char *name, Value v) {
  r->slots[SLOT_NAME] = value_of_string(vm_string_from(r->vm, name));
  Value *slot = vm_table_slot_string(r->vm, value_table(r->slots[SLOT_WRAPPER]), value_string(r->slots[SLOT_NAME]));
  *slot = v;
}

/* Replaces the value by a table that has it as its only field. */
static Outcome wrap(Reader *r, const char *name) {
  r->slots[SLOT_WRAPPER] = value_of_table(vm_table_new(r->vm, 0, 0));
  put_field(r, name, r->slots[SLOT_VALUE]);
  return give(r, r->slots[SLOT_WRAPPER]);
}

static Outcome read_status(Reader *r) {
  VmBytes line;
  if (!read_line(r, &line)) return READ_BROKEN;
  give_string(r, line);
  return wrap(r, "ok");
}

static Outcome give_error(Reader *r, VmBytes text) {
  give(r, value_of_string(vm_redis_error_text(r->vm, text)));
  wrap(r, "err");
  put_field(r, "ignore_error_stats_update", VALUE_TRUE);
  return READ_VALUE;
}

static Outcome read_error(Reader *r) {
  VmBytes line;
  return read_line(r, &line) ? give_error(r, line) : READ_BROKEN;
}

static Outcome read_number(Reader *r) {
  int64_t n;
  return read_integer(r, &n) ? give(r, value_of_int(n)) : READ_BROKEN;
}

static Outcome read_string(Reader *r) {
  int64_t size;
  VmBytes bytes;
  if (!read_size(r, 1, &size)) return READ_BROKEN;
  if (size < 0) return give(r, VALUE_FALSE);
  return read_bulk(r, size, &bytes) ? give_string(r, bytes) : READ_BROKEN;
}

static Outcome read_blob_error(Reader *r) {
  int64_t size;
  VmBytes bytes;
  if (!read_size(r, 1, &size) || size < 0 || !read_bulk(r, size, &bytes)) return READ_BROKEN;
  return give_error(r, bytes);
}

static Outcome read_null(Reader *r) {
  VmBytes line;
  return read_line(r, &line) && line.size == 0 ? give(r, VALUE_NIL) : READ_BROKEN;
}

static Outcome read_boolean(Reader *r) {
  VmBytes line;
  if (!read_line(r, &line) || line.size != 1) return READ_BROKEN;
  if (line.data[0] != 't' && line.data[0] != 'f') return READ_BROKEN;
  return give(r, value_of_bool(line.data[0] == 't'));
}

static Outcome read_double(Reader *r) {
  VmBytes line;
  char text[NUMBER_MAX];
  double n;
  if (!read_line(r, &line) || line.size == 0 || line.size >= NUMBER_MAX) return READ_BROKEN;
  memcpy(text, line.data, line.size);
  text[line.size] = '\0';
  if (!vm_number_read(text, line.size, &n)) return READ_BROKEN;
  give(r, value_of_number(n));
  return wrap(r, "double");
}

static Outcome read_big_number(Reader *r) {
  VmBytes line;
  if (!read_line(r, &line) || line.size == 0) return READ_BROKEN;
  give_string(r, line);
  return wrap(r, "big_number");
}

static Outcome read_verbatim(Reader *r) {
  int64_t size;
  VmBytes bytes;
  if (!read_size(r, 1, &size) || size < 4 || !read_bulk(r, size, &bytes) || bytes.data[3] != ':') return READ_BROKEN;
  give_string(r, (VmBytes){bytes.data + 4, bytes.size - 4});
  wrap(r, "string");
  give_string(r, (VmBytes){bytes.data, 3});
  put_field(r, "format", r->slots[SLOT_VALUE]);
  give(r, r->slots[SLOT_WRAPPER]);
  return wrap(r, "verbatim_string");
}

/* --- Aggregates --- */

static Value *level_slots(Reader *r) { return r->slots + SLOT_LEVELS + LEVEL_SLOTS * (r->depth - 1); }

static void claim_levels(Reader *r) {
  int live = r->levels == 0 ? 0 : SLOT_LEVELS + LEVEL_SLOTS * r->levels;
  r->levels += LEVELS_PIECE;
  int wanted = SLOT_LEVELS + LEVEL_SLOTS * r->levels;
  r->slots = vm_native_need_slots(r->vm, native_slots(r->frame), live, wanted - live);
}

static void save_level(Reader *r) {
  Value *slots = level_slots(r);
  slots[2] = value_of_int(r->left);
  slots[3] = value_of_int((int64_t)r->index * 8 + (int64_t)r->target);
}

static void resume_level(Reader *r) {
  Value *slots = level_slots(r);
  int64_t state = (int64_t)value_number(slots[3]);
  r->table = value_is_table(slots[0]) ? value_table(slots[0]) : NULL;
  r->left = (uint32_t)value_number(slots[2]);
  r->index = (uint32_t)(state / 8);
  r->target = (Target)(state % 8);
}

static bool open_level(Reader *r, Target target, uint32_t count, uint32_t array_size) {
  if (r->depth >= DEPTH_MAX) return false;
  if (r->depth > 0) save_level(r);
  r->depth++;
  if (r->depth > r->levels) claim_levels(r);
  Value *slots = level_slots(r);
  slots[0] = slots[1] = VALUE_NIL;
  slots[2] = slots[3] = value_of_int(0);
  r->table = NULL;
  if (target != TO_NOTHING) {
    r->table = vm_table_new(r->vm, array_size, 0);
    level_slots(r)[0] = value_of_table(r->table);
  }
  r->target = target;
  r->left = count;
  r->index = 1;
  return true;
}

/* The next power of two. */
static uint32_t round_up(uint32_t n) { return n < 2 ? n : UINT32_C(1) << (32 - __builtin_clz(n - 1)); }

/* Opens an aggregate of `per_item` values an item. */
static Outcome read_aggregate(Reader *r, Target target, uint32_t per_item) {
  int64_t count;
  if (!read_size(r, (size_t)ELEMENT_MIN * per_item, &count)) return READ_BROKEN;
  if (count < 0) return target == TO_ARRAY ? give(r, VALUE_FALSE) : READ_BROKEN;
  if (count > UINT32_MAX / 4) return READ_BROKEN;
  uint32_t values = (uint32_t)count * per_item;
  uint32_t array_size = target == TO_ARRAY && r->vm->run.resp == 2 ? round_up(values) : 0;
  return open_level(r, target, values, array_size) ? READ_OPENED : READ_BROKEN;
}

static Outcome read_value(Reader *r) {
  if (r->at == r->end) return READ_BROKEN;
  meter_charge(&r->meter, COST_HOST_ITEMS, 1);
  switch (*r->at++) {
    case '$': return read_string(r);
    case ':': return read_number(r);
    case '*': return read_aggregate(r, TO_ARRAY, 1);
    case '+': return read_status(r);
    case '-': return read_error(r);
    case '_': return read_null(r);
    case '#': return read_boolean(r);
    case ',': return read_double(r);
    case '(': return read_big_number(r);
    case '=': return read_verbatim(r);
    case '!': return read_blob_error(r);
    case '%': return read_aggregate(r, TO_KEY, 2);
    case '~': return read_aggregate(r, TO_SET, 1);
    case '|': return read_aggregate(r, TO_NOTHING, 2);
    default: return READ_BROKEN;
  }
}

/* --- Filling --- */

static bool is_key(Value v) { return !value_is_nil(v) && !(value_is_number(v) && value_number(v) != value_number(v)); }

static bool store(Reader *r, Value key, Value v) {
  if (!is_key(key)) return false;
  *vm_table_slot(r->vm, r->table, key) = v;
  return true;
}

static void store_element(Reader *r) {
  uint32_t index = r->index++;
  if (LIKELY(index <= r->table->array_size)) table_store(r->table, index - 1, r->slots[SLOT_VALUE]);
  else *vm_table_slot_integer(r->vm, r->table, index) = r->slots[SLOT_VALUE];
}

/* Puts the value just read into the open aggregate; false: it cannot be there. */
static bool fill(Reader *r) {
  Value *slots = level_slots(r);
  r->left--;
  switch (r->target) {
    case TO_ARRAY:
      store_element(r);
      return true;
    case TO_SET: return store(r, r->slots[SLOT_VALUE], VALUE_TRUE);
    case TO_KEY:
      slots[1] = r->slots[SLOT_VALUE];
      r->target = TO_MEMBER;
      return true;
    case TO_MEMBER:
      r->target = TO_KEY;
      return store(r, slots[1], r->slots[SLOT_VALUE]);
    case TO_NOTHING: return true;
  }
  return false;
}

/* The open aggregate is full: it becomes the value just read. */
static Outcome close_level(Reader *r) {
  Target target = r->target;
  r->slots[SLOT_VALUE] = level_slots(r)[0];
  r->depth--;
  if (target == TO_SET) wrap(r, "set");
  if (target == TO_KEY) wrap(r, "map");
  if (r->depth > 0) resume_level(r);
  return target == TO_NOTHING ? READ_OPENED : READ_VALUE; /* an attribute stands before its value */
}

/* Stores the value just read and closes what is full; READ_OPENED: more must be read. */
static Outcome settle(Reader *r) {
  Outcome outcome = READ_VALUE;
  while (r->depth > 0) {
    if (outcome == READ_VALUE && !fill(r)) return READ_BROKEN;
    if (r->left > 0) return READ_OPENED;
    outcome = close_level(r);
    if (outcome == READ_OPENED) return READ_OPENED;
  }
  return outcome;
}

bool vm_resp_read(VM *vm, Frame *frame, VmBytes reply) {
  Reader r = {.vm = vm, .frame = frame, .at = reply.data, .end = reply.data + reply.size, .meter = meter_start(vm)};
  vm_charge(vm, COST_HOST_BYTES, reply.size);
  claim_levels(&r);
  for (int i = 0; i < SLOT_LEVELS; i++) r.slots[i] = VALUE_NIL;
  Outcome outcome;
  do {
    outcome = read_value(&r);
    if (outcome == READ_OPENED && r.left == 0) outcome = close_level(&r);
    if (outcome == READ_VALUE) outcome = settle(&r);
  } while (outcome == READ_OPENED);
  meter_finish(&r.meter);
  return outcome == READ_VALUE && r.at == r.end;
}
