/* SPDX-License-Identifier: BSD-2-Clause */
/* ferrous_sandbox.h - run other people's Redis Lua scripts in sealed processes.
 *
 * This is the whole public interface of libferrous_sandbox, the supervisor.
 * A pool keeps sealed worker processes; fsb_run() hands one script to one of
 * them, answers its redis.call requests through a table of callbacks that the
 * embedder supplies, meters the run, ends it at its limits, and returns a typed
 * result with a usage record.  The library contains no Lua: source text is
 * compiled and run in the worker, which is taken to be hostile.
 *
 *     FsbError error;
 *     FsbPool *pool = fsb_pool_open(NULL, &error);
 *     FsbRequest request = FSB_REQUEST_INIT;
 *     request.source = (FsbBytes){"return ARGV[1] .. '!'", 21};
 *     request.args = &(FsbBytes){"hello", 5};
 *     request.arg_count = 1;
 *     FsbResult *result = fsb_run(pool, &request);
 *     if (fsb_result_code(result) == 0) ...  fsb_result_reply(result, 2, &bytes) ...
 *     fsb_result_free(result);
 *     fsb_pool_close(pool);
 *
 * Threads.  A pool belongs to the thread that opened it: its workers die with
 * that thread.  Only fsb_cancel_request() may be called from elsewhere.
 *
 * Forking.  The library never forks the calling process (a copy of the page
 * tables of a large server is expensive, and its memory would leak into the
 * child): the worker program is started without copying anything, and forks
 * itself.  Should the process itself call fork(), the child holds no descriptor of the
 * library; there, pools and backends can only be closed.
 *
 * Signals.  A worker may die while it is being written to, so fsb_pool_open()
 * ignores SIGPIPE, unless the process has its own way with it.
 *
 * Ownership.  Whatever a function returns by pointer is owned by the object it
 * was asked of and lives as long as that object, unless told otherwise here.
 * Every fsb_..._free() and fsb_..._close() accepts NULL.
 *
 * Codes.  A run ends in exactly one outcome, a small number that never changes
 * its meaning: 0 is ok.  `ferrous-sandboxctl doc codes` lists them; the
 * fsb_code_ functions give their spellings.
 */
#ifndef FERROUS_SANDBOX_H
#define FERROUS_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that belong to somebody else; not terminated, any byte may occur. */
typedef struct {
  const char *data; /* may be NULL when size is 0 */
  size_t size;
} FsbBytes;

/* Why something could not be done, before or outside a run. */
typedef struct {
  int code;       /* an outcome, never 0 */
  char text[512]; /* one line for a person, terminated, without line end */
} FsbError;

typedef struct FsbPool FsbPool;
typedef struct FsbLimits FsbLimits;
typedef struct FsbCancel FsbCancel;
typedef struct FsbResult FsbResult;
typedef struct FsbBackend FsbBackend;
typedef struct FsbLibrary FsbLibrary;

/* --- Version and outcomes --- */

/* Returns the version of the library, as "0.1.0". */
const char *fsb_version(void);

/* Returns the id that supervisor and worker of one build share. */
const char *fsb_build_id(void);

/* Returns the label of an outcome ("ok", "limit_memory"), or "unknown". */
const char *fsb_code_label(int code);

/* Returns the exit status by which the tools report an outcome. */
int fsb_code_exit_status(int code);

/* --- Scripts --- */

/* What the first line of a script declares, "#!lua flags=no-writes,...". */
enum {
  FSB_SCRIPT_NO_WRITES = 1,
  FSB_SCRIPT_ALLOW_OOM = 2,
  FSB_SCRIPT_ALLOW_STALE = 4,
  FSB_SCRIPT_NO_CLUSTER = 8,
  FSB_SCRIPT_ALLOW_CROSS_SLOT = 16,
  FSB_SCRIPT_HAS_SHEBANG = 32 /* there is such a line, with or without flags */
};

/* Reads the flags of a script.  Returns false, with Redis's words for it, when its
 * first line is a shebang but not a valid one; fsb_run() refuses such a script. */
bool fsb_script_flags(FsbBytes source, unsigned *ret_flags, FsbError *ret_error);

#define FSB_SHA1_BYTES 41 /* 40 digits and a NUL */

/* Writes the SHA1 of a script in lower-case hexadecimal, as fsb_result_sha1(). */
void fsb_script_sha1(FsbBytes source, char ret_sha1[FSB_SHA1_BYTES]);

