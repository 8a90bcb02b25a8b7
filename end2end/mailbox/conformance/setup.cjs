// Lets the tests that PouchDB 5.2.0 ships run with PouchDB 9, in memory: since then, a database is no promise any more, and what
// the tests take from `PouchDB.utils` is elsewhere. Loaded by mocha before them.

const fs = require('node:fs');
const Module = require('node:module');
const PouchDB = require('pouchdb');
const chai = require('chai');

PouchDB.plugin(require('pouchdb-adapter-memory'));

/** One request, as PouchDB 5 made it. */
function ajax({ url, method = 'GET', headers, body }, callback) {
  const content = body && (typeof body === 'string' ? body : JSON.stringify(body));
  const types = { 'content-type': 'application/json', accept: 'application/json' };
  const asked = fetch(url, { method, headers: { ...types, ...headers }, body: content }).then(async (response) => {
    const text = await response.text();
    let answer = text;
    try {
      answer = JSON.parse(text);
    } catch {
      // It is no JSON, and stays text.
    }
    if (!response.ok) throw Object.assign(new Error(), answer, { status: response.status });
    return answer;
  });
  if (callback) asked.then((answer) => callback(null, answer), callback);
  return asked;
}

/** A database that tells when it is there, as PouchDB 5 did; what is not on a server is in memory. */
function Database(name, options, callback) {
  if (typeof options === 'function') [options, callback] = [{}, options];
  if (typeof name === 'object') [options, name] = [name, name.name];
  options = { ...options };
  if (typeof name === 'string' && !/^https?:/.test(name)) options.adapter ??= 'memory';
  const database = new PouchDB(name, options);
  if (callback) database.info().then(() => callback(null, database), callback);
  return database;
}

Object.setPrototypeOf(Database, PouchDB);
Database.prototype = PouchDB.prototype;
Database.adapters = { ...PouchDB.adapters, leveldb: {} };
Database.prefix = PouchDB.prefix ?? '';
Database.defaults = (defaults) =>
  Object.setPrototypeOf((name, options, callback) => Database(name, { ...defaults, ...options }, callback), Database);
Database.ajax = ajax;
Database.Errors = PouchDB.Errors ?? {};
Database.utils = {
  ajax,
  Promise,
  extend: (...objects) => Object.assign(...(objects[0] === true ? objects.slice(1) : objects)),
  btoa: (text) => Buffer.from(text, 'binary').toString('base64'),
  atob: (text) => Buffer.from(text, 'base64').toString('binary'),
  binaryStringToBlobOrBuffer: (text, type) => Object.assign(Buffer.from(text, 'binary'), { type }),
  uuid: () => crypto.randomUUID(),
  parseUri(address) {
    const { hostname, port, pathname, protocol } = new URL(address);
    return { host: hostname, port, path: pathname, protocol: protocol.replace(':', '') };
  },
};

const load = Module._load;
Module._load = function (request, parent, isMain) {
  if (request === '../../lib' && parent && /integration/.test(parent.filename)) return Database;
  return load.call(this, request, parent, isMain);
};

global.testUtils = require(`${process.env.POUCHDB_TESTS}/utils.js`);
chai.use(require('chai-as-promised'));
global.should = chai.should();
global.assert = chai.assert;
global.expect = chai.expect;
// Tests of those days forget promises; mocha tells what failed.
process.on('unhandledRejection', () => {});

const wanted = process.env.TESTS_WANTED && new Set(JSON.parse(fs.readFileSync(process.env.TESTS_WANTED, 'utf8')));
exports.mochaHooks = {
  beforeEach() {
    if (wanted && !wanted.has(this.currentTest.fullTitle())) this.skip();
  },
};
