// A plain static server for the built page: right types, nothing cached, nothing invented.

import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that `./dev build` fills. */
export const dist = fileURLToPath(new URL('../../dist', import.meta.url));

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** Where the page lies on its server: the built files must not count on the top. */
const FOLDER = '/some/folder/';

/** Serves `dist` in a folder, on a free port of this machine: `{ origin, address, close }`. */
export async function serve() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const file = fileOf(pathname);
    const path = file && join(dist, file);
    const found = path && statSync(path, { throwIfNoEntry: false });
    if (!found?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': types[extname(path)] ?? 'application/octet-stream',
      'content-length': found.size,
      'cache-control': 'no-store',
    });
    createReadStream(path).pipe(response);
  });
  await new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    address: origin + FOLDER,
    close: () => new Promise((closed) => { server.close(closed); server.closeAllConnections(); }),
  };
}

/** The file within `dist` that a path of the site stands for; nothing for a path outside it. */
export function fileOf(pathname) {
  if (!pathname.startsWith(FOLDER)) return undefined;
  // `normalize` of an absolute path cannot climb out of the folder.
  return normalize(`/${pathname.slice(FOLDER.length) || 'index.html'}`);
}
