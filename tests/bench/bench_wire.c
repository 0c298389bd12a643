/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_wire - what the wire costs: codec nanoseconds and pipe round trips.
 *
 *   bench_wire [round trips]
 *
 * The codec is measured on a Call with three arguments and on its Reply, beside
 * protobuf-c on the same bytes.  A round trip is a Call frame from a forked
 * process over the worker's end of the channel, decoded here, answered by a
 * Reply frame over the supervisor's end: everything a redis.call costs but the
 * data store.  Tried with both processes on one CPU and on two, waiting at once
 * in the kernel or after spinning.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/channel.h"
#include "ipc/spin.h"
#include "ipc/deadline.h"
#include "ipc/io.h"
#include "ipc/sealed.h"
#include "proto/ferrous_sandbox.pb-c.h"

#define CODEC_ROUNDS 2000000
#define WARM_UP 2000

static ByteView call_argv[] = {{(const uint8_t *)"HSET", 4},
                               {(const uint8_t *)"user:1000:profile", 17},
                               {(const uint8_t *)"visits", 6}};

static CallMessage sample_call(void) {
  CallMessage call = {.argv = {.count = 3, .items = call_argv}, .resp = 2, .replicate = 3};
  return call;
}

static ReplyMessage sample_reply(void) {
  ReplyMessage reply = {.kind = REPLY_DATA, .data = ipc_bytes_text("$16\r\nsixteen bytes ok\r\n")};
  return reply;
}

/* Keeps the compiler from dropping work whose result nobody uses. */
static void keep(const void *pointer) {
  __asm__ volatile("" : : "r"(pointer) : "memory");
}

/* --- Codec --- */

typedef struct {
  uint8_t bytes[256];
  size_t size;
} Encoded;

static Encoded encoded_of(MessageType type, const void *message) {
  Encoded encoded;
  ByteWriter writer = ipc_bytes_writer(encoded.bytes, sizeof encoded.bytes);
  if (ipc_message_encode(type, message, &writer) != ST_OK) abort();
  encoded.size = writer.used;
  return encoded;
}

static double time_encode(MessageType type, const void *message) {
  uint8_t out[256];
  uint64_t before = ipc_deadline_now();
  for (int i = 0; i < CODEC_ROUNDS; i++) {
    ByteWriter writer = ipc_bytes_writer(out, sizeof out);
    if (ipc_message_encode(type, message, &writer) != ST_OK) abort();
    keep(out);
  }
  return (double)(ipc_deadline_now() - before) / CODEC_ROUNDS;
}

static double time_decode(MessageType type, const Encoded *encoded) {
  AnyMessage message;
  uint64_t before = ipc_deadline_now();
  for (int i = 0; i < CODEC_ROUNDS; i++) {
    ByteView body = ipc_bytes_view(encoded->bytes, encoded->size);
    keep(&body);
    if (ipc_message_decode(type, body, &message) != ST_OK) abort();
    keep(&message);
  }
  return (double)(ipc_deadline_now() - before) / CODEC_ROUNDS;
}

static double time_oracle_pack(const ProtobufCMessageDescriptor *descriptor,
                               const Encoded *encoded) {
  uint8_t out[256];
  ProtobufCMessage *message =
      protobuf_c_message_unpack(descriptor, NULL, encoded->size, encoded->bytes);
  if (message == NULL) abort();
  uint64_t before = ipc_deadline_now();
  for (int i = 0; i < CODEC_ROUNDS; i++) {
    protobuf_c_message_pack(message, out);
    keep(out);
  }
  double each = (double)(ipc_deadline_now() - before) / CODEC_ROUNDS;
  protobuf_c_message_free_unpacked(message, NULL);
  return each;
}

static double time_oracle_unpack(const ProtobufCMessageDescriptor *descriptor,
                                 const Encoded *encoded) {
  uint64_t before = ipc_deadline_now();
  for (int i = 0; i < CODEC_ROUNDS; i++) {
    ProtobufCMessage *message =
        protobuf_c_message_unpack(descriptor, NULL, encoded->size, encoded->bytes);
    keep(message);
    protobuf_c_message_free_unpacked(message, NULL);
  }
  return (double)(ipc_deadline_now() - before) / CODEC_ROUNDS;
}

static void bench_codec(const char *name, MessageType type, const void *message,
                        const ProtobufCMessageDescriptor *descriptor) {
  Encoded encoded = encoded_of(type, message);
  printf("codec %-5s %3zu bytes  encode %5.1f ns  decode %5.1f ns   protobuf-c %5.1f / %5.1f ns\n",
         name, encoded.size, time_encode(type, message), time_decode(type, &encoded),
         time_oracle_pack(descriptor, &encoded), time_oracle_unpack(descriptor, &encoded));
}

/* --- Round trips --- */

typedef struct {
  const char *name;
  int supervisor_cpu; /* an index into the CPUs we may use */
  int worker_cpu;
  uint32_t spin_rounds;
  bool tsc_off; /* as a sealed worker's is */
} Setting;

static bool pin_to(int index) {
  cpu_set_t all, one;
  if (sched_getaffinity(0, sizeof all, &all) != 0) return false;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, &all) || index-- != 0) continue;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    return sched_setaffinity(0, sizeof one, &one) == 0;
  }
  return false;
}

