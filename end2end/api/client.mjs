// Tries docs/examples/chat-client as its README tells it, against a Roost of its own: it answers each ping once, also when
// Roost or the client was killed meanwhile. Run by bin/test; prints "client: N passed, N failed" at its end.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ADA, GRACE, HEDY } from '../fixtures/cast.js';
import { Server, eventually } from '../fixtures/server.js';

const example = resolve(dirname(fileURLToPath(import.meta.url)), '../../docs/examples/chat-client/client.py');
const server = await Server.start();
let child;
let said = '';

/** Starts the client, as Grace. */
function start() {
  // Python asks the environment for proxies; there is none on the way to this machine.
  const env = { ...process.env, NO_PROXY: '*', no_proxy: '*', ROOST_URL: server.url, ROOST_LOGIN: GRACE.username, ROOST_PASSWORD: GRACE.password };
  child = spawn('python3', ['-B', example], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
}

/** Ends it without any warning. */
async function kill() {
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGKILL');
  await ended;
}

/** Waits until each ping of a log is answered, and fails when one is answered twice or anything else is. */
async function answered(member, conversation) {
  await eventually('is every ping answered?', async () => {
    const log = await server.history(member, conversation);
    const pings = log.filter((one) => one.body === 'ping').map((one) => one.id).sort();
    const pongs = log.filter((one) => one.author.username === GRACE.username && one.body === 'pong');
    const answers = pongs.map((one) => one.reply_to).sort();
    if (answers.length > pings.length) throw new Error(`${answers.length} answers to ${pings.length} pings`);
    return pings.length > 0 && JSON.stringify(pings) === JSON.stringify(answers);
  }, 60_000);
}

let passed = 0;
let failed = 0;
async function check(sentence, what) {
  try {
    await what();
    passed += 1;
    console.log(`ok: ${sentence}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED: ${sentence}: ${error.stack}\nthe client said: ${said}`);
  }
}

try {
  const ada = await server.signUp(ADA);
  await server.signUp(GRACE);
  const hedy = await server.signUp(HEDY);
  const direct = await server.openConversation(ada, GRACE);
  await server.write(ada, direct, 'ping');
  start();
  await check('what was written before it came is answered', () => answered(ada, direct));
  await check('what is written while it listens is answered, by whomever', async () => {
    const body = { kind: 'group', title: 'Table tennis', members: [GRACE.username, HEDY.username] };
    const group = await server.call('POST', '/api/v1/conversations', { token: ada.token, body });
    await server.write(hedy, group, 'ping');
    await server.write(ada, group, 'not for you');
    await server.write(ada, group, 'ping');
    await answered(ada, group);
  });
  await check('it comes back after Roost was killed', async () => {
    await server.kill();
    await server.launch();
    await server.write(ada, direct, 'ping');
    await answered(ada, direct);
  });
  await check('it catches up with more than a page after it was killed itself', async () => {
    await kill();
    for (let n = 0; n < 120; n += 1) await server.write(ada, direct, n % 20 ? `number ${n}` : 'ping');
    start();
    await answered(ada, direct);
  });
  await check('killed in the middle of its answers, it answers the rest, and none twice', async () => {
    for (let round = 0; round < 3; round += 1) {
      const path = `/api/v1/conversations/${direct.id}/messages`;
      const write = () => server.call('POST', path, { token: ada.token, body: { client_id: randomUUID(), body: 'ping' } });
      await Promise.all(Array.from({ length: 20 }, write));
      await kill();
      start();
    }
    await answered(ada, direct);
  });
} finally {
  await kill();
  await server.close();
}
console.log(`\nclient: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
