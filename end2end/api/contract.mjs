// Holds a running Roost to its OpenAPI document: Schemathesis makes requests of it, good and bad ones, and every answer has
// to be one that the document tells of. Run by bin/test; prints "operations: N passed, N failed" at its end.

import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ADA, GRACE, HEDY, MALLORY } from '../fixtures/cast.js';
import { Server } from '../fixtures/server.js';

const here = dirname(fileURLToPath(import.meta.url));
const schemathesis = process.env.ROOST_SCHEMATHESIS ?? 'schemathesis';

/** What asks for the password: wrong ones lock the account for a while, so each is tried with an account that nobody else
 * is. */
const WITH_PASSWORD = ['delete_me', 'put_me_password', 'patch_me'];

/** One run of Schemathesis, with its output as it comes; gives how many operations kept their word, and how many did not. */
async function hold(server, title, player, ...options) {
  console.log(`\n── ${title}`);
  const who = player ? { ROOST_URL: server.url, ROOST_LOGIN: player.username, ROOST_PASSWORD: player.password } : {};
  const child = spawn(
    schemathesis,
    ['--config-file', `${here}/schemathesis.toml`, 'run', `${server.url}/api/openapi.json`, '--no-color', ...options],
    { cwd: server.data, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...who, PYTHONPATH: here, PYTHONDONTWRITEBYTECODE: '1' } },
  );
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
    process.stdout.write(chunk);
  });
  const status = await new Promise((done, failed) => child.once('close', done).once('error', failed));
  const tested = Number(said.match(/^\s*Tested: (\d+)/m)?.[1] ?? 0);
  // Some faults are told by an operation, others by a chain of them; then none of it counts.
  const told = new Set([...said.matchAll(/^_+ ((?:GET|POST|PUT|PATCH|DELETE) \S+) _+$/gm)].map(([, operation]) => operation)).size;
  const failed = status === 0 ? 0 : told || Math.max(tested, 1);
  return { passed: Math.max(tested - failed, 0), failed };
}

// Every request says that it comes from elsewhere (hooks.py): that is believed of a trusted proxy.
const server = await Server.start({ ROOST_TRUSTED_PROXIES: '1' });
let passed = 0;
let failed = 0;
try {
  server.createAccount(HEDY, '--admin');
  for (const player of [ADA, GRACE]) server.createAccount(player);
  const ada = await server.signIn(ADA);
  await server.write(ada, await server.openConversation(ada, GRACE), 'Good morning, Grace');

  const add = (counts) => {
    passed += counts.passed;
    failed += counts.failed;
  };
  const apart = WITH_PASSWORD.flatMap((name) => ['--exclude-operation-id', name]);
  add(await hold(server, 'as a member', ADA, ...apart, '--phases', 'examples,fuzzing', '--max-examples', '5'));
  add(await hold(server, 'as nobody', null, ...apart, '--phases', 'fuzzing', '--max-examples', '2'));
  for (const [number, name] of WITH_PASSWORD.entries()) {
    const player = { ...MALLORY, username: `mallory-${number}`, email: `mallory-${number}@example.org` };
    server.createAccount(player);
    add(await hold(server, name, player, '--include-operation-id', name, '--phases', 'coverage,fuzzing'));
  }
  // Last: an administrator deletes the others.
  add(await hold(server, 'as an administrator', HEDY, ...apart));
} finally {
  await server.close();
}
console.log(`\noperations: ${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
