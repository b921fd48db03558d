// The dashboard as a person uses it: read, filter, look behind a tile.

import assert from 'node:assert/strict';
import test from 'node:test';
import { browser, counted } from './browser.js';
import { fixture } from './fixture.js';

const { open } = browser();

/** Revenue of the lines that count, worked out from the fixture in whole cents. */
function revenue(counts = () => true) {
  const orders = new Map(fixture.orders.map((order) => [order.id, order]));
  const cents = fixture.order_items
    .filter((item) => orders.get(item.order_id).status !== 'cancelled' && counts(item, orders.get(item.order_id)))
    .reduce((sum, { quantity, unit_price: price }) => sum + quantity * Number(String(price).replace('.', '')), 0);
  const whole = Math.floor(cents / 100).toLocaleString('en-US');
  return `${whole}.${String(cents % 100).padStart(2, '0')}`;
}

const figure = (page, title) => page.getByTestId(title);

test('the figures are those of the data, cancelled orders left out', async () => {
  const { page } = await open({ place: '#/dashboard' });
  await figure(page, 'Revenue').waitFor();
  assert.equal(await figure(page, 'Revenue').innerText(), revenue());
  await page.getByLabel('Monthly revenue').locator('svg[role=img]').first().waitFor();
});

test('the filter drives the tiles', async () => {
  const { page } = await open({ place: '#/dashboard' });
  await figure(page, 'Revenue').waitFor();
  const wanted = revenue((_, order) => order.created_at.startsWith('2025'));
  await page.getByTestId('period').selectOption('year-2025');
  await page.waitForFunction((text) => document.querySelector('[data-testid="Revenue"]').textContent === text, wanted);
  await page.getByTestId('period').selectOption('all');
  const category = fixture.categories.find(({ id }) => fixture.products.some((product) => product.category_id === id));
  const products = new Set(fixture.products.filter((product) => product.category_id === category.id).map(({ id }) => id));
  await page.getByTestId('category').selectOption(category.name);
  await page.waitForFunction(
    (text) => document.querySelector('[data-testid="Revenue"]').textContent === text,
    revenue((item) => products.has(item.product_id)),
  );
});

test('a tile opens the Django code and the SQL behind it', async () => {
  const { page } = await open({ place: '#/dashboard' });
  await page.getByLabel('Code of Top selling products').click();
  assert.match(await page.getByTestId('behind-django').innerText(), /OrderItem\.objects\.placed\(\)/);
  assert.match(await page.getByTestId('behind-sql').first().innerText(), /GROUP BY/);
  await page.getByLabel('Close').click();
  await counted(page.getByTestId('behind-django'), 0);
});

test('a chart is saved as SVG with its title', async () => {
  const { page } = await open({ place: '#/dashboard' });
  const tile = page.getByLabel('Monthly revenue');
  await tile.locator('svg[role=img]').first().waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    tile.getByTitle('Save the chart as SVG').first().click(),
  ]);
  assert.equal(download.suggestedFilename(), 'revenue-by-month.svg');
  const stream = await download.createReadStream();
  let text = '';
  for await (const part of stream) text += part;
  assert.match(text, /<title>Revenue by month<\/title>/);
  assert.doesNotMatch(text, /var\(--/);
});
