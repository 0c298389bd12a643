/* SPDX-License-Identifier: BSD-2-Clause */
/* state - the machine: one struct, and the part of it that a transaction restores.
 *
 * Everything a script can change outside the arena and outside control slots is in
 * RunState or HeapState: rollback assigns both.  vm/README.md holds the register of
 * all state.  Layer: vm/run.
 */
#ifndef VM_RUN_STATE_H
#define VM_RUN_STATE_H

#include "vm/compile/module.h"
#include "vm/memory/heap.h"
#include "vm/objects/object.h"
#include "vm/run/code_cache.h"
#include "vm/run/frame.h"
#include "vm/vm.h"

/* --- Functions and modules: control records that arena objects name by index --- */

typedef struct {
  const Word *code;
  const Value *constants;
  const Proto *proto;
  uint32_t module;        /* index of the module record */
  uint8_t parameter_count;
  uint8_t stack_size;
  uint8_t flags;          /* PROTO_ */
  uint8_t upvalue_count;
  uint32_t first_function; /* index of the module's function 0: CLOSURE adds its operand */
  uint32_t pad[7];
} Function; /* 64 bytes: one line, found by a shift */
_Static_assert(sizeof(Function) == 64, "a function record is one cache line");

typedef struct {
  Module *module;          /* in control; NULL: free record */
  Value *constants;        /* all functions' constants, interned */
  uint32_t first_function;
  uint16_t marked;         /* a closure of it was reached in this collection */
  uint16_t is_lent;        /* it lies in the code cache, where nothing moves while a script runs */
} ModuleRecord;

/* --- Coroutines --- */

typedef enum { COROUTINE_FREE, COROUTINE_SUSPENDED, COROUTINE_RUNNING, COROUTINE_NORMAL, COROUTINE_DEAD } CoroutineStatus;

typedef struct {
  Frame *frames;       /* frames[0] is the entry */
  Frame *frame;        /* top, while it does not run */
  Frame *frames_end;
  Value *stack;        /* arena */
  Value *stack_limit;  /* slots from here on belong to natives in a hurry */
  Value *top;          /* open top, while it does not run */
  uint32_t stack_slots;
  uint32_t open;       /* open upvalue boxes, highest slot first; arena address */
  uint32_t object;     /* arena address of its Handle; 0 for the main coroutine */
  uint32_t resumer;    /* record index of who resumed it */
  uint8_t status;      /* CoroutineStatus */
  uint8_t started;
  uint16_t base_levels; /* C levels when it was resumed: yields need exactly these */
  uint32_t pad;
  Value globals;       /* environment of what it loads; the main coroutine's is RunState.globals */
} Coroutine;

enum { MAIN_COROUTINE = 0 };

/* --- What ended or suspended the loop --- */

typedef enum { EXIT_NONE, EXIT_DONE, EXIT_ERROR, EXIT_HOST_CALL, EXIT_LIMIT, EXIT_QUANTUM } ExitReason;

/* Events: names of metamethods, in the order of the strings' table. */
typedef enum {
  EVENT_INDEX,
  EVENT_NEWINDEX,
  EVENT_GC,
  EVENT_MODE,
  EVENT_EQ,      /* up to here absence is cached in Table.absent */
  EVENT_ADD,
  EVENT_SUB,
  EVENT_MUL,
  EVENT_DIV,
  EVENT_MOD,
  EVENT_POW,
  EVENT_UNM,
  EVENT_LEN,
  EVENT_LT,
  EVENT_LE,
  EVENT_CONCAT,
  EVENT_CALL,
  EVENT_COUNT_,
  EVENT_ABSENT_CACHED = EVENT_EQ
} Event;

enum { STATE_ROOTS = 17 + TYPE_COUNT_ + EVENT_COUNT_ };

/* RunState.in_leaf: TFORLOOP's iterators count as called. */
enum { LEAF_NONE, LEAF_BY_CALL, LEAF_BY_TAIL_CALL };

/* debug.sethook's: see vm/run/hook.h. */
enum { HOOK_COUNT = 1, HOOK_LINE = 2, HOOK_CALL = 4, HOOK_RETURN = 8 };
typedef struct {
  uint32_t mask;      /* HOOK_; 0: no hook */
  uint32_t count;     /* instructions between two count events */
  uint32_t left;      /* of them, until the next */
  uint32_t coroutine; /* whose instructions are looked at */
  uint32_t depth;     /* of the frame that was looked at last */
  uint32_t top;       /* the open top while the hook runs, as an index */
  const Word *code;   /* of that frame's function */
  const Word *last;   /* its instruction */
  bool running;
  bool passed;        /* this instruction has been looked at */
  bool line_due;      /* and its line is to be told */
} Hook;

