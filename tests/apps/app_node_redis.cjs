/* SPDX-License-Identifier: BSD-2-Clause */
/* app_node_redis - node-redis 5 with both protocols: scripts of its own, functions. */
'use strict';

const { createClient, defineScript } = require('redis-5');
const { closing, errorOf, run, scenario, where } = require('./scenario.cjs');

const LIBRARY = `#!lua name=lib
redis.register_function('all', function(keys) redis.setresp(3) return redis.call('HGETALL', keys[1]) end)`;
const READER = `#!lua name=reader
redis.register_function{function_name = 'kinds', flags = {'no-writes'}, callback = function()
  return {1, 2.5, 'x', {double = 3.25}, {map = {a = 1}}, {set = {q = true}}, true, false}
end}`;
const KINDS = `redis.setresp(3)
return {redis.call('HGETALL', KEYS[1]), {double = 1.5}, {big_number = '123'}, {verbatim_string = {string = 'x', format = 'txt'}},
  redis.call('SISMEMBER', 'no', 'x'), {map = {[1] = 2}}, true, false}`;

const plain = (value) => JSON.parse(JSON.stringify(value, (_, one) => {
  if (typeof one === 'bigint') return one + 'n';
  if (one instanceof Set || one instanceof Map) return [...one];
  return one;
}));

async function clientOf(RESP) {
  const add = defineScript({
    SCRIPT: 'return redis.call("INCRBY", KEYS[1], ARGV[1])',
    NUMBER_OF_KEYS: 1,
    parseCommand(parser, key, count) { parser.pushKey(key); parser.push(String(count)); },
    transformReply: (reply) => reply,
  });
  const client = createClient({ socket: where, RESP, scripts: { add } });
  await client.connect();
  return closing(client, (it) => it.destroy());
}

for (const RESP of [2, 3]) {
  scenario(`a script of the client over RESP${RESP}`, async () => {
    const client = await clientOf(RESP);
    const seen = [await client.add('a', 3)];
    await client.sendCommand(['SCRIPT', 'FLUSH']);
    seen.push(await client.add('a', 3), await client.multi().add('a', 1).get('a').exec());
    seen.push(await Promise.all(Array.from({ length: 50 }, (_, i) => client.add('b', i))));
    await client.hSet('h', { a: '1', b: '2' });
    seen.push(await client.eval(KINDS, { keys: ['h'], arguments: [] }));
    seen.push(await errorOf(() => client.evalRo('return redis.call("DEL", KEYS[1])', { keys: ['h'], arguments: [] })));
    return plain(seen);
  });

  scenario(`functions over RESP${RESP}`, async () => {
    const client = await clientOf(RESP);
    await client.functionFlush();
    const none = { keys: [], arguments: [] };
    const hash = { keys: ['h'], arguments: [] };
    const seen = [await client.functionLoad(LIBRARY), await client.functionLoad(READER), await errorOf(() => client.functionLoad(LIBRARY))];
    await client.hSet('h', { a: '1', b: '2' });
    seen.push(await client.fCall('all', hash), await client.fCallRo('kinds', none), await client.multi().fCall('all', hash).exec());
    seen.push(await errorOf(() => client.fCallRo('all', hash)), await errorOf(() => client.fCall('nobody', none)));
    const listed = await client.functionList();
    seen.push(listed.sort((a, b) => a.library_name < b.library_name ? -1 : 1), await client.functionStats());
    seen.push(await client.functionDelete('lib'), await errorOf(() => client.fCall('all', hash)), await client.functionFlush());
    return plain(seen);
  });
}

run();
