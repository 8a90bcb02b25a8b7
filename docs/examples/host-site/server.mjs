// A small site with people of its own, which has Roost as its chat: https://nodejs.org alone runs it.
//
//   node server.mjs
//
// What matters for Roost is `tokenFor` (says who somebody is) and `handOver` (brings their browser to Roost). The rest is
// what any site has already: people, a sign-in, pages.

import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const port = Number(process.env.PORT ?? 8080);
const own = `http://127.0.0.1:${port}`;
const roost = process.env.ROOST_URL ?? 'http://127.0.0.1:3000';
// The same text as Roost's ROOST_HOST_JWT_SECRET. Whoever has it can be anybody: keep it where you keep passwords.
const secret = process.env.ROOST_HOST_JWT_SECRET ?? '';
if (Buffer.byteLength(secret) < 32) throw new Error('set ROOST_HOST_JWT_SECRET to 32 bytes or more, the same as for Roost');

// The people of this site. `id` never changes and is never given to somebody else: Roost knows them by it.
const people = new Map(
  [
    { id: '1815', username: 'ada', name: 'Ada Lovelace', email: 'ada@example.org' },
    { id: '1906', username: 'grace', name: 'Grace Hopper', email: 'grace@example.org' },
  ].map((person) => [person.username, person]),
);

/** A token that says who somebody is: a JSON Web Token, signed with HS256, good for two minutes. */
function tokenFor(person) {
  const part = (json) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: own, // ROOST_HOST_JWT_ISSUER
    aud: 'roost', // ROOST_HOST_JWT_AUDIENCE
    sub: person.id,
    exp: now + 120,
    jti: randomUUID(), // no two tokens are the same, so each opens one browser
    preferred_username: person.username,
    name: person.name,
    email: person.email,
    email_verified: true, // only if this site has made sure of it
  };
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** A form that brings a fresh token to Roost by itself, into this window or into the frame called `target`. */
function handOver(person, target = '_self') {
  return `<form id="roost" method="post" action="${roost}/embed/sign-in" target="${target}">
    <input type="hidden" name="token" value="${tokenFor(person)}">
    <input type="hidden" name="next" value="/chat">
    <noscript><button>Go on to the chat</button></noscript>
  </form>
  <script>document.getElementById('roost').submit()</script>`;
}

const page = (title, body) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><title>${title}</title></head>
<body style="font: 1rem/1.5 system-ui; margin: 2rem auto; max-width: 60rem; padding: 0 1rem">
<h1>${title}</h1>
${body}
</body>
</html>`;

const pages = {
  'GET /': (person) =>
    person
      ? page(
          `Hello, ${person.name}`,
          `<p><a href="/chat">Open chat</a> · <a href="/help">Chat beside this page</a></p>
           <form method="post" action="/sign-out"><button>Sign out</button></form>`,
        )
      : page(
          'A site of its own',
          `<p>Who are you? (A real site would ask for a password.)</p>
           <form method="post" action="/sign-in">${[...people.values()]
             .map(({ username, name }) => `<button name="username" value="${username}">${name}</button>`)
             .join(' ')}</form>`,
        ),
  // A page of its own, made anew each time: somebody who goes back and clicks again needs another token.
  'GET /chat': (person) => person && page('One moment…', handOver(person)),
  'GET /help': (person) =>
    person &&
    page(
      'Chat beside this page',
      `<iframe name="chat" title="Chat" style="border: 1px solid; width: 100%; height: 36rem"></iframe>${handOver(person, 'chat')}`,
    ),
};

/** Which of the people a browser belongs to. A real site has a session here, not a name that anybody could write. */
const whoAsks = (request) => people.get(/(?:^|; )site-user=(\w+)/.exec(request.headers.cookie ?? '')?.[1]);

async function answer(request, response) {
  const { pathname } = new URL(request.url, own);
  const go = (cookie) =>
    response.writeHead(303, { location: '/', 'set-cookie': `site-user=${cookie}; Path=/; HttpOnly; SameSite=Lax` }).end();
  if (request.method === 'POST') {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (pathname === '/sign-out') return go('; Max-Age=0');
    const person = people.get(new URLSearchParams(body).get('username'));
    if (pathname === '/sign-in' && person) return go(person.username);
  }
  const made = pages[`${request.method} ${pathname}`]?.(whoAsks(request));
  const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
  if (made) return response.writeHead(200, headers).end(made);
  return response.writeHead(404, headers).end(page('Nothing here', '<p><a href="/">Home</a></p>'));
}

createServer((request, response) => {
  answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
}).listen(port, '127.0.0.1', () => console.log(`the site is at ${own}, its chat at ${roost}`));
