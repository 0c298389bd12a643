/* SPDX-License-Identifier: BSD-2-Clause */
/* table - see table.h.
 *
 * A node's main position follows from its key: strings by Redis's hash, numbers by the
 * sum of their halves, objects by serial number, never by an address.  A colliding key
 * takes the highest free node; if the node it collides with is not in its own main
 * position, that one moves instead, so every chain starts at the main position of all
 * its keys.  Deleting only sets the value to nil: the key stays until a rehash, which
 * is what lets `next` go on.  When no free node is left the table is rehashed: the
 * array part becomes the largest power of two more than half in use.
 */
#include "vm/objects/table.h"

#include "vm/memory/charge.h"
#include "vm/memory/heap.h"
#include "vm/objects/string.h"

enum { MAX_BITS = 26 };

static uint32_t node_count(const Table *t) { return (uint32_t)1 << t->log_nodes; }
static bool has_nodes(VM *vm, const Table *t) { return t->nodes != heap_of(vm)->empty_node; }
static Node *next_node(const Node *n) { return (Node *)(uintptr_t)n->next; }
static uint32_t address_of(const void *p) { return (uint32_t)(uintptr_t)p; }

static unsigned log2_ceil(uint32_t x) { return x <= 1 ? 0 : 32 - (unsigned)__builtin_clz(x - 1); }

/* --- Main positions --- */

static uint32_t number_hash(double n) {
  uint64_t bits;
  memcpy(&bits, &n, sizeof bits);
  return (uint32_t)bits + (uint32_t)(bits >> 32);
}

/* x % (size - 1 | 1) */
static inline Node *node_by_modulus(const Table *t, uint32_t hash) {
  return table_nodes(t) + hash % ((node_count(t) - 1) | 1);
}

static inline Node *number_position(const Table *t, double n) {
  if (n == 0) return table_nodes(t);
  return node_by_modulus(t, number_hash(n));
}

static inline Node *string_position(const Table *t, String *s) {
  return table_nodes(t) + (string_order_hash(s) & (node_count(t) - 1));
}

static inline Node *other_position(const Table *t, Value key) {
  if (value_is_number(key)) return number_position(t, value_number(key));
  if (value_is_object(key)) return node_by_modulus(t, value_object(key)->serial);
  return table_nodes(t) + ((key == VALUE_TRUE) & (node_count(t) - 1));
}

static inline Node *main_position(const Table *t, Value key) {
  return LIKELY(value_is_string(key)) ? string_position(t, value_string(key)) : other_position(t, key);
}

/* --- Reading --- */

/* The key as an array index, or 0.  What has a tag is a NaN and equals nothing. */
static inline uint32_t array_index(Value key) {
  double n = value_number(key);
  int32_t i = value_truncate(n);
  return i > 0 && i == n ? (uint32_t)i : 0;
}

/* For keys whose equality is equality of bits. */
static inline __attribute__((always_inline)) Node *find_bits(Node *from, Value key) {
  uint32_t steps = 0;
  for (Node *node = from; node != NULL; node = next_node(node)) {
    if (node->key == key) return node;
    VM_ASSERT(++steps < CHAIN_MAX);
  }
  return NULL;
}

/* Zero has two forms, and either may be the key. */
static __attribute__((noinline)) Node *find_zero(const Table *t) {
  uint32_t steps = 0;
  for (Node *node = table_nodes(t); node != NULL; node = next_node(node)) {
    if (value_is_number(node->key) && value_number(node->key) == 0) return node;
    VM_ASSERT(++steps < CHAIN_MAX);
  }
  return NULL;
}

static inline __attribute__((always_inline)) Node *find_number(const Table *t, double n) {
  if (UNLIKELY(n == 0)) return find_zero(t);
  return find_bits(number_position(t, n), value_of_number(n));
}

static Node *find_node(const Table *t, Value key) {
  if (value_is_number(key)) return find_number(t, value_number(key));
  if (value_is_nil(key)) return NULL;
  return find_bits(main_position(t, key), key);
}

Value vm_table_get_integer(const Table *t, int64_t key) {
  if ((uint64_t)(key - 1) < t->array_size) return table_array(t)[key - 1];
  const Node *node = find_number(t, (double)key);
  return node ? node->value : VALUE_NIL;
}

Value vm_table_get_string(const Table *t, String *key) {
  const Node *node = find_bits(string_position(t, key), value_of_string(key));
  return node ? node->value : VALUE_NIL;
}

