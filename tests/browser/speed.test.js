// How long a person waits. The figures are printed; the limit leaves room for a busy machine.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser } from './browser.js';

const { open } = browser();

test('the first Django code does not wait for the shell', async (t) => {
  const playground = await open();
  const time = () => playground.page.evaluate(async () => {
    const start = performance.now();
    await window.playground.django('Order.objects.count()');
    return Math.round(performance.now() - start);
  });
  // The worker makes the shell when nothing has been asked for a moment.
  await playground.page.waitForTimeout(2500);
  const [first, second] = [await time(), await time()];
  const fresh = await open();
  const cold = await fresh.page.evaluate(async () => {
    await window.playground.reset();
    const start = performance.now();
    await window.playground.django('Order.objects.count()');
    return Math.round(performance.now() - start);
  });
  t.diagnostic(`first Django code after a quiet moment ${first} ms, second ${second} ms, at once after a reset ${cold} ms`);
  assert.ok(first < 300, `${first} ms`);
});

test('a phase stands there soon after the click on it', async (t) => {
  const { page } = await open();
  await page.locator('.rail a[href="#/phase/9"]').waitFor();
  // All pages have been read, and one of them drawn out of sight, when nothing has been asked for a moment.
  await page.waitForTimeout(2500);
  const times = [];
  for (let phase = 1; phase <= 9; phase += 1) {
    times.push(await page.evaluate(async (link) => {
      const before = document.querySelector('.page-lesson');
      const turn = () => new Promise((done) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = done;
        port2.postMessage(0);
      });
      const start = performance.now();
      document.querySelector(`.rail a[href="${link}"]`).click();
      while ([null, before].includes(document.querySelector('.page-lesson'))) await turn();
      return Math.round(performance.now() - start);
    }, `#/phase/${phase}`));
    await page.waitForTimeout(400);
  }
  t.diagnostic(`from the click to phases 1 to 9: ${times.join(', ')} ms`);
  assert.ok(Math.max(...times) < 300, `${times} ms`);
});
