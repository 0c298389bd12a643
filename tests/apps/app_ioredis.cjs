/* SPDX-License-Identifier: BSD-2-Clause */
/* app_ioredis - defineCommand and what is around it: hashes, pipelines, transactions. */
'use strict';

const Redis = require('ioredis');
const { closing, connect, errorOf, keysLeft, run, scenario } = require('./scenario.cjs');

const ADD = 'redis.call("INCRBY", KEYS[1], ARGV[1]) return {KEYS[1], redis.call("GET", KEYS[1])}';

scenario('a defined command falls back from its hash to its text', async ({ redis }) => {
  await redis.script('FLUSH');
  const seen = [];
  const other = connect();
  await other.set('a', 5);
  redis.defineCommand('add', { numberOfKeys: 1, lua: ADD });
  seen.push(await redis.add('a', 3), await redis.add('a', 4));
  await redis.script('FLUSH');
  seen.push(await redis.add('a', 1), await redis.addBuffer('a', 1));
  return seen.map((reply) => reply.map(String));
});

scenario('a pipeline of defined commands after a flush', async ({ redis }) => {
  redis.defineCommand('add', { numberOfKeys: 1, lua: ADD });
  await redis.add('a', 1);
  await redis.script('FLUSH');
  const pipeline = redis.pipeline();
  for (let i = 0; i < 200; i++) pipeline.add('k' + i % 7, i).get('k' + i % 7);
  return pipeline.exec();
});

scenario('a transaction of defined commands', async ({ redis }) => {
  redis.defineCommand('add', { numberOfKeys: 1, lua: ADD });
  redis.defineCommand('bad', { numberOfKeys: 0, lua: 'return redis.call("INCR")' });
  await redis.add('a', 1);
  const done = await redis.multi().set('b', 1).add('a', 2).bad().get('a').exec();
  return done.map(([error, value]) => [error && error.message.replace(/[0-9a-f]{40}/g, 'SHA'), value]);
});

scenario('a transaction whose hashes are gone is told so', async ({ redis }) => {
  redis.defineCommand('add', { numberOfKeys: 1, lua: ADD });
  await redis.add('a', 1);
  const other = connect();
  const multi = redis.multi({ pipeline: false });
  await multi;
  await other.script('FLUSH');
  return errorOf(async () => {
    redis.evalsha('0'.repeat(40), 0).catch(() => {});
    const done = await redis.exec();
    for (const [error] of done) if (error) throw error;
    throw new Error(JSON.stringify(done));
  });
});

scenario('watch breaks a transaction with a script', async ({ redis }) => {
  const other = connect();
  await redis.set('w', 1);
  await redis.watch('w');
  await other.eval('return redis.call("SET", KEYS[1], 2)', 1, 'w');
  const broken = await redis.multi().eval('return redis.call("SET", KEYS[1], 3)', 1, 'w').exec();
  return [broken, await redis.get('w')];
});

scenario('many keys and many arguments', async ({ redis }) => {
  redis.defineCommand('many', {
    lua: 'for i, key in ipairs(KEYS) do redis.call("SET", key, ARGV[i]) end return {#KEYS, #ARGV, redis.call("DBSIZE")}',
  });
  const keys = Array.from({ length: 3000 }, (_, i) => 'key:' + i);
  const values = keys.map((_, i) => 'v'.repeat(i % 50) + i);
  return [await redis.many(keys.length, ...keys, ...values), await redis.get('key:2999'), await redis.many(0)];
});

scenario('argument and reply transformers', async ({ redis }) => {
  const client = connect({ keyPrefix: 'p:' });
  client.defineCommand('fields', {
    numberOfKeys: 1,
    lua: 'redis.call("HSET", KEYS[1], unpack(ARGV)) return redis.call("HGETALL", KEYS[1])',
  });
  Redis.Command.setReplyTransformer('fields', (reply) => Object.fromEntries(
    reply.flatMap((word, i) => i % 2 ? [] : [[word, reply[i + 1]]])));
  const seen = await client.fields('h', 'a', 1, 'b', 'zwei', 'c', '\u00fc');
  return [seen, await keysLeft(redis)];
});

scenario('binary arguments and replies', async ({ redis }) => {
  redis.defineCommand('echo', { numberOfKeys: 0, lua: 'return {ARGV[1], #ARGV[1], ARGV[1]:reverse()}' });
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const [back, size, turned] = await redis.echoBuffer(bytes);
  return [back.equals(bytes), size, turned.toString('hex')];
});