Value vm_table_get(const Table *t, Value key) {
  if (value_is_number(key)) {
    double n = value_number(key);
    int32_t i = value_truncate(n);
    if (LIKELY(i == n && (uint32_t)i - 1 < t->array_size)) return table_array(t)[i - 1];
    if (t->max_offset == 0 && table_nodes(t)->key == VALUE_NIL) return VALUE_NIL;
    const Node *node = find_number(t, n);
    return node ? node->value : VALUE_NIL;
  }
  const Node *node = find_node(t, key);
  return node ? node->value : VALUE_NIL;
}

Node *vm_table_find_string(const Table *t, String *key) {
  return find_bits(string_position(t, key), value_of_string(key));
}

/* --- Sizing --- */

typedef struct {
  uint32_t counts[MAX_BITS + 1]; /* keys in (2^(i-1), 2^i] */
  uint32_t integers;             /* candidates for the array part */
  uint32_t total;                /* keys in all */
} Census;

static uint32_t count_integer(Census *census, Value key) {
  uint32_t i = array_index(key);
  if (i == 0 || i > (uint32_t)1 << MAX_BITS) return 0;
  census->counts[log2_ceil(i)]++;
  return 1;
}

static void count_array(Census *census, const Table *t) {
  const Value *array = table_array(t);
  uint32_t i = 1;
  for (unsigned lg = 0; lg <= MAX_BITS && i <= t->array_size; lg++) {
    uint32_t limit = (uint32_t)1 << lg;
    if (limit > t->array_size) limit = t->array_size;
    uint32_t used = 0;
    for (; i <= limit; i++) used += array[i - 1] != VALUE_NIL;
    census->counts[lg] += used;
    census->integers += used;
  }
  census->total = census->integers;
}

static void count_nodes(Census *census, const Table *t) {
  const Node *nodes = table_nodes(t);
  for (uint32_t i = node_count(t); i-- > 0;) {
    if (nodes[i].value == VALUE_NIL) continue;
    if (value_is_number(nodes[i].key)) census->integers += count_integer(census, nodes[i].key);
    census->total++;
  }
}

/* The largest n that is a power of two with more than n/2 of 1..n in use; `ret_used`
 * tells how many keys go to the array part then. */
static uint32_t best_array_size(const Census *census, uint32_t *ret_used) {
  uint32_t sum = 0, best = 0;
  *ret_used = 0;
  uint64_t power = 1;
  for (unsigned i = 0; i <= MAX_BITS && power / 2 < census->integers; i++, power *= 2) {
    if (census->counts[i] > 0) {
      sum += census->counts[i];
      if (sum > power / 2) {
        best = (uint32_t)power;
        *ret_used = sum;
      }
    }
    if (sum == census->integers) break;
  }
  return best;
}

/* --- Parts --- */

static void set_nodes(VM *vm, Table *t, uint32_t nodes, unsigned log_size) {
  t->nodes = nodes;
  t->log_nodes = (uint8_t)log_size;
  uint32_t count = (uint32_t)1 << log_size;
  t->max_offset = (count - 1) * (uint32_t)sizeof(Node);
  t->last_free = nodes == heap_of(vm)->empty_node ? nodes : nodes + count * (uint32_t)sizeof(Node);
  t->bloom = 0;
}

static void clear_nodes(Node *nodes, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) nodes[i] = (Node){VALUE_NIL, VALUE_NIL, 0, 0};
}

static void *take_part(VM *vm, uint64_t size) {
  void *part = vm_heap_take_buffer(vm, size);
  if (part == NULL) vm_error_memory(vm);
  return part;
}

/* A small node part from its bin's run, without asking for anything. */
static Node *take_nodes_fast(VM *vm, unsigned log_size) {
  static const uint8_t class_of_log[] = {1, 2, 5, 9, 13, 17, 21};
  if (log_size >= sizeof class_of_log || heap_of(vm)->state.building_base) return NULL;
  uint32_t class_index = class_of_log[log_size];
  return heap_take_buffer_fast(vm, class_index, vm_heap_class_size[class_index]);
}

/* Gives the table an empty node part for `wanted` keys. */
static void new_nodes(VM *vm, Table *t, uint32_t wanted) {
  if (wanted == 0) {
    set_nodes(vm, t, heap_of(vm)->empty_node, 0);
    return;
  }
  unsigned log_size = log2_ceil(wanted);
  uint32_t count = (uint32_t)1 << log_size;
  Node *nodes = take_nodes_fast(vm, log_size);
  if (nodes == NULL) nodes = take_part(vm, (uint64_t)count * sizeof(Node));
  clear_nodes(nodes, count);
  set_nodes(vm, t, address_of(nodes), log_size);
}

