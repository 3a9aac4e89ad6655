// Firefox over WebDriver BiDi, which it speaks by itself.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Firefox with a profile of its own, and the way to it. */
export class Firefox {
  name = 'Firefox';
  /** Errors that pages threw. */
  errors = [];
  #waiting = new Map();
  #asked = 0;

  /** @param {string} program the browser's program */
  static async start(program) {
    const firefox = new Firefox();
    firefox.profile = await mkdtemp(path.join(tmpdir(), 'lookout-firefox-'));
    firefox.process = spawn(program, ['--headless', '--remote-debugging-port=0', '--profile', firefox.profile, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    process.once('exit', () => firefox.process.kill('SIGKILL'));
    const place = await new Promise((resolve, reject) => {
      let said = '';
      firefox.process.once('error', reject);
      firefox.process.once('exit', (code) => reject(new Error(`Firefox ended (${code}): ${said}`)));
      firefox.process.stderr.on('data', (chunk) => {
        said += chunk;
        const found = said.match(/WebDriver BiDi listening on (ws:\S+)/);
        if (found) resolve(found[1]);
      });
    });
    firefox.socket = new WebSocket(`${place}/session`);
    firefox.socket.onmessage = ({ data }) => firefox.#hear(JSON.parse(data));
    await new Promise((resolve, reject) => {
      firefox.socket.onopen = resolve;
      firefox.socket.onerror = () => reject(new Error(`no way to Firefox at ${place}`));
    });
    await firefox.#ask('session.new', { capabilities: {} });
    await firefox.#ask('session.subscribe', { events: ['log.entryAdded'] });
    const { contexts } = await firefox.#ask('browsingContext.getTree', {});
    firefox.context = contexts[0].context;
    await firefox.#ask('browsingContext.setViewport', { context: firefox.context, viewport: { width: 1280, height: 800 } });
    return firefox;
  }

  #hear(message) {
    if (message.method === 'log.entryAdded') this.#note(message.params);
    const { resolve, reject } = this.#waiting.get(message.id) ?? {};
    this.#waiting.delete(message.id);
    if (message.type === 'success') resolve?.(message.result);
    else if (message.type === 'error') reject?.(new Error(`${message.error}: ${message.message}`));
  }

  #note({ level, type, text }) {
    // Firefox says so of requests that the next navigation has ended.
    const isEnded = /A ServiceWorker intercepted the request/.test(text);
    if (level === 'error' && type === 'javascript' && !isEnded) this.errors.push(text);
  }

  #ask(method, params) {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  open(address) {
    return this.#ask('browsingContext.navigate', { context: this.context, url: address, wait: 'complete' });
  }

  /** The value of an expression in the page, which may be a promise, as JSON carries it. */
  async value(expression) {
    const { result, exceptionDetails } = await this.#ask('script.evaluate', {
      expression: `Promise.resolve(${expression}).then((it) => JSON.stringify(it ?? null))`,
      target: { context: this.context },
      awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return JSON.parse(result.value);
  }

  /** A picture of the page, as base64. */
  async picture() {
    return (await this.#ask('browsingContext.captureScreenshot', { context: this.context })).data;
  }

  async close() {
    this.socket?.close();
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill();
    await ended;
    await rm(this.profile, { recursive: true, force: true });
  }
}
