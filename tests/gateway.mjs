// A host of a test's own in front of `cargo xtask serve`, which has all the files, media types and policy: this one can
// hold requests back, break, count or slow them, change headers, and be switched off.
import { Agent, createServer, request as ask } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const CHUNK = 16 * 1024;
/** Headers about one connection, not about the file (RFC 9110, section 7.6.1). */
const OF_THE_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding'];

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

async function whole(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export class Gateway {
  /**
   * @param {object} options
   * @param {string} options.upstream the address of the server with the files, with a slash at its end
   * @param {string} [options.prefix] the path that the files have here, with a slash at both ends
   * @param {(name: string) => Record<string, string | null>} [options.headers] headers to set, or to leave out (null)
   * @param {(name: string) => boolean} [options.isVisitors] whether a file stands for one of the visitor's own: it
   *   travels over no link and is not counted
   */
  constructor({ upstream, prefix = '/', headers = () => ({}), isVisitors = () => false }) {
    Object.assign(this, { upstream, prefix, headers, isVisitors });
    this.agent = new Agent({ keepAlive: true });
    /** The names of all files that were asked for, in order; the page itself is `index.html`. */
    this.requests = [];
    /** The files that were sent so far: name and bytes, as they travelled. */
    this.sent = [];
    /**
     * `intercept(name, response)` may be set at any time: it is called for every file, may answer by itself (return
     * true) or return a promise to hold the file back.
     */
    this.intercept = null;
    this.link = null;
  }

  async listen() {
    this.server = createServer((request, response) => {
      this.#answer(request, response).catch((error) => {
        if (!response.headersSent) response.writeHead(502);
        response.end(`${error}\n`);
      });
    });
    await new Promise((resolve, reject) => this.server.once('error', reject).listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}${this.prefix}`;
    return this;
  }

  async close() {
    this.agent.destroy();
    await new Promise((resolve) => {
      this.server.close(resolve);
      this.server.closeAllConnections();
    });
  }

  /** All later answers go over a link of this speed and latency; `null` is this machine's full speed. */
  slow(link) {
    this.link = link && new Link(link);
  }

  async #answer(request, response) {
    const { pathname, search } = new URL(request.url, this.url);
    if (!pathname.startsWith(this.prefix)) {
      response.writeHead(404).end('not found\n');
      return;
    }
    const path = pathname.slice(this.prefix.length);
    const name = decodeURIComponent(path) || 'index.html';
    this.requests.push(name);
    if (await this.intercept?.(name, response)) return;
    const file = await this.#fetch(new URL(path + search, this.upstream), request);
    const headers = { ...file.headers, ...this.headers(name) };
    for (const header of Object.keys(headers)) {
      if (headers[header] === null || OF_THE_CONNECTION.includes(header)) delete headers[header];
    }
    response.writeHead(file.statusCode, headers);
    const bytes = await whole(file);
    if (this.isVisitors(name)) return response.end(bytes);
    if (file.statusCode === 200) this.sent.push({ name, bytes: bytes.length });
    if (this.link) return this.link.send(response, bytes);
    response.end(bytes);
  }

  #fetch(address, { method, headers }) {
    return new Promise((resolve, reject) => {
      const options = { method, headers: { ...headers, host: address.host }, agent: this.agent };
      ask(address, options, resolve).on('error', reject).end();
    });
  }
}
