/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_worker - a zygote and workers that misbehave on request.
 *
 * Speaks sandbox/zygote_abi.h as far as the supervisor can see, forks "workers"
 * that seal nothing, and does what a run's source text says: "result 5",
 * "die 9", "garbage", ... (see act()).  What goes wrong before the first run is
 * chosen by the name under which the program is executed: a test links it as
 * fake_worker-refuse, fake_worker-mute, fake_worker-die-at-hello, ...
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "build_info.h"
#include "ipc/fdpass.h"
#include "ipc/frame.h"
#include "ipc/message.h"
#include "ipc/stop.h"
#include "ipc/token.h"
#include "policy/limits.h"
#include "sandbox/zygote_abi.h"

static char mood[64];

static int is_mood(const char *name) {
  return strcmp(mood, name) == 0;
}

/* --- A worker --- */

typedef struct {
  Protocol protocol;
  StopPage *stop;
  uint8_t in[1 << 20];
  uint8_t out[1 << 20];
  RunMessage run;
} Fake;

static void write_all(const void *data, size_t size) {
  const char *at = data;
  while (size != 0) {
    ssize_t put = write(1, at, size);
    if (put <= 0) _exit(WORKER_EXIT_PIPE);
    at += put;
    size -= (size_t)put;
  }
}

static void send_message(Fake *f, MessageType type, const void *message) {
  FrameHeader header;
  ByteWriter body =
      ipc_bytes_writer(f->out + FRAME_HEADER_BYTES, sizeof f->out - FRAME_HEADER_BYTES);
  if (ipc_message_encode(type, message, &body) != ST_OK) _exit(90);
  if (ipc_protocol_send(&f->protocol, type, body.used, &header) != ST_OK) _exit(91);
  ipc_frame_store(f->out, &header);
  write_all(f->out, FRAME_HEADER_BYTES + body.used);
}

static void read_all(void *data, size_t size) {
  char *at = data;
  while (size != 0) {
    ssize_t got = read(0, at, size);
    if (got <= 0) _exit(WORKER_EXIT_DONE);
    at += got;
    size -= (size_t)got;
  }
}

static MessageType receive(Fake *f, AnyMessage *message) {
  uint8_t head[FRAME_HEADER_BYTES];
  read_all(head, sizeof head);
  FrameHeader header = ipc_frame_load(head);
  if (ipc_protocol_check(&f->protocol, &header) != ST_OK) _exit(WORKER_EXIT_BAD_FRAME);
  read_all(f->in, header.length);
  ipc_protocol_accept(&f->protocol, &header);
  if (ipc_message_decode((MessageType)header.type, ipc_bytes_view(f->in, header.length), message) !=
      ST_OK)
    _exit(WORKER_EXIT_BAD_FRAME);
  return (MessageType)header.type;
}

static void send_result(Fake *f, int64_t value) {
  uint8_t room[64];
  ByteWriter tokens = ipc_bytes_writer(room, sizeof room);
  ipc_token_put_integer(&tokens, value);
  ResultMessage result = {.tokens = ipc_bytes_written(&tokens),
                          .usage = {.instructions = 77, .random_state = 99}};
  send_message(f, MESSAGE_RESULT, &result);
}

static void send_limit(Fake *f, uint32_t number) {
  LimitMessage limit = {.limit = number, .source = ipc_bytes_text("@user_script"), .line = 12};
  send_message(f, MESSAGE_LIMIT, &limit);
}

static void send_log(Fake *f, const char *text) {
  LogMessage log = {.level = 2, .text = ipc_bytes_text(text)};
  send_message(f, MESSAGE_LOG, &log);
}

/* Calls the host and returns the first bytes of the answer as the result. */
static void call_host(Fake *f, const char *name) {
  ByteView argv[1] = {ipc_bytes_text(name)};
  CallMessage call = {
      .argv = {.count = 1, .items = argv}, .resp = 2, .replicate = CALL_REPLICATE_ALL};
  AnyMessage answer;
  send_message(f, MESSAGE_CALL, &call);
  receive(f, &answer);
  if (answer.reply.kind == REPLY_LIMIT)
    send_limit(f, answer.reply.limit);
  else if (answer.reply.kind == REPLY_STOPPED)
    send_limit(f, 0);
  else if (answer.reply.kind == REPLY_REFUSED)
    send_result(f, -1);
  else
    send_result(f, (int64_t)answer.reply.data.size);
}

