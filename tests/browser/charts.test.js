// Results as charts: chosen by themselves, changed by hand, saved as files.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { browser } from './browser.js';
import { fixture } from './fixture.js';

const { open } = browser();

const BY_CATEGORY = `SELECT c.name AS category, SUM(i.quantity) AS units, SUM(i.quantity * i.unit_price) AS revenue
FROM order_item i
JOIN product p ON p.id = i.product_id
JOIN category c ON c.id = p.category_id
GROUP BY c.name
ORDER BY revenue DESC`;

/** Runs a query in the playground and opens its chart. */
async function chartOf(playground, sql) {
  await playground.run(sql);
  await playground.result.getByRole('tab', { name: 'Chart' }).click();
  const chart = playground.result.locator('.chart');
  await chart.locator('svg[role=img]').waitFor();
  return chart;
}

/** What the chart says to those who cannot see it. */
const said = (chart) => chart.locator('svg[role=img]').getAttribute('aria-label');

/** The bytes of a file that a click saves. */
async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

test('a result is drawn by its columns and changed by hand', async () => {
  const playground = await open();
  const chart = await chartOf(playground, BY_CATEGORY);
  const categories = new Set(fixture.products.map((product) => product.category_id)).size;
  assert.match(await said(chart), new RegExp(`^Revenue by category\\. Bar chart of ${categories} values\\.`));

  await playground.result.getByTestId('chart-y').getByRole('button', { name: 'units' }).click();
  await playground.page.waitForFunction(() => document.querySelector('.chart-title')?.textContent === 'Units and revenue by category');

  await playground.result.getByTestId('chart-kind').selectOption({ label: 'Cumulative' });
  await playground.page.waitForFunction(() => document.querySelector('.chart-title')?.textContent.startsWith('Cumulative'));

  // The choice stays for the next result of the same columns.
  await playground.run(`${BY_CATEGORY} LIMIT 3`);
  await chart.locator('svg[role=img]').waitFor();
  assert.match(await said(chart), /^Cumulative units and revenue by category\. Cumulative chart of 6 values/);
});

test('a chart is saved as it looks, in dark colours too', async () => {
  const playground = await open({ colorScheme: 'dark' });
  const { page } = playground;
  const chart = await chartOf(playground, BY_CATEGORY);

  const svg = await saved(page, chart.getByTitle('Save the chart as SVG'));
  const text = svg.bytes.toString('utf8');
  assert.equal(svg.name, 'revenue-by-category.svg');
  assert.match(text, /<title>Revenue by category<\/title><desc>Revenue by category\. Bar chart/);
  assert.doesNotMatch(text, /var\(--|light-dark\(|class="plot/);

  const png = await saved(page, chart.getByTitle('Save the chart as PNG'));
  assert.equal(png.name, 'revenue-by-category.png');
  assert.equal(png.bytes.subarray(1, 4).toString('latin1'), 'PNG');
  const look = await page.evaluate(async (files) => {
    const pixels = async ([type, data]) => {
      const image = new Image();
      image.src = `data:${type};base64,${data}`;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
      canvas.drawImage(image, 0, 0);
      const { data: all } = canvas.getImageData(0, 0, image.width, image.height);
      const colours = new Set();
      for (let at = 0; at < all.length; at += 4) colours.add(`${all[at]} ${all[at + 1]} ${all[at + 2]}`);
      return { width: image.width, height: image.height, corner: [...all.subarray(0, 4)], colours: colours.size };
    };
    return Promise.all(files.map(pixels));
  }, [['image/svg+xml', svg.bytes.toString('base64')], ['image/png', png.bytes.toString('base64')]]);
  for (const { corner, colours } of look) {
    assert.ok(corner.slice(0, 3).every((part) => part < 60), `the ground is dark: ${corner}`);
    assert.equal(corner[3], 255, 'and solid');
    assert.ok(colours > 10, `something is drawn: ${colours} colours`);
  }
  assert.equal(look[1].width, 2 * look[0].width, 'a PNG is for a screen of twice as many pixels');
});

test('a large result is added up over all of its rows, and the page says so', async () => {
  const playground = await open();
  const many = `SELECT c.name AS category, i.quantity * i.unit_price AS amount
FROM order_item i
JOIN product p ON p.id = i.product_id
JOIN category c ON c.id = p.category_id
CROSS JOIN generate_series(1, 100) AS n`;
  const chart = await chartOf(playground, many);
  const count = (fixture.order_items.length * 100).toLocaleString('en-US');
  await chart.getByText(`All ${count} rows are added up by place: the sum of amount.`).waitFor();
  const [[total]] = await playground.query(`SELECT to_char(SUM(amount), 'FM999,999,999,990.00') FROM (${many}) AS every`);
  assert.ok((await said(chart)).includes(`Total: ${total}.`), await said(chart));

  await playground.result.getByTestId('chart-kind').selectOption({ label: 'Histogram' });
  await chart.getByText(/^A sample of [\d,]+ of [\d,]+ rows, evenly spaced\.$/).waitFor();
});

test('a lesson opens its result as the chart that it names', async () => {
  const playground = await open({ place: '#/phase/7' });
  const panel = playground.page.locator('section.panel').filter({ has: playground.page.getByRole('heading', { name: 'Monthly cumulative revenue' }) });
  const code = panel.locator('.panel-code:visible');
  await code.locator('.button-run').click();
  await code.locator('svg[role=img]').waitFor();
  assert.equal(await code.getByRole('tab', { name: 'Chart' }).getAttribute('aria-selected'), 'true');
  assert.match(await code.locator('svg[role=img]').getAttribute('aria-label'), /^Revenue and cumulative by month\. Line chart/);
});
