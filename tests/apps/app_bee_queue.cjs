/* SPDX-License-Identifier: BSD-2-Clause */
/* app_bee_queue - Bee-Queue: saving, processing, retries, delays, stalled jobs. */
'use strict';

const Queue = require('bee-queue');
const { closing, errorOf, keysLeft, pause, run, scenario, until, where } = require('./scenario.cjs');

const queueOf = (options = {}) => closing(
  new Queue('bee', { redis: where, prefix: 'bq', delayedDebounce: 10, ...options }),
  (it) => it.close(200).catch(() => {}));

const counted = (queue, state, count) => until(
  async () => (await queue.checkHealth())[state] === count, count + ' ' + state);

scenario('jobs are saved and processed once each', async ({ redis }) => {
  const queue = queueOf();
  for (let i = 0; i < 50; i++) await queue.createJob({ i }).save();
  const before = await queue.checkHealth();
  const order = [];
  queue.process(async (job) => { order.push(job.data.i); return job.data.i * 2; });
  await counted(queue, 'succeeded', 50);
  const after = await queue.checkHealth();
  return [before, order, after, await keysLeft(redis)];
});

scenario('jobs saved together, several at a time', async () => {
  const queue = queueOf();
  const errors = await queue.saveAll(Array.from({ length: 120 }, (_, i) => queue.createJob({ i })));
  const seen = [];
  queue.process(8, async (job) => { seen.push(job.data.i); });
  await counted(queue, 'succeeded', 120);
  return [errors.size, seen.sort((a, b) => a - b)];
});

scenario('failures are retried at once, after a while, and ever later', async () => {
  const queue = queueOf({ activateDelayedJobs: true });
  const tries = {};
  const ended = [];
  queue.on('job failed', (id, error) => ended.push('failed ' + id + ' ' + error.message));
  queue.on('job succeeded', (id, value) => ended.push('succeeded ' + id + ' ' + value));
  await queue.createJob({ name: 'at once' }).setId('i').retries(2).backoff('immediate').save();
  await queue.createJob({ name: 'fixed' }).setId('f').retries(2).backoff('fixed', 60).save();
  await queue.createJob({ name: 'growing' }).setId('g').retries(2).backoff('exponential', 40).save();
  await queue.createJob({ name: 'hopeless' }).setId('h').retries(1).backoff('immediate').save();
  queue.process(async (job) => {
    const made = tries[job.id] = (tries[job.id] || 0) + 1;
    if (made < 3) throw new Error('try ' + made);
    return made;
  });
  await until(() => ended.length === 4, 'the end of all jobs');
  return [tries, ended.sort(), (await queue.checkHealth()).failed];
});

scenario('delayed jobs wait for their time', async () => {
  const queue = queueOf({ activateDelayedJobs: true });
  const order = [];
  for (const delay of [450, 150, 300]) await queue.createJob({ delay }).delayUntil(Date.now() + delay).save();
  const before = (await queue.checkHealth()).delayed;
  queue.process(async (job) => { order.push(job.data.delay); });
  await counted(queue, 'succeeded', 3);
  return [before, order];
});

scenario('a job that stalls is started again', async ({ redis }) => {
  const first = queueOf({ stallInterval: 100 });
  await first.createJob({ a: 1 }).setId('slow').save();
  const taken = new Promise((done) => first.process(async () => { done(); await pause(60000); }));
  await taken;
  await first.close(1).catch(() => {});
  const second = queueOf({ stallInterval: 100 });
  const heard = [];
  second.on('stalled', (id) => heard.push('stalled ' + id));
  second.checkStalledJobs(100);
  second.process(async (job) => { heard.push('ran ' + job.id); });
  await counted(second, 'succeeded', 1);
  return [heard, (await keysLeft(redis)).filter((key) => !/stallBlock/.test(key))];
});

scenario('timeouts, progress and results reach the one who saved', async () => {
  const queue = queueOf();
  const heard = [];
  queue.process(async (job) => {
    if (job.data.slow) await pause(5000);
    job.reportProgress({ half: true });
    return { sum: job.data.a + 1 };
  });
  const job = await queue.createJob({ a: 1 }).save();
  job.on('progress', (value) => heard.push(['progress', value]));
  await new Promise((done) => job.on('succeeded', (value) => { heard.push(['succeeded', value]); done(); }));
  const late = await queue.createJob({ slow: true }).timeout(50).save();
  await new Promise((done) => late.on('failed', (error) => { heard.push(['failed', error.message]); done(); }));
  return heard;
});

scenario('the same id is saved once, jobs are listed and removed', async ({ redis }) => {
  const queue = queueOf();
  const first = await queue.createJob({ n: 1 }).setId('one').save();
  const again = await queue.createJob({ n: 2 }).setId('one').save();
  await queue.createJob({ n: 3 }).setId('two').save();
  const listed = (await queue.getJobs('waiting', { start: 0, end: 9 })).map((job) => job.id).sort();
  await queue.removeJob('two');
  const kept = (await queue.getJob('one')).data;
  return [first.id, again.id, listed, kept, await queue.getJob('two'), await queue.checkHealth(), await keysLeft(redis)];
});

scenario('a queue is destroyed', async ({ redis }) => {
  const queue = queueOf();
  for (let i = 0; i < 10; i++) await queue.createJob({ i }).save();
  await queue.destroy();
  const left = await keysLeft(redis);
  await queue.close();
  return [left, await errorOf(() => queue.checkHealth())];
});

run();
