// A visitor of the page: what they do (drop, paste, look) and what they see. Every test ends with the question whether
// the page threw an error or broke its content security policy.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { test as base, expect } from '@playwright/test';

import { Gateway } from '../gateway.mjs';
import { APP } from './playwright.config.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
export const PHOTOS = path.resolve(HERE, '../../assets/photos');
export const FIXTURES = path.resolve(HERE, '../fixtures');
export const photo = (name) => path.join(PHOTOS, name);
export const fixture = (name) => path.join(FIXTURES, name);

/** Runs in the page before its own scripts: notes policy violations and every worker with what it is sent. */
function watch() {
  // Tests see the first answer, unless they are about what follows it.
  try {
    if (localStorage.getItem('lookout-closer-look') === null) localStorage.setItem('lookout-closer-look', 'off');
  } catch {
    // Storage is refused.
  }
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    window.violations.push(`${event.effectiveDirective}: ${event.blockedURI}`);
  });
  window.workers = [];
  const Native = window.Worker;
  window.Worker = class extends Native {
    constructor(...args) {
      super(...args);
      this.sent = [];
      this.deaf = false; // a deaf worker gets no runs: to the page it looks as if it hung
      window.workers.push(this);
    }

    postMessage(message, ...rest) {
      this.sent.push(message?.kind);
      if (!(this.deaf && message?.kind === 'run')) super.postMessage(message, ...rest);
    }
  };
}

export class Visitor {
  constructor(page, url) {
    this.page = page;
    this.url = url;
    this.errors = [];
    this.console = [];
    page.on('console', (message) => this.console.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && message.text().includes('panicked')) this.errors.push(message.text());
    });
  }

  /** Opens the page. `query` is e.g. `?sample=coffee`. */
  async open(query = '') {
    await this.page.goto(this.url + query);
    await expect(this.main).toHaveAttribute('data-state', /.+/);
  }

  get main() {
    return this.page.locator('main');
  }

  /** An element by its test id. */
  the(id) {
    return this.page.getByTestId(id);
  }

  get rows() {
    return this.the('result-row');
  }

  async sees(state, options) {
    await expect(this.main).toHaveAttribute('data-state', state, options);
  }

  /** Waits for the result of the photo on show. */
  async seesResult() {
    await this.sees('done', { timeout: 60_000 });
  }

  /** One sentence that says what is wrong; it ends in a full stop. */
  async seesError(pattern) {
    await expect(this.the('error')).toBeVisible();
    await expect(this.the('error')).toContainText(pattern);
  }

  /** The texts of the result rows. */
  async found() {
    return (await this.rows.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
  }

  async chooses(...files) {
    await this.the('file-input').setInputFiles(files);
  }

  /** Drops files and folders from the desktop, as the operating system would. */
  async drops(...paths) {
    await this.#drag({ items: [], files: paths, dragOperationsMask: 1 });
  }

  /** Drops a link or a text out of another window. */
  async dropsText(mimeType, data) {
    await this.#drag({ items: [{ mimeType, data }], files: [], dragOperationsMask: 1 });
  }

  async #drag(data) {
    const session = await this.page.context().newCDPSession(this.page);
    const { width, height } = this.page.viewportSize();
    const point = { x: width / 2, y: height / 2 };
    for (const type of ['dragEnter', 'dragOver', 'drop']) {
      await session.send('Input.dispatchDragEvent', { type, ...point, data });
    }
    await session.detach();
  }

  /** Clicks what starts a download and returns the file. */
  async downloads(id) {
    const [download] = await Promise.all([this.page.waitForEvent('download'), this.the(id).click()]);
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  }

  /** What the page exports as COCO results. */
  async exportsJson() {
    return JSON.parse((await this.downloads('export-json')).bytes.toString('utf8'));
  }

  /** How many messages of a kind went to workers so far. */
  async sent(kind) {
    return this.page.evaluate((it) => window.workers.flatMap((worker) => worker.sent).filter((sent) => sent === it).length, kind);
  }

  /** Lets the page draw as many frames: what it does from frame to frame, it has done then. */
  async waitsForFrames(count) {
    await this.page.evaluate(async (count) => {
      for (let i = 0; i < count; i++) await new Promise(requestAnimationFrame);
    }, count);
  }

  /** A short word for what is drawn on the canvas, once it has stopped changing: equal words, equal pixels. */
  async picture() {
    return this.the('canvas').evaluate(async (canvas) => {
      const read = async () => {
        const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
        const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
        return `${canvas.width} x ${canvas.height} ${Array.from(new Uint8Array(digest, 0, 6), (byte) => byte.toString(16)).join('')}`;
      };
      for (let [last, same] = [await read(), 0]; ; ) {
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        const now = await read();
        same = now === last ? same + 1 : 0;
        last = now;
        if (same >= 3) return now;
      }
    });
  }

  async moveSlider(id, value) {
    await this.the(id).fill(String(value));
  }

  async violations() {
    return this.page.evaluate(() => window.violations ?? []);
  }
}

/** What is there on a second visit must come from the app's own caches, not from the browser's. */
const NOT_KEPT = { 'cache-control': 'no-store', etag: null, 'last-modified': null };

export const test = base.extend({
  /**
   * Hosts of this test's own, closed at its end: `await server({ folder, prefix, headers })`, each of them the app's (or
   * one of its folders, e.g. `photos/`) under a path, with headers changed or left out (null).
   */
  server: async ({ address }, use) => {
    const servers = [];
    await use(async ({ folder = '', prefix = '/', headers = {} } = {}) => {
      const changed = { ...NOT_KEPT, ...headers };
      const gateway = new Gateway({ upstream: new URL(folder, address).href, prefix, headers: () => changed });
      servers.push(gateway);
      return gateway.listen();
    });
    await Promise.all(servers.map((server) => server.close()));
  },
  /** Where the app is. */
  address: [async ({}, use) => use(APP.endsWith('/') ? APP : `${APP}/`), { scope: 'worker' }],
  /** Whether breaking the content security policy is part of the test. */
  violating: [false, { option: true }],
  visitor: async ({ page, address, violating }, use, info) => {
    await page.addInitScript(watch);
    const visitor = new Visitor(page, address);
    await use(visitor);
    if (info.status !== info.expectedStatus) {
      const said = await page.getByTestId('error').allInnerTexts().catch(() => []);
      console.log([`${info.title}:`, ...said, ...visitor.console].join('\n    '));
    }
    expect(visitor.errors, 'errors that the page threw').toEqual([]);
    if (!violating && !page.isClosed()) expect(await visitor.violations(), 'policy violations').toEqual([]);
  },
});

export { expect, watch };