typedef struct {
  /* The running coroutine's, cached here while it runs. */
  Frame *frame;
  Frame *frames_end;
  Value *stack_limit;
  Value *top;             /* end of an open value list (CALLM, RETURNM, SETLISTM) */
  uint32_t current;       /* index of the running coroutine */
  uint32_t levels;        /* nested C levels of the reference */

  /* Budget: remaining is in bytes of code and may fall below zero by one stretch. */
  int64_t remaining;      /* of this quantum, while the loop is left */
  uint64_t budget_left;   /* units behind this quantum */
  uint64_t budget;        /* units of the whole run */
  uint64_t quantum;       /* units a refill takes */
  uint64_t compile_units;

  Function *functions;    /* control */
  uint32_t function_count; /* high-water mark; index < it */
  uint32_t function_room;
  ModuleRecord *modules;
  uint32_t module_count;
  uint32_t module_room;
  uint32_t function_next; /* where the search for free records goes on until the next sweep */
  uint32_t module_next;
  uint32_t loading;        /* module record being made, plus one */
  uint32_t pad_;
  Coroutine *coroutines;
  uint32_t coroutine_count;
  uint32_t coroutine_room;
  uint32_t coroutine_free; /* a hint: lowest record that may be free */

  char *buffer;           /* control */
  uint64_t buffer_top;
  uint64_t buffer_room;

  union {
    Value roots[STATE_ROOTS]; /* the same, for whoever walks them */
    struct {
      Value globals;          /* _G, or what stands for it in a function library */
      Value string_metatable; /* metatable of all strings, or nil */
      Value error;            /* the error being raised, or that ended the run */
      Value result;           /* what the script returned */
      Value main_function;
      Value next_function;    /* what pairs returns */
      Value ipairs_function;  /* what ipairs returns: its step */
      Value libraries;        /* function libraries of the base by number, or nil */
      Value function_globals; /* globals of function libraries, or nil until the first is loaded */
      Value registering;      /* the library being loaded, see vm/lib/library.h; or nil */
      Value parameters[2];    /* of the main function */
      Value pending[2];       /* what the door has in its hands */
      Value hook_function;
      Value kept;             /* what C code holds for a moment across a collection point */
      Value registry;         /* full profile: what its libraries keep; a table or nil */
      Value type_metatables[TYPE_COUNT_]; /* full profile: what debug.setmetatable gave to a type */
      Value event_names[EVENT_COUNT_];
    };
  };
  uint32_t parameter_count;

  uint64_t random_state;
  uint32_t resp;
  uint32_t repl_flags;
  uint64_t library_state[16]; /* cjson's settings, see vm/lib/cjson.h */
  uint64_t gc_saved;      /* bytes of work that collectgarbage("step") has saved up */
  uint32_t gc_pause;      /* collectgarbage("setpause"): remembered, without effect */
  uint32_t gc_step_multiplier;

  /* Pending call of a framed native. */
  int32_t call_slot;
  int32_t call_arguments;
  int32_t call_results;

  ExitReason exit;
  uint32_t started;       /* the main function has been called */
  VmEnding ending;
  uint32_t protected_;    /* vm_error_protect is active: raising has somewhere to land */
  uint32_t landing;       /* why a raise landed */
  VmBytes error_source;   /* where an uncaught error was raised */
  int64_t error_line;
  uint64_t host_calls;
  VmHostCall host_call;
  Hook hook;
  uint8_t in_leaf;        /* LEAF_: a leaf native runs above the top frame, and what called it */
} RunState;

/* The state of the base. */
typedef struct {
  HeapState heap;
  RunState run;
} BaseState;

/* What every run writes, and little else, so that it takes few pages: each is one that a worker has to itself. */
struct VM {
  Heap heap;           /* first: heap_of casts */
  RunState run;
  void *jump[5];       /* __builtin_setjmp of vm_run */
  const volatile uint32_t *stop_word;
  VmProfile profile;
  uint32_t valkey_version; /* as VmConfig's */
  VmTraceHook trace;   /* NULL: no tracing */
  void *trace_context;
  uint32_t *mark_stack;
  uint32_t mark_high;  /* entries used since the last rollback */
  bool open;           /* a transaction is open */
  bool has_sha;        /* the processor has instructions for SHA-1 */
  bool failed_compile;
  bool pending_ok;
  VmError error_view;
  /* Arguments of the door's function that runs under vm_error_protect. */
  VmBytes pending_source;
  VmBytes pending_key;
  const char *pending_name;
  const VmBytes *pending_items;
  size_t pending_count;
  uint64_t pending_number;
  CodeCache code_cache; /* outlives transactions */
  /* The base image: what rollback restores. */
  BaseState *base;     /* control */
  char *base_image;    /* control: copy of the arena up to base_end; one of the next two */
  char *image_near;    /* BASE_NEAR bytes */
  char *image_far;     /* BASE_CEILING bytes */
  uint32_t base_size;
  uint32_t *base_intern; /* control: copy of the intern heads */
  size_t code_floor;   /* offset in control where the base's code begins */
  size_t code_size;    /* bytes of it */
};

/* The running coroutine's environment: what setfenv(0) sets and load gives. */
static inline Value *state_globals(VM *vm) {
  return vm->run.current == MAIN_COROUTINE ? &vm->run.globals : &vm->run.coroutines[vm->run.current].globals;
}

/* The record of a Lua frame's function.  An arena object names it, so it is proven: the
 * frame's saved pc lies in its code. */
static inline const Function *state_frame_function(const VM *vm, const Frame *frame) {
  VM_ASSERT(frame->closure->function < vm->run.function_count);
  const Function *function = &vm->run.functions[frame->closure->function];
  VM_ASSERT(function->code != NULL && (size_t)(frame->pc - function->code) <= function->proto->code_words);
  return function;
}

static inline Coroutine *state_coroutine(VM *vm) { return &vm->run.coroutines[vm->run.current]; }

#endif
