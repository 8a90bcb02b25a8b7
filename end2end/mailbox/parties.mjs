// Several clients of other makers on one mailbox at the same time, while letters come in: PouchDB 9 in live replication both ways,
// RxDB 17, and couchbackup. In the end all of them have the same documents, and every letter was delivered once.
// See bin/conformance; prints "parties: N passed, N failed" at its end.

import backup from '@cloudant/couchbackup';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import PouchDB from 'pouchdb';
import memory from 'pouchdb-adapter-memory';
import { createRxDatabase } from 'rxdb/plugins/core';
import { getFetchWithCouchDBAuthorization, replicateCouchDB } from 'rxdb/plugins/replication-couchdb';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { ADA, GRACE, HEDY } from '../fixtures/cast.js';
import { Server, eventually } from '../fixtures/server.js';

PouchDB.plugin(memory);
const letters = Number(process.env.ROOST_LETTERS ?? 60);
let passed = 0;
let failed = 0;

function check(what, is) {
  if (is) passed += 1;
  else failed += 1;
  console.log(`${is ? 'ok' : 'FAILED'}: ${what}`);
}

const server = await Server.start({ ROOST_MAILBOX_LAB: 'on' });
const folder = await mkdtemp(join(tmpdir(), 'roost-parties-'));
const remote = (who) => new PouchDB(`${server.url}/mailbox/${who.username}`, { skip_setup: true, auth: who });
const field = (value, by) => ({ value, at: `${Date.now().toString(16).padStart(12, '0')}-0000`, by });
const order = (to, subject) => ({ _id: `o:${randomUUID()}`, type: 'order', to: [to.username], subject, body: `${subject}, from a test.` });
const draft = (subject) => ({ _id: `d:${randomUUID()}`, type: 'draft', to: [], subject, body: '', updated_at: new Date().toISOString() });

/** Without what a client adds of its own. */
function plain({ _rev, _meta, _attachments, _deleted, id, ...document }) {
  return { _id: document._id ?? id, ...document };
}

/** All documents that are not deleted, in the order of their ids, with their revisions when the client has those. */
async function ofPouch(database, revs) {
  const { rows } = await database.allDocs({ include_docs: true });
  return rows.map(({ doc }) => (revs ? { ...plain(doc), _rev: doc._rev } : plain(doc)));
}

async function ofRx(collection) {
  const found = await collection.find().exec();
  return found.map((one) => plain(one.toMutableJSON())).sort((a, b) => (a._id < b._id ? -1 : 1));
}

/** A copy by RxDB. */
async function rx(who) {
  const database = await createRxDatabase({ name: `rx-${randomUUID()}`, storage: getRxStorageMemory(), multiInstance: false });
  const schema = { version: 0, primaryKey: 'id', type: 'object', properties: { id: { type: 'string', maxLength: 100 } } };
  const { mailbox } = await database.addCollections({ mailbox: { schema } });
  const replication = replicateCouchDB({
    replicationIdentifier: 'parties',
    collection: mailbox,
    url: `${server.url}/mailbox/${who.username}/`,
    fetch: getFetchWithCouchDBAuthorization(who.username, who.password),
    live: true,
    retryTime: 500,
    waitForLeadership: false,
    pull: { batchSize: 50 },
    push: { batchSize: 20 },
  });
  const errors = [];
  replication.error$.subscribe((error) => errors.push(error.message));
  await replication.awaitInitialReplication();
  return { database, mailbox, replication, errors };
}

/** Ada and Hedy write to Grace. */
async function deliver() {
  for (let n = 0; n < letters; n += 1) {
    const sender = remote(n % 2 ? ADA : HEDY);
    await sender.put(order(GRACE, `Letter ${n}`));
  }
}

/** Grace marks letters and writes drafts and letters on a device with PouchDB. */
async function liveWithPouch(local) {
  for (let n = 0; n < letters / 3; n += 1) {
    await local.put(draft(`Draft ${n}`));
    if (n % 5 === 0) await local.put(order(ADA, `From PouchDB ${n}`));
    const { rows } = await local.allDocs({ startkey: 's:', endkey: 's;', include_docs: true });
    const some = rows.map(({ doc }) => doc).filter((doc) => !doc.read.value).slice(0, 3);
    for (const doc of some) await local.put({ ...doc, read: field(true, 'pouch') }).catch((error) => { if (error.status !== 409) throw error; });
  }
}

