// One Chromium with an empty profile and one server for a file of tests, and the page as a person
// uses it. Whatever the page asks of another origin or complains about in the console is kept,
// and fails the test that caused it.

import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';
import { chromium } from 'playwright-core';
import { serve } from './site.js';

/** The time that the slowest step may take on a busy machine. */
export const PATIENCE = 60_000;

/** Starts a Chromium that can reach this machine only. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', // which root needs, as in a container
      '--disable-dev-shm-usage',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });
}

/**
 * The browser of a file of tests. `open(options)` gives a `Playground` of its own storage, which
 * is closed and inspected when the test ends.
 */
export function browser() {
  let site;
  let chrome;
  let opened = [];
  before(async () => { [site, chrome] = await Promise.all([serve(), launch()]); });
  after(async () => { await chrome?.close(); await site?.close(); });
  afterEach(async () => {
    const pages = opened;
    opened = [];
    for (const { playground } of pages) await playground.page.context().close();
    for (const { playground } of pages) {
      assert.deepEqual(playground.complaints, [], 'the console stays silent');
      assert.deepEqual(playground.foreign, [], 'nothing is asked of another origin');
    }
  });
  return {
    async open({ place = '', ready = true, ...options } = {}) {
      const context = await chrome.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      context.setDefaultTimeout(PATIENCE);
      const playground = new Playground(await context.newPage(), site.origin);
      opened.push({ playground });
      await playground.page.goto(`${site.address}${place}`);
      if (ready) await playground.ready();
      return playground;
    },
  };
}

/** What a promise gives, or an error when it takes too long: `page.evaluate` would wait for ever. */
async function patiently(promise, what) {
  let timer;
  const late = new Promise((_, giveUp) => {
    timer = setTimeout(() => giveUp(new Error(`waited in vain: ${what}`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Waits until there are that many of something: what a click does is drawn in a later frame. */
export async function counted(locator, wanted) {
  const end = Date.now() + PATIENCE;
  let found = await locator.count();
  while (found !== wanted && Date.now() < end) {
    await new Promise((later) => { setTimeout(later, 20); });
    found = await locator.count();
  }
  assert.equal(found, wanted, `the number of ${locator}`);
}

/** The page as a person sees it. */
class Playground {
  complaints = [];
  foreign = [];
  requests = [];

  constructor(page, origin) {
    this.page = page;
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('request', (request) => {
      const url = new URL(request.url());
      this.requests.push(url.pathname);
      if (!['blob:', 'data:'].includes(url.protocol) && url.origin !== origin) this.foreign.push(url.href);
    });
  }

  /** Waits until the engine answers. */
  async ready() {
    await this.page.waitForFunction(() => window.playground !== undefined);
    await patiently(this.page.evaluate(() => window.playground.ready), 'the engine is ready');
  }

  /** Calls `window.playground[method]`: `{ value }`, or `{ error }` when the promise was rejected. */
  call(method, ...args) {
    return patiently(this.page.evaluate(
      ([name, given]) => window.playground[name](...given).then((value) => ({ value }), (error) => ({ error })),
      [method, args],
    ), `${method} answers`);
  }

  /** The rows of a query, for tests that expect it to run. */
  async query(sql, params) {
    const { value, error } = await this.call('query', sql, params);
    assert.equal(error, undefined, `${sql}: ${error?.message}`);
    return value.rows;
  }

  get editor() { return this.page.getByLabel('Editor').locator('.cm-content'); }

  get result() { return this.page.locator('section[aria-label="Result"]'); }

  get grid() { return this.result.getByRole('grid'); }

  get problem() { return this.result.getByRole('alert'); }

  /** Replaces the editor's text, as by pasting. */
  async write(text) {
    await this.editor.click();
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.insertText(text);
  }

  /** Writes a text, runs it and waits until the page has done with it. */
  async run(text) {
    await this.write(text);
    await this.page.keyboard.press('Control+Enter');
    await this.settled();
  }

  /** Waits until nothing runs in the result pane. */
  async settled() {
    // The answer to a run is drawn in a later frame than the keystroke.
    await this.page.evaluate(() => new Promise((drawn) => { requestAnimationFrame(() => setTimeout(drawn, 50)); }));
    await this.result.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
  }

  /** The cells of the rows that are drawn. */
  async rows() {
    await this.grid.getByRole('gridcell').first().waitFor();
    return this.grid.getByRole('row').evaluateAll((rows) => rows
      .map((row) => [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent))
      .filter((cells) => cells.length > 0));
  }

  /** The text that is underlined as wrong. */
  async underlined() {
    const marks = this.page.locator('.cm-lintRange-error');
    await marks.first().waitFor();
    return (await marks.allTextContents()).join('');
  }
}
