// Runs the tests that PouchDB 5.2.0 ships, driven by PouchDB 9, against Roost: all that touch a server and that pass against
// pouchdb-express-router (must-pass.txt) have to pass, but those in excused.txt. See bin/conformance.
//   run.mjs <folder of the tests> on | without_bulk_get    against a Roost of its own, with `_bulk_get` or without
//   run.mjs <folder of the tests> reference                against pouchdb-express-router; writes must-pass.txt

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { Server } from '../../fixtures/server.js';

const here = import.meta.dirname;
const [, , tests, mode, ...only] = process.argv;
// A test may take so long, and a file; against the reference, most of that of replication is tests that wait in vain.
const test_ms = 15_000;
const file_ms = 15 * 60_000;
// Those need a browser, or databases of an old PouchDB, or ask nothing of a server.
const apart = ['aa.setup', 'migration', 'constructor', 'defaults', 'events', 'http', 'issue1175', 'issue3646', 'issue915', 'retry', 'sync_events', 'taskqueue', 'uuids'];

/** The names in a list, by file; what stands behind ` // ` says why. */
async function list(name) {
  const names = new Map();
  let file;
  for (const line of (await readFile(join(here, name), 'utf8').catch(() => '')).split('\n')) {
    if (line.startsWith('## ')) names.set((file = line.slice(3)), new Map());
    else if (line && !line.startsWith('//')) names.get(file).set(...`${line} // `.split(' // ', 2));
  }
  return names;
}

/** Runs one file, and tells of each test what became of it; of one that is there twice, the worse. */
async function run(file, host, wanted) {
  const folder = await mkdtemp(join(tmpdir(), 'roost-conformance-'));
  const told = join(folder, 'told');
  const names = join(folder, 'wanted');
  await writeFile(told, '');
  if (wanted) await writeFile(names, JSON.stringify(wanted));
  const mocha = [join(here, '../node_modules/mocha/bin/_mocha'), '--exit', '--timeout', test_ms, '--grep', 'http'];
  const hooks = ['--require', join(here, 'setup.cjs'), '--reporter', join(here, 'reporter.cjs')];
  const env = { ...process.env, COUCH_HOST: host, POUCHDB_TESTS: tests, TESTS_TOLD: told, NODE_PATH: join(here, '../node_modules') };
  if (wanted) env.TESTS_WANTED = names;
  // Some tests make databases where they are.
  const child = spawn(process.execPath, [...mocha, ...hooks, join(tests, file)], { env, cwd: folder, stdio: 'ignore' });
  const limit = setTimeout(() => child.kill('SIGKILL'), file_ms);
  await once(child, 'exit');
  clearTimeout(limit);
  const lines = (await readFile(told, 'utf8')).trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
  await rm(folder, { recursive: true, force: true });
  const ended = lines.some((line) => line.outcome === 'ended');
  const outcomes = new Map();
  for (const line of lines.filter((line) => line.name)) {
    if (outcomes.get(line.name)?.outcome !== 'failed') outcomes.set(line.name, line);
  }
  return { outcomes, ended };
}

async function files() {
  const all = (await readdir(tests)).filter((name) => /^test\..*\.js$/.test(name));
  const kept = all.filter((name) => !apart.includes(name.slice(5, -3)));
  return kept.filter((name) => !only.length || only.includes(name)).sort();
}

/** Writes down what passes against the reference. */
async function reference() {
  const server = spawn(process.execPath, [join(here, 'reference.cjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(server.stdout, 'data');
  const lines = ['// What passes against pouchdb-express-router 0.0.11. Written by `bin/conformance reference`.'];
  for (const file of await files()) {
    const { outcomes } = await run(file, `http://127.0.0.1:${String(port).trim()}/lab`);
    const passed = [...outcomes.values()].filter((one) => one.outcome === 'passed').map((one) => one.name);
    console.log(`${file}: ${passed.length} of ${outcomes.size} pass against the reference`);
    if (passed.length) lines.push(`## ${file}`, ...passed.sort());
  }
  server.kill();
  await writeFile(join(here, 'must-pass.txt'), `${lines.join('\n')}\n`);
}

/** What must pass, passes; and what is excused, does not. */
async function roost(lab) {
  const must = await list('must-pass.txt');
  const excused = await list('excused.txt');
  let [passed, failed, excuses] = [0, 0, 0];
  const server = await Server.start({ ROOST_MAILBOX_LAB: lab });
  try {
    for (const file of (await files()).filter((name) => must.has(name))) {
      const wanted = [...must.get(file).keys()];
      const from = performance.now();
      const { outcomes, ended } = await run(file, `${server.url}/lab`, wanted);
      let well = 0;
      for (const name of wanted) {
        const { outcome = 'not run', why = '' } = outcomes.get(name) ?? {};
        const isExcused = excused.get(file)?.has(name);
        if (outcome === 'passed' && !isExcused) well += 1;
        else if (outcome !== 'passed' && isExcused) excuses += 1;
        else {
          failed += 1;
          console.log(isExcused ? `FAILED: it is excused, but passes: ${name}` : `FAILED: ${name} (${outcome}: ${why})`);
        }
      }
      passed += well;
      const seconds = ((performance.now() - from) / 1000).toFixed(0);
      console.log(`${file}: ${well} of ${wanted.length} in ${seconds} s${ended ? '' : ', and did not end'}`);
    }
  } finally {
    await server.close();
  }
  console.log(`${excuses} are excused`);
  console.log(`${mode}: ${passed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}

await (mode === 'reference' ? reference() : roost(mode));
