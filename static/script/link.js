// Texts in links: packed by the browser's own compressor, written with letters that an address
// keeps as they are. `src/app/place.rs` has the form of such an address.

/** The longest text that a link may bring: a few bytes could else unpack to all of the memory. */
const LONGEST = 1 << 20;

/** A text as letters, digits, `-` and `_`. */
export async function packText(text) {
  const bytes = await collect(through(new TextEncoder().encode(text), new CompressionStream('deflate-raw')), Infinity);
  let letters = '';
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The text that was packed; rejects when the letters are none. */
export async function unpackText(packed) {
  const letters = atob(packed.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const text = await collect(through(bytes, new DecompressionStream('deflate-raw')), LONGEST);
  return new TextDecoder('utf-8', { fatal: true }).decode(text);
}

const through = (bytes, stream) => new Blob([bytes]).stream().pipeThrough(stream).getReader();

async function collect(reader, longest) {
  const parts = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > longest) {
      await reader.cancel();
      throw new RangeError('the text is too long');
    }
    parts.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
}
