// Holds a running Roost to its OpenAPI document: Schemathesis makes requests of it, good and bad ones, and every answer has
// to be one that the document tells of. Run by bin/test; prints "operations: N passed, N failed" at its end.

import { spawn, spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ADA, GRACE, HEDY, MALLORY } from '../fixtures/cast.js';
import { Server, binary } from '../fixtures/server.js';

const here = dirname(fileURLToPath(import.meta.url));
const schemathesis = process.env.ROOST_SCHEMATHESIS ?? 'schemathesis';

/** What ends the session or the account it is called with: each is tried with a session of its own. */
const LAST_WORDS = ['delete_session', 'delete_sessions', 'delete_me', 'put_me_password', 'patch_me'];

/** Makes an account on the machine, as an operator would, and signs it in. */
async function account(server, player, ...more) {
  const names = ['--email', player.email, '--username', player.username, '--display-name', player.display_name];
  const made = spawnSync(binary(), ['account', 'create', '--password-stdin', ...names, ...more], {
    input: `${player.password}\n`,
    encoding: 'utf8',
    env: { ...process.env, ROOST_DATA: server.data },
  });
  if (made.status !== 0) throw new Error(`no account was made for ${player.username}: ${made.stderr}`);
  return signIn(server, player);
}

async function signIn(server, player) {
  const body = { login: player.username, password: player.password, session: 'token' };
  const { access_token, account } = await server.call('POST', '/api/v1/session', { body });
  return { ...player, id: account.id, token: access_token };
}

/** One run of Schemathesis, with its output as it comes; gives how many operations kept their word, and how many did not. */
async function hold(server, title, token, ...options) {
  console.log(`\n── ${title}`);
  const report = `${server.data}/report.json`;
  const child = spawn(
    schemathesis,
    ['--config-file', `${here}/schemathesis.toml`, 'run', `${server.url}/api/openapi.json`, '-H', `Authorization: Bearer ${token}`,
      '--report', 'ndjson', '--report-ndjson-path', report, '--no-color', ...options],
    { cwd: here, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, PYTHONPATH: here, PYTHONDONTWRITEBYTECODE: '1' } },
  );
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
    process.stdout.write(chunk);
  });
  const status = await new Promise((done, failed) => child.once('exit', done).once('error', failed));
  const tested = Number(said.match(/^\s*Tested: (\d+)/m)?.[1] ?? 0);
  const failed = new Set([...said.matchAll(/^_+ ((?:GET|POST|PUT|PATCH|DELETE) \S+) _+$/gm)].map(([, operation]) => operation)).size;
  // It may also end badly without a failed operation: it found no document, say.
  if (status !== 0 && failed === 0) return { passed: 0, failed: Math.max(tested, 1) };
  return { passed: tested - failed, failed };
}

// Every request says that it comes from elsewhere (hooks.py): that is believed of a trusted proxy.
const server = await Server.start({ ROOST_TRUSTED_PROXIES: '1' });
let passed = 0;
let failed = 0;
try {
  const hedy = await account(server, HEDY, '--admin');
  const ada = await account(server, ADA);
  await account(server, GRACE);
  const conversation = await server.openConversation(ada, GRACE);
  await server.write(ada, conversation, 'Good morning, Grace');
  const apart = LAST_WORDS.flatMap((name) => ['--exclude-operation-id', name]);
  const add = (counts) => {
    passed += counts.passed;
    failed += counts.failed;
  };
  add(await hold(server, 'as an administrator', hedy.token, ...apart));
  add(await hold(server, 'as a member', ada.token, ...apart, '--phases', 'examples,fuzzing', '--max-examples', '5'));
  add(await hold(server, 'as nobody', 'nothing', ...apart, '--phases', 'fuzzing', '--max-examples', '2'));
  await account(server, MALLORY);
  for (const name of LAST_WORDS) {
    const mallory = await signIn(server, MALLORY).catch(() => account(server, MALLORY));
    add(await hold(server, name, mallory.token, '--include-operation-id', name, '--phases', 'coverage,fuzzing'));
  }
} finally {
  await server.close();
}
console.log(`\noperations: ${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