/* --- Limits --- */

/* Makes a set of limits with the defaults; NULL when memory is out. */
FsbLimits *fsb_limits_new(void);

/* Sets one limit from text such as "memory=32m" or "wall=1.5s".  Returns false,
 * with the limits unchanged, when the name is not known or the value is not in
 * the range that the limit allows. */
bool fsb_limits_set(FsbLimits *limits, const char *text, FsbError *ret_error);

/* Reads one limit by name, in its base unit (a count, bytes, nanoseconds). */
bool fsb_limits_get(const FsbLimits *limits, const char *name, uint64_t *ret_value);

void fsb_limits_free(FsbLimits *limits);

/* --- Pools --- */

/* How frames travel, FsbPoolOptions.transport. */
typedef enum {
  FSB_TRANSPORT_AUTO, /* two pipes; but runs that follow one another closely are waited for awake
                         and go by shared memory, where there are two processors and that proves
                         faster: the caller's thread and the worker then keep a processor each
                         busy, for at most 160 microseconds after the last run */
  FSB_TRANSPORT_PIPE, /* two pipes */
  FSB_TRANSPORT_RING  /* as AUTO, but shared memory in every run, while both sides are awake */
} FsbTransport;

typedef struct {
  size_t size;             /* sizeof(FsbPoolOptions): set by FSB_POOL_OPTIONS_INIT */
  const char *worker_path; /* NULL: beside the executable, else where it was installed */
  const FsbLimits *limits; /* no run may exceed these; NULL: the ceilings of the build.
                              They size the workers' memory, so tight ones are cheaper */
  const char *require;     /* steps of the seal, separated by commas, without which nothing
                              shall run; NULL: those that can never be waived */
  bool fresh_worker;       /* true: a process for every script; false: one worker serves
                              its principal again, its heap rolled back in between */
  unsigned spares;         /* workers to keep forked and sealed for principals to come, at
                              least, and more where more were needed lately, at most
                              FSB_MAX_SPARES; 0: none ever; see fsb_pool_tend() */
  unsigned renew_after;    /* workers after which fsb_pool_tend() starts a new zygote, so that
                              not all share one memory layout; 0: 1000 */
  FsbTransport transport;
  uint32_t valkey_version; /* 0x00MMmmpp: scripts find what Valkey 9.1 has and Redis 7.0 has not
                              (server.call, VALKEY_VERSION, os.clock), and errors are worded as
                              there; 0: Redis 7.0.15 */
  uint64_t memory;         /* bytes that workers of principals may take in all; those used longest
                              ago end first; 0: 256 MiB, which is about 900 idle ones */
  unsigned workers;        /* and most of them; 0: FSB_MAX_WORKERS */
  uint64_t idle;           /* nanoseconds without a run after which fsb_pool_tend() ends a
                              worker; 0: never */
  const char *avoid;       /* steps of the seal, separated by commas, that shall not be taken; NULL:
                              none. Only such as can be waived, and none of `require` */
} FsbPoolOptions;

#define FSB_MAX_SPARES 8
#define FSB_MAX_WORKERS 8000

#define FSB_POOL_OPTIONS_INIT \
  { sizeof(FsbPoolOptions), NULL, NULL, NULL, false, 0, 0, FSB_TRANSPORT_AUTO, 0, 0, 0, 0, NULL }

/* Opens the worker program and starts the zygote, the process that forks
 * workers.  The program is opened once and executed by descriptor, so that an
 * upgrade of the package cannot mix builds.  `options` may be NULL.
 * Returns NULL with the reason in `ret_error`. */
FsbPool *fsb_pool_open(const FsbPoolOptions *options, FsbError *ret_error);

/* Changes FsbPoolOptions.memory; workers that are too many end at the next fsb_pool_tend(),
 * or when another starts. */
void fsb_pool_set_memory(FsbPool *pool, uint64_t memory);

/* Changes FsbPoolOptions.transport.  Workers that have no shared memory keep to the pipes. */
void fsb_pool_set_transport(FsbPool *pool, FsbTransport transport);

/* Does what can wait until nobody does: forks spares in place of those that were
 * taken (0.2 ms each, at most four), ends workers that have been idle for too long, and
 * starts a new zygote when the old one has served long enough (some ms).  For a host's idle
 * moments. */
