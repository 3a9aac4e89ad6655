// A static file server for the tests: serves the built app as any plain host would, under any path, and lets a test hold
// back, break or count requests.
//
//   node serve.mjs [--port 8123] [--prefix /course/lookout/] [--no-policy]
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HERE = path.dirname(fileURLToPath(import.meta.url));
export const DIST = process.env.LOOKOUT_DIST ?? path.resolve(HERE, '../../dist');
/** The policy that the app promises to work under. */
export const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

/**
 * Starts a server.
 *
 * @param {object} options
 * @param {string} [options.folder] what to serve
 * @param {string} [options.prefix] the path it is served under, with a slash at both ends
 * @param {boolean} [options.policy] whether to send the content security policy
 * @param {Record<string, string>} [options.headers] more headers for every response
 * @param {number} [options.port] 0 for any free one
 * @returns {Promise<{url: string, requests: string[], intercept: Function | null, close: () => Promise<void>}>}
 *   `intercept(name, response)` may be set at any time: it is called for every file, may answer by itself (return true)
 *   or return a promise to hold the file back.
 */
export async function serve({ folder = DIST, prefix = '/', policy = true, headers = {}, port = 0 } = {}) {
  const server = { requests: [], intercept: null };
  const http = createServer((request, response) => {
    answer(request, response).catch((error) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });

  async function answer(request, response) {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (!pathname.startsWith(prefix)) {
      response.writeHead(404).end('not found\n');
      return;
    }
    const name = decodeURIComponent(pathname.slice(prefix.length)) || 'index.html';
    server.requests.push(name);
    if (await server.intercept?.(name, response)) return;
    const file = path.join(folder, path.normalize(`/${name}`));
    const info = await stat(file).catch(() => null);
    if (!info?.isFile()) {
      response.writeHead(404).end('not found\n');
      return;
    }
    response.writeHead(200, {
      'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
      'content-length': info.size,
      'cache-control': 'no-store', // what is there on a second visit must come from the app's own caches
      ...(policy ? { 'content-security-policy': POLICY } : {}),
      ...headers,
    });
    createReadStream(file).pipe(response);
  }

  await new Promise((resolve, reject) => http.once('error', reject).listen(port, '127.0.0.1', resolve));
  server.url = `http://127.0.0.1:${http.address().port}${prefix}`;
  server.close = () =>
    new Promise((resolve) => {
      http.close(resolve);
      http.closeAllConnections();
    });
  return server;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '8123' }, prefix: { type: 'string' }, 'no-policy': { type: 'boolean' } },
  });
  const server = await serve({ port: Number(values.port), prefix: values.prefix, policy: !values['no-policy'] });
  console.log(server.url);
}