/* Posts a call whose answer is the value, and says or does `then` behind it. */
static void post_last(Fake *f, const char *then) {
  ByteView argv[1] = {ipc_bytes_text("PING")};
  CallMessage post = {.argv = {.count = 1, .items = argv}, .resp = 2, .flags = CALL_VALUE, .line = 12};
  if (strcmp(then, "resp3") == 0) post.resp = 3;
  send_message(f, MESSAGE_POST, &post);
  if (strcmp(then, "end") == 0)
    send_message(f, MESSAGE_RESULT, &(ResultMessage){.usage = {.instructions = 77, .random_state = 99}});
  else if (strcmp(then, "value") == 0)
    send_result(f, 5);
  else if (strcmp(then, "call") == 0)
    call_host(f, "PING");
  else if (strcmp(then, "again") == 0)
    post_last(f, "end");
  else if (strcmp(then, "die") == 0)
    _exit(0);
  else
    pause();
}

/* Waits for the stop word, as a machine does at the end of a quantum. */
static void wait_for_stop(Fake *f) {
  uint32_t word;
  while ((word = ipc_stop_seen(f->stop)) == 0) usleep(200);
  send_limit(f, ipc_stop_reason(word) == STOP_LIMIT ? ipc_stop_limit(word) : 0);
}

static void write_header(uint32_t length, uint16_t type, uint32_t generation, uint32_t sequence) {
  uint8_t bytes[FRAME_HEADER_BYTES];
  FrameHeader header = {length, FRAME_VERSION, type, generation, sequence};
  ipc_frame_store(bytes, &header);
  write_all(bytes, sizeof bytes);
}

/* A sanitizer's own handlers must not get in the way. */
static void die(int number) {
  (void)signal(number, SIG_DFL);
  (void)kill(getpid(), number);
  pause();
}

static void burn(void) {
  volatile uint64_t work = 0;
  for (;;) work++;
}

/* Says something false on the wire and stays alive. */
static int lie(Fake *f, const char *what) {
  static const uint8_t broken[] = {0x0a, 0xff, 0xff, 0xff};
  uint32_t generation = f->protocol.generation;
  if (strcmp(what, "garbage") == 0)
    write_all("0123456789abcdefghijklmnopqrstuvwxyz", 36);
  else if (strcmp(what, "huge") == 0)
    write_header(UINT32_MAX, MESSAGE_RESULT, generation, 0);
  else if (strcmp(what, "old") == 0)
    write_header(0, MESSAGE_RESULT, generation - 1, 0);
  else if (strcmp(what, "sequence") == 0)
    write_header(0, MESSAGE_RESULT, generation, 7);
  else if (strcmp(what, "hello") == 0)
    write_header(0, MESSAGE_HELLO, generation, 0);
  else if (strcmp(what, "run") == 0)
    write_header(0, MESSAGE_RUN, generation, 0);
  else if (strcmp(what, "body") == 0) {
    write_header(sizeof broken, MESSAGE_RESULT, generation, 0);
    write_all(broken, sizeof broken);
  } else if (strcmp(what, "tokens") == 0) {
    ResultMessage result = {.tokens = ipc_bytes_text("\x0b\x05")};
    send_message(f, MESSAGE_RESULT, &result);
  } else if (strcmp(what, "unasked") == 0)
    send_limit(f, 0);
  else if (strcmp(what, "wall") == 0)
    send_limit(f, LIMIT_ID_wall + 1);
  else
    return 0;
  return 1;
}

/* A guess that is always wrong. */
static void send_guess(Fake *f) {
  ByteView argv[1] = {ipc_bytes_text("GET")};
  CallMessage post = {.argv = {.count = 1, .items = argv}, .resp = 2, .replicate = CALL_REPLICATE_ALL, .line = 1, .guess = ipc_bytes_text(":7\r\n")};
  send_message(f, MESSAGE_POST, &post);
}

/* Calls, and does not care for the answer. */
static void ask_again(Fake *f) {
  AnyMessage answer;
  ByteView argv[1] = {ipc_bytes_text("GET")};
  CallMessage call = {.argv = {.count = 1, .items = argv}, .resp = 2, .replicate = CALL_REPLICATE_ALL};
  send_message(f, MESSAGE_CALL, &call);
  receive(f, &answer);
}

