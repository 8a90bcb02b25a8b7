// Measures a built Roost and prints a table in Markdown. Run it by bin/bench.

import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, constants } from 'node:zlib';
import WebSocket from 'ws';
import { ADA, GRACE, HEDY } from '../fixtures/cast.js';
import { Server, binary, eventually } from '../fixtures/server.js';

const MESSAGES = Number(process.env.ROOST_BENCH_MESSAGES ?? 400);
const rows = [];
const row = (figure, value, goal = '') => {
  rows.push([figure, value, goal]);
  console.error(`bench: ${figure}: ${value}`);
};
const ms = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** A socket that is signed in, with what it received and when. */
async function connect(server, member) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/socket`, { headers: { authorization: `Bearer ${member.token}` } });
  const open = { socket, seen: new Map(), ready: false };
  socket.on('message', (data) => {
    const at = performance.now();
    const frame = JSON.parse(data);
    if (frame.type === 'ready') open.ready = true;
    if (frame.type === 'reject') throw new Error(`refused: ${data}`);
    if (frame.type === 'message') open.seen.set(frame.message.client_id, at);
  });
  await new Promise((done, failed) => socket.once('open', done).once('error', failed));
  await eventually('is the socket signed in?', () => open.ready);
  return open;
}

/** Ada sends over her socket; how long until Grace's first socket has it? */
async function latency(server, ada, grace, conversation, sockets) {
  const all = [];
  for (let n = 0; n < sockets; n++) all.push(await connect(server, n % 2 ? grace : ada));
  const [from, to] = all;
  const times = [];
  for (let n = 0; n < MESSAGES; n++) {
    const id = randomUUID();
    const began = performance.now();
    from.socket.send(JSON.stringify({ v: 1, type: 'send', id, conversation: conversation.id, body: `latency ${n}` }));
    while (!to.seen.has(id)) {
      if (performance.now() - began > 10_000) throw new Error(`message ${n} did not arrive within 10 s`);
      await new Promise(setImmediate);
    }
    times.push(to.seen.get(id) - began);
    // A socket that says more than 20 frames a second is read more slowly, and that is not what is measured.
    await sleep(60);
  }
  for (const { socket } of all) socket.terminate();
  times.sort((a, b) => a - b);
  return `p50 ${ms(percentile(times, 0.5))}, p99 ${ms(percentile(times, 0.99))}`;
}

/** How many messages a second are stored for good when so many senders write at once, each waiting for its answer. */
async function throughput(server, ada, grace, conversation, senders) {
  const before = (await server.call('GET', `/api/v1/conversations/${conversation.id}/messages?limit=1`, { token: ada.token })).items[0].seq;
  const end = performance.now() + 10_000;
  const began = performance.now();
  let stored = 0;
  await Promise.all(Array.from({ length: senders }, async (_, sender) => {
    while (performance.now() < end) {
      await server.write(sender % 2 ? grace : ada, conversation, `throughput of sender ${sender}`);
      stored += 1;
    }
  }));
  const seconds = (performance.now() - began) / 1000;
  const after = (await server.call('GET', `/api/v1/conversations/${conversation.id}/messages?limit=1`, { token: ada.token })).items[0].seq;
  if (after - before !== stored) throw new Error(`${stored} messages were acknowledged, but the log grew by ${after - before}`);
  return `${Math.round(stored / seconds)} messages/s`;
}

/** What the system says of the process' memory, in 10⁶ bytes: `VmRSS` is now, `VmHWM` the most since it was forgotten. */
const memoryOf = (server, what) => {
  const line = readFileSync(`/proc/${server.child.pid}/status`, 'utf8').match(new RegExp(`^${what}:\\s+(\\d+) kB`, 'm'));
  return (Number(line[1]) * 1024) / 1e6;
};
const resident = (server) => memoryOf(server, 'VmRSS');
/** proc(5), clear_refs. */
const forgetPeak = (server) => writeFileSync(`/proc/${server.child.pid}/clear_refs`, '5');

/** Each sign-in comes from elsewhere, as far as a trusted proxy tells it: what is measured is not the limit per address. */
let addresses = 0;
async function signIn(server, player) {
  addresses += 1;
  const response = await fetch(`${server.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': `10.0.${addresses >> 8}.${addresses & 255}` },
    body: JSON.stringify({ login: player.username, password: player.password, session: 'token' }),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`no sign-in for ${player.username}: ${response.status} ${text}`);
}

