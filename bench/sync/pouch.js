// PouchDB, a peer. `node pouch.js server FOLDER` serves CouchDB's protocol on a free port; `node pouch.js client FOLDER`
// takes orders as lines of JSON (bench/processes.py). Times are in seconds, of the replication alone.
const { createRequire } = require('module');
const need = createRequire(process.env.BENCH_NODE + '/');
const PouchDB = need('pouchdb');
const [, , role, folder] = process.argv;

function serve() {
  const app = need('express')();
  const Served = PouchDB.defaults({ prefix: folder + '/' });
  const options = { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: folder + '/log.txt' };
  app.use('/', need('express-pouchdb')(Served, options));
  const server = app.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));
  process.stdin.on('end', () => process.exit()).resume();
}

async function timed(act) {
  const began = process.hrtime.bigint();
  await act();
  return Number(process.hrtime.bigint() - began) / 1e9;
}

function takeOrders() {
  const opened = {};
  const db = name => opened[name] ||= new PouchDB(folder + '/' + name);
  const docsOf = async path => JSON.parse(await require('fs').promises.readFile(path, 'utf8'));
  const ops = {
    // Makes the documents of this file, or gives those that are there their new text.
    load: async ({ name, path }) => {
      const docs = await docsOf(path);
      const known = await db(name).allDocs({ keys: docs.map(doc => doc._id) });
      known.rows.forEach((row, at) => { if (row.value) docs[at]._rev = row.value.rev; });
      for (let at = 0; at < docs.length; at += 1000) await db(name).bulkDocs(docs.slice(at, at + 1000));
    },
    push: async ({ name, url, batch }) => timed(() => db(name).replicate.to(url, { batch_size: batch })),
    pull: async ({ name, url, batch }) => timed(() => db(name).replicate.from(url, { batch_size: batch })),
    count: async ({ name }) => (await db(name).info()).doc_count,
  };
  console.log('ready');
  require('readline').createInterface({ input: process.stdin }).on('line', async line => {
    const order = JSON.parse(line);
    console.log(JSON.stringify((await ops[order.op](order)) ?? null));
  }).on('close', () => process.exit());
}

role === 'server' ? serve() : takeOrders();
