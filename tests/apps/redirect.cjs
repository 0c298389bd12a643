/* SPDX-License-Identifier: BSD-2-Clause */
/* redirect - what connects to Redis's usual port connects to the server under test.
 *
 * Loaded with --require before a suite that knows no other port than 6379, so that
 * the suite stays as it is and no server of anybody else is touched.
 */
'use strict';

const net = require('node:net');

const USUAL = 6379;
const port = Number(process.env.APPS_PORT);
const connect = net.Socket.prototype.connect;

function redirect(word) {
  if (Array.isArray(word)) return word.map(redirect);
  if (word && typeof word === 'object' && Number(word.port) === USUAL) return { ...word, port };
  return Number(word) === USUAL ? port : word;
}

net.Socket.prototype.connect = function (...words) {
  if (Array.isArray(words[0])) words[0].forEach((word, i) => { words[0][i] = redirect(word); });
  else words = words.map(redirect);
  return connect.apply(this, words);
};
