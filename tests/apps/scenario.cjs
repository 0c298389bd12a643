/* SPDX-License-Identifier: BSD-2-Clause */
/* scenario - the named pieces of an application's run, and what each one saw.
 *
 * A scenario is a function that uses an application through its public API and
 * returns what it saw, as JSON without times or random names.  run() prints one line
 * of JSON for each; run_apps.py compares the lines of two servers.  A scenario
 * that throws or does not end is a failure on whatever server.
 */
'use strict';

const Redis = require('ioredis');

const LIMIT_MS = 60000;
const where = { host: '127.0.0.1', port: Number(process.env.APPS_PORT) };
const scenarios = [];
const closers = [];

/* Declares one scenario: its name is the sentence that its result shows. */
function scenario(name, body) {
  scenarios.push({ name, body });
}

/* Registers what must be closed at the scenario's end, last one first. */
function closing(thing, close = (it) => it.close()) {
  closers.push(() => close(thing));
  return thing;
}

function connect(options = {}) {
  return closing(new Redis({ ...where, ...options }), (it) => it.disconnect());
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/* Waits until `condition` gives something true, and returns that. */
async function until(condition, what, ms = 20000) {
  for (const end = Date.now() + ms; ;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error('never came: ' + what);
    await pause(5);
  }
}

/* The text of the error that `work` must end with. */
async function errorOf(work) {
  try {
    await work();
  } catch (error) {
    return String(error.message).replace(/f_[0-9a-f]{40}/g, 'f_SHA');
  }
  throw new Error('no error');
}

/* Every key and its type: what an application left behind. */
async function keysLeft(redis) {
  const keys = (await redis.keys('*')).sort();
  return Promise.all(keys.map(async (key) => key + ' ' + await redis.type(key)));
}

async function deadline(work, name) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error('did not end: ' + name)), LIMIT_MS);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
  return work;
}

async function play({ name, body }) {
  const started = Date.now();
  const redis = connect();
  const line = { name };
  try {
    await redis.flushall();
    line.value = await deadline(body({ redis, where }), name);
  } catch (error) {
    line.failure = String(error.stack || error);
  }
  while (closers.length > 0) await closers.pop()();
  line.ms = Date.now() - started;
  console.log(JSON.stringify(line));
}

async function run() {
  const wanted = process.argv.slice(2);
  const chosen = scenarios.filter((s) => wanted.length === 0 || wanted.some((w) => s.name.includes(w)));
  for (const one of chosen) await play(one);
  process.exit(0);
}

module.exports = { closing, connect, errorOf, keysLeft, pause, run, scenario, until, where };
