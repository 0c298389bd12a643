/* SPDX-License-Identifier: BSD-2-Clause */
/* vm.h - the door of the virtual machine: all that others may use of it.
 *
 * A VM runs one Lua 5.1 script at a time inside two regions that the caller
 * maps: the arena (every Lua object, wholly below 0x7fff0000) and control
 * (code, frames, allocator metadata, above 4 GiB in the worker).  The machine
 * allocates nothing else, makes no system call and never blocks.
 *
 * Life of a run:
 *   vm_begin                 opens the heap transaction
 *   vm_compile               source -> main function, or a compile error
 *   vm_set_strings           KEYS and ARGV
 *   vm_run ... vm_run        until it returns something other than QUANTUM;
 *                            on HOST_CALL: vm_host_call, then vm_host_reply
 *   vm_result / vm_error     read the outcome
 *   vm_rollback              heap and RunState return, bit for bit, to the base
 *
 * Every view (VmBytes) handed out is valid until the next vm_ call that is not
 * a query.  Layer: vm.  Threads: one VM belongs to one thread.
 */
#ifndef VM_VM_H
#define VM_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct VM VM;

typedef struct {
  const char *data; /* not terminated; may hold any byte */
  size_t size;
} VmBytes;

typedef enum {
  VM_PROFILE_REDIS, /* what a Redis script sees; globals are protected */
  VM_PROFILE_FULL   /* stock Lua 5.1 for developers, where vm/full/ is linked */
} VmProfile;

typedef struct {
  void *arena;         /* zeroed, page-aligned, below 0x7fff0000 */
  size_t arena_size;   /* bytes; 1.25 times the largest memory limit */
  void *control;       /* zeroed, page-aligned */
  size_t control_size; /* bytes; at least vm_control_size(arena_size) */
  uint64_t hash_seed;  /* seeds the intern table; no script can observe it */
  VmProfile profile;
  uint32_t valkey_version; /* 0x00MMmmpp: scripts find Valkey's names and words; 0: Redis's */
  const volatile uint32_t *stop_word; /* non-zero: end the run as killed; may be NULL */
} VmConfig;

/* C stack below vm_run's caller that library functions may use, and no script can exceed: what
 * they leave there is for the caller to clear.  The compiler goes deeper. */
enum { VM_NATIVE_STACK = 12 * 1024 };

/* Bytes of control memory that a VM with this arena needs. */
size_t vm_control_size(size_t arena_size);

/* Makes a VM in the given regions, opens the standard library and commits it as
 * the base image.  Returns NULL when the regions are too small. */
VM *vm_open(const VmConfig *config);

typedef struct {
  uint64_t instructions; /* budget in units of costs.def */
  uint64_t memory;       /* bytes of slots in use; at most arena_size / 1.25 */
  uint64_t random_state; /* 48-bit state of math.random */
  uint32_t resp;         /* protocol of replies at the start: 2 or 3 */
  bool read_only;        /* reserved for *_RO commands */
} VmRequest;

/* Opens a transaction.  The VM must be at its base (opened or rolled back). */
void vm_begin(VM *vm, const VmRequest *request);

/* Compiles `source`; `chunk_name` follows Lua's rule ("@user_script").  A first
 * line that starts with "#!" is the caller's to blank.  Returns false on a syntax
 * error or exhausted memory: see vm_error. */
bool vm_compile(VM *vm, VmBytes source, const char *chunk_name);

#define VM_KEY_MAX 64

/* As vm_compile.  If the machine keeps the text for later runs, it can be asked for by `key`,
 * which the caller gives to this text alone, of at most VM_KEY_MAX bytes. */
bool vm_compile_keyed(VM *vm, VmBytes key, VmBytes source, const char *chunk_name);

typedef enum {
  VM_RECALL_FOUND,   /* as if vm_compile_keyed had returned true, to the byte and the unit */
  VM_RECALL_UNKNOWN, /* not kept; the transaction can be rolled back, or the text be compiled */
  VM_RECALL_ENDED    /* memory ran out: see vm_ending */
} VmRecall;

/* Instead of vm_compile_keyed, with a key that came before. */
VmRecall vm_recall(VM *vm, VmBytes key, const char *chunk_name);

/* --- Function libraries ---
 *
 * A library's code runs once: vm_begin, vm_compile_library, vm_run up to VM_DONE,
 * vm_library_function for what it registered, vm_commit.  From then on it is part of the
 * base, and later transactions call its functions: vm_begin, vm_select_function,
 * vm_add_parameter twice (keys, arguments), vm_run. */

typedef struct {
  VmBytes name;
  VmBytes description;
  bool has_description;
  uint32_t flags; /* SCRIPT_ bits of policy/script_flags.h */
} VmFunction;

/* As vm_compile; the code sees what redis.register_function needs, and little else. */
bool vm_compile_library(VM *vm, VmBytes source, const char *chunk_name);

