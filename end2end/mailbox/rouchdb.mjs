// Runs the tests of the crate rouchdb, a replicator in Rust, that ask a server, against a Roost of its own. Those of views, Mango,
// sessions and administration are left out: a mailbox has none of these. See bin/conformance; prints "rouchdb: N passed, N failed"
// at its end.
//   rouchdb.mjs <folder to build in>

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HEDY } from '../fixtures/cast.js';
import { Server } from '../fixtures/server.js';

const version = '0.5.1';
const [, , ground] = process.argv;
const files = [
  'all_docs', 'attachments', 'big_numbers', 'changes_feed', 'conflicts', 'couchdb_semantics', 'data_diversity', 'database_ops',
  'error_conditions', 'http_crud', 'parity_http', 'post_and_attachments', 'replication', 'storage_fidelity_couchdb',
];
/** Tests that need what a mailbox has not, and why. */
const excused = new Map(
  (await readFile(join(import.meta.dirname, 'rouchdb-excused.txt'), 'utf8'))
    .split('\n')
    .filter((line) => line && !line.startsWith('//'))
    .map((line) => line.split(' # ')),
);

/** The crate as it was published, which cargo has fetched. */
async function source() {
  const folder = join(ground, `rouchdb-${version}`);
  if (existsSync(join(folder, 'Cargo.toml'))) return folder;
  const empty = join(ground, 'fetch');
  await mkdir(join(empty, 'src'), { recursive: true });
  await writeFile(join(empty, 'src/lib.rs'), '');
  const wanted = `[dependencies]\nrouchdb = "=${version}"\n`;
  await writeFile(join(empty, 'Cargo.toml'), `[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2024"\n${wanted}[workspace]\n`);
  const told = spawnSync('cargo', ['metadata', '--format-version', '1', '--manifest-path', join(empty, 'Cargo.toml')], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (told.status !== 0) throw new Error(told.stderr);
  const { manifest_path } = JSON.parse(told.stdout).packages.find(({ name }) => name === 'rouchdb');
  await cp(join(manifest_path, '..'), folder, { recursive: true });
  return folder;
}

const folder = await source();
const server = await Server.start({ ROOST_MAILBOX_LAB: 'on' });
let [passed, failed, excuses] = [0, 0, 0];
try {
  await server.signUp(HEDY);
  const COUCHDB_URL = `http://${HEDY.username}:${HEDY.password}@127.0.0.1:${server.port}/lab`;
  const env = { ...process.env, COUCHDB_URL, CARGO_TARGET_DIR: join(ground, 'target') };
  const chosen = files.flatMap((file) => ['--test', file]);
  const cargo = ['test', '--locked', '--no-fail-fast', '--manifest-path', join(folder, 'Cargo.toml'), ...chosen];
  const child = spawn('cargo', [...cargo, '--', '--ignored', '--test-threads', '2'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  await once(child, 'close');
  for (const [, name, outcome] of said.matchAll(/^test (\S+) \.\.\. (ok|FAILED)$/gm)) {
    if (excused.has(name) && outcome === 'FAILED') excuses += 1;
    else if (outcome === 'ok' && !excused.has(name)) passed += 1;
    else {
      failed += 1;
      console.log(outcome === 'ok' ? `FAILED: it is excused, but passes: ${name}` : `FAILED: ${name}`);
    }
  }
  if (failed) console.log(said.slice(said.indexOf('failures:')));
} finally {
  await server.close();
}
console.log(`${excuses} are excused`);
console.log(`rouchdb: ${passed} passed, ${failed} failed`);
process.exitCode = failed || !passed ? 1 : 0;
