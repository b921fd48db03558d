// The course as a learner goes through it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { browser, counted } from './browser.js';

const { open } = browser();

for (let phase = 1; phase <= 9; phase += 1) {
  test(`every panel of phase ${phase} runs`, async () => {
    const playground = await open({ place: `#/phase/${phase}` });
    const panels = playground.page.locator('section.panel:not(.exercise)');
    await panels.first().waitFor();
    assert.ok(await panels.count() >= 6, 'a phase has its panels');
    assert.ok(await playground.page.locator('section.exercise').count() >= 6, 'and its exercises');
    for (const panel of await panels.all()) {
      const title = await panel.locator('h2').innerText();
      for (const code of await panel.locator('.panel-code:visible .live').all()) {
        await code.locator('.button-run').click();
        await code.locator('.result-status').waitFor();
        assert.equal(await code.getByRole('alert').count(), 0, `${title}: ${await code.locator('.result').innerText()}`);
      }
    }
  });
}

/** The first exercise of a page: its title and its answer in Django code. */
function exercise(file) {
  const page = readFileSync(new URL(`../../src/lessons/${file}`, import.meta.url), 'utf8');
  const [, title] = /^## Exercise: (.*)$/m.exec(page);
  const [, answer] = /```django solution\n([\s\S]*?)```/.exec(page.slice(page.indexOf(title)));
  return { title, answer };
}

test('an exercise is solved with the keyboard alone, and stays solved', async () => {
  const playground = await open({ place: '#/phase/2' });
  const { title, answer } = exercise('phase_2_aggregations.md');
  const section = playground.page.locator('section.exercise').filter({ hasText: title }).first();
  // An editor comes when it is nearly in sight.
  await section.scrollIntoViewIfNeeded();
  const editor = section.locator('.panel-code:visible .cm-content');
  await editor.waitFor();

  await editor.focus();
  await playground.page.keyboard.press('Control+A');
  await playground.page.keyboard.insertText('Customer.objects.none()');
  await playground.page.keyboard.press('Control+Enter');
  await section.locator('.panel-code:visible .verdict.is-wrong').waitFor();

  await playground.page.keyboard.press('Control+A');
  await playground.page.keyboard.insertText(answer);
  await playground.page.keyboard.press('Control+Enter');
  await section.locator('.panel-code:visible .verdict.is-right').waitFor();
  await section.locator('.exercise-solved').waitFor();

  await playground.page.reload();
  await playground.page.locator('.rail-done').filter({ hasText: /^1\// }).waitFor({ state: 'attached' });
  await playground.page.locator('section.exercise.is-solved').filter({ hasText: title }).first().waitFor();
});

test('hints come one by one, and the solution when asked for', async () => {
  const playground = await open({ place: '#/phase/4' });
  const section = playground.page.locator('section.exercise').first();
  await section.getByRole('button', { name: 'Hint' }).click();
  await counted(section.locator('.hint'), 1);
  await section.getByRole('button', { name: 'Show the solution' }).click();
  await section.getByRole('heading', { name: 'Solution' }).waitFor();
});

test('on a wide screen code and SQL stand side by side, and light up together', async () => {
  const playground = await open({ place: '#/phase/2', viewport: { width: 1600, height: 1000 } });
  const { page } = playground;
  const live = page.locator('section.panel:not(.exercise) .live').filter({ has: page.locator('.live-sql:visible') }).first();
  await live.scrollIntoViewIfNeeded();
  await live.locator('.cm-content').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText('cities = Customer.objects.values_list("city", flat=True).distinct()\nlist(cities)\nOrder.objects.count()');
  await live.locator('.button-run').click();
  const statements = live.locator('.live-sql li');
  await statements.nth(1).waitFor();
  const [code, sql] = await Promise.all([live.locator('.editor').boundingBox(), live.locator('.live-sql').boundingBox()]);
  assert.ok(sql.x >= code.x + code.width - 1 && Math.abs(sql.y - code.y) < 4, 'they stand side by side');

  await statements.nth(1).hover();
  const lit = live.locator('.cm-lit');
  await lit.waitFor();
  assert.equal(await lit.innerText(), 'Order.objects.count()');
  await page.mouse.move(0, 0);
  await lit.waitFor({ state: 'detached' });

  await live.locator('.cm-line').nth(1).click();
  await live.locator('.live-sql li.is-lit').waitFor();
  assert.match(await live.locator('.live-sql li.is-lit').innerText(), /DISTINCT/);
});