/* Reads the i-th function that the library has registered; false past the end. */
bool vm_library_function(const VM *vm, size_t i, VmFunction *ret_function);

typedef enum {
  VM_COMMIT_OK,
  VM_COMMIT_TOO_LARGE, /* the base would take more than `limit` bytes */
  VM_COMMIT_COROUTINE, /* the library keeps a coroutine, which no base can hold */
  VM_COMMIT_MEMORY     /* the run's memory limit */
} VmCommitStatus;

/* Makes the library that has been run part of the base, as number `library` (at most
 * 2^53), and ends the transaction: the VM is at its new base.  On failure the old base
 * stands and the transaction is still open. */
VmCommitStatus vm_commit(VM *vm, uint64_t library, uint64_t limit);

/* Bytes of the base: of the arena, and of control for its code. */
uint64_t vm_base_bytes(const VM *vm);

/* Instead of vm_compile: makes a library's function, named in any case, what vm_run calls.
 * Returns false when there is none, or when memory ran out (see vm_ending). */
bool vm_select_function(VM *vm, uint64_t library, VmBytes name);

/* Adds an array of strings to the parameters of the function; at most two.  Returns false
 * when memory ran out. */
bool vm_add_parameter(VM *vm, const VmBytes *items, size_t count);

/* --- Running --- */

/* Makes the global `name` an array of strings (KEYS, ARGV).  Returns false when
 * memory ran out (the run has then ended: see vm_ending). */
bool vm_set_strings(VM *vm, const char *name, const VmBytes *items, size_t count);

typedef enum {
  VM_DONE,      /* the script returned: vm_result */
  VM_ERROR,     /* an error reached the top: vm_error */
  VM_HOST_CALL, /* the script waits for the host: vm_host_call */
  VM_LIMIT,     /* a limit ended the run: vm_ending */
  VM_QUANTUM    /* the quantum is used up; call vm_run again */
} VmStatus;

/* Runs for at most about `quantum` units. */
VmStatus vm_run(VM *vm, uint64_t quantum);

/* --- Tracing --- */

typedef enum {
  VM_KIND_NONE, /* the field names no value */
  VM_KIND_NIL,
  VM_KIND_BOOLEAN,
  VM_KIND_NUMBER,
  VM_KIND_STRING,
  VM_KIND_TABLE,
  VM_KIND_TABLE_WITH_METATABLE,
  VM_KIND_FUNCTION,
  VM_KIND_THREAD,
  VM_KIND_USERDATA,
  VM_KIND_COUNT_
} VmKind;

typedef struct {
  VmBytes source;   /* chunk name, "@user_script" */
  int64_t line;
  uint32_t pc;      /* word of the function */
  uint32_t word;    /* the instruction */
  uint32_t opcode;  /* its row of opcodes.def */
  uint32_t depth;   /* frames below */
  const char *name; /* of its opcode */
  VmKind kinds[3];  /* what the fields A, B, C read; FORPREP and TFORLOOP: their registers A, A+1,
                     * A+2; instructions on globals: the environment in the place of C */
} VmTracePoint;

typedef void (*VmTraceHook)(void *context, const VmTracePoint *point);

/* Calls `hook` before every instruction of the runs that follow; NULL ends it.  For
 * developers: the worker never traces. */
void vm_set_trace(VM *vm, VmTraceHook hook, void *context);

/* --- Host calls --- */

typedef enum {
  VM_HOST_REDIS, /* redis.call and redis.pcall: argv holds the command */
  VM_HOST_LOG,   /* redis.log: level and argv[0]; needs no reply, just vm_run again */
  VM_HOST_PRINT, /* print and io.write of the full profile: argv[0] goes to standard output,
                  * with level 1 to standard error */
  VM_HOST_CLOCK, /* os.clock/os.time of the full profile: answer with vm_host_number */
  VM_HOST_DATE,  /* os.time with no argument: seconds since 1970; vm_host_number */
  VM_HOST_READ,  /* content of file argv[0] ("-": standard input) for the full profile's
                  * virtual folder: vm_host_bytes, or vm_host_number with an errno */
  VM_HOST_EXIT   /* os.exit of the full profile: level is the status; do not go on */
} VmHostKind;

typedef struct {
  VmHostKind kind;
  uint32_t argc;
  const VmBytes *argv;
  uint32_t resp;  /* 2 or 3: protocol that the reply must use */
  int32_t level;  /* of VM_HOST_LOG: 0..3; see VM_HOST_PRINT, VM_HOST_EXIT */
  uint32_t replicate;  /* redis.set_repl: bit 0 to the AOF, bit 1 to replicas */
  bool protected_call; /* redis.pcall */
  bool acl_check;      /* redis.acl_check_cmd: run nothing, answer :1 or :0 */
  bool may_post;       /* nobody looks at the reply: an error ends the run, or, of a
                        * protected call, is lost.  See vm_host_posted() */
  bool is_last;        /* the script returns the reply, as RESP2; an error ends the run, or, of a
                        * protected call, is its value.  The host may answer, or not go on */
} VmHostCall;