void fsb_pool_tend(FsbPool *pool);

/* Ends the workers of every principal whose bytes begin with `prefix`; none may run.  The
 * next run of such a principal gets a new process.  Returns how many there were. */
size_t fsb_pool_retire(FsbPool *pool, FsbBytes prefix);

/* One worker of a pool. */
typedef struct {
  FsbBytes principal; /* empty for a spare; valid until the pool is used again */
  uint64_t serial;    /* counts the workers of its zygote */
  int pid;            /* as the zygote's process namespace numbers it */
  int zygote;         /* process id of the zygote that forked it */
  size_t libraries;   /* function libraries that it holds */
  bool is_spare;      /* waits for its first principal */
} FsbWorker;

/* Reads the i-th worker; false past the end. */
bool fsb_pool_worker(const FsbPool *pool, size_t i, FsbWorker *ret_worker);

/* Ends every worker, and has fsb_pool_tend() start a new zygote; the next runs get new ones.
 * Returns how many workers there were.  Not while a run uses the pool. */
unsigned fsb_pool_recycle(FsbPool *pool);

/* Why workers of a pool ended, and how many for each reason. */
typedef struct {
  const char *cause; /* "retired", "killed", "exited", "signal", "violation", "unknown" */
  const char *what;  /* a sentence */
  uint64_t count;    /* since the pool was opened */
} FsbExit;

#define FSB_EXITS 6

/* Reads the i-th cause; false past the end. */
bool fsb_pool_exit(const FsbPool *pool, size_t i, FsbExit *ret_exit);

/* Ends every worker and the zygote, and frees the pool.  Results and backends
 * outlive it. */
void fsb_pool_close(FsbPool *pool);

/* One step of the seal, as this machine allows it. */
typedef struct {
  const char *name;  /* "landlock" */
  const char *what;  /* what the step does, a sentence */
  const char *lack;  /* what is weaker without it */
  const char *state; /* "applied", "not needed", "unavailable", "refused", "avoided", "not tried" */
  bool is_floor;     /* nothing runs without it */
  bool in_force;     /* applied or not needed */
  int error;         /* errno of an unavailable step, signal of a refused one, else 0 */
} FsbStep;

/* Reads the i-th step of the seal as the zygote reported it; false past the end. */
bool fsb_pool_step(const FsbPool *pool, size_t i, FsbStep *ret_step);

/* --- Host calls --- */

/* FsbCall.flags. */
enum {
  FSB_CALL_PCALL = 1,     /* redis.pcall */
  FSB_CALL_ACL_CHECK = 2, /* redis.acl_check_cmd: answer :1 or :0, run nothing */
  FSB_CALL_READ_ONLY = 4  /* the script declared no-writes: refuse commands that write */
};

/* One redis.call, or one of its relatives.  The command is what a script asked
 * for: whoever answers decides whether this caller may run it. */
typedef struct {
  const FsbBytes *argv; /* the command's name first; at least one */
  size_t argc;
  int resp;           /* 2 or 3: protocol in which the reply is wanted */
  unsigned flags;     /* FSB_CALL_ bits */
  unsigned replicate; /* redis.set_repl: bit 0 AOF, bit 1 replicas */
  uint64_t deadline;  /* CLOCK_MONOTONIC nanoseconds; later replies are of no use */
  uint64_t max_bytes; /* longer replies are of no use */
  int cancel_fd;      /* becomes readable when the run is cancelled; -1: none */
  uint64_t now;       /* CLOCK_MONOTONIC nanoseconds: about when it was asked for */
} FsbCall;

typedef enum {
  FSB_REPLY_DATA,       /* bytes: one complete RESP reply, errors included */
  FSB_REPLY_REFUSED,    /* bytes: an error to raise in the script, code first, no '-' */
  FSB_REPLY_TOO_LONG,   /* ends the run: the reply exceeds max_bytes */
  FSB_REPLY_TIMED_OUT,  /* ends the run: the deadline passed */
  FSB_REPLY_CANCELLED,  /* ends the run: cancel_fd became readable */
  FSB_REPLY_UNAVAILABLE /* ends the run: no answer to be had; bytes say why */
} FsbReplyKind;

