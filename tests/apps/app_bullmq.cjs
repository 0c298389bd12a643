/* SPDX-License-Identifier: BSD-2-Clause */
/* app_bullmq - BullMQ's queues, workers, flows and schedulers through their public API. */
'use strict';

const { FlowProducer, Queue, QueueEvents, RateLimitError, UnrecoverableError, WaitingChildrenError,
  DelayedError, Worker } = require('bullmq');
const { closing, errorOf, keysLeft, pause, run, scenario, until, where } = require('./scenario.cjs');

const connection = { ...where, maxRetriesPerRequest: null };
const base = { connection, prefix: 'b' };

const queueNamed = (name = 'q', options = {}) => closing(new Queue(name, { ...base, ...options }));
const workerOf = (queue, work, options = {}) =>
  closing(new Worker(queue.name, work, { ...base, drainDelay: 1, ...options }), (it) => it.close(true));

/* A worker that writes down which jobs it finished, in which order. */
function recorder(queue, options = {}, work = async () => 'done') {
  const names = [];
  const worker = workerOf(queue, async (job, token) => {
    const value = await work(job, token);
    names.push(job.name);
    return value;
  }, options);
  return { names, worker };
}

const counted = (queue, state, count) => until(
  async () => (await queue.getJobCounts(state))[state] === count, count + ' ' + state);

async function statesOf(jobs) {
  return Promise.all(jobs.map(async (job) => [job.id, await job.getState()]));
}

scenario('jobs are added one by one and processed', async ({ redis }) => {
  const queue = queueNamed();
  for (let i = 0; i < 60; i++) await queue.add('n' + i, { i, text: '\u00e4\u0000"'.repeat(i) });
  const before = await queue.getJobCounts();
  const { names } = recorder(queue, {}, async (job) => ({ twice: job.data.i * 2 }));
  await counted(queue, 'completed', 60);
  const jobs = await queue.getCompleted(0, -1);
  const values = jobs.map((job) => [job.id, job.name, job.returnvalue, job.attemptsMade]).sort();
  return [before, names, values, await queue.getJobCounts(), await keysLeft(redis)];
});

scenario('jobs in bulk, several workers, each job once', async () => {
  const queue = queueNamed();
  const jobs = await queue.addBulk(Array.from({ length: 300 }, (_, i) => ({ name: 'n' + i, data: { i } })));
  const workers = [1, 2, 3].map(() => recorder(queue, { concurrency: 10 }));
  await counted(queue, 'completed', 300);
  return [jobs.map((job) => job.id), workers.flatMap((one) => one.names).sort(), await queue.getJobCounts()];
});

scenario('delayed jobs run in the order of their delays', async () => {
  const queue = queueNamed();
  for (const delay of [600, 200, 900, 400]) await queue.add('after' + delay, {}, { delay });
  const before = await queue.getJobCounts();
  const { names } = recorder(queue);
  await counted(queue, 'completed', 4);
  return [before, names];
});

scenario('a delay is changed, and a job is promoted', async () => {
  const queue = queueNamed();
  const jobs = [];
  for (const name of ['a', 'b', 'c']) jobs.push(await queue.add(name, {}, { delay: 100000 }));
  await jobs[1].changeDelay(100);
  await jobs[2].promote();
  const { names } = recorder(queue);
  await counted(queue, 'completed', 2);
  return [names, await statesOf(jobs), await errorOf(() => jobs[2].promote())];
});

scenario('a job scheduler repeats up to its limit', async ({ redis }) => {
  const queue = queueNamed();
  await queue.upsertJobScheduler('tick', { every: 150, limit: 4 }, { name: 'tick', data: { a: 1 } });
  const { names } = recorder(queue);
  await until(() => names.length === 4, 'four ticks');
  await pause(400);
  return [names, (await queue.getJobCounts()).completed, (await queue.getJobSchedulers()).length,
    (await keysLeft(redis)).filter((key) => !/repeat:tick:\d/.test(key))];
});

scenario('schedulers are listed, changed and removed', async () => {
  const queue = queueNamed();
  await queue.upsertJobScheduler('daily', { pattern: '0 15 3 * * *', tz: 'Europe/Berlin' }, { name: 'night', data: 1 });
  await queue.upsertJobScheduler('often', { every: 3600000 });
  await queue.upsertJobScheduler('often', { every: 7200000, startDate: Date.now() + 86400000 });
  const listed = (await queue.getJobSchedulers()).map(({ key, name, pattern, every, tz }) => ({ key, name, pattern, every, tz }));
  const counts = await queue.getJobCounts();
  const removed = [await queue.removeJobScheduler('often'), await queue.removeJobScheduler('often')];
  return [listed.sort((a, b) => a.key < b.key ? -1 : 1), counts, removed, await queue.getJobSchedulersCount()];
});

