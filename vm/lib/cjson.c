/* SPDX-License-Identifier: BSD-2-Clause */
/* cjson - the settings of cjson, and the libraries that cjson.new makes.
 *
 * Every setting function sets what its arguments say, one after the other, and
 * returns what then holds; an argument error names argument 1, whichever it was, as
 * the original does.  Layer: vm/lib.
 */
#include "vm/lib/cjson.h"

#include "vm/lib/option.h"
#include "vm/lib/builtins.h"
#include "vm/values/number.h"

_Static_assert(sizeof(CjsonSettings) <= sizeof(((RunState *)0)->library_state), "the run state holds them");

CjsonSettings vm_cjson_defaults(void) {
  return (CjsonSettings){.sparse_convert = 0,
                         .sparse_ratio = 2,
                         .sparse_safe = 10,
                         .encode_max_depth = 1000,
                         .decode_max_depth = 1000,
                         .encode_invalid = CJSON_INVALID_REFUSE,
                         .decode_invalid = CJSON_INVALID_ALLOW,
                         .number_precision = 14,
                         .keep_buffer = 1};
}

/* --- Where settings live --- */

static bool is_within(int32_t n, int32_t least, int32_t most) { return n >= least && n <= most; }

/* What cjson.new made keeps its settings in the arena: they are proven each time. */
static bool is_valid(const CjsonSettings *s) {
  return is_within(s->sparse_convert, 0, 1) && s->sparse_ratio >= 0 && s->sparse_safe >= 0 && s->encode_max_depth >= 1 &&
         s->decode_max_depth >= 1 && is_within(s->encode_invalid, 0, CJSON_INVALID_NULL) &&
         is_within(s->decode_invalid, 0, CJSON_INVALID_NULL) && is_within(s->number_precision, 1, 14) &&
         is_within(s->keep_buffer, 0, 1);
}

CjsonSettings vm_cjson_settings(VM *vm, const Value *args) {
  CjsonSettings settings;
  Native *self = vm_native_self(vm, args);
  if (self->upvalue_count == 0) {
    memcpy(&settings, vm->run.library_state, sizeof settings);
    return settings;
  }
  String *bytes = value_string(vm_table_get_integer(value_table(self->upvalues[0]), 1));
  VM_ASSERT(bytes->length == sizeof settings);
  memcpy(&settings, bytes->bytes, sizeof settings);
  VM_ASSERT(is_valid(&settings));
  return settings;
}

static void save(VM *vm, Value *args, int count, const CjsonSettings *settings) {
  Native *self = vm_native_self(vm, args);
  if (self->upvalue_count == 0) {
    memcpy(vm->run.library_state, settings, sizeof *settings);
    return;
  }
  args[count] = value_of_string(vm_string_new(vm, settings, sizeof *settings));
  *vm_table_slot_integer(vm, value_table(self->upvalues[0]), 1) = args[count];
}

/* --- Reading one option --- */

static const char *const switches[] = {"off", "on", NULL};
static const char *const invalid_numbers[] = {"off", "on", "null", NULL};

static void check_count(VM *vm, int count, int most) {
  if (count > most) vm_native_arg_error(vm, most + 1, "found too many arguments");
}

static void read_integer(VM *vm, Value *args, int count, int number, int32_t *setting, int32_t least,
                         int32_t most) {
  if (value_is_nil(native_arg(args, count, number))) return;
  int32_t n = arg_int(vm, args, count, number);
  if (n < least || n > most) {
    char low[NUMBER_TEXT_MAX], text[2 * NUMBER_TEXT_MAX + 8];
    vm_number_write(least, low);
    size_t size = strlen(low);
    memcpy(text, low, size);
    memcpy(text + size, " and ", 5);
    vm_number_write(most, text + size + 5);
    vm_option_refuse(vm, 1, "expected integer between ", text, "");
  }
  *setting = n;
}

static void read_option(VM *vm, Value *args, int count, int number, int32_t *setting, const char *const *options) {
  Value v = native_arg(args, count, number);
  if (value_is_nil(v)) return;
  *setting = value_is_boolean(v) ? v == VALUE_TRUE : vm_option_check(vm, args, count, number, options);
}

static Value show_option(VM *vm, int32_t setting, const char *const *options) {
  if (setting <= 1) return value_of_bool(setting == 1);
  return value_of_string(vm_string_from(vm, options[setting]));
}

/* --- The functions --- */