typedef struct {
  FsbReplyKind kind;
  FsbBytes bytes;    /* valid until the next call to the same host */
  bool wrote;        /* the data changed, or may have changed */
  uint64_t setup_ns; /* of the time taken: connecting, starting a server; not billed */
} FsbReply;

/* The embedder's side of a run.  Callbacks are made on the thread of fsb_run()
 * and must not call fsb_run() on the same pool. */
typedef struct {
  void *context; /* passed to every callback */
  /* Answers one call.  NULL: every call ends the run as unavailable. */
  void (*call)(void *context, const FsbCall *call, FsbReply *ret_reply);
  /* Takes one redis.log line: level 0 debug to 3 warning.  The text is the
   * tenant's, any bytes: escape it before showing it.  NULL: dropped. */
  void (*log)(void *context, int level, FsbBytes text);
  /* Says that the run is over: undo what was local to it, as SELECT.  May be NULL. */
  void (*end)(void *context);
  /* Called about every `idle_interval` nanoseconds while the worker computes, not
   * while `call` runs: a host with one thread can serve others here.  It may call
   * fsb_cancel_request(), nothing else of this library.  NULL: none. */
  void (*idle)(void *context);
  uint64_t idle_interval; /* 0: 5 ms */
} FsbHost;

/* --- Backends: ready-made hosts --- */

/* Connects to a Redis or Valkey server:
 *     redis://[[user:]password@]host[:port][/db]     port 6379, db 0
 *     unix://[[user:]password@]/path/to/socket[?db=N]
 * Both take %XX for bytes that would confuse.
 * The connection logs in and selects the database.  Commands are checked as
 * Redis checks those of a script, with a script's error texts; commands that
 * would block do not.  Not atomic: other clients' commands may run between
 * those of the script, which Redis itself would prevent.
 * Connecting may take `timeout` nanoseconds, 0: ten seconds.
 * Returns NULL with the reason in `ret_error`. */
FsbBackend *fsb_backend_open(const char *uri, uint64_t timeout, FsbError *ret_error);

/* Makes a backend with a redis-server of its own, empty and without
 * persistence, reachable by nobody else.  The server is started at the first
 * call and ends with the backend, or with the process, however that ends. */
FsbBackend *fsb_backend_private(FsbError *ret_error);

/* Returns the callbacks of a backend; `log` and `context` as the backend set
 * them.  Valid until it is closed. */
const FsbHost *fsb_backend_host(const FsbBackend *backend);

/* Logs with `log` from now on; for tools that show redis.log lines. */
void fsb_backend_set_log(FsbBackend *backend, void (*log)(void *context, int level, FsbBytes text),
                         void *context);

void fsb_backend_close(FsbBackend *backend);

/* --- Cancelling --- */

/* Makes a means to end runs from outside, usable for any number of runs, one
 * after the other.  NULL when no descriptor is to be had. */
FsbCancel *fsb_cancel_new(void);

/* Ends the run that uses `cancel`, or the next one.  Async-signal-safe, and may
 * be called from any thread. */
void fsb_cancel_request(FsbCancel *cancel);

/* Makes it usable again after a request. */
void fsb_cancel_reset(FsbCancel *cancel);

void fsb_cancel_free(FsbCancel *cancel);

/* --- Running --- */

/* What the generator of math.random starts from in a fresh Redis. */
#define FSB_RANDOM_START UINT64_C(0x1234ABCD330E)

typedef struct {
  size_t size;          /* sizeof(FsbRequest): set by FSB_REQUEST_INIT */
  FsbBytes principal;   /* on whose behalf: workers are never shared between two */
  FsbBytes source;      /* the script, a first line "#!lua flags=..." included */
  const FsbBytes *keys; /* KEYS */
  size_t key_count;
  const FsbBytes *args; /* ARGV */
  size_t arg_count;
  const FsbLimits *limits;      /* NULL: the defaults; never above the pool's */
  const FsbHost *host;          /* NULL: a script that calls redis.call ends as unavailable */
  FsbCancel *cancel;            /* NULL: none */
  const uint64_t *random_state; /* where math.random starts, see fsb_random_seed(); NULL:
                               where this principal's last run in this pool left it */
  uint64_t timeout;             /* nanoseconds after which nobody waits any more; 0: none */
  int resp;                     /* 2 or 3: protocol of replies when the script starts */
  bool read_only;               /* as EVAL_RO: commands that write are refused */
  bool compile_only;            /* only see whether it compiles; the result is null */
  FsbLibrary *library;          /* not NULL: call `function` of it; `source` is not used */
  FsbBytes function;            /* its name, in any case; keys and args are its parameters */
  const char *sha1;             /* of `source`, as fsb_script_sha1() writes it, when that is
                               known already; NULL: it is computed */
  bool await_calls;             /* let the worker wait for every redis.call, even where the script
                               does not look at the reply or it is always the same: the same
                               outcome, slower */
  uint64_t held_since;          /* CLOCK_MONOTONIC nanoseconds since when the host can do nothing
                               else: the limit `hold` counts from there, not from the first call, and
                               less is waited for a worker that was asked to stop; 0: it can */
} FsbRequest;