/* Few values are cleared sooner than memset is called. */
static void clear_values(Value *from, const Value *end) {
  enum { FEW = 8 };
  if (end - from > FEW) {
    memset(from, 0xFF, (size_t)(end - from) * sizeof(Value));
    return;
  }
  while (from < end) {
    *from++ = VALUE_NIL;
    __asm__("" : "+r"(from)); /* or else it becomes a call of memset */
  }
}

/* The same for an array. */
static Value *take_array_fast(VM *vm, uint32_t size) {
  enum { NEAR = 32 };
  if (size > NEAR || heap_of(vm)->state.building_base) return NULL;
  uint32_t class_index = vm_heap_class_of[(size * sizeof(Value) + GRANULE - 1) / GRANULE];
  return heap_take_buffer_fast(vm, class_index, vm_heap_class_size[class_index]);
}

/* Whether the array's slot holds so many values, as one for an odd number mostly does. */
static bool fits_slot(VM *vm, const Table *t, uint32_t size) {
  enum { NEAR = 32 };
  return REDZONE_SIZE == 0 && t->array_size != 0 && size <= NEAR && t->array >= heap_of(vm)->base_end &&
         heap_slot_size(size * sizeof(Value)) == heap_slot_size(t->array_size * sizeof(Value));
}

static void grow_array(VM *vm, Table *t, uint32_t size) {
  uint32_t old_size = t->array_size, old_array = t->array;
  if (fits_slot(vm, t, size)) {
    clear_values(table_array(t) + old_size, table_array(t) + size);
    t->array_size = size;
    return;
  }
  Value *array = take_array_fast(vm, size);
  if (array == NULL) array = take_part(vm, (uint64_t)size * sizeof(Value));
  if (old_size != 0) memcpy(array, table_array(t), old_size * sizeof(Value));
  clear_values(array + old_size, array + size);
  t->array = address_of(array);
  t->array_size = size;
  if (old_size != 0) vm_heap_give_buffer(vm, old_array, (uint64_t)old_size * sizeof(Value));
}

static uint64_t part_bytes(uint32_t array_size, uint32_t nodes) {
  uint64_t bytes = (uint64_t)array_size * sizeof(Value);
  if (nodes != 0) bytes += ((uint64_t)1 << log2_ceil(nodes)) * sizeof(Node);
  return bytes;
}

static void check_sizes(VM *vm, uint64_t array_size, uint64_t nodes) {
  if (array_size > (uint64_t)1 << MAX_BITS || nodes > (uint64_t)1 << MAX_BITS) vm_error_text(vm, "table overflow");
}

static void shrink_array(VM *vm, Table *t, uint32_t size) {
  uint32_t old_size = t->array_size;
  Value *array = table_array(t);
  t->array_size = size;
  for (uint32_t i = size; i < old_size; i++) {
    if (array[i] != VALUE_NIL) *vm_table_slot_integer(vm, t, (int64_t)i + 1) = array[i];
  }
  uint32_t old_array = t->array;
  t->array = 0;
  if (size != 0) {
    Value *smaller = take_part(vm, (uint64_t)size * sizeof(Value));
    memcpy(smaller, array, size * sizeof(Value));
    t->array = address_of(smaller);
  }
  vm_heap_give_buffer(vm, old_array, (uint64_t)old_size * sizeof(Value));
}

static Node *free_node(Table *t) {
  while (t->last_free > t->nodes) {
    t->last_free -= (uint32_t)sizeof(Node);
    Node *n = (Node *)(uintptr_t)t->last_free;
    if (n->key == VALUE_NIL) return n;
  }
  return NULL;
}

/* Makes room at the key's main position `mp`, or chains a free node to it. */
static inline Node *place(Table *t, Node *mp, Node *spare) {
  Node *other = main_position(t, mp->key);
  if (other == mp) {
    spare->next = mp->next;
    mp->next = address_of(spare);
    return spare;
  }
  for (uint32_t steps = 0; next_node(other) != mp; other = next_node(other)) VM_ASSERT(++steps < CHAIN_MAX);
  other->next = address_of(spare);
  *spare = *mp;
  mp->next = 0;
  mp->value = VALUE_NIL;
  return mp;
}

static inline void note_key(Table *t, Value key) {
  if (value_is_string(key)) t->bloom |= (uint32_t)1 << (string_order_hash(value_string(key)) & 31);
}