scenario('failed jobs are retried with fixed and exponential backoff', async () => {
  const queue = queueNamed();
  for (const [name, delay, type] of [['fixed', 100, 'fixed'], ['growing', 60, 'exponential'], ['own', 50, 'mine']]) {
    await queue.add(name, {}, { attempts: 3, backoff: { type, delay } });
  }
  await queue.add('hopeless', {}, { attempts: 2, backoff: 50 });
  await queue.add('final', {}, { attempts: 9 });
  const starts = {};
  recorder(queue, { settings: { backoffStrategy: (made) => made * 40 } }, async (job) => {
    (starts[job.name] ||= []).push(Date.now());
    if (job.name === 'final') throw new UnrecoverableError('never');
    if (job.attemptsMade < 2 || job.name === 'hopeless') throw new Error('try ' + job.attemptsMade);
    return job.attemptsMade;
  });
  await counted(queue, 'completed', 3);
  await counted(queue, 'failed', 2);
  const jobs = await Promise.all(['1', '2', '3', '4', '5'].map((id) => queue.getJob(id)));
  const waited = (name, i, ms) => starts[name][i] - starts[name][i - 1] >= ms - 2;
  return [jobs.map((job) => [job.name, job.attemptsMade, job.attemptsStarted, job.failedReason, job.returnvalue, job.stacktrace.length]),
    waited('fixed', 1, 100), waited('fixed', 2, 100), waited('growing', 1, 60), waited('growing', 2, 120)];
});

scenario('failed jobs are retried by hand', async () => {
  const queue = queueNamed();
  let fails = true;
  recorder(queue, {}, async () => { if (fails) throw new Error('not yet'); return 'now'; });
  const jobs = await queue.addBulk(['a', 'b', 'c'].map((name) => ({ name, data: {} })));
  await counted(queue, 'failed', 3);
  fails = false;
  await jobs[0].retry('failed');
  await counted(queue, 'completed', 1);
  await queue.retryJobs({ state: 'failed' });
  await counted(queue, 'completed', 3);
  return [await statesOf(jobs), await errorOf(() => jobs[0].retry('failed')), await queue.getJobCounts()];
});

scenario('a worker keeps to its rate limit', async () => {
  const queue = queueNamed();
  await queue.addBulk(Array.from({ length: 7 }, (_, i) => ({ name: 'n' + i, data: {} })));
  const started = Date.now();
  const { names } = recorder(queue, { limiter: { max: 2, duration: 300 } });
  await counted(queue, 'completed', 7);
  return [names, Date.now() - started >= 900, await queue.getJobCounts()];
});

scenario('a worker limits itself by hand', async () => {
  const queue = queueNamed();
  await queue.addBulk([{ name: 'a', data: {} }, { name: 'b', data: {} }]);
  const started = Date.now();
  let limited = 0;
  const { names, worker } = recorder(queue, { limiter: { max: 1000, duration: 1000 } }, async (job) => {
    if (job.name === 'a' && limited++ === 0) {
      await worker.rateLimit(400);
      throw new RateLimitError();
    }
  });
  await counted(queue, 'completed', 2);
  const job = await queue.getJob('1');
  return [names, job.attemptsMade, Date.now() - started >= 400];
});

scenario('a global rate limit and a global concurrency', async () => {
  const queue = queueNamed();
  await queue.setGlobalConcurrency(1);
  await queue.addBulk(Array.from({ length: 12 }, (_, i) => ({ name: 'n' + i, data: {} })));
  let now = 0;
  let most = 0;
  const work = async () => { most = Math.max(most, ++now); await pause(10); now--; };
  recorder(queue, { concurrency: 4 }, work);
  recorder(queue, { concurrency: 4 }, work);
  await counted(queue, 'completed', 12);
  await queue.removeGlobalConcurrency();
  return [most, await queue.getJobCounts()];
});

