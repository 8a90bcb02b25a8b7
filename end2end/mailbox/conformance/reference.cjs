// The server that PouchDB's tests are held against: pouchdb-express-router, in memory.

const express = require('express');
const PouchDB = require('pouchdb').plugin(require('pouchdb-adapter-memory')).defaults({ adapter: 'memory' });

const server = express()
  .use('/lab', require('pouchdb-express-router')(PouchDB))
  .listen(0, '127.0.0.1', () => console.log(server.address().port));
