// Whatever is fed to the page gets a clear message, soon, and the page goes on working.

import assert from 'node:assert/strict';
import test from 'node:test';
import { browser } from './browser.js';

const { open } = browser();

const inputs = {
  'an empty text': '',
  'white space': ' \n\t ',
  'a lone semicolon': ';',
  'a lone comment': '-- nothing',
  'an open comment': '/* nothing',
  'a megabyte of one word': 'a'.repeat(1_000_000),
  'a megabyte of words': 'SELECT '.repeat(150_000),
  'an open quote': 'SELECT \'it',
  'an open quoted name': 'SELECT "it FROM orders',
  'an open dollar quote': 'SELECT $tag$ it',
  'a NUL byte': 'SELECT \0 FROM orders',
  'a NUL byte in a text': 'SELECT \'a\0b\'',
  'an emoji': '😀',
  'right-to-left text': 'SELECT שלום FROM مرحبا',
  'a lone surrogate': 'SELECT \ud83d',
  '100,000 nested parentheses': `SELECT ${'('.repeat(100_000)}1${')'.repeat(100_000)}`,
  '100,000 open parentheses': `SELECT ${'('.repeat(100_000)}`,
  '100,000 signs': `SELECT ${'- '.repeat(100_000)}1`,
  '100,000 negations': `SELECT ${'NOT '.repeat(100_000)}TRUE`,
  'an OR of 100,000 terms': `SELECT COUNT(*) FROM orders WHERE ${Array.from({ length: 100_000 }, (_, n) => `id = ${n}`).join(' OR ')}`,
  'a list of 100,000 numbers': `SELECT COUNT(*) FROM orders WHERE id IN (${Array.from({ length: 100_000 }, (_, n) => n).join(', ')})`,
  'a thousand nested queries': `${'SELECT * FROM ('.repeat(1000)}SELECT 1${') AS t'.repeat(1000)}`,
  'a thousand joined unions': Array.from({ length: 1000 }, () => 'SELECT 1').join(' UNION ALL '),
  'a number of 10,000 digits': `SELECT ${'9'.repeat(10_000)}`,
  'a division by zero': 'SELECT 1 / 0',
  'an integer out of range': 'SELECT 2147483647 + 1',
};

for (const [name, text] of Object.entries(inputs)) {
  test(`${name} gets an answer, and the next query its rows`, async () => {
    const playground = await open();
    // The text crosses as JSON, which a lone surrogate survives.
    const { value, error } = await playground.page.evaluate(
      (sql) => window.playground.execute(sql).then((done) => ({ value: done }), (refused) => ({ error: refused })),
      text,
    );
    if (error) {
      assert.match(error.code, /^[0-9A-Z]{5}$/, JSON.stringify(error));
      assert.ok(error.message.length > 5 && error.message.length < 2000, error.message.slice(0, 300));
      assert.notEqual(error.code, 'XX000', `a fault of ours: ${error.message}`);
    } else {
      assert.ok(Array.isArray(value));
    }
    assert.deepEqual(await playground.query('SELECT COUNT(*) FROM orders'), [[60]]);
  });
}

test('the editor, too, goes on after the worst of it', async () => {
  const playground = await open();
  for (const name of ['an empty text', 'a lone semicolon', 'an open quote', 'an emoji', 'right-to-left text', '100,000 nested parentheses']) {
    await playground.run(inputs[name]);
  }
  await playground.run('SELECT COUNT(*) FROM orders');
  assert.deepEqual(await playground.rows(), [['60']]);
});
