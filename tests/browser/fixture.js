// The Small data set as it was recorded, for figures that tests work out by themselves.

import { readFileSync } from 'node:fs';

export const fixture = JSON.parse(readFileSync(new URL('../oracle/fixture.json', import.meta.url), 'utf8'));

/** `[status, count]` of the orders, by status. */
export function ordersByStatus() {
  const counts = new Map();
  for (const { status } of fixture.orders) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The revenue of all items as decimal text, in whole cents all the way. */
export function revenue() {
  const cents = fixture.order_items.reduce(
    (sum, { quantity, unit_price: price }) => sum + quantity * Number(String(price).replace('.', '')),
    0,
  );
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}