/* Puts a pair into parts that were just made for it: the key is not there, and there is room. */
static inline void move_pair(Table *t, uint32_t empty, const Node *pair) {
  Value key = pair->key;
  uint32_t i = array_index(key);
  if (i - 1 < t->array_size) {
    table_array(t)[i - 1] = pair->value;
    return;
  }
  VM_ASSERT(t->nodes != empty);
  Node *node = main_position(t, key);
  if (node->value != VALUE_NIL) {
    Node *spare = free_node(t);
    VM_ASSERT(spare != NULL);
    node = place(t, node, spare);
  }
  node->key = key;
  node->value = pair->value;
  note_key(t, key);
}

void vm_table_note_density(Table *t) {
  const Value *array = table_array(t);
  uint32_t i = 0, size = t->array_size;
  while (i < size && array[i] != VALUE_NIL) i++;
  while (i < size && array[i] == VALUE_NIL) i++;
  if (i == size) t->header.flags |= TABLE_DENSE;
  else t->header.flags &= (uint8_t)~TABLE_DENSE;
}

static void resize(VM *vm, Table *t, uint32_t array_size, uint32_t nodes) {
  check_sizes(vm, array_size, nodes);
  vm_charge(vm, COST_TABLE_SLOTS, (uint64_t)array_size + nodes);
  vm_heap_reserve(vm, part_bytes(array_size, nodes) + (uint64_t)array_size * sizeof(Value));
  uint32_t old_nodes = t->nodes, old_count = node_count(t);
  bool had_nodes = has_nodes(vm, t);
  if (array_size > t->array_size) grow_array(vm, t, array_size);
  new_nodes(vm, t, nodes);
  if (array_size < t->array_size) shrink_array(vm, t, array_size);
  const Node *old = (const Node *)(uintptr_t)old_nodes;
  for (uint32_t i = old_count; i-- > 0;) {
    if (old[i].value != VALUE_NIL) move_pair(t, heap_of(vm)->empty_node, &old[i]);
  }
  if (had_nodes) vm_heap_give_buffer(vm, old_nodes, (uint64_t)old_count * sizeof(Node));
  vm_table_note_density(t);
}

/* Whether the new key continues an array without holes, whose size is a power of two, in a table
 * that has nothing else: the commonest reason to rehash.  The array doubles then. */
static bool continues_array(VM *vm, const Table *t, Value extra) {
  uint32_t size = t->array_size;
  if (has_nodes(vm, t) || extra != value_of_int((int64_t)size + 1) || (size & (size - 1)) != 0 || size >= 1u << MAX_BITS) {
    return false;
  }
  const Value *array = table_array(t);
  uint32_t holes = 0;
  for (uint32_t i = 0; i < size; i++) holes += array[i] == VALUE_NIL;
  return holes == 0;
}

/* Not inlined: what it counts with would be made ready for every new key. */
static __attribute__((noinline)) void rehash(VM *vm, Table *t, Value extra) {
  if (continues_array(vm, t, extra)) {
    vm_charge(vm, COST_TABLE_REHASH, (uint64_t)t->array_size / 4 + 1);
    uint32_t doubled = t->array_size == 0 ? 1 : t->array_size * 2;
    vm_charge(vm, COST_TABLE_SLOTS, doubled);
    vm_heap_reserve(vm, part_bytes(doubled, 0) + (uint64_t)doubled * sizeof(Value));
    grow_array(vm, t, doubled);
    t->header.flags |= TABLE_DENSE;
    t->index_hint = doubled / 2 * (uint32_t)sizeof(Node);
    return;
  }
  Census census = {{0}, 0, 0};
  vm_charge(vm, COST_TABLE_REHASH, (uint64_t)t->array_size / 4 + node_count(t));
  count_array(&census, t);
  count_nodes(&census, t);
  census.integers += count_integer(&census, extra);
  census.total++;
  uint32_t in_array;
  uint32_t array_size = best_array_size(&census, &in_array);
  resize(vm, t, array_size, census.total - in_array);
}

/* Whether a resize leaves the nodes as they are: one, whose key an array of this size does not take. */
static bool keeps_node(const Table *t, uint32_t array_size) {
  const Node *only = table_nodes(t);
  return t->max_offset == 0 && only->value != VALUE_NIL && array_index(only->key) - 1 >= array_size &&
         t->last_free == t->nodes + (uint32_t)sizeof(Node);
}

