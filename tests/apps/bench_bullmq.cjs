/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_bullmq - how many jobs a second are added and processed; one line of JSON. */
'use strict';

const { Queue, Worker } = require('bullmq');

const connection = { host: '127.0.0.1', port: Number(process.env.APPS_PORT), maxRetriesPerRequest: null };
const jobs = Number(process.argv[2]);
const AT_ONCE = 50;

const seconds = async (work) => {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e9;
};

async function addOneByOne(queue) {
  for (let i = 0; i < jobs; i += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, k) => queue.add('job', { i: i + k })));
  }
}

function processAll(queue) {
  return new Promise((done) => {
    let finished = 0;
    const worker = new Worker(queue.name, async (job) => job.data.i, { connection, concurrency: AT_ONCE });
    worker.on('completed', () => ++finished === jobs && worker.close().then(done));
  });
}

async function main() {
  const queue = new Queue('bench', { connection });
  await queue.obliterate({ force: true });
  const added = await seconds(() => addOneByOne(queue));
  const processed = await seconds(() => processAll(queue));
  console.log(JSON.stringify({ add: jobs / added, process: jobs / processed }));
  await queue.close();
}

main();