#define FSB_REQUEST_INIT \
  { .size = sizeof(FsbRequest), .resp = 2 }

/* Returns the state of the generator after math.randomseed(seed). */
uint64_t fsb_random_seed(uint64_t seed);

/* Runs one script to its end and returns how it ended.  Whatever happens, there
 * is a result; it belongs to the caller. */
FsbResult *fsb_run(FsbPool *pool, const FsbRequest *request);

/* --- Function libraries ---
 *
 * A library is text that registers functions when it runs, once, with
 * redis.register_function; it begins "#!lua name=...".  Loading runs it, in a worker of
 * the principal that asks, and tells what it registers.  To call a function, set `library`
 * and `function` of a request to fsb_run(): a worker that does not hold the library yet
 * loads it first, under the limits under which it was loaded (that time counts as
 * waiting for the worker, and is not billed).  What a function changes outside its
 * own locals is undone after the call. */

typedef struct {
  FsbBytes name;
  FsbBytes description;
  bool has_description;
  unsigned flags; /* FSB_SCRIPT_ bits */
} FsbFunction;

/* The longest name of a library, NUL included. */
#define FSB_LIBRARY_NAME_BYTES 1024

/* Reads the name that the first line of a library gives it.  Returns false, with Redis's
 * words for it, when the line is not valid. */
bool fsb_library_read_name(FsbBytes code, char ret_name[FSB_LIBRARY_NAME_BYTES], FsbError *ret_error);

/* Loads the library in request->source.  Returns how that ended, as fsb_run() does, and on
 * success the library, to be given up by fsb_library_unref(); else *ret_library is NULL.
 * A library may be used with the pool that loaded it, by any principal. */
FsbResult *fsb_library_load(FsbPool *pool, const FsbRequest *request, FsbLibrary **ret_library);

/* Counts one more owner.  A library in use by a request must have one. */
FsbLibrary *fsb_library_ref(FsbLibrary *library);
void fsb_library_unref(FsbLibrary *library);

const char *fsb_library_name(const FsbLibrary *library);
FsbBytes fsb_library_code(const FsbLibrary *library);

/* Reads the i-th function, in the order of registration; false past the end. */
bool fsb_library_function(const FsbLibrary *library, size_t i, FsbFunction *ret_function);

/* --- Results --- */

/* Returns the outcome: 0 when the script returned. */
int fsb_result_code(const FsbResult *result);

/* Returns the text of a failure as a client of Redis would see it, without the
 * leading '-': "ERR user_script:1: boom script: <sha1>, on @user_script:1."; of a function
 * with its name in the place of the digest.
 * Empty when the outcome is 0.  One line; other control bytes are the tenant's. */
FsbBytes fsb_result_error(const FsbResult *result);

/* Returns the chunk ("user_script") and line where the script stood when it
 * failed; an empty chunk and line 0 when that is not known. */
FsbBytes fsb_result_chunk(const FsbResult *result);
int64_t fsb_result_line(const FsbResult *result);

/* Returns what the machine wrote about a run that a limit ended: where it stood
 * and its heaviest lines.  Plain text of any bytes, possibly empty. */
FsbBytes fsb_result_report(const FsbResult *result);

/* Returns the SHA1 of the source text: 40 digits, terminated; empty for a function. */
const char *fsb_result_sha1(const FsbResult *result);

/* Renders the outcome, an error included, as the RESP reply that a client of
 * protocol `resp` (2 or 3) gets from Redis.  Nothing a script returns can break
 * out of it.  Returns false when memory is out. */
bool fsb_result_reply(FsbResult *result, int resp, FsbBytes *ret_bytes);