static void act(Fake *f, char *what) {
  int number = 0;
  if (sscanf(what, "result %d", &number) == 1)
    send_result(f, number);
  else if (sscanf(what, "die %d", &number) == 1)
    die(number);
  else if (sscanf(what, "exit %d", &number) == 1)
    _exit(number);
  else if (sscanf(what, "limit %d", &number) == 1)
    send_limit(f, (uint32_t)number);
  else if (strcmp(what, "call") == 0)
    call_host(f, "PING");
  else if (strncmp(what, "last ", 5) == 0)
    post_last(f, what + 5);
  else if (strcmp(what, "log") == 0)
    send_log(f, "hello\033[0m"), send_result(f, 1);
  else if (strcmp(what, "wait") == 0)
    wait_for_stop(f);
  else if (strcmp(what, "hang") == 0)
    pause();
  else if (strcmp(what, "burn") == 0)
    burn();
  else if (strcmp(what, "half") == 0)
    write_header(100, MESSAGE_RESULT, f->protocol.generation, 0), pause();
  else if (strcmp(what, "half-die") == 0)
    write_header(100, MESSAGE_RESULT, f->protocol.generation, 0), _exit(0);
  else if (strcmp(what, "babble") == 0)
    for (;;) send_log(f, "");
  else if (strcmp(what, "guess-babble") == 0)
    for (send_guess(f);;) send_log(f, "");
  else if (strcmp(what, "guess-post") == 0)
    for (send_guess(f);;) send_guess(f);
  else if (strcmp(what, "guess-call") == 0)
    for (send_guess(f);;) ask_again(f);
  else if (strcmp(what, "calls") == 0)
    for (;;) ask_again(f);
  else if (strcmp(what, "flood") == 0)
    for (;;) send_log(f, "0123456789012345678901234567890123456789");
  else if (strcmp(what, "leftover") == 0)
    send_result(f, 1), write_all("x", 1);
  else if (lie(f, what))
    pause();
  else
    _exit(99);
}

static void serve(Fake *f) {
  AnyMessage message;
  char what[64];
  for (;;) {
    if (receive(f, &message) != MESSAGE_RUN) _exit(WORKER_EXIT_BAD_FRAME);
    (void)snprintf(what, sizeof what, "%.*s", (int)message.run.source.size,
                   message.run.source.data);
    act(f, what);
    if (is_mood("retire")) _exit(WORKER_EXIT_DONE);
  }
}

static void say_hello(Fake *f) {
  HelloMessage hello = {
      .protocol = FRAME_VERSION,
      .build_id = ipc_bytes_text(is_mood("other-build") ? "0000" : FERROUS_BUILD_ID),
      .arena_bytes = 1 << 20,
      .frame_bytes = sizeof f->in,
      .seal = is_mood("unsealed") ? 1 : UINT64_MAX >> 1};
  if (is_mood("die-at-hello")) (void)kill(getpid(), SIGKILL);
  if (is_mood("seal-fails")) _exit(WORKER_EXIT_STEP + SEAL_filter);
  if (is_mood("mute")) pause();
  if (is_mood("babble")) write_all("this is no frame, this is prose", 31);
  send_message(f, MESSAGE_HELLO, &hello);
}

static void be_worker(int request_fd, int reply_fd, int stop_fd) {
  static Fake fake;
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  (void)dup2(request_fd, 0);
  (void)dup2(reply_fd, 1);
  fake.stop = mmap(NULL, STOP_PAGE_BYTES, PROT_READ, MAP_SHARED, stop_fd, 0);
  (void)syscall(SYS_close_range, 3u, ~0u, 0);
  (void)signal(SIGCHLD, SIG_DFL);
  ipc_protocol_init(&fake.protocol, WIRE_WORKER);
  say_hello(&fake);
  serve(&fake);
}

/* --- The zygote --- */

static ZygoteHeader header_of(ZygoteType type) {
  return (ZygoteHeader){ZYGOTE_MAGIC, ZYGOTE_ABI_VERSION, (uint16_t)type};
}

