// The playground as a person uses it: type, run, read, mend.

import assert from 'node:assert/strict';
import test from 'node:test';
import { browser, counted } from './browser.js';
import { fixture, ordersByStatus } from './fixture.js';

const { open } = browser();
const BY_STATUS = 'SELECT status, COUNT(*) FROM orders GROUP BY status ORDER BY status';

test('a query that is typed and run with Ctrl+Enter shows its rows', async () => {
  const playground = await open();
  await playground.write('');
  await playground.page.keyboard.type(BY_STATUS);
  await playground.page.keyboard.press('Escape'); // closes an offer of completion
  await playground.page.keyboard.press('Control+Enter');
  await playground.settled();
  assert.deepEqual(await playground.rows(), ordersByStatus().map(([status, count]) => [status, String(count)]));
  const heads = await playground.grid.getByRole('columnheader').allTextContents();
  assert.match(heads[0], /status/);
  assert.match(heads[1], /count/);
  assert.match(await playground.result.innerText(), new RegExp(`\\b${ordersByStatus().length} rows\\b`));
  assert.match(await playground.result.innerText(), /\d ms|\d s/);
});

test('the page shell is painted before the engine has arrived', async () => {
  const playground = await open({ ready: false });
  await playground.page.locator('.bar').waitFor();
  assert.equal(await playground.page.title(), 'Marketplace Analytics');
  await playground.ready();
});

test('a syntax error is underlined where it is', async () => {
  const playground = await open();
  await playground.run('SELECT id\nFROM orders\nWHERE (status = \'paid\'))\nORDER BY id');
  assert.match(await playground.problem.innerText(), /42601/);
  assert.equal(await playground.underlined(), ')');
  assert.match(await playground.problem.innerText(), /line 3, column 24/);
});

test('an unknown column is underlined, and the page says which was meant', async () => {
  const playground = await open();
  await playground.run('SELECT id, staus FROM orders');
  assert.match(await playground.problem.innerText(), /42703/);
  assert.match(await playground.problem.innerText(), /status/);
  assert.equal(await playground.underlined(), 'staus');
});

test('an error after emoji and right-to-left text is underlined at the right place', async () => {
  const playground = await open();
  await playground.run('SELECT \'😀 שלום مرحبا\', nme FROM customer');
  assert.equal(await playground.underlined(), 'nme');
});

test('mending the text takes the underline away', async () => {
  const playground = await open();
  await playground.run('SELECT nme FROM customer');
  assert.equal(await playground.underlined(), 'nme');
  await playground.run('SELECT name FROM customer');
  await playground.grid.waitFor();
  await counted(playground.page.locator('.cm-lintRange-error'), 0);
});

test('an unsupported clause is refused by its name', async () => {
  const playground = await open();
  await playground.run('SELECT id FROM orders TABLESAMPLE SYSTEM (10)');
  const text = await playground.problem.innerText();
  assert.match(text, /0A000/);
  assert.match(text, /TABLESAMPLE/);
  // The table whose rows it would sample is the nearest thing with a place.
  assert.match(await playground.underlined(), /orders|TABLESAMPLE/);
  // Help with typing, which finds nothing wrong with the form, comes later and leaves it there.
  await playground.page.waitForTimeout(1000);
  assert.match(await playground.underlined(), /orders|TABLESAMPLE/);
});

test('NULL is told from an empty text', async () => {
  const playground = await open();
  await playground.run('SELECT NULL AS nothing, \'\' AS empty');
  assert.deepEqual(await playground.rows(), [['NULL', '']]);
  await counted(playground.grid.locator('.null'), 1);
});

test('Reset brings the rows back', async () => {
  const playground = await open();
  await playground.run('DELETE FROM order_item WHERE quantity > 1');
  const [[left]] = await playground.query('SELECT COUNT(*) FROM order_item');
  assert.ok(left < fixture.order_items.length);
  await playground.page.getByTestId('reset').click();
  await playground.page.getByTestId('reset').and(playground.page.locator(':enabled')).waitFor();
  assert.deepEqual(await playground.query('SELECT COUNT(*) FROM order_item'), [[fixture.order_items.length]]);
});

test('the size switch loads ten thousand orders, and back', async () => {
  const playground = await open();
  const size = playground.page.getByTestId('size');
  await size.selectOption({ label: 'Medium' });
  await playground.page.getByText('10,000 orders').waitFor();
  assert.deepEqual(await playground.query('SELECT COUNT(*) FROM orders'), [[10_000]]);
  await size.selectOption({ label: 'Small' });
  await playground.page.getByText('60 orders').waitFor();
  assert.deepEqual(await playground.query('SELECT COUNT(*) FROM orders'), [[60]]);
});

test('a hundred thousand rows scroll to the last with few of them in the page', async () => {
  const playground = await open();
  await playground.page.getByTestId('size').selectOption({ label: 'Large' });
  await playground.page.getByText('100,000 orders').waitFor();
  await playground.run('SELECT id, status FROM orders ORDER BY id');
  await playground.rows();
  assert.equal(await playground.grid.getAttribute('aria-rowcount'), '100001');
  await playground.grid.evaluate((grid) => { grid.scrollTop = grid.scrollHeight; });
  await playground.grid.getByRole('row').and(playground.page.locator('[aria-rowindex="100001"]')).waitFor();
  await playground.page.waitForFunction(() => {
    const cells = document.querySelectorAll('[aria-rowindex="100001"] [role=gridcell]');
    return cells[0]?.textContent.replaceAll(',', '') === '100000';
  });
  assert.ok(await playground.grid.getByRole('row').count() < 200);
});

test('a run without end is stopped, and committed changes outlive it', async () => {
  const playground = await open();
  await playground.run('UPDATE product SET stock = 4711 WHERE id = 1');
  await playground.write('SELECT COUNT(*) FROM order_item a, order_item b, order_item c, order_item d, order_item e WHERE a.id + b.id + c.id + d.id + e.id < 0');
  await playground.page.keyboard.press('Control+Enter');
  await playground.page.locator('.playground .button-stop').click();
  await playground.page.locator('.playground .button-run:not(.button-stop)').and(playground.page.locator(':enabled')).waitFor();
  assert.deepEqual(await playground.query('SELECT stock FROM product WHERE id = 1'), [[4711]]);
});

test('the palette opens by keyboard and closes with Escape', async () => {
  const playground = await open();
  await playground.page.keyboard.press('Control+K');
  const dialog = playground.page.getByRole('dialog');
  await dialog.waitFor();
  await playground.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

test('the schema page shows the five tables', async () => {
  const playground = await open({ place: '#/schema' });
  for (const table of ['customer', 'category', 'product', 'orders', 'order_item']) {
    await playground.page.locator(`section[aria-label="${table}"]`).waitFor();
  }
});