scenario('every kind of reply', async ({ redis }) => redis.eval(
  'return {1, "two", {3, {"four", {}}}, true, false, 5.9, -1, {ok = "fine"}, redis.call("TYPE", "none"), nil, "lost"}', 0));

scenario('errors as a caller sees them', async ({ redis }) => {
  await redis.set('s', 'text');
  const texts = [
    'return redis.error_reply("MY own words")', 'error("thrown")', 'error({err = "TABLE thrown"})',
    'return redis.call("LPUSH", "s", 1)', 'return redis.call("NOPE")', 'return nope', 'return (',
    'local t = nil; return t.x', 'return {1, redis.pcall("LPUSH", "s", 1)}', '#!lua flags=nope\nreturn 1',
  ];
  const seen = [];
  for (const text of texts) {
    seen.push(await redis.eval(text, 0).catch((error) => 'error: ' + error.message.replace(/[0-9a-f]{40}/g, 'SHA')));
  }
  return seen.map((one) => Array.isArray(one) ? one.map(String) : one);
});

scenario('read-only variants', async ({ redis }) => {
  await redis.set('a', 1);
  redis.defineCommand('look', { numberOfKeys: 1, lua: 'return redis.call("GET", KEYS[1])', readOnly: true });
  const refused = await errorOf(() => redis.call('EVAL_RO', 'return redis.call("SET", KEYS[1], 2)', 1, 'a'));
  return [await redis.look('a'), await redis.call('EVAL_RO', 'return redis.call("GET", KEYS[1])', 1, 'a'),
    refused.replace(/[0-9a-f]{40}/g, 'SHA')];
});

scenario('script exists, load and flush', async ({ redis }) => {
  await redis.script('FLUSH');
  const hash = await redis.script('LOAD', 'return 1');
  const before = await redis.script('EXISTS', hash, '0'.repeat(40));
  const value = await redis.evalsha(hash.toUpperCase(), 0);
  await redis.script('FLUSH', 'SYNC');
  return [hash, before, value, await redis.script('EXISTS', hash),
    await errorOf(() => redis.evalsha(hash, 0))];
});

scenario('databases of different connections', async ({ redis }) => {
  const second = connect({ db: 2 });
  await second.eval('redis.call("SET", "a", "two") redis.call("SELECT", 3) redis.call("SET", "a", "three")', 0);
  const third = connect({ db: 3 });
  return [await redis.get('a'), await second.get('a'), await third.get('a')];
});

scenario('a subscriber hears what scripts publish', async ({ redis }) => {
  const listener = connect();
  await listener.subscribe('news');
  const heard = [];
  const all = new Promise((done) => listener.on('message', (channel, text) => heard.push(channel + ' ' + text) === 10 && done()));
  await redis.eval('for i = 1, 10 do redis.call("PUBLISH", "news", i) end', 0);
  await all;
  return heard;
});

scenario('a blocked reader is woken by a script', async ({ redis }) => {
  const reader = connect();
  const waiting = reader.blpop('list', 20);
  await redis.ping();
  await redis.eval('redis.call("RPUSH", KEYS[1], "a", "b")', 1, 'list');
  return [await waiting, await redis.llen('list'),
    await errorOf(() => redis.eval('return redis.call("BLPOP", "none", 1)', 0))];
});

scenario('a hundred connections at once', async ({ redis }) => {
  const clients = Array.from({ length: 100 }, () => connect());
  const lua = 'return redis.call("INCRBY", KEYS[1], ARGV[1])';
  await Promise.all(clients.map((client) => client.eval(lua, 1, 'sum', 1)));
  await Promise.all(clients.map((client, i) => client.eval(lua, 1, 'sum', i)));
  return redis.get('sum');
});

scenario('scripts through automatic pipelining', async () => {
  const client = closing(connect({ enableAutoPipelining: true }), () => {});
  client.defineCommand('add', { numberOfKeys: 1, lua: ADD });
  await client.script('FLUSH');
  const replies = await Promise.all(Array.from({ length: 50 }, () => client.add('a', 1)));
  return replies.map(([, value]) => Number(value)).sort((a, b) => a - b);
});

run();
