// WebKitGTK over WebDriver: its driver starts the small browser that comes with the library.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds in which the driver begins to answer. */
const START = 20_000;

/** WebKit and its driver. */
export class WebKit {
  name = 'WebKit';
  /** Errors that pages threw; pages are watched from the moment on that they are open. */
  errors = [];

  /**
   * @param {string} driver WebKitWebDriver
   * @param {string} browser MiniBrowser
   */
  static async start(driver, browser) {
    const webkit = new WebKit();
    const port = await freePort();
    webkit.process = spawn(driver, [`--port=${port}`], { stdio: ['ignore', 'ignore', 'inherit'] });
    process.once('exit', () => webkit.process.kill('SIGKILL'));
    webkit.place = `http://127.0.0.1:${port}`;
    const end = Date.now() + START;
    while (!(await fetch(`${webkit.place}/status`).then((it) => it.ok, () => false))) {
      if (Date.now() > end) throw new Error('the driver of WebKit does not answer');
      await sleep(100);
    }
    const options = { binary: browser, args: ['--automation'] };
    const { sessionId } = await webkit.#ask('POST', '/session', {
      capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options, timeouts: { script: 120_000, pageLoad: 60_000 } } },
    });
    webkit.session = `/session/${sessionId}`;
    await webkit.#ask('POST', `${webkit.session}/window/rect`, { width: 1280, height: 900 });
    return webkit;
  }

  async #ask(method, path, body) {
    const answer = await fetch(this.place + path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  }

  async open(address) {
    await this.#ask('POST', `${this.session}/url`, { url: address });
    await this.value(`void (self.heard ??= [], self.onerror = (it) => self.heard.push(String(it)),
      self.onunhandledrejection = (it) => self.heard.push(String(it.reason)))`);
  }

  /** The value of an expression in the page, which may be a promise, as JSON carries it. */
  async value(expression) {
    const script = `const done = arguments[0];
      Promise.resolve().then(() => (${expression})).then((it) => done(JSON.stringify({ it: it ?? null, heard: self.heard ?? [] })),
        (error) => done(JSON.stringify({ error: String(error) })));`;
    const { it, heard, error } = JSON.parse(await this.#ask('POST', `${this.session}/execute/async`, { script, args: [] }));
    if (error) throw new Error(error);
    for (const text of heard) if (!this.errors.includes(text)) this.errors.push(text);
    return it;
  }

  /** A picture of the page, as base64. */
  picture() {
    return this.#ask('GET', `${this.session}/screenshot`);
  }

  async close() {
    if (this.session) await this.#ask('DELETE', this.session).catch(() => {});
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill();
    await ended;
  }
}

/** A port that nobody listens at. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
