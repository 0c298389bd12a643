/* SPDX-License-Identifier: BSD-2-Clause */
/* app_rate_limit_redis - the store of express-rate-limit, by itself and behind a web server. */
'use strict';

const http = require('node:http');
const express = require('express');
const { rateLimit } = require('express-rate-limit');
const { RedisStore } = require('rate-limit-redis');
const { closing, keysLeft, run, scenario, until } = require('./scenario.cjs');

const storeOf = (redis, options = {}) => new RedisStore({ sendCommand: (...words) => redis.call(...words), ...options });

async function storeReady(redis, windowMs, options) {
  const store = storeOf(redis, options);
  await store.init({ windowMs });
  return store;
}

const hits = ({ totalHits, resetTime }) => [totalHits, resetTime > new Date()];

/* A web server with the limiter before it; returns what asks it. */
async function served(limiter) {
  const app = express();
  app.set('trust proxy', 1);
  app.use(limiter);
  app.get('/', (_, answer) => answer.send('hello'));
  const server = closing(http.createServer(app), (it) => { it.closeAllConnections(); it.close(); });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const port = server.address().port;
  return async (from = '10.0.0.1') => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'x-forwarded-for': from } });
    return [answer.status, await answer.text(), answer.headers.get('ratelimit-limit'), answer.headers.get('ratelimit-remaining')];
  };
}

scenario('hits are counted, taken back and forgotten', async ({ redis }) => {
  const store = await storeReady(redis, 60000);
  const seen = [hits(await store.increment('a')), hits(await store.increment('a')), hits(await store.increment('b'))];
  await store.decrement('a');
  seen.push(hits(await store.get('a')), await keysLeft(redis));
  await store.resetKey('a');
  seen.push((await store.get('a')).totalHits, hits(await store.increment('a')));
  return seen;
});

scenario('scripts that the server forgot are loaded again', async ({ redis }) => {
  const store = await storeReady(redis, 60000);
  await store.increment('a');
  await redis.script('FLUSH');
  const again = hits(await store.increment('a'));
  return [again, (await redis.script('EXISTS', await store.incrementScriptSha, await store.getScriptSha))[0]];
});

scenario('a window ends and a new one begins', async ({ redis }) => {
  const store = await storeReady(redis, 300, { prefix: 'w:' });
  const seen = [hits(await store.increment('a')), hits(await store.increment('a')), await keysLeft(redis)];
  await until(async () => await redis.exists('w:a') === 0, 'the end of the window');
  return [...seen, hits(await store.increment('a'))];
});

scenario('many hits at once are all counted', async ({ redis }) => {
  const store = await storeReady(redis, 60000);
  const all = await Promise.all(Array.from({ length: 200 }, () => store.increment('a')));
  return all.map((one) => one.totalHits).sort((a, b) => a - b);
});

scenario('a web server refuses what is too much', async ({ redis }) => {
  const limiter = rateLimit({ windowMs: 60000, limit: 4, standardHeaders: 'draft-6', legacyHeaders: false, store: storeOf(redis) });
  const ask = await served(limiter);
  const seen = [];
  for (let i = 0; i < 6; i++) seen.push(await ask());
  seen.push(await ask('10.0.0.2'), await keysLeft(redis));
  await limiter.resetKey('10.0.0.1');
  return [...seen, await ask()];
});

scenario('only failed requests count where so configured', async ({ redis }) => {
  const limiter = rateLimit({ windowMs: 60000, limit: 2, skipSuccessfulRequests: true, standardHeaders: 'draft-6', store: storeOf(redis) });
  const ask = await served(limiter);
  const seen = [];
  for (let i = 0; i < 4; i++) {
    seen.push((await ask()).slice(0, 2));
    await until(async () => await redis.get('rl:10.0.0.1') === '0', 'the hit taken back');
  }
  return seen;
});

run();
