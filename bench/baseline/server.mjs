// What Roost's chat is measured against: a plain chat server of Express, socket.io and PostgreSQL, as small as it can be
// while it keeps the same promises. Who is there is checked; a message is on the disk before anybody hears of it; numbers
// within a conversation are dense; sending twice is sending once.
//
//   BASELINE_PORT, BASELINE_DATABASE (a postgres:// URL), BASELINE_SECRET (signs tokens), BASELINE_RECOVERY=1
//
// Its makers' advice is followed: one prepared statement for each thing, a pool of connections, no compression, WebSocket only.

import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import express from 'express';
import pg from 'pg';
import { Server } from 'socket.io';

const secret = process.env.BASELINE_SECRET;
const pool = new pg.Pool({ connectionString: process.env.BASELINE_DATABASE, max: 20 });

await pool.query(`
  CREATE TABLE IF NOT EXISTS account (id uuid PRIMARY KEY, name text NOT NULL);
  CREATE TABLE IF NOT EXISTS conversation (id uuid PRIMARY KEY, last_seq bigint NOT NULL DEFAULT 0);
  CREATE TABLE IF NOT EXISTS member (conversation uuid NOT NULL REFERENCES conversation, account uuid NOT NULL REFERENCES account,
    PRIMARY KEY (conversation, account));
  CREATE INDEX IF NOT EXISTS member_account ON member (account);
  CREATE TABLE IF NOT EXISTS message (conversation uuid NOT NULL REFERENCES conversation, seq bigint NOT NULL, id uuid NOT NULL UNIQUE,
    client_id uuid NOT NULL, author uuid NOT NULL REFERENCES account, body text NOT NULL, sent_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (conversation, seq), UNIQUE (author, client_id));`);

/** A token is an account's id and its signature; the account's name comes from the table, once per connection. */
async function whoHas(token) {
  const [id, signature = ''] = String(token ?? '').split('.');
  const right = createHmac('sha256', secret).update(id).digest('base64url');
  if (signature.length !== right.length || !timingSafeEqual(Buffer.from(signature), Buffer.from(right))) return null;
  const { rows } = await pool.query({ name: 'who', text: 'SELECT id, name FROM account WHERE id = $1', values: [id] });
  return rows[0] ?? null;
}

// One statement is one transaction, and one round trip: who is not a member finds nothing, the number is taken from the
// conversation, and the message is written. A client id that was used finds no row either, and is looked up.
const SEND = `WITH head AS (
    UPDATE conversation SET last_seq = last_seq + 1
    WHERE id = $1 AND EXISTS (SELECT 1 FROM member WHERE conversation = $1 AND account = $2)
      AND NOT EXISTS (SELECT 1 FROM message WHERE author = $2 AND client_id = $4)
    RETURNING last_seq)
  INSERT INTO message (conversation, seq, id, client_id, author, body) SELECT $1, last_seq, $3, $4, $2, $5 FROM head
  RETURNING seq, id, sent_at`;
const SENT = 'SELECT seq, id, sent_at FROM message WHERE author = $1 AND client_id = $2 AND conversation = $3';
const UNIQUE_VIOLATION = '23505';

async function send(author, { conversation, client_id, body }) {
  if (typeof body !== 'string' || body.length === 0 || body.length > 8000) throw new Error('invalid');
  const values = [conversation, author.id, randomUUID(), client_id, body];
  const { rows } = await pool.query({ name: 'send', text: SEND, values }).catch((error) => {
    // The same message twice at the same moment: one of them waits here, and is the same message.
    if (error.code === UNIQUE_VIOLATION) return { rows: [] };
    throw error;
  });
  const created = rows.length === 1;
  const row = rows[0] ?? (await pool.query({ name: 'sent', text: SENT, values: [author.id, client_id, conversation] })).rows[0];
  if (!row) throw new Error('not_found');
  const message = {
    id: row.id, conversation, seq: Number(row.seq), client_id, author, body,
    sent_at: row.sent_at, edited_at: null, deleted_at: null, reply_to: null, reactions: [],
  };
  if (created) inOrder(message);
  return { message, created };
}

// Two commits can come back in another order than their numbers: what a room hears goes out by number. The pool answers each
// connection by itself, so a later message waits here for the earlier one, never for long.
const lines = new Map();
function inOrder(message) {
  let line = lines.get(message.conversation);
  if (!line) lines.set(message.conversation, (line = { next: 1, waiting: new Map() }));
  line.waiting.set(message.seq, message);
  for (let next; (next = line.waiting.get(line.next)); line.next += 1) {
    line.waiting.delete(line.next);
    io.to(next.conversation).emit('message', next);
  }
}

const app = express();
app.use(express.json());
app.get('/healthz', (_, response) => response.send('ok'));
app.post('/conversations/:id/messages', async (request, response) => {
  const author = await whoHas(request.headers.authorization?.replace(/^Bearer /, ''));
  if (!author) return response.status(401).json({ code: 'not_signed_in' });
  const { client_id, body } = request.body;
  const { message, created } = await send(author, { conversation: request.params.id, client_id, body });
  response.status(created ? 201 : 200).json(message);
});

const http = createServer(app);
const recovery = process.env.BASELINE_RECOVERY ? { connectionStateRecovery: {} } : {};
const io = new Server(http, { transports: ['websocket'], serveClient: false, perMessageDeflate: false, ...recovery });
io.use(async (socket, next) => {
  socket.data.account = await whoHas(socket.handshake.auth.token);
  next(socket.data.account ? undefined : new Error('not_signed_in'));
});
io.on('connection', async (socket) => {
  const { account } = socket.data;
  socket.on('send', async (command, acknowledge) => {
    try {
      const { message } = await send(account, command);
      acknowledge(message);
    } catch (error) {
      acknowledge({ error: error.message });
    }
  });
});
// Rooms are joined before the connection counts as open: nothing is missed between the two.
io.use(async (socket, next) => {
  const { id } = socket.data.account;
  const { rows } = await pool.query({ name: 'rooms', text: 'SELECT conversation FROM member WHERE account = $1', values: [id] });
  await socket.join(rows.map((row) => row.conversation));
  next();
});
// Numbers go on where the tables say, also after a restart.
for (const row of (await pool.query('SELECT id, last_seq FROM conversation WHERE last_seq > 0')).rows) {
  lines.set(row.id, { next: Number(row.last_seq) + 1, waiting: new Map() });
}
http.listen(Number(process.env.BASELINE_PORT), '127.0.0.1', () => console.log('ready'));
