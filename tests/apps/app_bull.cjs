/* SPDX-License-Identifier: BSD-2-Clause */
/* app_bull - Bull, the elder BullMQ: the same ideas in other scripts. */
'use strict';

const Bull = require('bull');
const { closing, errorOf, keysLeft, run, scenario, until, where } = require('./scenario.cjs');

const queueOf = (options = {}) => closing(new Bull('q', { redis: where, ...options }), (it) => it.close(true));

const counted = (queue, state, count) => until(
  async () => (await queue.getJobCounts())[state] === count, count + ' ' + state);

scenario('jobs by priority, last in first out, and delay', async ({ redis }) => {
  const queue = queueOf();
  const order = [];
  await queue.add({ name: 'plain' });
  await queue.add({ name: 'late' }, { delay: 300 });
  await queue.add({ name: 'p5' }, { priority: 5 });
  await queue.add({ name: 'p1' }, { priority: 1 });
  await queue.add({ name: 'lifo' }, { lifo: true });
  const before = await queue.getJobCounts();
  queue.process(async (job) => { order.push(job.data.name); return job.data.name.length; });
  await counted(queue, 'completed', 5);
  const values = (await queue.getCompleted()).map((job) => [job.id, job.returnvalue]).sort();
  return [before, order, values, await keysLeft(redis)];
});

scenario('failures, retries and backoff', async () => {
  const queue = queueOf();
  const tries = {};
  await queue.add({ name: 'thrice' }, { attempts: 3, backoff: { type: 'exponential', delay: 40 } });
  await queue.add({ name: 'never' }, { attempts: 2, backoff: 30 });
  queue.process(4, async ({ data }) => {
    tries[data.name] = (tries[data.name] || 0) + 1;
    if (data.name === 'never' || tries[data.name] < 3) throw new Error('try ' + tries[data.name]);
  });
  await counted(queue, 'completed', 1);
  await counted(queue, 'failed', 1);
  const failed = (await queue.getFailed())[0];
  return [tries, failed.failedReason, failed.attemptsMade, await queue.getJobCounts()];
});

scenario('repetition, a rate limit, pause and removal', async ({ redis }) => {
  const queue = queueOf({ limiter: { max: 3, duration: 300 } });
  const seen = [];
  await queue.add({ name: 'tick' }, { repeat: { every: 100, limit: 2 } });
  await queue.addBulk(Array.from({ length: 7 }, (_, i) => ({ data: { name: 'n' + i } })));
  queue.process(3, async ({ data }) => { seen.push(data.name); });
  await counted(queue, 'completed', 9);
  await queue.pause();
  const job = await queue.add({ name: 'held' });
  const held = [await queue.getJobCounts(), await job.getState(), await queue.isPaused()];
  await job.remove();
  await queue.resume();
  const cleaned = (await queue.clean(0, 'completed')).length;
  await queue.obliterate({ force: true });
  return [seen.sort(), held, cleaned, (await keysLeft(redis)).filter((key) => !/repeat/.test(key))];
});

scenario('progress, logs, locks and what a job may not', async () => {
  const queue = queueOf();
  await queue.add({ name: 'a' }, { jobId: 'one' });
  await queue.add({ name: 'b' }, { jobId: 'one' });
  const job = await queue.getNextJob();
  await job.progress(42);
  const refused = await errorOf(() => job.remove());
  await job.log('line');
  await job.moveToCompleted('value', true);
  const stored = await queue.getJob('one');
  return [stored.data, stored.returnvalue, await stored.progress(), (await queue.getJobLogs('one')).logs,
    refused.replace(/[0-9a-f-]{36}/g, 'TOKEN'), await queue.getJobCounts()];
});

run();
