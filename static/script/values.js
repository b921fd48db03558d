// Turns blocks of columns into rows of JavaScript values; `src/wire/block.rs` writes them and
// describes the layout.

const decoder = new TextDecoder();

/** The rows of a block: an array of arrays. */
export function rows(block, columnCount, rowCount) {
  const cursor = { buffer: block.buffer, at: block.byteOffset };
  const columns = [];
  for (let c = 0; c < columnCount; c += 1) columns.push(column(cursor, rowCount));
  const result = new Array(rowCount);
  for (let r = 0; r < rowCount; r += 1) {
    const row = new Array(columnCount);
    for (let c = 0; c < columnCount; c += 1) row[c] = columns[c][r];
    result[r] = row;
  }
  return result;
}

function column(cursor, rowCount) {
  const [kind, hasNulls] = take(cursor, Uint32Array, 2);
  const nulls = hasNulls ? take(cursor, Uint8Array, rowCount) : null;
  const values = readers[kind](cursor, rowCount);
  if (!nulls) return values;
  const result = Array.isArray(values) ? values : Array.from(values);
  for (let r = 0; r < rowCount; r += 1) if (nulls[r]) result[r] = null;
  return result;
}

const readers = [
  (cursor, count) => take(cursor, Float64Array, count),
  (cursor, count) => Array.from(take(cursor, Uint8Array, count), (byte) => byte === 1),
  (cursor, count) => Array.from(take(cursor, BigInt64Array, count), (value) => {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }),
  texts,
  (cursor, count) => {
    const [size] = take(cursor, Uint32Array, 2);
    const codes = take(cursor, Uint32Array, count);
    const dictionary = texts(cursor, size);
    const result = new Array(count);
    for (let r = 0; r < count; r += 1) result[r] = dictionary[codes[r]];
    return result;
  },
];

function texts(cursor, count) {
  const offsets = take(cursor, Uint32Array, count + 1);
  const [length] = take(cursor, Uint32Array, 2);
  const text = decoder.decode(take(cursor, Uint8Array, length));
  const result = new Array(count);
  for (let r = 0; r < count; r += 1) result[r] = text.substring(offsets[r], offsets[r + 1]);
  return result;
}

/** The next `count` elements; parts start at multiples of eight bytes. */
function take(cursor, Type, count) {
  const view = new Type(cursor.buffer, cursor.at, count);
  cursor.at = (cursor.at + view.byteLength + 7) & ~7;
  return view;
}