typedef enum {
  FSB_NULL,
  FSB_BOOLEAN,    /* integer: 0 or 1; protocol 3 only */
  FSB_INTEGER,    /* integer */
  FSB_DOUBLE,     /* text as sent: "0.1", "inf", "-nan"; protocol 3 only */
  FSB_BULK,       /* text */
  FSB_STATUS,     /* text */
  FSB_ERROR,      /* text, code first */
  FSB_BIG_NUMBER, /* text of digits; protocol 3 only */
  FSB_VERBATIM,   /* text; protocol 3 only */
  FSB_ARRAY,      /* count elements follow */
  FSB_MAP,        /* count pairs follow, keys and values in turn; protocol 3 only */
  FSB_SET         /* count elements follow; protocol 3 only */
} FsbKind;

typedef struct {
  FsbKind kind;
  int64_t integer;
  uint64_t count;
  FsbBytes text;
  char format[4]; /* of a verbatim string, "txt" */
} FsbElement;

/* A position in the reply. */
typedef struct FsbWalk FsbWalk;

/* Starts a walk over the outcome as a client of protocol `resp` sees it,
 * element by element, each aggregate before what is in it (no recursion is
 * needed: counts say how many follow).  NULL when memory is out. */
FsbWalk *fsb_walk_open(FsbResult *result, int resp);

/* Reads the next element; false at the end. */
bool fsb_walk_next(FsbWalk *walk, FsbElement *ret_element);

void fsb_walk_close(FsbWalk *walk);

void fsb_result_free(FsbResult *result);

/* --- Usage --- */

typedef enum {
  FSB_START_NONE, /* nothing ran */
  FSB_START_COLD, /* a worker was forked for this run */
  FSB_START_WARM, /* a worker that had served the principal before */
  FSB_START_SPARE /* a worker that was waiting for its first principal */
} FsbStart;

#define FSB_CALL_TIMES 13

/* What a run cost.  Times are nanoseconds.  The fields marked (w) are what the
 * worker says; the others are measured or counted outside it. */
typedef struct {
  size_t size;                /* sizeof(FsbUsage) of the library */
  uint64_t instructions;      /* (w) units of the machine, library work included */
  uint64_t compile_units;     /* (w) the price of compiling, not in `instructions` */
  uint64_t cost_model;        /* number of the price table that both are counted by */
  uint64_t memory_peak_bytes; /* (w) */
  uint64_t cpu_ns;            /* processor time of the worker while it had the floor; includes what
                                 the principal's runs before used, and what was seen too late for
                                 their bills: the sum over runs is exact */
  uint64_t wait_cpu_ns;       /* processor time of the worker while it waited; not billed */
  uint64_t wall_ns;           /* from the request to the outcome */
  uint64_t spawn_ns;          /* of wall_ns: waiting for a worker */
  uint64_t host_time_ns;      /* time in the host's call function */
  uint64_t hold_ns;           /* from the first call to the end */
  uint64_t calls;             /* redis.call and redis.pcall requests answered or refused */
  uint64_t call_bytes;        /* arguments of the calls */
  uint64_t reply_bytes;       /* replies to the calls */
  uint64_t result_bytes;      /* the value returned, as it came from the worker */
  uint64_t log_bytes;         /* text of redis.log */
  uint64_t script_bytes;
  uint64_t arg_bytes;    /* KEYS and ARGV */
  uint64_t random_state; /* (w) 48 bits: where math.random stands after the run */
  FsbStart start_kind;
  bool wrote;            /* a command changed the data, or may have */
  bool is_claim_missing; /* the worker ended without an account: (w) fields are 0 */
  uint64_t call_times[FSB_CALL_TIMES]; /* calls by how long the host took: up to 256 ns, 1024 ns,
                            and so on times four, the last without end */
  uint64_t own_cpu_ns; /* of this run alone; up to a tick of the kernel (1 to 10 ms) may be missing */
  uint64_t idle_ns;    /* of wall_ns: the worker had the floor and did not compute.  It waited for a processor */
  uint64_t guesses;           /* calls whose answer the worker went on with before it came */
  uint64_t replays;           /* 1: one of them was wrong, and the run was played again */
} FsbUsage;

/* Returns the usage record of a run. */
const FsbUsage *fsb_result_usage(const FsbResult *result);

#ifdef __cplusplus
}
#endif

#endif
