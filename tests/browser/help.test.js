// The help pages, links that open a text, and help while typing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser } from './browser.js';

const { open } = browser();

test('the help page is searched, and an example opens in the playground and runs', async () => {
  const playground = await open({ place: '#/help/sql' });
  const { page } = playground;
  const entries = page.locator('.help-entry');
  await entries.first().waitFor();
  const all = await entries.count();
  assert.ok(all > 300, `${all} entries`);
  await page.getByRole('searchbox').fill('distinct on');
  await page.locator('.help-count').filter({ hasText: /^\d{1,2} entr/ }).waitFor();
  assert.ok(await entries.count() < 30);
  await page.getByRole('button', { name: 'Try DISTINCT, DISTINCT ON' }).click();
  await page.waitForFunction(() => document.querySelector('.cm-content')?.textContent.includes('DISTINCT ON'));
  await page.waitForFunction(() => location.hash === '#/playground/sql');
  await page.locator('.playground .button-run').click();
  await playground.settled();
  assert.ok((await playground.rows()).length > 3);
});

test('Django has a help page of its own, a click away', async () => {
  const playground = await open({ place: '#/help/sql' });
  const { page } = playground;
  await page.getByRole('button', { name: 'Django', exact: true }).click();
  await page.getByRole('heading', { name: 'QuerySets' }).waitFor();
  await page.waitForFunction(() => location.hash === '#/help/django');
  await page.getByRole('searchbox').fill('select_related');
  await page.locator('.help-entry').filter({ hasText: 'QuerySet.select_related(*fields)' }).waitFor();
  await page.getByRole('searchbox').fill('no such name');
  await page.getByText('Nothing of that name.').waitFor();
});

test('the address says which language the playground is in, and follows back and forward', async () => {
  const playground = await open();
  const { page } = playground;
  await page.getByRole('button', { name: 'Django', exact: true }).click();
  await page.waitForFunction(() => location.hash === '#/playground/django');
  await page.getByRole('button', { name: 'SQL', exact: true }).click();
  await page.waitForFunction(() => location.hash === '#/playground/sql');
  await page.goBack();
  await page.getByRole('button', { name: 'Django', exact: true, pressed: true }).waitFor();
});

test('a shared link opens its text, and what stood there is in the history', async () => {
  const playground = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
  const { page } = playground;
  const text = 'SELECT \'é😀\' AS a,\n       42 AS b';
  await playground.write(text);
  await page.getByRole('button', { name: 'Share' }).click();
  await page.locator('.notice').filter({ hasText: 'Link copied' }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /#\/playground\/sql\/[\w-]+$/);

  await playground.write('SELECT 1 AS mine');
  await page.evaluate((href) => { location.href = href; }, link);
  await page.locator('.notice').filter({ hasText: 'Opened from a link' }).waitFor();
  await page.waitForFunction(() => location.hash === '#/playground/sql');
  await page.locator('.playground .button-run').click();
  await playground.settled();
  assert.deepEqual(await playground.rows(), [['é😀', '42']]);
  await page.getByRole('button', { name: 'History' }).click();
  await page.locator('.past').getByText('SELECT 1 AS mine').waitFor();

  // A first visit by a link finds the text too; a link that was cut off says so.
  const visitor = await open({ place: link.slice(link.indexOf('#')) });
  await visitor.page.waitForFunction(() => document.querySelector('.cm-content')?.textContent.includes('42 AS b'));
  const cut = await open({ place: `${link.slice(link.indexOf('#'), -6)}` });
  await cut.page.locator('.notice').filter({ hasText: 'This link brings no text' }).waitFor();
});

/** The playground's editor for Django code, emptied. */
async function typing() {
  const playground = await open({ place: '#/playground/django' });
  await playground.editor.waitFor();
  await playground.write('');
  return playground;
}

test('a path of lookups completes', async () => {
  const playground = await typing();
  const { page } = playground;
  await page.keyboard.type('Product.objects.filter(order_items__product__na');
  const list = page.locator('.cm-tooltip-autocomplete:not(.cm-tooltip-autocomplete-disabled)');
  const option = list.locator('li').filter({ hasText: /^name/ }).first();
  await option.waitFor();
  // The editor takes no key for a list that opened less than 75 ms ago, lest it surprise who types.
  await page.waitForTimeout(300);
  await option.waitFor();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('.cm-content').textContent.includes('order_items__product__name'));
});

test('a call that is typed shows its arguments, the one that is typed among them', async () => {
  const playground = await typing();
  const { page } = playground;
  await page.keyboard.type('Product.objects.values_list("name", ');
  const tip = page.locator('.assist').filter({ hasText: 'values_list(' });
  await tip.waitFor();
  assert.match(await tip.innerText(), /flat=False/);
});

test('a name under the pointer is described', async () => {
  const playground = await typing();
  const { page } = playground;
  await page.keyboard.insertText('Product.objects.annotate(n=Count("order_items"))');
  await page.keyboard.press('Escape');
  const word = page.locator('.cm-line span', { hasText: /annotate/ }).first();
  const box = await word.count() > 0 ? await word.boundingBox() : null;
  const place = box ?? await page.evaluate(() => {
    const walker = document.createTreeWalker(document.querySelector('.cm-line'), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.textContent.indexOf('annotate');
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 8);
      const { x, y, width, height } = range.getBoundingClientRect();
      return { x, y, width, height };
    }
    return null;
  });
  await page.mouse.move(place.x + place.width / 2, place.y + place.height / 2);
  const tip = page.locator('.assist').filter({ hasText: 'annotate(' });
  await tip.waitFor();
  assert.match(await tip.innerText(), /Adds a named value to every row/);
});