static void middle_of_a_run(Protocol *protocol) {
  protocol->state = WIRE_RUNNING;
  protocol->generation = 1;
}

/* The worker: calls until the supervisor goes away. */
__attribute__((noreturn)) static void be_worker(int read_fd, int write_fd, const Setting *setting) {
  static uint8_t in[4096], out[4096];
  SealedChannel channel;
  ipc_sealed_init(&channel, in, sizeof in, out, sizeof out);
  channel.read_fd = read_fd;
  channel.write_fd = write_fd;
  channel.spin_rounds = setting->spin_rounds;
  middle_of_a_run(&channel.protocol);
  if (!pin_to(setting->worker_cpu)) ipc_io_exit(2);
  if (setting->tsc_off && prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0) != 0) ipc_io_exit(5);
  CallMessage rest = sample_call();
  for (;;) {
    Frame frame;
    ReplyMessage reply;
    ByteWriter body = ipc_sealed_body(&channel);
    for (int i = 0; i < 3; i++) ipc_message_put_arg(&body, call_argv[i]);
    if (ipc_message_end_call(&body, MESSAGE_CALL, &rest) != ST_OK) ipc_io_exit(3);
    if (ipc_sealed_flush(&channel, MESSAGE_CALL, &body) != ST_OK) ipc_io_exit(0);
    if (ipc_sealed_receive(&channel, &frame) != ST_OK) ipc_io_exit(0);
    if (ipc_message_decode(frame.type, frame.body, &reply) != ST_OK) ipc_io_exit(4);
  }
}

static void serve_call(Channel *channel) {
  Frame frame;
  CallMessage call;
  ReplyMessage reply = sample_reply();
  if (ipc_channel_receive(channel, CHANNEL_FOREVER, &frame) != ST_OK) abort();
  if (ipc_message_decode(frame.type, frame.body, &call) != ST_OK) abort();
  if (ipc_channel_send(channel, MESSAGE_REPLY, &reply, CHANNEL_FOREVER) != ST_OK) abort();
}

static int compare_times(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static void measure(Channel *channel, const Setting *setting, unsigned rounds) {
  uint32_t *times = malloc(rounds * sizeof *times);
  if (times == NULL) abort();
  for (int i = 0; i < WARM_UP; i++) serve_call(channel);
  uint64_t start = ipc_deadline_now(), before = start;
  for (unsigned i = 0; i < rounds; i++) {
    serve_call(channel);
    uint64_t now = ipc_deadline_now();
    times[i] = (uint32_t)(now - before);
    before = now;
  }
  double mean = (double)(before - start) / rounds;
  qsort(times, rounds, sizeof *times, compare_times);
  printf("round trip %-28s mean %6.2f us  p50 %6.2f  p99 %6.2f\n", setting->name, mean / 1000,
         times[rounds / 2] / 1000.0, times[rounds - rounds / 100 - 1] / 1000.0);
  free(times);
}

static void bench_round_trip(const Setting *setting, unsigned rounds) {
  int down[2], up[2];
  Channel channel;
  if (pipe2(down, O_NONBLOCK) != 0 || pipe2(up, O_NONBLOCK) != 0) abort();
  cpu_set_t all;
  sched_getaffinity(0, sizeof all, &all);
  fflush(stdout);
  pid_t worker = fork();
  if (worker < 0) abort();
  if (worker == 0) {
    close(down[1]);
    close(up[0]);
    be_worker(down[0], up[1], setting);
  }
  close(down[0]);
  close(up[1]);
  if (ipc_channel_open(&channel, up[0], down[1]) != ST_OK) abort();
  channel.spin_rounds = setting->spin_rounds;
  middle_of_a_run(&channel.protocol);
  if (pin_to(setting->supervisor_cpu)) measure(&channel, setting, rounds);
  sched_setaffinity(0, sizeof all, &all);
  ipc_channel_close(&channel);
  waitpid(worker, NULL, 0);
}

int main(int argc, char **argv) {
  unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 200000;
  if (rounds == 0) {
    fprintf(stderr, "usage: bench_wire [round trips]\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  CallMessage call = sample_call();
  ReplyMessage reply = sample_reply();
  bench_codec("Call", MESSAGE_CALL, &call, &fsb__wire__call__descriptor);
  bench_codec("Reply", MESSAGE_REPLY, &reply, &fsb__wire__reply__descriptor);
  static const Setting settings[] = {
      {"one core, no spinning", 0, 0, 0, false},
      {"one core, spinning", 0, 0, 100, false},
#if defined(__x86_64__)
      {"one core, spinning, TSC off", 0, 0, 100, true},
#endif
      {"two cores, no spinning", 0, 1, 0, false},
      {"two cores, spinning", 0, 1, 100, false},
  };
  for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
    if (settings[i].worker_cpu != 0 && ipc_spin_rounds() == 0) {
      printf("round trip %-28s not measured: one CPU\n", settings[i].name);
      continue;
    }
    bench_round_trip(&settings[i], rounds);
  }
  return 0;
}
