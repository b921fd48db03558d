// What the first load fetches, observed in a browser that has seen nothing yet: `./dev size`.

import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { launch } from './browser.js';
import { dist, fileOf, serve } from './site.js';

const [site, chrome] = await Promise.all([serve(), launch()]);
const page = await chrome.newPage();
const fetched = new Set();
page.on('request', (request) => {
  const url = new URL(request.url());
  if (url.origin === site.origin) fetched.add(fileOf(url.pathname));
});
await page.goto(site.address);
await page.waitForFunction(() => window.playground !== undefined);
await page.evaluate(() => window.playground.ready);
await page.locator('.cm-content').waitFor();
await page.waitForLoadState('networkidle');
await chrome.close();
await site.close();

const sizes = [...fetched].map((path) => {
  const bytes = readFileSync(dist + path);
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  return { path: path.slice(1), raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotli.length };
});
sizes.sort((a, b) => b.raw - a.raw || (a.path < b.path ? -1 : 1));
const sum = (kind) => sizes.reduce((total, file) => total + file[kind], 0);
const table = [...sizes, { path: 'all of it', raw: sum('raw'), gzip: sum('gzip'), brotli: sum('brotli') }];
const width = Math.max(...table.map(({ path }) => path.length));
const number = (bytes) => bytes.toLocaleString('en-US').padStart(12);
console.log(`${'file'.padEnd(width)}${'raw'.padStart(12)}${'gzip'.padStart(12)}${'brotli'.padStart(12)}`);
for (const { path, raw, gzip, brotli } of table) {
  console.log(`${path.padEnd(width)}${number(raw)}${number(gzip)}${number(brotli)}`);
}