/** How many accounts sign in within a second, when so many do at once. */
async function signInRate(server, players, at_once) {
  const end = performance.now() + 5_000;
  const began = performance.now();
  let signed_in = 0;
  await Promise.all(Array.from({ length: at_once }, async (_, one) => {
    for (let n = one; performance.now() < end; n += at_once) {
      await signIn(server, players[n % players.length]);
      signed_in += 1;
    }
  }));
  return `${(signed_in / ((performance.now() - began) / 1000)).toFixed(1)} sign-ins/s`;
}

/** Argon2id takes 19 MiB for a password, and never more passwords at once than there are cores (password_pool.rs). */
async function signIns() {
  const server = await Server.start({ ROOST_TRUSTED_PROXIES: '1' });
  try {
    server.createAccount(HEDY, '--admin');
    const { token } = await server.signIn(HEDY);
    const players = Array.from({ length: 200 }, (_, n) => ({ ...ADA, username: `ada-${n}`, email: `ada-${n}@example.org` }));
    for (const { username, email, password } of players) {
      await server.call('POST', '/api/v1/users', { token, body: { username, email, password }, status: 201 });
    }
    for (const at_once of [1, 20]) row(`Sign-ins, ${at_once} at once`, await signInRate(server, players, at_once));
    await server.stop();
    await server.launch();
    await signIn(server, players[0]);
    await sleep(5_000);
    const idle = resident(server);
    forgetPeak(server);
    const began = performance.now();
    await Promise.all(players.map((player) => signIn(server, player)));
    const took = performance.now() - began;
    const more = memoryOf(server, 'VmHWM') - idle;
    const ceiling = (availableParallelism() * 19 * 2 ** 20) / 1e6;
    row(
      'Peak memory above idle while 200 sign in at once',
      `${more.toFixed(0)} MB (idle ${idle.toFixed(0)} MB, all in after ${ms(took)})`,
      `passwords ≤ ${availableParallelism()} × 19 MiB = ${ceiling.toFixed(0)} MB`,
    );
  } finally {
    await server.close();
  }
}

function firstLoad() {
  const pkg = `${process.env.LEPTOS_SITE_ROOT}/pkg`;
  let bytes = 0;
  for (const name of readdirSync(pkg).filter((name) => /\.(wasm|js)$/.test(name))) {
    bytes += brotliCompressSync(readFileSync(`${pkg}/${name}`), { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } }).length;
  }
  return bytes;
}

row('First load: WASM + JS after brotli', `${(firstLoad() / 1000).toFixed(0)} kB`, '≤ 350 kB');

const server = await Server.start();
try {
  const [ada, grace] = [await server.signUp(ADA), await server.signUp(GRACE)];
  const conversation = await server.openConversation(ada, grace);
  await server.write(ada, conversation, 'hello');
  await server.stop();
  await server.launch();
  row('Start on an existing database, until /readyz answers', ms(server.started_ms), '< 1 s');
  await server.call('GET', '/api/v1/me', { token: ada.token });
  await sleep(10_000);
  row('Resident memory, idle for 10 s', `${resident(server).toFixed(0)} MB`, '≤ 100 MB');

  for (const sockets of [2, 200]) {
    row(`Message to the other socket, ${sockets} sockets connected`, await latency(server, ada, grace, conversation, sockets));
  }
  for (const senders of [1, 20]) {
    row(`Durable messages through the HTTP door, ${senders} concurrent sender${senders > 1 ? 's' : ''}`, await throughput(server, ada, grace, conversation, senders));
  }
  row('Resident memory after all this', `${resident(server).toFixed(0)} MB`);
  const count = (await server.call('GET', `/api/v1/conversations/${conversation.id}/messages?limit=1`, { token: ada.token })).items[0].seq;
  await server.kill();
  await server.launch();
  row(`Start after kill -9 with ${count} messages`, ms(server.started_ms), '< 1 s');
} finally {
  await server.close();
}

await signIns();

const version = execFileSync(binary(), ['--version'], { encoding: 'utf8' }).trim();
const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
console.log(`${version}, release build, ${cpus().length} × ${cpus()[0].model.trim()}, ${memory}, Node ${process.versions.node}; client and server on this machine.\n`);
console.log('| figure | measured | goal |\n|---|---|---|');
for (const cells of rows) console.log(`| ${cells.join(' | ')} |`);