void vm_table_resize_array(VM *vm, Table *t, uint32_t array_size) {
  if (array_size > t->array_size && has_nodes(vm, t) && keeps_node(t, array_size)) {
    check_sizes(vm, array_size, 1);
    vm_charge(vm, COST_TABLE_SLOTS, (uint64_t)array_size + 1);
    vm_heap_reserve(vm, part_bytes(array_size, 1) + (uint64_t)array_size * sizeof(Value));
    grow_array(vm, t, array_size);
    return;
  }
  if (!has_nodes(vm, t) && array_size > t->array_size) {
    check_sizes(vm, array_size, 0);
    vm_charge(vm, COST_TABLE_SLOTS, array_size);
    vm_heap_reserve(vm, (uint64_t)array_size * 2 * sizeof(Value));
    grow_array(vm, t, array_size);
    return;
  }
  resize(vm, t, array_size, has_nodes(vm, t) ? node_count(t) : 0);
}

static Table *take_table(VM *vm) {
  enum { TABLE_CLASS = 2 };
  Table *t = heap_of(vm)->state.building_base ? NULL : heap_take_fast(vm, KIND_TABLE, TABLE_CLASS, sizeof(Table));
  if (UNLIKELY(t == NULL)) t = vm_heap_take(vm, KIND_TABLE, sizeof(Table));
  if (UNLIKELY(t == NULL)) vm_error_memory(vm);
  return t;
}

Table *vm_table_new(VM *vm, uint32_t array_size, uint32_t nodes) {
  check_sizes(vm, array_size, nodes);
  vm_heap_reserve(vm, sizeof(Table) + part_bytes(array_size, nodes));
  Table *t = take_table(vm);
  memset((char *)t + sizeof(Header), 0, sizeof(Table) - sizeof(Header));
  set_nodes(vm, t, heap_of(vm)->empty_node, 0);
  if (array_size != 0) grow_array(vm, t, array_size);
  if (nodes != 0) new_nodes(vm, t, nodes);
  return t;
}

/* --- Writing --- */

/* The search that has just failed, where somebody chose the keys. */
static void charge_chain(VM *vm, const Node *mp) {
  enum { FEW = 8 };
  uint32_t steps = 0;
  for (const Node *node = mp; node != NULL; node = next_node(node)) VM_ASSERT(++steps < CHAIN_MAX);
  if (UNLIKELY(steps > FEW)) vm_charge(vm, COST_TABLE_CHAIN, steps - FEW);
}

/* The slot of a key that is not there yet and whose main position is `mp`. */
static Value *new_key(VM *vm, Table *t, Value key, Node *mp) {
  if (mp->value != VALUE_NIL || UNLIKELY(!has_nodes(vm, t))) {
    charge_chain(vm, mp);
    Node *spare = free_node(t);
    if (UNLIKELY(spare == NULL)) {
      rehash(vm, t, key);
      return vm_table_slot(vm, t, key);
    }
    mp = place(t, mp, spare);
  }
  mp->key = key;
  note_key(t, key);
  return &mp->value;
}

static Value *array_slot(Table *t, uint32_t place) {
  table_before_store(t, place);
  return &table_array(t)[place];
}

static Value *string_slot(VM *vm, Table *t, Value key) {
  Node *mp = string_position(t, value_string(key));
  Node *node = find_bits(mp, key);
  return node ? &node->value : new_key(vm, t, key, mp);
}

static inline __attribute__((always_inline)) Value *number_slot(VM *vm, Table *t, double n) {
  Value key = value_of_number(n);
  Node *mp = number_position(t, n);
  Node *node = UNLIKELY(n == 0) ? find_zero(t) : find_bits(mp, key);
  return node ? &node->value : new_key(vm, t, key, mp);
}

Value *vm_table_slot_integer(VM *vm, Table *t, int64_t key) {
  t->absent = 0;
  if ((uint64_t)(key - 1) < t->array_size) return array_slot(t, (uint32_t)(key - 1));
  return number_slot(vm, t, (double)key);
}

Value *vm_table_slot_string(VM *vm, Table *t, String *key) {
  t->absent = 0;
  return string_slot(vm, t, value_of_string(key));
}

Value *vm_table_add_string(VM *vm, Table *t, String *key) {
  t->absent = 0;
  return new_key(vm, t, value_of_string(key), string_position(t, key));
}

Value *vm_table_slot(VM *vm, Table *t, Value key) {
  t->absent = 0;
  if (value_is_string(key)) return string_slot(vm, t, key);
  uint32_t i = array_index(key);
  if (i - 1 < t->array_size) return array_slot(t, i - 1);
  if (value_is_number(key)) return number_slot(vm, t, value_number(key));
  Node *mp = main_position(t, key);
  Node *node = find_bits(mp, key);
  return node ? &node->value : new_key(vm, t, key, mp);
}