scenario('a flow runs children before parents and hands on their values', async ({ redis }) => {
  const queue = queueNamed('parent');
  const leaves = queueNamed('leaf');
  const flow = closing(new FlowProducer(base));
  const order = [];
  const tree = await flow.add({
    name: 'root', queueName: 'parent', data: {}, opts: { jobId: 'root' },
    children: [0, 1].map((i) => ({
      name: 'middle' + i, queueName: 'parent', data: {}, opts: { jobId: 'middle' + i },
      children: [0, 1, 2].map((k) => ({ name: `leaf${i}${k}`, queueName: 'leaf', data: { value: i * 10 + k }, opts: { jobId: `leaf${i}${k}` } })),
    })),
  });
  const before = [await queue.getJobCounts(), await leaves.getJobCounts(), await tree.job.getDependenciesCount()];
  workerOf(leaves, async (job) => { order.push(job.name); return job.data.value; });
  workerOf(queue, async (job) => {
    order.push(job.name);
    return Object.values(await job.getChildrenValues()).reduce((a, b) => a + b, 0);
  });
  await counted(queue, 'completed', 3);
  const root = await queue.getJob('root');
  const position = (name) => order.indexOf(name);
  const seen = await flow.getFlow({ id: 'root', queueName: 'parent', prefix: 'b' });
  return [before, root.returnvalue, await root.getDependenciesCount(), position('root') === 8,
    [0, 1, 2].every((k) => position('leaf0' + k) < position('middle0')), seen.children.length, await keysLeft(redis)];
});

scenario('what becomes of a parent whose child fails', async () => {
  const queue = queueNamed('parent');
  const flow = closing(new FlowProducer(base));
  const rules = ['failParentOnFailure', 'ignoreDependencyOnFailure', 'removeDependencyOnFailure', 'continueParentOnFailure'];
  for (const rule of rules) {
    await flow.add({
      name: rule, queueName: 'parent', opts: { jobId: 'p' + rule },
      children: [{ name: 'bad', queueName: 'parent', opts: { jobId: 'bad' + rule, [rule]: true } },
        { name: 'good', queueName: 'parent', opts: { jobId: 'good' + rule } }],
    });
  }
  workerOf(queue, async (job) => {
    if (job.name === 'bad') throw new Error('child fails');
    return job.name === 'good' ? 1 : [await job.getChildrenValues(), await job.getIgnoredChildrenFailures()];
  }, { stalledInterval: 200 });
  await until(async () => {
    const counts = await queue.getJobCounts('completed', 'failed');
    return counts.completed + counts.failed === 12;
  }, 'the parents');
  const jobs = await Promise.all(rules.map((rule) => queue.getJob('p' + rule)));
  return Promise.all(jobs.map(async (job) => [job.id, await job.getState(), job.failedReason, job.returnvalue]));
});

scenario('a job adds children while it runs and waits for them', async () => {
  const queue = queueNamed('parent');
  const kids = queueNamed('kids');
  workerOf(kids, async (job) => job.data.n);
  workerOf(queue, async (job, token) => {
    if (!job.data.asked) {
      for (let n = 1; n <= 3; n++) {
        await kids.add('kid', { n }, { jobId: 'kid' + n, parent: { id: job.id, queue: job.queueQualifiedName } });
      }
      await job.updateData({ asked: true });
      if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
    }
    return Object.values(await job.getChildrenValues()).sort();
  });
  const job = await queue.add('p', {});
  await counted(queue, 'completed', 1);
  return [(await queue.getJob(job.id)).returnvalue, await queue.getJobCounts(), await kids.getJobCounts()];
});

scenario('priorities, last in first out, and a changed priority', async () => {
  const queue = queueNamed();
  const jobs = {};
  for (const [name, priority] of [['p5', 5], ['p1', 1], ['none', 0], ['p3', 3], ['p3b', 3], ['p2097151', 2097151]]) {
    jobs[name] = await queue.add(name, {}, { priority });
  }
  await queue.add('lifo1', {}, { lifo: true });
  await queue.add('lifo2', {}, { lifo: true });
  await jobs.p5.changePriority({ priority: 2 });
  const counts = [await queue.getJobCounts(), await queue.getCountsPerPriority([0, 1, 2, 3, 5])];
  const { names } = recorder(queue);
  await counted(queue, 'completed', 8);
  return [counts, names, await errorOf(() => queue.add('x', {}, { priority: 2097152 }))];
});

scenario('a paused queue keeps its jobs until it is resumed', async () => {
  const queue = queueNamed();
  const { names } = recorder(queue);
  await queue.pause();
  await queue.addBulk(['a', 'b'].map((name) => ({ name, data: {} })));
  await queue.add('c', {}, { priority: 1 });
  await queue.add('d', {}, { delay: 50 });
  await pause(300);
  const held = [await queue.isPaused(), names.length, await queue.getJobCounts('paused', 'completed', 'active')];
  await queue.resume();
  await counted(queue, 'completed', 4);
  return [held, names.sort(), await queue.isPaused(), await queue.getJobCounts()];
});

