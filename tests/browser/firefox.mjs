// A short visit with Firefox, over WebDriver BiDi, which it speaks by itself: boxes on a sample, once more on the second
// visit, masks, and the element on an example page. `cargo xtask test --browser` runs it where Firefox is installed; by hand:
//
//   LOOKOUT_URL=http://localhost:8080/ FIREFOX=/usr/bin/firefox-esr node --experimental-websocket firefox.mjs [SCREENSHOT_FOLDER]
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ADDRESS = process.env.LOOKOUT_URL ?? 'http://localhost:8080/';
const FIREFOX = process.env.FIREFOX ?? 'firefox-esr';
const PICTURES = process.argv[2];
const PATIENCE = 120_000;

/** Firefox with a profile of its own, and the way to it. */
class Firefox {
  static async start() {
    const firefox = new Firefox();
    firefox.profile = await mkdtemp(path.join(tmpdir(), 'lookout-firefox-'));
    firefox.process = spawn(FIREFOX, ['--headless', '--remote-debugging-port=0', '--profile', firefox.profile, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
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
    firefox.waiting = new Map();
    firefox.errors = [];
    firefox.socket.onmessage = ({ data }) => firefox.#hear(JSON.parse(data));
    await new Promise((resolve, reject) => {
      firefox.socket.onopen = resolve;
      firefox.socket.onerror = () => reject(new Error(`no way to Firefox at ${place}`));
    });
    await firefox.ask('session.new', { capabilities: {} });
    await firefox.ask('session.subscribe', { events: ['log.entryAdded'] });
    const { contexts } = await firefox.ask('browsingContext.getTree', {});
    firefox.context = contexts[0].context;
    await firefox.ask('browsingContext.setViewport', { context: firefox.context, viewport: { width: 1280, height: 800 } });
    return firefox;
  }

  #hear(message) {
    if (message.method === 'log.entryAdded' && message.params.level === 'error' && message.params.type === 'javascript') {
      this.errors.push(message.params.text);
    }
    const { resolve, reject } = this.waiting.get(message.id) ?? {};
    this.waiting.delete(message.id);
    if (message.type === 'success') resolve?.(message.result);
    else if (message.type === 'error') reject?.(new Error(`${message.error}: ${message.message}`));
  }

  ask(method, params) {
    const id = (this.number = (this.number ?? 0) + 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  open(query) {
    return this.ask('browsingContext.navigate', { context: this.context, url: new URL(query, ADDRESS).href, wait: 'complete' });
  }

  /** The value of an expression in the page, as JSON carries it. */
  async value(expression) {
    const { result, exceptionDetails } = await this.ask('script.evaluate', {
      expression: `Promise.resolve(${expression}).then((it) => JSON.stringify(it ?? null))`,
      target: { context: this.context },
      awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return JSON.parse(result.value);
  }

  /** Waits until an expression is true. */
  async sees(expression) {
    const end = Date.now() + PATIENCE;
    while (!(await this.value(expression))) {
      if (Date.now() > end) throw new Error(`not seen: ${expression}`);
      await sleep(200);
    }
  }

  async picture(name) {
    if (!PICTURES) return;
    const { data } = await this.ask('browsingContext.captureScreenshot', { context: this.context });
    await writeFile(path.join(PICTURES, `firefox-${name}.png`), Buffer.from(data, 'base64'));
  }

  async close() {
    this.socket?.close();
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill();
    await ended;
    await rm(this.profile, { recursive: true, force: true });
  }
}

const DONE = `document.querySelector('main')?.dataset.state === 'done'`;
const ROWS = `[...document.querySelectorAll('[data-testid=result-row]')].map((it) => it.dataset.class)`;

const VISITS = {
  async 'boxes on a sample'(firefox) {
    await firefox.open('?sample=horses&task=boxes');
    await firefox.sees(DONE);
    const found = await firefox.value(ROWS);
    assert.ok(found.filter((it) => it === 'horse').length >= 3, found.join());
    await firefox.picture('boxes');
  },
  async 'the second visit'(firefox) {
    const before = await firefox.value(ROWS);
    // What the first visit keeps is kept by then.
    await firefox.sees(`caches.open('lookout-files-v1').then((it) => it.keys()).then((it) => it.length >= 2)`);
    await firefox.open('?sample=horses&task=boxes');
    await firefox.sees(DONE);
    assert.deepEqual(await firefox.value(ROWS), before);
  },
  async 'masks and a stage'(firefox) {
    await firefox.open('?sample=cat&task=masks&inside=1');
    await firefox.sees(DONE);
    await firefox.sees(`document.querySelector('[data-stage=roi-align]') !== null`);
    await firefox.picture('masks');
  },
  async 'the element on another page'(firefox) {
    await firefox.open('examples/element.html');
    await firefox.sees(`document.querySelector('#first').result?.count > 2`);
    const found = await firefox.value(`document.querySelector('#first').results()`);
    assert.ok(found.length > 2 && found.every((it) => it.bbox.length === 4));
    await firefox.picture('element');
  },
};

const firefox = await Firefox.start();
let failed = 0;
try {
  for (const [name, visit] of Object.entries(VISITS)) {
    const begun = performance.now();
    try {
      firefox.errors = [];
      await visit(firefox);
      assert.deepEqual(firefox.errors, [], 'errors that the page threw');
      console.log(`  ok  Firefox: ${name} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed += 1;
      console.log(`  FAILED  Firefox: ${name}: ${error.message}`);
      await firefox.picture(`failed-${failed}`).catch(() => {});
    }
  }
} finally {
  await firefox.close();
}
process.exitCode = failed > 0 ? 1 : 0;