/* The pending host call after VM_HOST_CALL. */
const VmHostCall *vm_host_call(const VM *vm);

/* Answers VM_HOST_REDIS with one whole raw RESP reply, converted here, inside the
 * seal.  Returns false when the bytes are not one whole reply (host's fault). */
bool vm_host_reply(VM *vm, VmBytes resp);

/* Answers any host call with an error: redis.call raises {err=text}, redis.pcall
 * returns it.  `text` has its code word ("ERR ..."). */
void vm_host_fail(VM *vm, VmBytes text);

/* Instead of an answer to a call that may_post: the host will carry it out, in its turn. */
void vm_host_posted(VM *vm);

/* Where the pending call stands, as an error of it would tell: chunk and line. */
void vm_host_place(const VM *vm, VmBytes *ret_source, int64_t *ret_line);

/* State of math.random at the pending call. */
uint64_t vm_host_random_state(const VM *vm);

/* A number for where in the code the pending call stands, the same as long as the code is kept; 0: it was
 * not called by Lua code. */
uint64_t vm_host_site(const VM *vm);

void vm_host_number(VM *vm, double number);
void vm_host_bytes(VM *vm, VmBytes bytes);

/* --- Outcome --- */

typedef enum {
  VM_TOKEN_NULL,
  VM_TOKEN_FALSE,   /* only after setresp(3); before it false is VM_TOKEN_NULL */
  VM_TOKEN_TRUE,    /* only after setresp(3); before it true is VM_TOKEN_INTEGER 1 */
  VM_TOKEN_INTEGER, /* integer */
  VM_TOKEN_DOUBLE,  /* number */
  VM_TOKEN_BULK,    /* bytes */
  VM_TOKEN_STATUS,  /* bytes; CR and LF are still in it */
  VM_TOKEN_ERROR,   /* bytes, code word first; CR and LF are still in it */
  VM_TOKEN_BIG_NUMBER,
  VM_TOKEN_VERBATIM, /* bytes: three of format, a colon, then the text */
  VM_TOKEN_ARRAY,    /* integer = number of elements that follow */
  VM_TOKEN_MAP,      /* integer = number of pairs that follow */
  VM_TOKEN_SET       /* integer = number of members that follow */
} VmTokenKind;

typedef struct {
  VmTokenKind kind;
  int64_t integer;
  double number;
  VmBytes bytes;
} VmToken;

/* Receives one token; false stops the walk. */
typedef bool (*VmTokenSink)(void *context, const VmToken *token);

/* Walks the script's result as Redis converts it (raw access, no metamethods,
 * explicit stack).  Two walks give the same tokens.  Returns false when the sink
 * stopped it. */
bool vm_result(VM *vm, VmTokenSink sink, void *context);

typedef struct {
  bool compile;    /* a compile error: `text` is the message as Lua gives it */
  VmBytes text;    /* err field or message: "ERR user_script:1: boom" */
  VmBytes source;  /* "@user_script"; empty when unknown */
  int64_t line;    /* 0 when unknown */
  bool has_source; /* whether Redis would append " script: <sha>, on ..." */
  bool ignore_error_stats_update;
  VmBytes traceback; /* of the full profile; may be empty */
} VmError;

/* The error after VM_ERROR or a failed vm_compile. */
const VmError *vm_error(VM *vm);

typedef enum { VM_LIMIT_INSTRUCTIONS, VM_LIMIT_MEMORY, VM_LIMIT_STOPPED } VmLimitKind;

typedef struct {
  VmLimitKind kind;
  uint32_t stop_value; /* the stop word's value for VM_LIMIT_STOPPED */
  VmBytes source;      /* chunk name where the script stood, "@user_script" */
  int64_t line;        /* 0 when unknown */
} VmEnding;

/* How the run ended after VM_LIMIT. */
const VmEnding *vm_ending(const VM *vm);

typedef struct {
  uint64_t instructions;   /* units used so far, compile units excluded */
  uint64_t compile_units;  /* of vm_compile */
  uint64_t memory_peak;    /* bytes of slots in use at the highest */
  uint64_t memory_now;
  uint64_t host_calls;     /* VM_HOST_REDIS only */
  uint64_t collections;
  uint64_t random_state;
} VmUsage;

void vm_usage(const VM *vm, VmUsage *ret_usage);

/* --- End of the transaction --- */

/* Returns arena and RunState, bit for bit, to the base image. */
void vm_rollback(VM *vm);

/* Bytes of arena that the run has touched since vm_begin (for keep_touched). */
size_t vm_touched(const VM *vm);

/* Checks every invariant of the heap.  NULL when sound, else what is wrong. */
const char *vm_check_heap(VM *vm);

/* Hash of arena and RunState, for the isolation tests. */
uint64_t vm_state_hash(const VM *vm);

#endif
