// How the pages look: pictures for people, in target/screenshots, and what a machine can judge of
// them. `UPDATE=1 ./dev test` also refreshes the picture of the README.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { browser } from './browser.js';

const { open } = browser();
const folder = fileURLToPath(new URL('../../target/screenshots', import.meta.url));
mkdirSync(folder, { recursive: true });

const QUERY = `SELECT c.name AS category, COUNT(*) AS items, SUM(i.quantity * i.unit_price) AS revenue
FROM order_item i
JOIN product p ON p.id = i.product_id
JOIN category c ON c.id = p.category_id
GROUP BY c.name
ORDER BY revenue DESC`;

const phases = Array.from({ length: 9 }, (_, at) => [`phase-${at + 1}`, `#/phase/${at + 1}`]);
const places = {
  playground: '', course: '#/course', ...Object.fromEntries(phases), dashboard: '#/dashboard', schema: '#/schema',
  'help-sql': '#/help/sql', 'help-django': '#/help/django',
};
// What is there when all of a page is, for pages that come in pieces.
const whole = { course: '.course-list li:last-child :text("exercises")', dashboard: '.tile-months svg[role=img]' };
const screens = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

for (const [place, fragment] of Object.entries(places)) {
  for (const [screen, viewport] of Object.entries(screens)) {
    for (const colorScheme of ['light', 'dark']) {
      test(`${place} fits a ${screen} screen in ${colorScheme} colours`, async () => {
        const playground = await open({ place: fragment, viewport, colorScheme, hasTouch: screen === 'phone' });
        const { page } = playground;
        if (place === 'playground') {
          // A picture of an ordinary run: the browser has compiled the engine by then.
          await page.waitForTimeout(2000);
          await playground.write(QUERY);
          await page.keyboard.press('Control+Enter');
          await playground.settled();
          await playground.rows();
        } else {
          await page.getByRole('heading', { level: 1 }).waitFor();
          if (whole[place]) await page.locator(whole[place]).first().waitFor();
        }
        const file = `${folder}/${place}-${screen}-${colorScheme}.png`;
        await page.screenshot({ path: file });
        if (process.env.UPDATE === '1' && file.endsWith('/playground-wide-light.png')) {
          copyFileSync(file, fileURLToPath(new URL('../../static/playground.png', import.meta.url)));
        }
        // The work area scrolls by itself, so that the page's own width does not tell. On a narrow
        // screen the playground's editor wraps what is too long.
        const areas = ['html', '.work', ...(screen === 'phone' ? ['.playground .cm-scroller'] : [])];
        const wide = await page.evaluate((names) => [...document.querySelectorAll(names.join())]
          .map((area) => [area.scrollWidth, area.clientWidth]), areas);
        assert.equal(wide.length, place === 'playground' ? areas.length : 2);
        for (const [content, width] of wide) {
          assert.ok(content <= width, `${content} px wide in ${width} px`);
        }
        const [text, ground] = await page.evaluate(() => {
          const lightness = (colour) => {
            const canvas = new OffscreenCanvas(1, 1).getContext('2d');
            canvas.fillStyle = colour;
            canvas.fillRect(0, 0, 1, 1);
            const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
            return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
          };
          const style = getComputedStyle(document.body);
          return [lightness(style.color), lightness(style.backgroundColor)];
        });
        assert.equal(colorScheme === 'light', ground > text, `text ${text} on ${ground}`);
      });
    }
  }
}