/** And on one with RxDB. */
async function liveWithRx(mailbox) {
  for (let n = 0; n < letters / 3; n += 1) {
    const { _id, ...fields } = draft(`Draft of RxDB ${n}`);
    await mailbox.insert({ id: _id, ...fields });
    if (n % 5 === 0) {
      const { _id: id, ...letter } = order(ADA, `From RxDB ${n}`);
      await mailbox.insert({ id, ...letter });
    }
    const states = (await mailbox.find().exec()).filter((doc) => doc.primary.startsWith('s:') && !doc.get('starred').value);
    for (const doc of states.slice(0, 2)) await doc.incrementalModify((state) => ({ ...state, starred: field(true, 'rx') }));
  }
}

try {
  for (const who of [ADA, GRACE, HEDY]) await server.signUp(who);
  const mailbox = remote(GRACE);
  const local = new PouchDB(`local-${randomUUID()}`, { adapter: 'memory' });
  await local.put(draft('Before there was a network'));
  const denied = [];
  const sync = PouchDB.sync(local, mailbox, { live: true, retry: true }).on('denied', (one) => denied.push(one));
  const copy = await rx(GRACE);
  await Promise.all([deliver(), liveWithPouch(local), liveWithRx(copy.mailbox)]);

  const here = () => ofPouch(mailbox, false);
  const same = async (theirs) => isDeepStrictEqual(await theirs(), await here());
  await eventually('has PouchDB what the server has?', () => same(() => ofPouch(local, false)), 60_000, 250).catch((error) => console.log(error.message));
  await eventually('has RxDB what the server has?', () => same(() => ofRx(copy.mailbox)), 60_000, 250).catch((error) => console.log(error.message));
  const truth = await ofPouch(mailbox, true);
  check('PouchDB has the same documents and revisions', isDeepStrictEqual(await ofPouch(local, true), truth));
  check('RxDB has the same documents', isDeepStrictEqual(await ofRx(copy.mailbox), truth.map(plain)));
  check('nothing was denied', denied.length === 0);
  if (copy.errors.length) console.log(`RxDB tried again after: ${[...new Set(copy.errors)].join('; ')}`);

  const subjects = (prefix) => truth.filter((doc) => doc._id.startsWith(prefix)).map((doc) => doc.subject);
  const got = subjects('l:').filter((subject) => subject.startsWith('Letter '));
  check(`${letters} letters came in, each once`, got.length === letters && new Set(got).size === letters);
  const orders = subjects('o:');
  const theirs = (await ofPouch(remote(ADA), false)).filter((doc) => doc._id.startsWith('l:') && doc.from.username === GRACE.username);
  check('what both clients sent was delivered, each once', orders.length > 0 && isDeepStrictEqual(theirs.map((doc) => doc.subject).sort(), orders.sort()));
  check('every draft is there', subjects('d:').length === 1 + 2 * Math.ceil(letters / 3));

  // A backup made by others, put into an empty database. couchbackup signs in with a cookie of CouchDB's, or, as here, with a
  // token that it gets from somebody whom one names.
  const { token: access_token } = await server.signIn(GRACE);
  const expiration = Math.floor(Date.now() / 1000) + 600;
  const tokens = createServer((_, answer) => {
    answer.setHeader('content-type', 'application/json');
    answer.end(JSON.stringify({ access_token, refresh_token: 'none', token_type: 'Bearer', expires_in: 600, expiration }));
  }).listen(0, '127.0.0.1');
  await once(tokens, 'listening');
  const iam = { iamApiKey: 'grace', iamTokenUrl: `http://127.0.0.1:${tokens.address().port}` };
  const file = join(folder, 'backup');
  const call = (verb, ...rest) => new Promise((done, fail) => verb(...rest, (error, data) => (error ? fail(error) : done(data))));
  const options = { ...iam, log: join(folder, 'log'), parallelism: 2 };
  await call(backup.backup, `${server.url}/mailbox/grace`, createWriteStream(file), options);
  tokens.close();
  await fetch(`${server.url}/lab/restored`, { method: 'PUT' });
  await call(backup.restore, createReadStream(file), `${server.url}/lab/restored`, { parallelism: 2 });
  const restored = new PouchDB(`${server.url}/lab/restored`, { skip_setup: true });
  check('couchbackup restores the same documents and revisions', isDeepStrictEqual(await ofPouch(restored, true), truth));

  // Their requests come compressed; one that is far larger than it looks is not unpacked.
  const body = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const bomb = await fetch(`${server.url}/lab/restored/_bulk_docs`, { method: 'POST', headers, body });
  check('a request that unpacks to 64 MiB is refused', bomb.status === 413);

  sync.cancel();
  await copy.replication.cancel();
  await copy.database.close();
  await local.destroy();
} catch (error) {
  failed += 1;
  console.log(`FAILED: ${error.stack}`);
} finally {
  await server.close();
  await rm(folder, { recursive: true, force: true });
}
console.log(`parties: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
