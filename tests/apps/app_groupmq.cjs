/* SPDX-License-Identifier: BSD-2-Clause */
/* app_groupmq - GroupMQ: thirty scripts around queues that keep the order within a group. */
'use strict';

const { Queue, Worker } = require('groupmq');
const { closing, connect, errorOf, keysLeft, run, scenario, until } = require('./scenario.cjs');

const queueOf = (options = {}) => closing(
  new Queue({ redis: connect(), namespace: 'g', jobTimeoutMs: 30000, keepCompleted: 100, keepFailed: 100, ...options }),
  (it) => it.close().catch(() => {}));

function work(queue, handler, options = {}) {
  const worker = closing(new Worker({ queue, handler, concurrency: 1, blockingTimeoutSec: 1, schedulerIntervalMs: 100, ...options }),
    (it) => it.close(200).catch(() => {}));
  worker.on('error', () => {});
  worker.run();
  return worker;
}

const counted = (queue, state, count) => until(
  async () => (await queue.getJobCounts())[state] === count, count + ' ' + state);

scenario('jobs of a group keep their order, whatever waits in others', async ({ redis }) => {
  const queue = queueOf();
  for (let i = 0; i < 30; i++) await queue.add({ groupId: 'g' + i % 3, data: { i }, orderMs: 1000 + i });
  const before = [await queue.getJobCounts(), (await queue.getUniqueGroups()).sort(), await queue.getUniqueGroupsCount(),
    await queue.getGroupJobCount('g1')];
  const order = {};
  work(queue, async (job) => { (order[job.groupId] ||= []).push(job.data.i); return job.data.i * 2; });
  await counted(queue, 'completed', 30);
  const values = (await queue.getCompletedJobs(100)).map((job) => job.returnvalue).sort((a, b) => a - b);
  return [before, order, values, await queue.waitForEmpty(1000), (await keysLeft(redis)).filter((key) => /:(completed|failed|processing|ready|groups) /.test(key))];
});

scenario('several at a time, and one of a group', async () => {
  const queue = queueOf();
  let running = 0;
  const busy = {};
  let most = 0;
  for (let i = 0; i < 24; i++) await queue.add({ groupId: 'g' + i % 4, data: { i } });
  work(queue, async (job) => {
    busy[job.groupId] = (busy[job.groupId] || 0) + 1;
    most = Math.max(most, busy[job.groupId]);
    running++;
    await new Promise((done) => setTimeout(done, 5));
    busy[job.groupId]--;
  }, { concurrency: 4 });
  await counted(queue, 'completed', 24);
  return [running, most];
});

scenario('failures are tried again until they are dead', async () => {
  const queue = queueOf();
  const tries = {};
  work(queue, async (job) => {
    const made = tries[job.data.name] = (tries[job.data.name] || 0) + 1;
    if (made < job.data.until) throw new Error('try ' + made);
    return made;
  }, { backoff: () => 20 });
  await queue.add({ groupId: 'a', data: { name: 'twice', until: 2 }, maxAttempts: 3 });
  await queue.add({ groupId: 'b', data: { name: 'never', until: 9 }, maxAttempts: 2 });
  await queue.add({ groupId: 'c', data: { name: 'at once', until: 1 }, maxAttempts: 1 });
  await counted(queue, 'completed', 2);
  await counted(queue, 'failed', 1);
  return [tries, (await queue.getFailedJobs(10)).map((job) => [job.data.name, job.failedReason, job.attemptsMade])];
});

scenario('delayed jobs are counted, changed, promoted, removed', async () => {
  const queue = queueOf();
  const jobs = [];
  for (let i = 0; i < 4; i++) jobs.push(await queue.add({ groupId: 'd' + i, data: { i }, delay: 600000 }));
  const seen = [await queue.getJobCounts(), await queue.getDelayedCount(), (await queue.getDelayedJobs()).length];
  seen.push(await queue.promote(jobs[0].id), await queue.changeDelay(jobs[1].id, 100), await queue.remove(jobs[2].id));
  seen.push(await queue.remove('nobody'), await queue.changeDelay('nobody', 5).catch(String));
  const done = [];
  work(queue, async (job) => { done.push(job.data.i); });
  await counted(queue, 'completed', 2);
  return [seen, done, await queue.getJobCounts()];
});

scenario('paused queues wait; data is changed and found', async () => {
  const queue = queueOf();
  await queue.pause();
  const job = await queue.add({ groupId: 'p', data: { text: 'old' }, jobId: 'mine' });
  await queue.updateData(job.id, { text: 'new' });
  const seen = [(await queue.getJob('mine')).data, await queue.getWaitingCount(), (await queue.getWaitingJobs()).length];
  const done = [];
  work(queue, async (one) => { done.push(one.data.text); });
  seen.push(done.length);
  await queue.resume();
  await counted(queue, 'completed', 1);
  seen.push(await queue.clean(0, 10, 'completed'), await queue.getJobCounts(), await errorOf(() => queue.getJob('nobody')));
  return [seen, done];
});

scenario('the same id is added once; batches are', async () => {
  const queue = queueOf({ autoBatch: { size: 5, maxWaitMs: 5 } });
  for (let i = 0; i < 3; i++) await queue.add({ groupId: 's', data: { i }, jobId: 'same' });
  await Promise.all(Array.from({ length: 12 }, (_, i) => queue.add({ groupId: 'b' + i % 2, data: { i } })));
  const before = await queue.getJobCounts();
  const seen = [];
  work(queue, async (job) => { seen.push(job.groupId + job.data.i); });
  await counted(queue, 'completed', 13);
  return [before, seen.sort()];
});

run();
