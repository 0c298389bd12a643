/* SPDX-License-Identifier: BSD-2-Clause */
/* zygote_abi.h - how the supervisor starts a zygote, and what the zygote reports.
 *
 * The supervisor executes ferrous-sandbox-worker by descriptor with an empty
 * environment.  It finds /dev/null at 0 and 1, anything harmless at 2 (start-up
 * errors are printed there), and one end of an AF_UNIX SOCK_SEQPACKET pair at
 * ZYGOTE_CONTROL_FD; it closes all else.  Each packet is one fixed struct of this
 * file in native byte order, its size checked exactly; ipc/fdpass.h carries it:
 *
 *   supervisor -> zygote   CONFIG   once, first; the BPF program follows the struct
 *   zygote -> supervisor   REPORT   the answer: accepted, or why not (the zygote then ends)
 *   supervisor -> zygote   SPAWN    fork one worker; brings the stop page (1 descriptor)
 *   zygote -> supervisor   SPAWNED  with three descriptors, or an errno and none
 *   zygote -> supervisor   EXITED   a worker was reaped; after its SPAWNED
 *   supervisor -> zygote   RETIRE   fork no more, reap on, end after the last worker
 *
 * The stop page is the first page of a memfd that the supervisor made and sealed with
 * F_SEAL_SHRINK | F_SEAL_GROW; the worker maps it read-only.  When SPAWN says so, the
 * rings lie behind it (ipc/ring.h), which the worker maps to read and write.
 * SPAWNED does not mean sealed: the worker's HELLO frame does.  A worker that
 * cannot complete its seal ends with WORKER_EXIT_STEP + step.
 *
 * The zygote handles no tenant data.  When the control socket closes or the
 * supervisor's spawning thread dies, the zygote and all its workers die.
 *
 * Layer: sandbox, shared by supervisor and worker; no functions, only facts.
 */
#ifndef SANDBOX_ZYGOTE_ABI_H
#define SANDBOX_ZYGOTE_ABI_H

#include <stdint.h>

#define ZYGOTE_CONTROL_FD 3
#define ZYGOTE_MAGIC UINT32_C(0x5a425346) /* "FSBZ" */
#define ZYGOTE_ABI_VERSION 3
#define ZYGOTE_FILTER_MAX 256 /* instructions of the BPF program */
#define ZYGOTE_DETAIL_BYTES 160

/* The steps of the seal, in order; a set of steps is a uint64_t of bits. */
typedef enum {
#define STEP(name, where, need, what, lack) SEAL_##name,
#include "sandbox/seal_steps.def"
#undef STEP
  SEAL_COUNT_
} SealStep;

_Static_assert((int)SEAL_COUNT_ <= 64, "a set of steps is one uint64_t");

#define SEAL_BIT(step) (UINT64_C(1) << (step))

typedef enum {
  SEAL_NOT_TRIED = 0,
  SEAL_APPLIED = 1,     /* tried in a throw-away child (or for good): it works */
  SEAL_NOT_NEEDED = 2,  /* the state is already as wanted (ids when not root) */
  SEAL_UNAVAILABLE = 3, /* the kernel said no: `error` is the errno */
  SEAL_REFUSED = 4,     /* the throw-away child was killed: `error` is the signal */
  SEAL_AVOIDED = 5,     /* named in ZygoteConfig.avoid */
  SEAL_STATE_COUNT_
} SealState;

typedef struct {
  uint16_t state; /* SealState */
  int16_t error;  /* errno or signal, see SealState */
} SealReport;

typedef enum {
  ZYGOTE_CONFIG = 1,
  ZYGOTE_REPORT,
  ZYGOTE_SPAWN,
  ZYGOTE_SPAWNED,
  ZYGOTE_EXITED,
  ZYGOTE_RETIRE
} ZygoteType;

/* Every packet begins with this. */
typedef struct {
  uint32_t magic;   /* ZYGOTE_MAGIC */
  uint16_t version; /* ZYGOTE_ABI_VERSION */
  uint16_t type;    /* ZygoteType */
} ZygoteHeader;

