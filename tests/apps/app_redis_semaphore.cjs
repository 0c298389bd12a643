/* SPDX-License-Identifier: BSD-2-Clause */
/* app_redis_semaphore - mutexes and semaphores, over one server and over three databases. */
'use strict';

const { LostLockError, Mutex, MultiSemaphore, RedlockMutex, RedlockSemaphore, Semaphore } = require('redis-semaphore');
const { connect, errorOf, keysLeft, pause, run, scenario, until } = require('./scenario.cjs');

const SHORT = { acquireTimeout: 150, retryInterval: 20, lockTimeout: 5000 };

scenario('a mutex lets one in', async ({ redis }) => {
  const [first, second] = ['a', 'b'].map((identifier) => new Mutex(redis, 'door', { ...SHORT, identifier }));
  await first.acquire();
  const refused = await errorOf(() => second.acquire());
  const tried = await second.tryAcquire();
  const left = await keysLeft(redis);
  const owner = await redis.get('mutex:door');
  await first.release();
  await second.acquire();
  await second.release();
  return [refused, tried, left, owner, first.isAcquired, await keysLeft(redis)];
});

scenario('a critical section is never entered twice', async ({ redis }) => {
  let inside = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 25 }, async () => {
    const mutex = new Mutex(redis, 'door', { acquireTimeout: 30000, retryInterval: 3, lockTimeout: 5000 });
    await mutex.acquire();
    most = Math.max(most, ++inside);
    await pause(2);
    inside--;
    await mutex.release();
  }));
  return [most, await keysLeft(redis)];
});

scenario('a mutex is kept alive, and its loss is told', async ({ redis }) => {
  let lost = null;
  const mutex = new Mutex(redis, 'door', {
    lockTimeout: 300, refreshInterval: 50, identifier: 'me', onLockLost: (error) => { lost = error; } });
  await mutex.acquire();
  await pause(700);
  const kept = await redis.get('mutex:door');
  await redis.set('mutex:door', 'thief');
  await until(() => lost, 'the loss');
  await mutex.release();
  return [kept, lost instanceof LostLockError, await redis.get('mutex:door')];
});

scenario('a lock is handed on by its identifier', async ({ redis }) => {
  const first = new Mutex(redis, 'door', { identifier: 'shared', lockTimeout: 5000, refreshInterval: 0 });
  await first.acquire();
  const second = new Mutex(redis, 'door', { ...SHORT, identifier: 'shared', acquiredExternally: true });
  await second.acquire();
  await second.release();
  return keysLeft(redis);
});

scenario('a semaphore lets three in', async ({ redis }) => {
  let inside = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 15 }, async () => {
    const semaphore = new Semaphore(redis, 'room', 3, { acquireTimeout: 30000, retryInterval: 3, lockTimeout: 5000 });
    await semaphore.acquire();
    most = Math.max(most, ++inside);
    await pause(10);
    inside--;
    await semaphore.release();
  }));
  const held = ['a', 'b', 'c'].map((identifier) => new Semaphore(redis, 'room', 3, { ...SHORT, identifier }));
  for (const one of held) await one.acquire();
  const members = (await redis.zrange('semaphore:room', 0, -1)).sort();
  const refused = await errorOf(() => new Semaphore(redis, 'room', 3, SHORT).acquire());
  for (const one of held) await one.release();
  return [most, members, refused, await keysLeft(redis)];
});

scenario('places of a semaphore run out of time', async ({ redis }) => {
  const slow = new Semaphore(redis, 'room', 1, { lockTimeout: 150, refreshInterval: 0 });
  await slow.acquire();
  const next = new Semaphore(redis, 'room', 1, { lockTimeout: 5000, acquireTimeout: 5000, retryInterval: 20 });
  await next.acquire();
  const count = await redis.zcard('semaphore:room');
  await next.release();
  return [count, await keysLeft(redis)];
});

scenario('a semaphore of several permits', async ({ redis }) => {
  const big = new MultiSemaphore(redis, 'pool', 5, 3, { ...SHORT, identifier: 'big' });
  const small = new MultiSemaphore(redis, 'pool', 5, 2, { ...SHORT, identifier: 'small' });
  const more = new MultiSemaphore(redis, 'pool', 5, 1, { ...SHORT, identifier: 'more' });
  await big.acquire();
  await small.acquire();
  const refused = await errorOf(() => more.acquire());
  const members = (await redis.zrange('semaphore:pool', 0, -1)).sort();
  await big.release();
  await more.acquire();
  await more.release();
  await small.release();
  return [refused, members, await keysLeft(redis)];
});

scenario('a mutex over three databases', async ({ redis }) => {
  const clients = [1, 2, 3].map((db) => connect({ db }));
  const [first, second] = ['a', 'b'].map((identifier) => new RedlockMutex(clients, 'door', { ...SHORT, identifier }));
  await first.acquire();
  const refused = await errorOf(() => second.acquire());
  const owners = await Promise.all(clients.map((client) => client.get('mutex:door')));
  await clients[0].del('mutex:door');
  const still = await errorOf(() => second.acquire());
  await first.release();
  await second.acquire();
  await second.release();
  return [refused, owners, still, await keysLeft(redis), (await Promise.all(clients.map(keysLeft))).flat()];
});

scenario('a semaphore over three databases', async () => {
  const clients = [1, 2, 3].map((db) => connect({ db }));
  const held = ['a', 'b'].map((identifier) => new RedlockSemaphore(clients, 'room', 2, { ...SHORT, identifier }));
  for (const one of held) await one.acquire();
  const refused = await errorOf(() => new RedlockSemaphore(clients, 'room', 2, SHORT).acquire());
  const members = await Promise.all(clients.map(async (client) => (await client.zrange('semaphore:room', 0, -1)).sort()));
  for (const one of held) await one.release();
  return [refused, members, (await Promise.all(clients.map(keysLeft))).flat()];
});

run();
