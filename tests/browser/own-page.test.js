// Pages of a teacher's own, and the progress as a file.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { browser, counted } from './browser.js';

const { open } = browser();
const example = readFileSync(new URL('../../src/lessons/example.md', import.meta.url), 'utf8');
const [, answer] = /```django solution\n([\s\S]*?)```/.exec(example);

const file = (name, text, mimeType = 'text/markdown') => ({ name, mimeType, buffer: Buffer.from(text) });
const own = (playground) => playground.page.getByRole('region', { name: 'Pages of your own' });
const progress = (playground) => playground.page.getByRole('region', { name: 'Your progress' });
const load = (playground, given) => own(playground).locator('input[type=file]').setInputFiles(given);

test('a page from the disk is drawn, runs, is checked, stays after a reload and can be removed', async () => {
  const playground = await open({ place: '#/course' });
  const { page } = playground;
  await load(playground, file('Joins.md', example));
  await page.getByRole('heading', { level: 1, name: 'A page of your own' }).waitFor();
  await page.waitForFunction(() => location.hash === '#/own/1');

  const panel = page.locator('section.panel:not(.exercise)').first();
  await panel.locator('.panel-code:visible .button-run').click();
  await panel.locator('.panel-code:visible .result-status').waitFor();
  assert.equal(await panel.getByRole('alert').count(), 0);

  const exercise = page.locator('section.exercise');
  await exercise.scrollIntoViewIfNeeded();
  await exercise.locator('.panel-code:visible .cm-content').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(answer);
  await page.keyboard.press('Control+Enter');
  await exercise.locator('.panel-code:visible .verdict.is-right').waitFor();

  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'A page of your own' }).waitFor();
  await page.locator('section.exercise.is-solved').waitFor();
  const link = page.locator('.rail-link', { hasText: 'A page of your own' });
  assert.match(await link.innerText(), /1\/1/);

  await page.locator('.own-tools').getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('heading', { level: 1, name: 'Course' }).waitFor();
  await counted(link, 0);
  await page.reload();
  await playground.ready();
  await counted(link, 0);
});

test('a page with faults is shown with their lines and mends', async () => {
  const playground = await open({ place: '#/course' });
  const { page } = playground;
  await load(playground, file('faults.md', '# T\n\n## P\n\n```django\n1\n```\n\n```widget\nnonsense\n```\n\n[out](https://example.org)\n'));
  const faults = page.locator('.own-faults');
  await faults.waitFor();
  const text = await faults.innerText();
  assert.match(text, /2 faults/);
  assert.match(text, /line 10/);
  assert.match(text, /Widgets are models/);
  assert.equal(await page.locator('article a[href*="example.org"]').count(), 0);
});

test('HTML, scripts and links of a page do nothing', async () => {
  const playground = await open({ place: '#/course' });
  const { page } = playground;
  const hostile = '# T <img src=x onerror="window.hit=1">\n\n<script>window.hit = 1</script>\n\n'
    + '[go](javascript:window.hit=1) ![x](https://example.org/x.png)\n\n## P <b>bold</b>\n\n```django\n1\n```\n';
  await load(playground, file('hostile.md', hostile));
  await page.locator('section.panel').waitFor();
  assert.equal(await page.locator('article script, article img, article b, article a[href^="javascript"]').count(), 0);
  assert.equal(await page.evaluate(() => window.hit), undefined);
});

test('what is no lesson is refused with a reason, and nothing is lost', async () => {
  const playground = await open({ place: '#/course' });
  const { page } = playground;
  await load(playground, file('good.md', example));
  await page.getByRole('heading', { level: 1, name: 'A page of your own' }).waitFor();
  await page.locator('.rail-link', { hasText: 'Overview' }).click();
  for (const [bad, reason] of [
    [file('notes.md', 'Just some notes.'), /no panel and no exercise/],
    [file('image.md', '\u0000\u0001PNG'), /no text/],
    [file('large.md', 'x'.repeat((1 << 20) + 1)), /longer than 1 MB/],
  ]) {
    await load(playground, bad);
    const refused = page.locator('.own-refused').filter({ hasText: bad.name });
    await refused.waitFor();
    assert.match(await refused.innerText(), reason);
  }
  await counted(own(playground).getByRole('listitem'), 1);
});

test('a file that is dropped on the page becomes a page', async () => {
  const playground = await open({ place: '#/schema' });
  const { page } = playground;
  const data = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], 'dropped.md', { type: 'text/markdown' }));
    return transfer;
  }, example);
  await page.dispatchEvent('main', 'dragover', { dataTransfer: data });
  await page.dispatchEvent('main', 'drop', { dataTransfer: data });
  await page.getByRole('heading', { level: 1, name: 'A page of your own' }).waitFor();
});

test('progress is saved to a file, forgotten when asked twice, and loaded again', async () => {
  const playground = await open({ place: '#/course', acceptDownloads: true });
  const { page } = playground;
  await page.evaluate(() => localStorage.setItem('progress', '1/a\n2/b\nown:joins/c\n'));
  await page.reload();
  await playground.ready();
  const section = progress(playground);
  assert.match(await section.innerText(), /3 exercises solved/);

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    section.getByRole('button', { name: 'Save to a file' }).click(),
  ]);
  const saved = readFileSync(await download.path(), 'utf8');
  assert.equal(saved, 'Marketplace Analytics progress\n1/a\n2/b\nown:joins/c\n');

  // Escape, and the answer that has the cursor, keep everything.
  const forget = section.getByRole('button', { name: 'Forget all' }).first();
  await forget.press('Enter');
  await page.getByRole('alertdialog').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Keep them');
  await page.keyboard.press('Escape');
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  assert.match(await section.innerText(), /3 exercises solved/);
  await forget.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await section.getByText('No exercise is solved yet').waitFor();

  const input = section.locator('input[type=file]');
  await input.setInputFiles(file('p.txt', saved, 'text/plain'));
  await section.getByText('Added 3 exercises; 0 you had already.').waitFor();
  for (const [bad, reason] of [
    ['{}', /no saved progress/],
    ['Marketplace Analytics progress\n1/a\nnonsense', /Line 3 is no exercise: "nonsense"/],
  ]) {
    await input.setInputFiles(file('bad.txt', bad, 'text/plain'));
    const alert = section.getByRole('alert').filter({ hasText: reason });
    await alert.waitFor();
    assert.match(await alert.innerText(), /Nothing was changed/);
  }
  await input.setInputFiles(file('p.txt', 'Marketplace Analytics progress\n1/a\n9/z\n', 'text/plain'));
  await section.getByText('Added 1 exercise; 1 you had already.').waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem('progress')), '1/a\n2/b\n9/z\nown:joins/c\n');
});
