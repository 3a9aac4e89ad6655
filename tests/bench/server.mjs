// A static host with brotli, validators and, when asked, a slow link.
//
// The link is slowed here because Chromium's own throttling leaves workers alone.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.jpg': 'image/jpeg',
};
/** What hosts compress; weights and photos are close to noise. */
const COMPRESSED = new Set(['.html', '.js', '.mjs', '.json', '.wasm', '.css', '.svg']);
const CHUNK = 16 * 1024;

/** A link of `megabits` a second with `latency` ms to the first byte, shared by all connections. */
class Link {
  constructor({ megabits, latency }) {
    this.bytesPerMs = (megabits * 1e6) / 8 / 1000;
    this.latency = latency;
    this.free = 0;
  }

  async send(response, bytes) {
    await sleep(this.latency);
    for (let at = 0; at < bytes.length && !response.destroyed; at += CHUNK) {
      const chunk = bytes.subarray(at, at + CHUNK);
      this.free = Math.max(performance.now(), this.free) + chunk.length / this.bytesPerMs;
      const wait = this.free - performance.now();
      // Timers are coarse: small debts are paid with the next chunk.
      if (wait > 2) await sleep(wait);
      response.write(chunk);
    }
    response.end();
  }
}

export class Host {
  /**
   * @param {object} places - folders by address prefix, e.g. `{ '/': site, '/dist/': dist }`; the longest one counts
   * @param {object} extra - texts by address
   * @param {string[]} caches - folders of compressed files by checksum; new ones go into the first
   */
  constructor(places, extra, caches) {
    this.places = Object.entries(places).sort(([a], [b]) => b.length - a.length);
    this.extra = extra;
    this.caches = caches;
    this.files = new Map();
    this.link = null;
    this.compresses = true;
    this.photo = null; // an address of the visitor's photo besides those in /photos/
    this.reset();
  }

  async listen() {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error) => {
        console.error(`the bench's host: ${request.url}: ${error.message}`);
        response.destroy();
      });
    });
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.address = `http://localhost:${this.server.address().port}`;
    return this;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Starts counting bytes anew. */
  reset() {
    this.sent = { raw: 0, compressed: 0, files: [] };
  }

  /** All later answers go over this link; `null` is this machine's full speed. */
  slow(link) {
    this.link = link && new Link(link);
  }

  /** Reads and compresses what will be asked for: no visit waits for it, and a new build meanwhile changes nothing. */
  async readAll() {
    for (const [prefix, folder] of this.places) {
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        const name = path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/');
        if (entry.isFile()) await this.file(prefix + name);
      }
    }
  }

  /** The file as it is and as a host sends it; read and compressed once. */
  async file(address) {
    if (!this.files.has(address)) this.files.set(address, this.read(address));
    return this.files.get(address);
  }

  async read(address) {
    const extension = path.extname(address);
    const [prefix, folder] = this.places.find(([it]) => address.startsWith(it));
    const raw = this.extra[address]
      ? Buffer.from(this.extra[address])
      : await readFile(path.join(folder, address.slice(prefix.length))).catch(() => null);
    if (!raw) return null;
    const sha256 = createHash('sha256').update(raw).digest('hex');
    const body = this.compresses && COMPRESSED.has(extension) ? await this.compress(sha256, raw) : raw;
    return { raw, body, sha256, extension };
  }

  async compress(sha256, raw) {
    for (const folder of this.caches) {
      const before = await readFile(path.join(folder, `${sha256}.br`)).catch(() => null);
      if (before) return before;
    }
    const kept = path.join(this.caches[0], `${sha256}.br`);
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
    const body = await promisify(brotliCompress)(raw, { params });
    await mkdir(this.caches[0], { recursive: true });
    await writeFile(`${kept}.unfinished`, body);
    await rename(`${kept}.unfinished`, kept);
    return body;
  }

  async answer(request, response) {
    let { pathname } = new URL(request.url, this.address);
    if (pathname.includes('..')) return response.writeHead(400).end();
    if (pathname.endsWith('/')) pathname += 'index.html';
    const file = await this.file(pathname);
    if (!file) return response.writeHead(404).end();
    const isPhoto = pathname.startsWith('/photos/') || pathname === this.photo;
    response.setHeader('Content-Type', TYPES[file.extension] ?? 'application/octet-stream');
    response.setHeader('ETag', `"${file.sha256.slice(0, 16)}"`);
    // Lookout's host checks again each time, as its README asks; the libraries come as from a content delivery network,
    // under addresses that never change.
    const checked = pathname.startsWith('/dist/') || file.extension === '.html';
    response.setHeader('Cache-Control', checked ? 'no-cache' : 'public, max-age=31536000, immutable');
    if (request.headers['if-none-match'] === `"${file.sha256.slice(0, 16)}"`) {
      if (this.link) await sleep(this.link.latency);
      return response.writeHead(304).end();
    }
    if (file.body !== file.raw) response.setHeader('Content-Encoding', 'br');
    response.setHeader('Content-Length', file.body.length);
    // The photo is the visitor's own: it travels over no link and counts for nobody.
    if (isPhoto) return response.end(file.body);
    this.sent.raw += file.raw.length;
    this.sent.compressed += file.body.length;
    this.sent.files.push({ address: pathname, raw: file.raw.length, compressed: file.body.length });
    if (this.link) return this.link.send(response, file.body);
    response.end(file.body);
  }
}
