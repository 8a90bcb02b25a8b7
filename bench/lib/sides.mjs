// The two servers that are compared, each with a way to make people and rooms in it.

import { spawn, spawnSync } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Server, eventually, freePort } from '../../end2end/fixtures/server.js';

const baseline = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../baseline');
const secret = 'a-secret-for-an-hour-of-measuring-only';

/** Does something for each, some at once. */
async function each(items, at_once, work) {
  const results = new Array(items.length);
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < items.length; n = next++) results[n] = await work(items[n], n);
  };
  await Promise.all(Array.from({ length: at_once }, worker));
  return results;
}

export class Roost {
  name = 'Roost';
  dialect = 'roost';
  people = [];

  static async start(core) {
    const side = new Roost();
    side.server = await Server.start(
      {
        ROOST_HOST_JWT_SECRET: secret, ROOST_HOST_JWT_ISSUER: 'https://www.example.org', ROOST_HOST_JWT_AUDIENCE: 'roost',
        // All come from here, and say that they come from elsewhere: the limit of sign-ins per address is not what is measured.
        ROOST_TRUSTED_PROXIES: '1', ROOST_LOG: 'warn',
        // Nor is how much one socket may say: the baseline reads all that comes.
        ROOST_FRAMES_PER_SECOND: '100000',
      },
      ['taskset', '-c', String(core)],
    );
    return side;
  }

  get addr() {
    return `127.0.0.1:${this.server.port}`;
  }

  get pids() {
    return [this.server.child.pid];
  }

  /** Signs in more people by the host site's word, which costs no password hash. */
  async invite(count) {
    const part = (json) => Buffer.from(JSON.stringify(json)).toString('base64url');
    const exp = Math.floor(Date.now() / 1000) + 3600;
    const numbers = Array.from({ length: Math.max(0, count - this.people.length) }, (_, n) => this.people.length + n);
    this.people.push(...await each(numbers, 8, async (n) => {
      const claims = {
        iss: 'https://www.example.org', aud: 'roost', sub: `person-${n}`, exp, jti: randomUUID(),
        preferred_username: `person${n}`, name: `Person ${n}`,
      };
      const signed = `${part({ alg: 'HS256' })}.${part(claims)}`;
      const token = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
      const enter = () => fetch(`${this.server.url}/api/v1/users/login`, {
        method: 'POST', headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}` },
      });
      // 503 asks to try again: so many at once are too many for a debug build.
      const response = await eventually('does somebody get in?', async () => {
        const answer = await enter();
        return answer.status === 503 ? null : answer;
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`no sign-in: ${response.status} ${text}`);
      const { account, access_token } = JSON.parse(text);
      return { id: account.id, token: access_token };
    }));
  }

  /** A room of these people, by their numbers. */
  async room(members) {
    const [first, ...others] = members.map((n) => this.people[n]);
    const body = others.length === 1
      ? { kind: 'direct', with: others[0].id }
      : { kind: 'group', title: 'A room', members: others.map(({ id }) => id) };
    const { id } = await this.server.call('POST', '/api/v1/conversations', { token: first.token, body });
    return { id, members };
  }

  async close() {
    // How it ends is not what is measured.
    await this.server.kill();
    await this.server.close();
  }
}

/** PostgreSQL refuses to be root; Debian keeps its programs out of the way. */
function postgres(program) {
  const kept = '/usr/lib/postgresql';
  const versions = existsSync(kept) ? readdirSync(kept).sort((a, b) => b - a) : [];
  const found = versions.map((version) => join(kept, version, 'bin', program)).find(existsSync);
  return { path: found ?? program, as: process.getuid() === 0 ? ['runuser', '-u', 'postgres', '--'] : [] };
}

export class Baseline {
  name = 'socket.io + PostgreSQL';
  dialect = 'socket.io';
  people = [];

  static async start(core) {
    const side = new Baseline();
    const { path: initdb, as } = postgres('initdb');
    side.data = mkdtempSync(join(tmpdir(), 'baseline-'));
    if (as.length) {
      chmodSync(side.data, 0o755);
      spawnSync('chown', ['postgres', side.data]);
    }
    const run = (words) => {
      const [command, ...rest] = [...as, ...words];
      const done = spawnSync(command, rest, { cwd: side.data, encoding: 'utf8' });
      if (done.status !== 0) throw new Error(`${words[0]}: ${done.stderr || done.error}`);
    };
    run([initdb, '-D', join(side.data, 'db'), '-A', 'trust', '-U', 'bench', '--no-instructions']);
    const [command, ...words] = [
      'taskset', '-c', String(core), ...as, postgres('postgres').path, '-D', join(side.data, 'db'), '-k', side.data,
      '-c', 'listen_addresses=', '-c', 'fsync=on', '-c', 'synchronous_commit=on', '-c', 'max_connections=40',
    ];
    side.log = '';
    side.database = side.spawn(command, words, {});
    const url = `postgres://bench@/postgres?host=${encodeURIComponent(side.data)}`;
    const pg = createRequire(join(baseline, 'package.json'))('pg');
    side.sql = await eventually('does the database answer?', async () => {
      const client = new pg.Client({ connectionString: url });
      return client.connect().then(() => client, () => null);
    });
    const { rows: [durable] } = await side.sql.query("SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synced");
    if (durable.fsync !== 'on' || durable.synced !== 'on') throw new Error('the database does not sync its commits');
    side.port = await freePort();
    side.server = side.spawn('taskset', ['-c', String(core), process.execPath, join(baseline, 'server.mjs')], {
      BASELINE_PORT: String(side.port), BASELINE_DATABASE: url, BASELINE_SECRET: secret, NODE_ENV: 'production',
    });
    await eventually('does the baseline answer?', () => {
      if (side.server.exitCode !== null) throw new Error(`the baseline ended:\n${side.log}`);
      return fetch(`http://127.0.0.1:${side.port}/healthz`).then((response) => response.ok, () => false);
    });
    return side;
  }

  spawn(command, words, env) {
    const child = spawn(command, words, { cwd: this.data, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk) => (this.log += chunk);
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => keep(`${error}\n`));
    process.once('exit', () => child.kill('SIGKILL'));
    return child;
  }

  get addr() {
    return `127.0.0.1:${this.port}`;
  }

  get pids() {
    return [this.server.pid, this.database.pid];
  }

  async invite(count) {
    const made = Array.from({ length: Math.max(0, count - this.people.length) }, () => {
      const id = randomUUID();
      return { id, token: `${id}.${createHmac('sha256', secret).update(id).digest('base64url')}` };
    });
    await this.sql.query("INSERT INTO account SELECT id, 'Person' FROM unnest($1::uuid[]) AS id", [made.map(({ id }) => id)]);
    this.people.push(...made);
  }

  async room(members) {
    const id = randomUUID();
    await this.sql.query('INSERT INTO conversation (id) VALUES ($1)', [id]);
    await this.sql.query('INSERT INTO member SELECT $1, account FROM unnest($2::uuid[]) AS account', [id, members.map((n) => this.people[n].id)]);
    return { id, members };
  }

  async close() {
    await this.sql.end();
    await ended(this.server, () => this.server.kill('SIGTERM'));
    // A fast shutdown: the postmaster takes its children along. It is told itself, since who started it as another user
    // does not pass on the signal.
    await ended(this.database, () => process.kill(Number(readFileSync(join(this.data, 'db', 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGINT'));
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** Has a process end, unless it has. */
async function ended(child, how) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once('exit', done));
  how();
  await gone;
}