int vm_cjson_encode_sparse_array(VM *vm, Value *args, int count) {
  check_count(vm, count, 3);
  CjsonSettings settings = vm_cjson_settings(vm, args);
  read_option(vm, args, count, 1, &settings.sparse_convert, switches);
  save(vm, args, count, &settings);
  read_integer(vm, args, count, 2, &settings.sparse_ratio, 0, INT32_MAX);
  save(vm, args, count, &settings);
  read_integer(vm, args, count, 3, &settings.sparse_safe, 0, INT32_MAX);
  save(vm, args, count, &settings);
  args[-1] = value_of_bool(settings.sparse_convert);
  args[0] = value_of_int(settings.sparse_ratio);
  args[1] = value_of_int(settings.sparse_safe);
  return 3;
}

/* Defines a function that sets one integer. */
#define INTEGER_SETTING(name, field, least, most)                           \
  int vm_cjson_##name(VM *vm, Value *args, int count) {                     \
    check_count(vm, count, 1);                                              \
    CjsonSettings settings = vm_cjson_settings(vm, args);                   \
    read_integer(vm, args, count, 1, &settings.field, (least), (most));     \
    save(vm, args, count, &settings);                                              \
    return native_return(args, value_of_int(settings.field));               \
  }

INTEGER_SETTING(encode_max_depth, encode_max_depth, 1, INT32_MAX)
INTEGER_SETTING(decode_max_depth, decode_max_depth, 1, INT32_MAX)
INTEGER_SETTING(encode_number_precision, number_precision, 1, 14)

/* Defines a function that sets one switch. */
#define OPTION_SETTING(name, field, options)                                \
  int vm_cjson_##name(VM *vm, Value *args, int count) {                     \
    check_count(vm, count, 1);                                              \
    CjsonSettings settings = vm_cjson_settings(vm, args);                   \
    read_option(vm, args, count, 1, &settings.field, (options));            \
    save(vm, args, count, &settings);                                              \
    return native_return(args, show_option(vm, settings.field, (options))); \
  }

OPTION_SETTING(encode_keep_buffer, keep_buffer, switches)
OPTION_SETTING(encode_invalid_numbers, encode_invalid, invalid_numbers)
OPTION_SETTING(decode_invalid_numbers, decode_invalid, switches)

/* --- Libraries --- */

/* Stores a field; key and value wait in two slots that a collection sees. */
static void put_field(VM *vm, Table *library, Value *slots, const char *name, Value v) {
  slots[0] = v;
  slots[1] = value_of_string(vm_string_from(vm, name));
  *vm_table_slot_string(vm, library, value_string(slots[1])) = slots[0];
}

static void put_constants(VM *vm, Table *library, Value *slots) {
  put_field(vm, library, slots, "null", VALUE_NULL);
  put_field(vm, library, slots, "_NAME", value_of_string(vm_string_from(vm, "cjson")));
  put_field(vm, library, slots, "_VERSION", value_of_string(vm_string_from(vm, "2.1.0")));
}

void vm_cjson_open(VM *vm, Table *library) {
  CjsonSettings settings = vm_cjson_defaults();
  memcpy(vm->run.library_state, &settings, sizeof settings);
  Value slots[2]; /* nothing is collected while the base is built */
  put_constants(vm, library, slots);
}

static const uint16_t functions[] = {
    BUILTIN_cjson_encode, BUILTIN_cjson_decode, BUILTIN_cjson_encode_sparse_array,
    BUILTIN_cjson_encode_max_depth, BUILTIN_cjson_decode_max_depth, BUILTIN_cjson_encode_number_precision,
    BUILTIN_cjson_encode_keep_buffer, BUILTIN_cjson_encode_invalid_numbers,
    BUILTIN_cjson_decode_invalid_numbers, BUILTIN_cjson_new};

int vm_cjson_new(VM *vm, Value *args, int count) {
  (void)count;
  CjsonSettings settings = vm_cjson_defaults();
  args[0] = value_of_table(vm_table_new(vm, 0, 0));
  args[1] = value_of_table(vm_table_new(vm, 1, 0));
  args[2] = value_of_string(vm_string_new(vm, &settings, sizeof settings));
  *vm_table_slot_integer(vm, value_table(args[1]), 1) = args[2];
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    Native *function = vm_native_closure(vm, functions[i], 1);
    function->upvalues[0] = args[1];
    put_field(vm, value_table(args[0]), args + 2, vm_builtins[functions[i]].name, value_of_native(function));
  }
  put_constants(vm, value_table(args[0]), args + 2);
  return native_return(args, args[0]);
}
