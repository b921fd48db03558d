// Django code in the page: typed, run, read; its queries, its errors, its memory.

import assert from 'node:assert/strict';
import test from 'node:test';
import { browser, counted } from './browser.js';
import { fixture } from './fixture.js';

const { open } = browser();

/** The page with the editor for Django code. */
async function shell() {
  const playground = await open({ place: '#/playground/django' });
  await playground.page.getByRole('button', { name: 'Django', pressed: true }).waitFor();
  await playground.editor.waitFor();
  return playground;
}

const tab = (playground, name) => playground.result.getByRole('tab', { name });

test('Django code that is typed and run with Ctrl+Enter shows its rows', async () => {
  const playground = await shell();
  await playground.run('Customer.objects.filter(is_premium=True).order_by("id")');
  const premium = fixture.customers.filter(({ is_premium: it }) => it).sort((a, b) => a.id - b.id);
  const rows = await playground.rows();
  assert.deepEqual(rows.map(([text, id]) => [text, id]), premium.map(({ name, id }) => [name, String(id)]));
  const heads = await playground.grid.getByRole('columnheader').allTextContents();
  assert.match(heads[0], /__str__/);
  await counted(tab(playground, 'Queries 1'), 1);
});

test('each language keeps its own text, and the switch is remembered', async () => {
  const playground = await shell();
  await playground.write('Order.objects.count()');
  await playground.page.getByRole('button', { name: 'SQL', exact: true }).click();
  await playground.write('SELECT 42');
  await playground.page.getByRole('button', { name: 'Django', exact: true }).click();
  await playground.page.waitForFunction(() => document.querySelector('.cm-content')?.textContent.includes('Order.objects.count()'));
});

test('printed text and the value of the last line are shown', async () => {
  const playground = await shell();
  await playground.run('print("hello")\n6 * 7');
  assert.equal((await playground.result.locator('.result-output').innerText()).trim(), 'hello');
  assert.equal(await playground.result.locator('.result-value').innerText(), '42');
});

test('a class that a person defines is there in the next run', async () => {
  const playground = await shell();
  await playground.run('class Cheap(models.QuerySet):\n    def cheap(self):\n        return self.filter(price__lt=50)\n');
  await playground.run('Cheap(Product).cheap().count()');
  const cheap = fixture.products.filter(({ price }) => Number(price) < 50).length;
  assert.equal(await playground.result.locator('.result-value').innerText(), String(cheap));
});

test('an N+1 is counted, named and its mend told; a click selects its code', async () => {
  const playground = await shell();
  await playground.run('orders = Order.objects.all()[:10]\nfor order in orders:\n    print(order.customer.name)');
  await tab(playground, 'Queries 11').click();
  const advice = await playground.result.locator('.advice').first().innerText();
  assert.match(advice, /10 queries for Order\.customer, line 3/);
  assert.match(advice, /select_related\('customer'\)/);
  await playground.result.locator('.queries-table tbody tr').nth(1).click();
  assert.equal(await playground.page.evaluate(() => String(window.getSelection())), 'order.customer');
  assert.ok(await playground.result.locator('tr.is-lit').count() >= 10);
});

test('statements and plans of Django code are shown', async () => {
  const playground = await shell();
  await playground.run('Order.objects.filter(customer__is_premium=True).count()');
  await tab(playground, 'SQL').click();
  assert.match(await playground.result.locator('.statements').innerText(), /INNER JOIN "customer"/);
  await tab(playground, 'Plan').click();
  await playground.result.locator('.plan-node').first().waitFor();
  assert.match(await playground.result.locator('.plan-tree').innerText(), /customer/);
});

test('an exception shows class, message and place, and is underlined', async () => {
  const playground = await shell();
  await playground.run('x = 1\nProduct.objects.filter(nme="x")');
  const text = await playground.problem.innerText();
  assert.match(text, /FieldError/);
  assert.match(text, /Cannot resolve keyword 'nme' into field/);
  assert.match(text, /line 2/);
  assert.match(await playground.underlined(), /filter\(nme/);
});

test('recursion and endless loops end with a clear error, and the shell goes on', async () => {
  const playground = await shell();
  for (const [code, name] of [
    ['def f(n):\n    return f(n + 1)\nf(0)', 'RecursionError'],
    [`${'('.repeat(60)}1${')'.repeat(60)}\nx = ${'-'.repeat(1200)}1\nx = [[]]\nfor n in range(2000):\n    x = [x]\nrepr(x)`, null],
    ['while True:\n    pass', 'BudgetExceeded'],
    ['while True:\n    print("x" * 1000)', 'BudgetExceeded'],
  ]) {
    const { error } = await playground.call('django', code);
    if (name) assert.equal(error.code, name);
    const { value } = await playground.call('django', '1 + 1');
    assert.equal(value.repr, '2', 'the worker lives');
  }
});

test('Cancel brings definitions and changes back, and names the variables that are lost', async () => {
  const playground = await shell();
  await playground.run('limit = 5\ndef double(n):\n    return 2 * n\nProduct.objects.filter(id=1).update(stock=4711)');
  await playground.write('sum(a * b for a in range(100000) for b in range(100000))\nwhile True:\n    Order.objects.count()');
  await playground.page.keyboard.press('Control+Enter');
  await playground.page.locator('.playground .button-stop').click();
  await playground.page.locator('.playground .button-run:not(.button-stop)').and(playground.page.locator(':enabled')).waitFor();
  assert.match(await playground.page.locator('.notice').innerText(), /limit/);
  const { value } = await playground.call('django', '(double(4), Product.objects.get(id=1).stock)');
  assert.equal(value.repr, '(8, 4711)');
});

test('window.playground.django gives plain data and queries', async () => {
  const playground = await open();
  const { value, error } = await playground.call('django', 'print("hi")\nProduct.objects.filter(id__lte=2).order_by("id")');
  assert.equal(error, undefined, error?.message);
  assert.equal(value.stdout, 'hi\n');
  assert.match(value.repr, /^<ProductQuerySet \[<Product: /);
  const [first] = fixture.products.sort((a, b) => a.id - b.id);
  assert.equal(value.value.length, 2);
  assert.equal(value.value[0].id, first.id);
  assert.equal(value.value[0].price, String(first.price));
  assert.match(value.value[0].created_at, /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.equal(value.queries.length, 1);
  const [query] = value.queries;
  assert.match(query.sql, /^SELECT .* FROM "product"/);
  assert.deepEqual([query.rows, query.line, query.similar, query.duplicate], [2, 2, 1, 1]);
  assert.equal(typeof query.ms, 'number');
  const failed = await playground.call('django', 'Order.objects.get(id=0)');
  assert.equal(failed.error.code, 'DoesNotExist');
  assert.match(failed.error.traceback, /Order matching query does not exist/);
});

test('a statement under the pointer lights its line up, and a line its statements', async () => {
  const playground = await shell();
  await playground.run('n = Product.objects.count()\nOrder.objects.filter(id=1)');
  await tab(playground, 'SQL').click();
  const statements = playground.result.locator('.statements li');
  await statements.first().hover();
  const lit = playground.page.locator('.cm-lit');
  await lit.waitFor();
  assert.equal(await lit.innerText(), 'n = Product.objects.count()');
  await playground.page.locator('.cm-line').nth(1).click();
  await playground.result.locator('.statements li.is-lit').filter({ hasText: '"orders"' }).waitFor();
});