static void send_packet(const void *packet, size_t size, const int *fds, size_t count) {
  if (ipc_fdpass_send(ZYGOTE_CONTROL_FD, packet, size, fds, count, UINT64_MAX) != ST_OK) _exit(1);
}

static void report(void) {
  ZygoteReport packet = {.header = header_of(ZYGOTE_REPORT),
                         .build_id = FERROUS_BUILD_ID_U64,
                         .pid = getpid(),
                         .accepted = 1,
                         .step_count = SEAL_COUNT_,
                         .failed_step = SEAL_COUNT_};
  if (is_mood("refuse")) {
    packet.accepted = 0;
    packet.failed_step = SEAL_filter;
    (void)snprintf(packet.detail, sizeof packet.detail, "step filter: the kernel said no");
  }
  if (is_mood("zygote-mute")) pause();
  if (is_mood("zygote-dies")) _exit(3);
  send_packet(&packet, is_mood("zygote-short") ? sizeof packet - 8 : sizeof packet, NULL, 0);
}

typedef struct {
  uint32_t serial;
  pid_t pid;
} Known;

static Known known[1024];
static uint32_t known_count;

static void spawn(uint32_t request, uint32_t serial, int stop_fd) {
  int to[2], from[2];
  if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) _exit(2);
  pid_t pid = fork();
  if (pid == 0) be_worker(to[0], from[1], stop_fd);
  known[known_count++] = (Known){serial, pid};
  int fds[SPAWNED_FD_COUNT_] = {to[1], from[0], (int)syscall(SYS_pidfd_open, pid, 0)};
  ZygoteSpawned packet = {
      .header = header_of(ZYGOTE_SPAWNED), .request = request, .worker = serial, .pid = pid};
  send_packet(&packet, sizeof packet, fds, SPAWNED_FD_COUNT_);
  (void)close(to[0]), (void)close(to[1]), (void)close(from[0]), (void)close(from[1]),
      (void)close(fds[2]);
}

static void reap(void) {
  siginfo_t info;
  for (;;) {
    info.si_pid = 0;
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0) return;
    for (uint32_t i = 0; i < known_count; i++) {
      if (known[i].pid != info.si_pid) continue;
      ZygoteExited packet = {.header = header_of(ZYGOTE_EXITED),
                             .worker = known[i].serial,
                             .pid = info.si_pid,
                             .how = info.si_code,
                             .status = info.si_status};
      send_packet(&packet, sizeof packet, NULL, 0);
    }
  }
}

static void take_packet(void) {
  ZygoteSpawn packet;
  FdPacket got;
  if (ipc_fdpass_receive(ZYGOTE_CONTROL_FD, &packet, sizeof packet, 1, UINT64_MAX, &got) != ST_OK)
    _exit(0);
  if (packet.header.type == ZYGOTE_RETIRE) return;
  if (packet.header.type != ZYGOTE_SPAWN || got.fd_count != 1) _exit(0);
  if (is_mood("zygote-dies-at-spawn")) _exit(4);
  spawn(packet.request, known_count + 1, got.fds[0]);
  ipc_fdpass_drop(&got);
}

static void on_child(int number) {
  (void)number;
}

static void read_mood(void) {
  char path[PATH_MAX];
  ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
  path[size > 0 ? size : 0] = '\0';
  char *name = strstr(path, "fake_worker-");
  if (name != NULL) (void)snprintf(mood, sizeof mood, "%s", name + 12);
}

int main(void) {
  static char config[sizeof(ZygoteConfig) + ZYGOTE_FILTER_MAX * sizeof(ZygoteInstruction)];
  struct sigaction action = {.sa_handler = on_child};
  FdPacket got;
  read_mood();
  (void)sigaction(SIGCHLD, &action, NULL);
  if (ipc_fdpass_receive(ZYGOTE_CONTROL_FD, config, sizeof config, 0, UINT64_MAX, &got) != ST_OK)
    return 1;
  report();
  if (is_mood("refuse")) return 0;
  for (;;) {
    struct pollfd poll_fd = {.fd = ZYGOTE_CONTROL_FD, .events = POLLIN};
    struct timespec wait = {.tv_nsec = 2000000};
    (void)ppoll(&poll_fd, 1, &wait, NULL);
    reap();
    if (poll_fd.revents != 0) take_packet();
  }
}
