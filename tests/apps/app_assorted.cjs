/* SPDX-License-Identifier: BSD-2-Clause */
/* app_assorted - libraries of a script or a few: limiters, locks, queues. */
'use strict';

const Bottleneck = require('bottleneck');
const RateLimiter = require('async-ratelimiter');
const RedisSMQ = require('rsmq');
const { Queue, Worker, Scheduler } = require('node-resque');
const { createLock } = require('@microfleet/ioredis-lock');
const { Redlock } = require('@sesamecare-oss/redlock');
const { closing, connect, errorOf, keysLeft, pause, run, scenario, until, where } = require('./scenario.cjs');

scenario('async-ratelimiter counts in a window that moves', async ({ redis }) => {
  const limiter = new RateLimiter({ db: connect(), max: 5, duration: 2500 });
  const seen = [];
  for (let i = 0; i < 7; i++) seen.push((await limiter.get({ id: 'a' })).remaining);
  seen.push((await limiter.get({ id: 'a', peek: true })).remaining, (await limiter.get({ id: 'b', peek: true })).remaining);
  seen.push((await limiter.get({ id: 'b', max: 2 })).remaining, (await limiter.get({ id: 'b', max: 2 })).remaining);
  await pause(2550);
  const again = await limiter.get({ id: 'a' });
  return [seen, again.remaining, again.total, await keysLeft(redis)];
});

scenario('bottleneck shares a limit between clients', async ({ redis }) => {
  const limiterOf = () => closing(
    new Bottleneck({ id: 'shared', datastore: 'ioredis', clearDatastore: false, clientOptions: where, Redis: require('ioredis'),
      maxConcurrent: 2, reservoir: 10, highWater: 50, strategy: Bottleneck.strategy.LEAK }), (it) => it.disconnect(false));
  const limiters = [limiterOf(), limiterOf()];
  await Promise.all(limiters.map((it) => it.ready()));
  let running = 0;
  let most = 0;
  const job = async (i) => {
    most = Math.max(most, ++running);
    await pause(5);
    running--;
    return i;
  };
  const done = await Promise.all(Array.from({ length: 10 }, (_, i) => limiters[i % 2].schedule(() => job(i))));
  const seen = [await limiters[0].currentReservoir(), await limiters[1].check(), await limiters[0].running()];
  await limiters[0].incrementReservoir(3);
  seen.push(await limiters[1].currentReservoir(), await limiters[1].check(), await limiters[0].done());
  await limiters[0].updateSettings({ maxConcurrent: 1 });
  seen.push(await limiters[1].schedule({ weight: 1 }, () => job('last')));
  return [done, most, seen, await keysLeft(redis)];
});

scenario('rsmq hides messages, counts receipts, deletes', async ({ redis }) => {
  const rsmq = closing(new RedisSMQ({ host: where.host, port: where.port, ns: 'q' }), (it) => it.quit());
  const seen = [await rsmq.createQueueAsync({ qname: 'one', vt: 1, delay: 0, maxsize: 2048 }),
    await errorOf(() => rsmq.createQueueAsync({ qname: 'one' }))];
  for (const message of ['first', 'second', 'third']) {
    await rsmq.sendMessageAsync({ qname: 'one', message });
    await pause(5); // what is due in the same millisecond comes in any order
  }
  const first = await rsmq.receiveMessageAsync({ qname: 'one', vt: 30 });
  seen.push([first.message, first.rc], await rsmq.changeMessageVisibilityAsync({ qname: 'one', id: first.id, vt: 0 }));
  await pause(5);
  const again = await rsmq.receiveMessageAsync({ qname: 'one', vt: 30 });
  seen.push([again.message, again.rc, again.id === first.id], (await rsmq.popMessageAsync({ qname: 'one' })).message);
  seen.push(await rsmq.deleteMessageAsync({ qname: 'one', id: first.id }), await rsmq.deleteMessageAsync({ qname: 'one', id: first.id }));
  seen.push((await rsmq.receiveMessageAsync({ qname: 'one' })).message, await rsmq.receiveMessageAsync({ qname: 'one' }));
  const facts = await rsmq.getQueueAttributesAsync({ qname: 'one' });
  seen.push([facts.msgs, facts.totalsent, Number(facts.totalrecv), facts.hiddenmsgs], await rsmq.listQueuesAsync());
  return [seen, await keysLeft(redis)];
});

scenario('ioredis-lock and redlock keep others out', async ({ redis }) => {
  const options = { timeout: 10000, retries: 1, delay: 5 };
  const [mine, yours] = [createLock(connect(), options), createLock(connect(), options)];
  await mine.acquire('app:lock');
  const seen = [await errorOf(() => yours.acquire('app:lock'))];
  await mine.extend(20000);
  seen.push(await redis.pttl('app:lock') > 10000);
  await mine.release();
  await yours.acquire('app:lock');
  await redis.del('app:lock');
  seen.push(await errorOf(() => yours.release()), await errorOf(() => mine.release()));
  const redlock = new Redlock([connect()], { retryCount: 0 });
  const lock = await redlock.acquire(['a', 'b'], 10000);
  seen.push(await errorOf(() => redlock.acquire(['b'], 1000)));
  const longer = await lock.extend(20000);
  seen.push(await redis.pttl('b') > 10000);
  await longer.release();
  seen.push(await redlock.using(['b', 'c'], 5000, async () => (await redis.keys('*')).sort()));
  return [seen, await keysLeft(redis)];
});

scenario('node-resque enqueues, delays and works', async ({ redis }) => {
  const connection = { redis: connect(), namespace: 'resque' };
  const done = [];
  const jobs = { add: { perform: async (a, b) => { done.push(a + b); return a + b; } } };
  const queue = closing(new Queue({ connection }, jobs), (it) => it.end().catch(() => {}));
  await queue.connect();
  for (let i = 0; i < 5; i++) await queue.enqueue('math', 'add', [i, 10]);
  await queue.enqueueIn(50, 'math', 'add', [100, 1]);
  const seen = [await queue.length('math'), await queue.del('math', 'add', [4, 10]), (await queue.scheduledAt('math', 'add', [100, 1])).length];
  const worker = closing(new Worker({ connection, queues: ['math'], timeout: 10, name: 'w' }, jobs), (it) => it.end().catch(() => {}));
  const scheduler = closing(new Scheduler({ connection, timeout: 20, name: 's' }), (it) => it.end().catch(() => {}));
  for (const one of [worker, scheduler]) {
    await one.connect();
    one.on('error', () => {});
    await one.start();
  }
  await until(() => done.length === 5, 'five jobs');
  await until(async () => (await queue.stats()).processed === '5', 'the count');
  return [seen, done.sort((a, b) => a - b), (await keysLeft(redis)).filter((key) => /queues|stat:processed /.test(key))];
});

run();