scenario('counts, ranges, states and removals', async ({ redis }) => {
  const queue = queueNamed();
  const jobs = await queue.addBulk(Array.from({ length: 20 }, (_, i) => ({
    name: 'n' + i, data: {}, opts: i % 4 === 3 ? { delay: 100000 } : i % 4 === 2 ? { priority: i } : {},
  })));
  await jobs[0].remove();
  const removed = [await queue.remove(jobs[3].id), await queue.remove('nothing')];
  const ids = async (state) => (await queue.getJobs([state], 0, 3, true)).map((job) => job.id);
  const seen = [await queue.getJobCounts(), await queue.count(), await ids('waiting'), await ids('prioritized'),
    (await ids('delayed')).length, await statesOf(jobs.slice(0, 5)), removed];
  await queue.drain();
  const drained = await queue.getJobCounts();
  await queue.drain(true);
  return [seen, drained, await queue.getJobCounts(), await keysLeft(redis)];
});

scenario('finished jobs are cleaned away', async () => {
  const queue = queueNamed();
  recorder(queue, {}, async (job) => { if (job.data.bad) throw new Error('bad'); });
  await queue.addBulk(Array.from({ length: 12 }, (_, i) => ({ name: 'n' + i, data: { bad: i % 3 === 0 } })));
  await counted(queue, 'completed', 8);
  await counted(queue, 'failed', 4);
  await pause(20);
  const cleaned = [(await queue.clean(0, 5, 'completed')).length, (await queue.clean(0, 0, 'failed')).sort(),
    await queue.clean(100000, 0, 'completed')];
  return [cleaned, await queue.getJobCounts()];
});

scenario('only so many finished jobs are kept', async () => {
  const queue = queueNamed();
  recorder(queue, { removeOnComplete: { count: 3 } }, async (job) => {
    await pause(3);  // finished jobs are ordered by the millisecond
    if (job.data.bad) throw new Error('bad');
  });
  await queue.addBulk(Array.from({ length: 10 }, (_, i) => ({ name: 'n' + i, data: {} })));
  await queue.add('gone', {}, { removeOnComplete: true });
  await queue.addBulk(Array.from({ length: 5 }, () => ({ name: 'f', data: { bad: true }, opts: { removeOnFail: 2 } })));
  await counted(queue, 'failed', 2);
  await until(async () => await queue.count() === 0 && await queue.getActiveCount() === 0, 'an empty queue');
  return [await queue.getJobCounts(), (await queue.getCompleted()).map((job) => job.name), (await queue.getFailed()).map((job) => job.id)];
});

scenario('a queue is obliterated', async ({ redis }) => {
  const queue = queueNamed();
  recorder(queue, {}, async (job) => { if (job.data.bad) throw new Error('bad'); });
  await queue.addBulk(Array.from({ length: 9 }, (_, i) => ({ name: 'n' + i, data: { bad: i > 5 }, opts: { attempts: 1 } })));
  await counted(queue, 'failed', 3);
  await counted(queue, 'completed', 6);
  for (let i = 0; i < 30; i++) await queue.add('later', {}, i % 2 ? { delay: 100000 } : { priority: 2 });
  await queue.obliterate({ count: 10, force: true });
  return [await queue.getJobCounts(), await keysLeft(redis)];
});

scenario('a queue with running jobs is obliterated by force only', async () => {
  const queue = queueNamed();
  let release;
  const held = new Promise((done) => { release = done; });
  recorder(queue, {}, () => held);
  await queue.add('a', {});
  await counted(queue, 'active', 1);
  const refused = await errorOf(() => queue.obliterate());
  const locked = await errorOf(async () => (await queue.getJob('1')).remove());
  await queue.obliterate({ force: true });
  release();
  return [refused, locked, await queue.getJobCounts()];
});

scenario('the same job is not added twice', async () => {
  const queue = queueNamed();
  const first = await queue.add('a', { n: 1 }, { jobId: 'same' });
  const second = await queue.add('a', { n: 2 }, { jobId: 'same' });
  const throttled = [];
  for (let i = 0; i < 3; i++) throttled.push((await queue.add('t', { i }, { deduplication: { id: 'd', ttl: 60000 } })).id);
  for (let i = 0; i < 3; i++) throttled.push((await queue.add('s', { i }, { deduplication: { id: 'e' } })).id);
  for (let i = 0; i < 3; i++) {
    throttled.push((await queue.add('r', { i }, { delay: 90000, deduplication: { id: 'f', ttl: 90000, extend: true, replace: true } })).id);
  }
  return [first.id, second.id, (await queue.getJob('same')).data, throttled, await queue.getDeduplicationJobId('d'),
    await queue.removeDeduplicationKey('d'), await queue.getJobCounts()];
});

