/* SPDX-License-Identifier: BSD-2-Clause */
/* app_rate_limiter_flexible - limiters over ioredis and over redis 3, and what is built of them. */
'use strict';

const { BurstyRateLimiter, RateLimiterQueue, RateLimiterRedis, RateLimiterUnion, RLWrapperBlackAndWhite,
} = require('rate-limiter-flexible');
const redisThree = require('redis');
const { closing, connect, keysLeft, pause, run, scenario, until, where } = require('./scenario.cjs');

const limiterOf = (storeClient, options) => new RateLimiterRedis({ storeClient, keyPrefix: 'l', ...options });

/* What a limiter says, without the clock. */
async function said(work) {
  const answer = await work().then((value) => ['allowed', value], (value) => ['refused', value]);
  const [verdict, value] = answer;
  if (value instanceof Error) throw value;
  if (value === null || typeof value !== 'object') return [verdict, value];
  return [verdict, value.consumedPoints, value.remainingPoints, value.isFirstInDuration, value.msBeforeNext > 0];
}

async function series(count, work) {
  const answers = [];
  for (let i = 0; i < count; i++) answers.push(await said(() => work(i)));
  return answers;
}

scenario('points are consumed until none is left', async ({ redis }) => {
  const limiter = limiterOf(redis, { points: 5, duration: 60 });
  const answers = await series(8, () => limiter.consume('ann'));
  return [answers, await said(() => limiter.consume('bob', 3)), await said(() => limiter.get('bob')), await keysLeft(redis)];
});

scenario('many at once get as many points as there are', async ({ redis }) => {
  const limiter = limiterOf(redis, { points: 30, duration: 60 });
  const answers = await Promise.all(Array.from({ length: 100 }, () => said(() => limiter.consume('ann'))));
  return [answers.filter(([verdict]) => verdict === 'allowed').length, answers.map((one) => one[1]).sort((a, b) => a - b)];
});

scenario('a window ends', async ({ redis }) => {
  const limiter = limiterOf(redis, { points: 2, duration: 1 });
  const before = await series(3, () => limiter.consume('ann'));
  await until(async () => await redis.exists('l:ann') === 0, 'the end of the window');
  return [before, await series(3, () => limiter.consume('ann'))];
});

scenario('penalty, reward, set, block and delete', async ({ redis }) => {
  const limiter = limiterOf(redis, { points: 4, duration: 60, blockDuration: 30 });
  return [await said(() => limiter.penalty('a', 3)), await said(() => limiter.reward('a', 2)),
    await series(5, () => limiter.consume('a')), await redis.ttl('l:a') > 25,
    await said(() => limiter.set('b', 2, 50)), await said(() => limiter.block('c', 40)),
    await said(() => limiter.consume('c')), await limiter.delete('a'), await limiter.delete('a'), await limiter.get('a')];
});

scenario('evenly spread actions', async ({ redis }) => {
  const limiter = limiterOf(redis, { points: 4, duration: 1, execEvenly: true, execEvenlyMinDelayMs: 20 });
  const started = Date.now();
  const answers = await series(3, () => limiter.consume('a'));
  return [answers, Date.now() - started > 100];
});

scenario('bursts beside a steady rate', async ({ redis }) => {
  const limiter = new BurstyRateLimiter(limiterOf(redis, { points: 2, duration: 60 }),
    limiterOf(redis, { keyPrefix: 'burst', points: 3, duration: 60 }));
  return [await series(7, () => limiter.consume('a')), await keysLeft(redis)];
});

scenario('a union of limiters', async ({ redis }) => {
  const union = new RateLimiterUnion(limiterOf(redis, { keyPrefix: 'u1', points: 2, duration: 60 }),
    limiterOf(redis, { keyPrefix: 'u2', points: 9, duration: 60 }));
  const answers = [];
  for (let i = 0; i < 3; i++) {
    const answer = await union.consume('a').catch((refused) => refused);
    answers.push(Object.entries(answer).map(([name, one]) => [name, one.consumedPoints, one.remainingPoints]));
  }
  return answers;
});

scenario('waiting in a queue', async ({ redis }) => {
  const queue = new RateLimiterQueue(limiterOf(redis, { points: 2, duration: 1 }), { maxQueueSize: 3 });
  const started = Date.now();
  const all = await Promise.allSettled(Array.from({ length: 6 }, () => queue.removeTokens(1, 'a')));
  return [all.map((one) => one.status + ' ' + (one.reason ? one.reason.message : one.value)), Date.now() - started > 300];
});

scenario('lists of those who are let in and kept out', async ({ redis }) => {
  const limiter = new RLWrapperBlackAndWhite({
    limiter: limiterOf(redis, { points: 1, duration: 60 }), whiteList: ['friend'], blackList: ['foe'] });
  return [(await series(3, () => limiter.consume('friend'))).map((one) => one[0]),
    (await series(1, () => limiter.consume('foe'))).map((one) => one[0]), await series(2, () => limiter.consume('other'))];
});

scenario('insurance takes over when the server cannot be reached', async ({ redis }) => {
  const gone = connect({ port: 1, lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
  gone.on('error', () => {});
  const limiter = limiterOf(gone, { points: 9, duration: 60, insuranceLimiter: limiterOf(redis, { keyPrefix: 'safe', points: 2, duration: 60 }) });
  return [await series(3, () => limiter.consume('a')), await keysLeft(redis)];
});

scenario('keys that block in memory', async ({ redis }) => {
  const limiter = limiterOf(redis, { points: 1, duration: 60, inMemoryBlockOnConsumed: 2, inMemoryBlockDuration: 60 });
  const answers = await series(4, () => limiter.consume('a'));
  return [answers.map((one) => one[0]), await redis.get('l:a')];
});

scenario('the client of redis 3', async ({ redis }) => {
  const client = closing(redisThree.createClient({ ...where }), (it) => it.end(true));
  const limiter = limiterOf(client, { points: 3, duration: 60, useRedis3AndLowerPackage: true });
  const answers = await series(5, () => limiter.consume('a'));
  await redis.script('FLUSH');
  await pause(1);
  return [answers, await said(() => limiter.consume('b')), await keysLeft(redis)];
});

run();