void vm_table_set(VM *vm, Table *t, Value key, Value value) {
  if (UNLIKELY(key == VALUE_NIL)) vm_error_text(vm, "table index is nil");
  if (UNLIKELY(value_is_number(key) && value_number(key) != value_number(key))) {
    vm_error_text(vm, "table index is NaN");
  }
  *vm_table_slot(vm, t, key) = value;
}

void vm_table_set_integer(VM *vm, Table *t, int64_t key, Value value) {
  if ((uint64_t)(key - 1) < t->array_size) {
    t->absent = 0;
    table_store(t, (uint32_t)(key - 1), value);
    return;
  }
  *vm_table_slot_integer(vm, t, key) = value;
}

/* --- Length --- */

/* Of a table built to make doubling fail: walked, as the reference does. */
static uint32_t count_to_border(VM *vm, const Table *t) {
  enum { PIECE = 1024 };
  uint32_t i = 1;
  for (; vm_table_get_integer(t, i) != VALUE_NIL; i++)
    if (i % PIECE == 0) vm_charge(vm, COST_TABLE_STEP, PIECE);
  return i - 1;
}

static uint32_t border_beyond(VM *vm, const Table *t, uint32_t j) {
  uint64_t low = j, high = (uint64_t)j + 1;
  while (vm_table_get_integer(t, (int64_t)high) != VALUE_NIL) {
    low = high;
    high *= 2;
    if (high > INT32_MAX) return count_to_border(vm, t);
  }
  while (high - low > 1) {
    uint64_t middle = (low + high) / 2;
    if (vm_table_get_integer(t, (int64_t)middle) == VALUE_NIL) high = middle;
    else low = middle;
  }
  return (uint32_t)low;
}

uint32_t vm_table_length(VM *vm, Table *t) {
  enum { FEW = 32 }; /* slots that are looked through as soon as searched */
  uint32_t j = t->array_size;
  const Value *array = table_array(t);
  if (j > 0 && array[j - 1] == VALUE_NIL) {
    uint32_t i = 0;
    uint32_t near = t->header.flags & TABLE_DENSE ? table_near_border(t) : BORDER_UNKNOWN;
    if (near != BORDER_UNKNOWN) return near;
    while (j - i > 1) {
      uint32_t middle = (i + j) / 2;
      if (array[middle - 1] == VALUE_NIL) j = middle;
      else i = middle;
    }
    t->index_hint = i * (uint32_t)sizeof(Node);
    if (t->array_size <= FEW) vm_table_note_density(t);
    return i;
  }
  if (t->max_offset == 0 && table_nodes(t)->key == VALUE_NIL) return j;
  return border_beyond(vm, t, j);
}

/* --- Traversal --- */

static uint32_t index_of(VM *vm, const Table *t, Value key) {
  if (key == VALUE_NIL) return 0;
  uint32_t i = array_index(key);
  if (i - 1 < t->array_size) return i;
  const Node *node = find_node(t, key);
  if (node == NULL) vm_error_text(vm, "invalid key to 'next'");
  return (uint32_t)(node - table_nodes(t)) + t->array_size + 1;
}

bool vm_table_next_at(const Table *t, uint32_t *position, Value pair[2]) {
  uint32_t i = *position;
  const Value *array = table_array(t);
  for (; i < t->array_size; i++) {
    if (array[i] == VALUE_NIL) continue;
    pair[0] = value_of_int((int64_t)i + 1);
    pair[1] = array[i];
    *position = i + 1;
    return true;
  }
  const Node *nodes = table_nodes(t);
  uint32_t count = node_count(t);
  for (i -= t->array_size; i < count; i++) {
    if (nodes[i].value == VALUE_NIL) continue;
    pair[0] = nodes[i].key;
    pair[1] = nodes[i].value;
    *position = i + t->array_size + 1;
    return true;
  }
  return false;
}

bool vm_table_next(VM *vm, const Table *t, Value key, Value pair[2]) {
  uint32_t from = index_of(vm, t, key), position = from;
  bool is_there = vm_table_next_at(t, &position, pair);
  uint32_t passed = (is_there ? position - 1 : t->array_size + node_count(t)) - from;
  if (UNLIKELY(passed > TABLE_NEAR)) vm_charge(vm, COST_TABLE_GAP, passed);
  return is_there;
}
