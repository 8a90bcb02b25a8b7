// Runs the examples of docs/api.md and of docs/sync.md, each as the one program that they are, against a Roost of its own: what
// a `console.log` says must be what the comment behind it says. Run by bin/test; prints "examples: N passed, N failed" at its end.

import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ADA, GRACE, HEDY } from '../fixtures/cast.js';
import { Server } from '../fixtures/server.js';

const here = dirname(fileURLToPath(import.meta.url));
let passed = 0;
let failed = 0;
/** An API key, made by an administrator. */
async function apiKey(server) {
  server.createAccount(HEDY, '--admin');
  const { token } = await server.signIn(HEDY);
  const body = { name: 'example.org', scopes: ['users:read', 'users:write'] };
  return (await server.call('POST', '/api/v1/api-keys', { token, body, status: 201 })).secret;
}

/** Runs the examples of one document. */
async function run(name) {
  const document = await readFile(join(here, '../..', name), 'utf8');
  const blocks = [...document.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, block]) => block);
  // The n-th log is compared with the n-th comment.
  const expected = [];
  const program = blocks.join('\n').replace(/^(\s*)console\.log\((.*)\); \/\/ (.*)$/gm, (_, indent, said, comment) => {
    expected.push(comment);
    return `${indent}globalThis.compare(${expected.length - 1}, ${said});`;
  });
  if (program.includes('console.log')) throw new Error(`${name}: a console.log has no comment that says what it prints`);
  let well = 0;
  let wrong = 0;
  globalThis.compare = (number, ...values) => {
    const said = values.join(' ');
    const is = said === expected[number];
    if (is) well += 1;
    else wrong += 1;
    console.log(is ? `ok: ${said}` : `FAILED: ${name} says ${expected[number]}, but it is ${said}`);
  };
  const server = await Server.start();
  // Beside this file, so that it finds the packages.
  const file = join(here, `.examples-${randomUUID()}.mjs`);
  try {
    await server.signUp(ADA);
    await server.signUp(GRACE);
    process.env.ROOST_URL = server.url;
    process.env.ROOST_API_KEY = await apiKey(server);
    await writeFile(file, program);
    await import(file);
  } catch (error) {
    console.log(`FAILED: ${error.stack}`);
    wrong += 1;
  } finally {
    await rm(file, { force: true });
    await server.close();
  }
  passed += well;
  // What was never reached is not right, either.
  failed += wrong + Math.max(0, expected.length - well - wrong);
}

for (const name of ['docs/api.md', 'docs/sync.md']) await run(name);
console.log(`\nexamples: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