/* One instruction of the filter, as struct sock_filter. */
typedef struct {
  uint16_t code;
  uint8_t jt;
  uint8_t jf;
  uint32_t k;
} ZygoteInstruction;

/* Followed in the same packet by `filter_count` ZygoteInstruction. */
typedef struct {
  ZygoteHeader header;
  uint64_t build_id;     /* FERROUS_BUILD_ID_U64; a different one is refused */
  uint64_t require;      /* set of steps without which to refuse, beside the floor */
  uint64_t avoid;        /* set of optional steps not to take; floor bits are ignored */
  uint64_t memory;       /* largest memory limit that any run will have */
  uint64_t script_bytes; /* likewise; they size the worker's buffers */
  uint64_t arg_bytes;
  uint64_t reply_bytes;
  int32_t parent_pid;    /* getpid() of the supervisor */
  uint32_t uid;          /* ids to take when started as root; 0 means 65534 */
  uint32_t gid;
  uint32_t filter_count;
  uint32_t valkey_version; /* 0x00MMmmpp: scripts find Valkey's dialect; 0: Redis's */
  uint32_t reserved;       /* 0 */
} ZygoteConfig;

typedef struct {
  ZygoteHeader header;
  uint64_t build_id;
  uint64_t applied;    /* set of steps whose state is SEAL_APPLIED or SEAL_NOT_NEEDED */
  uint64_t arena_bytes;
  uint64_t start_ns;   /* from reading the config to sending this */
  int32_t pid;
  uint32_t accepted;   /* 1, or 0: the zygote ends, `detail` says why */
  uint32_t step_count; /* SEAL_COUNT_ */
  uint32_t failed_step; /* of a refusal: the step, or SEAL_COUNT_ for another cause */
  uint32_t may_place;  /* 1: a process like the supervisor may call sched_setaffinity and live */
  uint32_t reserved;   /* 0 */
  SealReport steps[SEAL_COUNT_];
  char detail[ZYGOTE_DETAIL_BYTES]; /* of a refusal: one line, terminated */
} ZygoteReport;

typedef struct {
  ZygoteHeader header;
  uint32_t request; /* chosen by the supervisor, repeated in the answer */
  uint32_t flags;   /* SPAWN_ bits */
} ZygoteSpawn;

enum { SPAWN_WITH_RINGS = 1 };

/* Order of the descriptors that come with SPAWNED. */
typedef enum {
  SPAWNED_FD_REQUEST, /* write end: frames to the worker */
  SPAWNED_FD_REPLY,   /* read end: frames from the worker */
  SPAWNED_FD_PIDFD,
  SPAWNED_FD_COUNT_
} SpawnedFd;

typedef struct {
  ZygoteHeader header;
  uint32_t request;
  uint32_t worker; /* serial number, never used again by this zygote */
  int32_t pid;     /* in the zygote's process namespace, which is the supervisor's */
  int32_t error;   /* 0, or the errno that kept the worker from starting */
} ZygoteSpawned;

typedef struct {
  ZygoteHeader header;
  uint32_t worker;
  int32_t pid;
  int32_t how;    /* CLD_EXITED, CLD_KILLED or CLD_DUMPED */
  int32_t status; /* exit status (WORKER_EXIT_...) or signal */
  uint64_t user_ns;
  uint64_t system_ns;
  uint64_t max_rss_bytes;
  uint64_t minor_faults;
  uint64_t switches; /* voluntary and involuntary */
} ZygoteExited;

typedef struct {
  ZygoteHeader header;
} ZygoteRetire;

/* Exit statuses of a worker. */
enum {
  WORKER_EXIT_DONE = 0,       /* the request pipe was closed */
  WORKER_EXIT_BAD_FRAME = 11, /* the supervisor sent what it must not */
  WORKER_EXIT_PIPE = 12,      /* reading or writing failed */
  WORKER_EXIT_STALE = 13,     /* a generation check failed: CODE_STALE_HANDLE; the machine itself
                               * says so by a signal (policy/traps.h) */
  WORKER_EXIT_STRAYED = 14,   /* a run that was played again made another call than before */
  WORKER_EXIT_STEP = 64       /* + SealStep: this step failed */
};

#endif
