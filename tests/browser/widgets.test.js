// The special panels: the lost update stepped to its end, frames, the timeline of queries.

import assert from 'node:assert/strict';
import test from 'node:test';
import { browser, counted } from './browser.js';

const { open } = browser();

/** A page of the course and one of its panels. */
async function panelOf(place, title) {
  const playground = await open({ place });
  const heading = playground.page.getByRole('heading', { name: title, exact: true });
  const panel = playground.page.locator('section.panel').filter({ has: heading });
  await panel.waitFor();
  return { playground, page: playground.page, panel };
}

test('the lost update is stepped to its end with the keyboard alone', async () => {
  const { playground, page, panel } = await panelOf('#/phase/3', 'The lost update');
  const stock = panel.getByTestId('lost-stock');
  await stock.waitFor();
  const before = Number(await stock.innerText());
  const [[asked]] = await playground.query('SELECT stock FROM product WHERE id = 8');
  assert.equal(before, asked);

  const steps = async (count) => {
    await panel.locator('.button-next').focus();
    for (let step = 1; step <= count; step += 1) {
      await page.keyboard.press('Enter');
      await panel.getByText(`Step ${step} of ${count}`).waitFor();
      await page.waitForFunction((taken) => document.querySelectorAll('.lost-step:not(.is-to-come)').length === taken + 1, step);
    }
  };
  await steps(6);
  assert.equal(Number(await stock.innerText()), before - 1, 'one of the two sales is lost');
  assert.match(await panel.getByTestId('lost-verdict').innerText(), new RegExp(`the stock is ${before - 1} and should be ${before - 2}`));
  await page.keyboard.press('Enter');
  await panel.getByText('Step 0 of 6').waitFor();

  await panel.getByRole('button', { name: 'F("stock") - 1' }).press('Enter');
  await panel.getByText('Step 0 of 6').waitFor();
  await steps(6);
  assert.match(await panel.getByTestId('lost-verdict').innerText(), /^Right/);
  await counted(panel.locator('.lost-sql').filter({ hasText: /UPDATE .*"stock" - 1/ }), 2);

  await panel.getByRole('button', { name: 'select_for_update()' }).press('Enter');
  await panel.getByText('Step 0 of 9').waitFor();
  await steps(9);
  assert.match(await panel.getByTestId('lost-verdict').innerText(), /^Right/);
  await counted(panel.getByText('A has locked the row'), 1);
  assert.equal(Number(await stock.innerText()), before - 2);
  const [[after]] = await playground.query('SELECT stock FROM product WHERE id = 8');
  assert.equal(after, asked, 'the learner’s own data is left alone');
});

test('the frame of a row is drawn under the pointer and with the arrow keys', async () => {
  const { page, panel } = await panelOf('#/phase/7', 'Frames, drawn');
  const frames = panel.getByTestId('frames');
  const said = frames.getByTestId('frame-said');
  await said.waitFor();
  const row = (name) => frames.getByRole('row').filter({ hasText: name });
  const inside = () => frames.locator('tr.is-inside th').allInnerTexts();

  await row('The ORM Cookbook').hover();
  await frames.getByText(/^The ORM Cookbook, in Books: 2 of 3 rows are in its frame\./).waitFor();
  assert.deepEqual(await inside(), ['The ORM Cookbook', 'SQL for Mortals']);
  const ties = await row('SQL for Mortals').locator('.frames-tie').allInnerTexts();
  assert.deepEqual(ties, ['1', '1'], 'two books of one price share their place');

  await page.mouse.move(0, 0);
  await frames.getByRole('grid').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await frames.getByText(/^Two Scoops of Django, in Books: 2 of 3/).waitFor();
  assert.deepEqual(await inside(), ['SQL for Mortals', 'Two Scoops of Django']);

  await frames.getByTestId('frame-frame').selectOption('RANGE');
  await frames.getByTestId('frame-from').selectOption('the current row');
  await frames.getByTestId('frame-to').selectOption('the current row');
  await frames.getByTestId('frame-exclude').selectOption('Current row');
  await row('The ORM Cookbook').hover();
  await frames.getByText(/^The ORM Cookbook, in Books: 1 of 3 rows are in its frame, 1 excluded/).waitFor();
  assert.match(await frames.getByTestId('frame-sql').innerText(), /RANGE BETWEEN CURRENT ROW AND CURRENT ROW EXCLUDE CURRENT ROW/);

  await frames.getByTestId('frame-rows').selectOption('months');
  await frames.getByText(/^\d{4}-\d\d: \d of \d+ rows are in its frame/).waitFor();
});

test('slow and fast show their queries in time, to one scale', async () => {
  const { panel } = await panelOf('#/phase/5', 'Orders with customers');
  const [slow, fast] = await panel.locator('.panel-code:visible').all();
  const timeline = (code) => code.getByTestId('timeline');
  for (const code of [slow, fast]) {
    await code.locator('.button-run').click();
    await timeline(code).waitFor();
  }
  assert.equal(await timeline(slow).locator('strong').innerText(), '101 queries');
  assert.equal(await timeline(fast).locator('strong').innerText(), '1 query');
  assert.match(await timeline(slow).locator('.timeline-total').innerText(), /^[\d.]+ m?s in all$/);
  await counted(timeline(slow).locator('.timeline-query'), 101);
  const width = (code) => timeline(code).locator('.timeline-run').getAttribute('width').then(Number);
  const [long, short] = [await width(slow), await width(fast)];
  assert.ok(long > short && long === 1000, `${long} and ${short} of 1000`);

  await slow.getByRole('tab', { name: 'Queries 101' }).click();
  await counted(slow.locator('.query-when span'), 101);
  await counted(timeline(slow), 1);
});

test('the marketplace’s Python files are coloured, and their colours go with them', async () => {
  const { page, panel } = await panelOf('#/phase/1', 'Create the models');
  await panel.locator('.python-file').waitFor();
  const words = (kind) => page.evaluate((name) => [...CSS.highlights.get(name)]
    .map((range) => range.startContainer.data.slice(range.startOffset, range.endOffset)), kind);
  await page.waitForFunction(() => CSS.highlights.get('code-keyword')?.size > 0);
  assert.ok((await words('code-keyword')).includes('class'));
  assert.ok((await words('code-string')).includes('"""Somebody who buys."""'));
  await page.locator('.rail a[href="#/schema"]').click();
  await page.waitForFunction(() => CSS.highlights.get('code-keyword').size === 0);
});
