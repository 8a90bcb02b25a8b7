// What bench/mailbox measures; see there.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Roost } from './lib/sides.mjs';

const batches = Number(process.env.ROOST_BATCHES ?? 20);
const batch = 1_000;
const waiting = 1_000;
// So many feeds may one account have open, with one to spare.
const feeds = 31;
const rows = [];
const say = (figure, measured) => rows.push(`| ${figure} | ${measured} |`);
const per_s = (count, ms) => Math.round(count / (ms / 1000)).toLocaleString('en');

const side = await Roost.start(0);
const { server } = side;
await side.invite(Math.ceil(waiting / feeds));
const people = side.people.map(({ token }) => ({ token }));
for (const who of people) who.name = (await server.call('GET', '/api/v1/me', who)).username;
const [ada] = people;

/** One call to a mailbox, and how long it took until all of its answer was here. */
async function call(who, method, path, body) {
  const from = performance.now();
  const answer = await server.call(method, `/mailbox/${who.name}${path}`, { token: who.token, body });
  return { answer, ms: performance.now() - from };
}

/** Writes batches, and tells how many documents went in per second; `median` is of the batches. */
async function write(what, docs, mode) {
  const times = [];
  for (let n = 0; n < docs.length; n += batch) {
    const { answer, ms } = await call(ada, 'POST', '/_bulk_docs', { docs: docs.slice(n, n + batch), ...mode });
    const refused = answer.find((row) => row.error);
    if (refused) throw new Error(JSON.stringify(refused));
    times.push(ms);
  }
  const total = times.reduce((sum, ms) => sum + ms, 0);
  say(what, `${per_s(docs.length, total)} documents/s (${Math.round(times.sort((a, b) => a - b)[times.length >> 1])} ms for ${batch})`);
}

function memory() {
  const [, kb] = readFileSync(`/proc/${server.child.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/);
  return Number(kb) * 1024;
}

const now = Date.now().toString(16).padStart(12, '0');
const field = (value, n) => ({ value, at: `${now}-${String(n).padStart(4, '0')}`, by: 'bench' });
const rev = () => randomUUID().replaceAll('-', '');
const text = 'It is said that the engine weaves algebraical patterns just as the loom weaves flowers and leaves. '.repeat(6);
const drafts = Array.from({ length: (batches / 2) * batch }, (_, n) => ({
  _id: `d:${randomUUID()}`, _rev: `1-${rev()}`, type: 'draft', to: [], subject: `Draft ${n}`, body: text, updated_at: new Date().toISOString(),
}));
const states = Array.from({ length: (batches / 2) * batch }, () => ({
  _id: `s:${randomUUID()}`, _rev: `1-${rev()}`, type: 'state', folder: field('inbox', 0), read: field(false, 0), starred: field(false, 0), labels: field([], 0),
}));

try {
  await write(`New drafts of ${text.length} characters, ${batch} in a request`, drafts, { new_edits: false });
  await write(`New states, ${batch} in a request`, states, { new_edits: false });
  await write(`States that change, ${batch} in a request`, states.slice(0, 5 * batch).map((doc) => ({ ...doc, read: field(true, 1) })));

  let [since, changed, took] = ['0', [], 0];
  for (let more = true; more; ) {
    const { answer, ms } = await call(ada, 'GET', `/_changes?style=all_docs&limit=${batch}&since=${since}`);
    [since, changed, took] = [answer.last_seq, changed.concat(answer.results), took + ms];
    more = answer.results.length === batch;
  }
  say(`Feed of changes, ${batch} in a page`, `${per_s(changed.length, took)} rows/s`);
  let [fetched, fetching] = [0, 0];
  for (let n = 0; n < changed.length; n += batch) {
    const docs = changed.slice(n, n + batch).map(({ id, changes }) => ({ id, rev: changes[0].rev }));
    const { answer, ms } = await call(ada, 'POST', '/_bulk_get?revs=true&latest=true', { docs });
    [fetched, fetching] = [fetched + answer.results.length, fetching + ms];
  }
  say(`Documents with their revisions, ${batch} in a request`, `${per_s(fetched, fetching)} documents/s`);
  const listed = [];
  for (let n = 0; n < 50; n += 1) listed.push((await call(ada, 'GET', '/_all_docs?limit=50&startkey="s:"&include_docs=true')).ms);
  say(`50 documents by \`_all_docs\`, of ${changed.length}`, `${listed.sort((a, b) => a - b)[25].toFixed(1)} ms`);

  await sleep(2_000);
  const before = memory();
  const agent = new Agent({ keepAlive: true });
  const polls = [];
  for (let n = 0; n < waiting; n += 1) {
    const who = people[Math.floor(n / feeds)];
    const { answer } = await call(who, 'GET', '');
    const path = `${server.url}/mailbox/${who.name}/_changes?feed=longpoll&heartbeat=20000&since=${answer.update_seq}`;
    polls.push(get(path, { agent, headers: { authorization: `Bearer ${who.token}` } }).on('error', () => {}));
  }
  await sleep(3_000);
  const each = (memory() - before) / waiting;
  say(`Memory of a client that waits by long poll (${waiting} of them)`, `${(each / 1024).toFixed(1)} KiB`);
  polls.forEach((poll) => poll.destroy());
} finally {
  await side.close();
}
console.log(['| figure | measured |', '|---|---|', ...rows].join('\n'));
process.exit(0);