scenario('logs, progress, data and events', async () => {
  const queue = queueNamed();
  // From the stream's beginning: a listener that is ready may still miss what comes before its first read.
  const events = closing(new QueueEvents(queue.name, { ...base, lastEventId: '0-0' }));
  await events.waitUntilReady();
  const heard = [];
  for (const kind of ['waiting', 'active', 'progress', 'completed', 'failed', 'added', 'removed']) {
    events.on(kind, (of) => heard.push(`${kind} ${of.jobId} ${JSON.stringify(of.data ?? of.returnvalue ?? of.failedReason ?? null)}`));
  }
  recorder(queue, {}, async (job) => {
    for (let i = 0; i < 5; i++) await job.log('line ' + i);
    await job.updateProgress(50);
    await job.updateProgress({ step: 'late' });
    await job.updateData({ ...job.data, changed: true });
    if (job.data.bad) throw new Error('bad');
    return { fine: [1, 2] };
  });
  const job = await queue.add('a', { n: 1 }, { keepLogs: 3 });
  const value = await job.waitUntilFinished(events, 20000);
  const bad = await queue.add('b', { bad: true });
  const failure = await errorOf(() => bad.waitUntilFinished(events, 20000));
  await until(() => heard.some((line) => line.startsWith('failed')), 'the event of the failure');
  const again = await queue.getJob(job.id);
  return [value, failure, await queue.getJobLogs(job.id), again.progress, again.data, heard];
});

scenario('a stalled job is taken by another worker', async () => {
  const queue = queueNamed();
  await queue.add('a', {});
  const options = { lockDuration: 400, lockRenewTime: 100000, stalledInterval: 300, skipLockRenewal: true };
  const first = workerOf(queue, () => pause(60000), options);
  await counted(queue, 'active', 1);
  await first.close(true);
  const { names, worker } = recorder(queue, { lockDuration: 5000, stalledInterval: 300 });
  const stalled = [];
  worker.on('stalled', (id) => stalled.push(id));
  await counted(queue, 'completed', 1);
  return [names, stalled, (await queue.getJob('1')).stalledCounter];
});

scenario('jobs are taken and finished without a worker loop', async () => {
  const queue = queueNamed();
  const worker = closing(new Worker(queue.name, null, { ...base, autorun: false }));
  await queue.addBulk(['a', 'b', 'c'].map((name) => ({ name, data: {} })));
  const token = 'mine';
  const jobs = [];
  for (let i = 0; i < 3; i++) jobs.push(await worker.getNextJob(token));
  await jobs[0].moveToCompleted('value', token, false);
  await jobs[1].moveToFailed(new Error('by hand'), token, false);
  await jobs[2].moveToDelayed(Date.now() + 100000, token);
  const wrong = await errorOf(() => jobs[0].moveToCompleted('value', 'other', false));
  return [await statesOf(jobs), wrong, await queue.getJobCounts(), await jobs[2].extendLock(token, 1000)];
});

scenario('a job puts itself off', async () => {
  const queue = queueNamed();
  const { names } = recorder(queue, {}, async (job, token) => {
    if (!job.data.late) {
      await job.updateData({ late: true });
      await job.moveToDelayed(Date.now() + 150, token);
      throw new DelayedError();
    }
    return 'late';
  });
  await queue.add('a', {});
  await counted(queue, 'completed', 1);
  return [names, (await queue.getJob('1')).returnvalue];
});

scenario('metrics and a large payload', async () => {
  const queue = queueNamed();
  const text = 'x'.repeat(400000);
  recorder(queue, { metrics: { maxDataPoints: 60 } }, async (job) => job.data.text.length);
  await queue.add('large', { text });
  await counted(queue, 'completed', 1);
  const metrics = await queue.getMetrics('completed');
  const job = await queue.getJob('1');
  return [job.returnvalue, job.data.text === text, metrics.meta.count, await errorOf(() => queue.add('l', { text }, { sizeLimit: 1000 }))];
});

scenario('two hundred jobs through ten stages', async ({ redis }) => {
  const queue = queueNamed();
  recorder(queue, { concurrency: 20 }, async (job) => {
    if (job.data.stage < 5) await queue.add(job.name, { stage: job.data.stage + 1 });
    return job.data.stage;
  });
  await queue.addBulk(Array.from({ length: 100 }, (_, i) => ({ name: 'n' + i, data: { stage: 0 } })));
  await counted(queue, 'completed', 600);
  const jobs = await queue.getCompleted(0, -1);
  const sums = {};
  for (const job of jobs) sums[job.name] = (sums[job.name] || 0) + job.returnvalue;
  return [Object.values(sums).every((sum) => sum === 15), Object.keys(sums).length, (await keysLeft(redis)).length];
});

run();
