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
