// `window.playground`, as the README promises it to programs.

import assert from 'node:assert/strict';
import test from 'node:test';
import { browser } from './browser.js';
import { fixture, ordersByStatus, revenue } from './fixture.js';

const { open } = browser();

test('query gives columns, rows as arrays and the engine\'s own time', async () => {
  const playground = await open();
  const { value } = await playground.call('query', 'SELECT status, COUNT(*) FROM orders GROUP BY status ORDER BY status');
  assert.deepEqual(value.columns.map(({ name }) => name), ['status', 'count']);
  assert.deepEqual(value.columns[1].type, 'bigint');
  assert.deepEqual(value.rows, ordersByStatus());
  assert.equal(typeof value.ms, 'number');
});

test('revenue is the exact decimal of the fixture', async () => {
  const playground = await open();
  assert.deepEqual(await playground.query('SELECT SUM(quantity * unit_price) FROM order_item'), [[revenue()]]);
});

test('an unknown rating is neither above four nor a reason to drop the row', async () => {
  const playground = await open();
  const wanted = fixture.products.filter(({ id, rating }) => id === 5 || (rating !== null && Number(rating) > 4));
  assert.equal(fixture.products.find(({ id }) => id === 5).rating, null);
  assert.deepEqual(
    await playground.query('SELECT id FROM product WHERE rating > 4 OR id = 5 ORDER BY id'),
    wanted.map(({ id }) => [id]).sort(([a], [b]) => a - b),
  );
});

test('every kind of value has its JavaScript form', async () => {
  const playground = await open();
  const kinds = await playground.page.evaluate(async () => {
    const { rows: [row] } = await window.playground.query(
      `SELECT 9007199254740991, 9007199254740993, 1.50, TRUE, NULL,
              TIMESTAMP '2026-03-01 12:00:00', DATE '2026-03-01', 'text', 0.5::double precision`,
    );
    return row.map((value) => [value === null ? 'null' : typeof value, String(value)]);
  });
  assert.deepEqual(kinds.slice(0, 5), [
    ['number', '9007199254740991'],
    ['bigint', '9007199254740993'],
    ['string', '1.50'],
    ['boolean', 'true'],
    ['null', 'null'],
  ]);
  assert.equal(kinds[5][0], 'string');
  assert.match(kinds[5][1], /^2026-03-01T12:00:00/);
  assert.deepEqual(kinds.slice(6), [['string', '2026-03-01'], ['string', 'text'], ['number', '0.5']]);
});

test('column names may repeat', async () => {
  const playground = await open();
  const { value } = await playground.call('query', 'SELECT 1 AS a, 2 AS a');
  assert.deepEqual(value.columns.map(({ name }) => name), ['a', 'a']);
  assert.deepEqual(value.rows, [[1, 2]]);
});

test('parameters fill the numbered places', async () => {
  const playground = await open();
  const wanted = fixture.orders.filter(({ status, id }) => status === 'paid' && id > 30).length;
  assert.deepEqual(
    await playground.query('SELECT COUNT(*) FROM orders WHERE status = $1 AND id > $2', ['paid', 30]),
    [[wanted]],
  );
});

test('a parameter is a value, never a piece of SQL', async () => {
  const playground = await open();
  assert.deepEqual(
    await playground.query('SELECT COUNT(*) FROM customer WHERE name = $1', ['\' OR 1 = 1 --']),
    [[0]],
  );
});

test('queryMany answers one result for each set of parameters', async () => {
  const playground = await open();
  const { value } = await playground.call('queryMany', 'SELECT COUNT(*) FROM orders WHERE status = $1', [['paid'], ['shipped'], ['none']]);
  const count = (wanted) => fixture.orders.filter(({ status }) => status === wanted).length;
  assert.deepEqual(value.map(({ rows }) => rows[0][0]), [count('paid'), count('shipped'), 0]);
});

test('execute runs a script and tells what each statement did', async () => {
  const playground = await open();
  const { value, error } = await playground.call('execute', `
    CREATE TABLE note (id integer PRIMARY KEY, body text);
    INSERT INTO note VALUES (1, 'a'), (2, 'b');
    UPDATE note SET body = 'c';
    DELETE FROM note WHERE id = 1;
    SELECT body FROM note;`);
  assert.equal(error, undefined, error?.message);
  assert.deepEqual(value.map(({ command }) => command), ['CREATE TABLE', 'INSERT', 'UPDATE', 'DELETE', 'SELECT']);
  assert.deepEqual(value.slice(1).map(({ rowCount }) => rowCount), [2, 2, 1, 1]);
  assert.deepEqual(value[4].rows, [['c']]);
});

test('a failing statement leaves no trace', async () => {
  const playground = await open();
  const { error } = await playground.call('execute', 'UPDATE product SET price = 1 / (id - 12)');
  assert.equal(error.code, '22012');
  const prices = fixture.products.map(({ id, price }) => [id, String(price)]);
  assert.deepEqual(await playground.query('SELECT id, price FROM product ORDER BY id'), prices.sort(([a], [b]) => a - b));
});

test('errors have a code, a message, a place and hints', async () => {
  const playground = await open();
  const { error } = await playground.call('query', 'SELECT id,\n  staus FROM orders');
  assert.equal(error.code, '42703');
  assert.match(error.message, /column "staus" does not exist/);
  assert.deepEqual([error.line, error.column], [2, 3]);
  assert.ok(error.hints.some((hint) => hint.includes('status')), JSON.stringify(error.hints));
});

test('reset takes a size, and refuses one that is not there', async () => {
  const playground = await open();
  assert.equal((await playground.call('reset', { size: 'medium' })).error, undefined);
  assert.deepEqual(await playground.query('SELECT COUNT(*) FROM orders'), [[10_000]]);
  const { error } = await playground.call('reset', { size: 'huge' });
  assert.match(error.message, /huge/);
  await playground.call('reset', { size: 'small' });
  assert.deepEqual(await playground.query('SELECT COUNT(*) FROM orders'), [[60]]);
});

test('calls made before the engine is ready are answered when it is', async () => {
  const playground = await open({ ready: false });
  await playground.page.waitForFunction(() => window.playground !== undefined);
  assert.deepEqual(await playground.query('SELECT 1'), [[1]]);
});
