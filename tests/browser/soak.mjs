// `cargo xtask soak`: how the page bears what no test run has the time for. Prints one table.
//
//   node soak.mjs OPTIONS_JSON
//
// Options: `address`, `chromium`, `seed`, `fuzzed` (changed photos), `row` (photos in a row on each backend), `minutes` (of trouble).
// Each photo has to end in a result or in a sentence, without an error in the console; memory has to stay flat.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from '@playwright/test';

const options = JSON.parse(process.argv[2]);
const HERE = path.dirname(fileURLToPath(import.meta.url));
/** A photo that has neither a result nor a sentence by then is stuck. */
const PATIENCE_MS = 90_000;
/** Memory after a row may be this much more than after its first fifth. */
const GROWTH = 1.15;
const COMMON = ['--no-sandbox', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--js-flags=--expose-gc'];
const ARGS = {
  cpu: [...COMMON, '--disable-features=WebGPU,WebGPUService', '--disable-gpu'],
  gpu: [...COMMON, '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan', '--ignore-gpu-blocklist'],
};

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The files in some folders that are photos, or say so. */
async function photos(...folders) {
  const found = [];
  for (const folder of folders) {
    for (const name of (await readdir(folder)).sort()) if (/\.(jpe?g|png|webp|gif|bmp|avif)$/.test(name)) found.push(path.join(folder, name));
  }
  return found;
}

/** A photo with some bytes changed, left out or repeated. */
function changed(original, next) {
  let bytes = Buffer.from(original);
  const below = (count) => Math.floor(next() * count);
  for (let change = 0; change <= below(3) && bytes.length > 0; change++) {
    const within = next() < 0.5 ? Math.min(bytes.length, 600) : bytes.length;
    const at = below(within);
    const end = Math.min(at + 1 + below(64), bytes.length);
    const kind = below(5);
    if (kind === 0) for (let i = 0; i <= below(16); i++) bytes[below(within)] = below(256);
    if (kind === 1) bytes = bytes.subarray(0, at);
    if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    if (kind === 4) bytes.fill(next() < 0.5 ? 0 : 255, at, end);
  }
  return bytes;
}

/** A browser with the page, and what was counted there. */
class Visit {
  static async open(backend, what) {
    const browser = await chromium.launch({ executablePath: options.chromium, args: ARGS[backend] });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const visit = new Visit(what, browser, context);
    await visit.load(backend);
    return visit;
  }

  constructor(what, browser, context) {
    Object.assign(this, { what, browser, context });
    Object.assign(this, { photos: 0, results: 0, sentences: 0, stuck: 0, slowest: 0, errors: [], memory: [] });
  }

  async load(backend) {
    // The network may have been cut a moment ago, and a new page has to arrive first.
    await this.context.setOffline(false);
    this.page = await this.context.newPage();
    this.page.on('pageerror', (error) => this.errors.push(String(error)));
    this.page.on('console', (message) => {
      if (message.type() === 'error' && /panicked|Uncaught/.test(message.text())) this.errors.push(message.text());
    });
    await this.page.addInitScript(() => {
      localStorage.setItem('lookout-closer-look', 'off');
      // How often the page has come to rest, or said that something failed.
      window.ends = 0;
      let busy = false;
      const look = () => {
        const state = document.querySelector('main')?.dataset.state;
        const rests = ['done', 'empty', 'cancelled', 'error'].includes(state);
        if (busy && rests) window.ends += 1;
        busy = !rests;
      };
      new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] });
      window.workers = [];
      const Native = window.Worker;
      window.Worker = class extends Native {
        constructor(...args) {
          super(...args);
          window.workers.push(this);
        }
      };
    });
    await this.page.goto(`${options.address}?backend=${backend}`);
    await this.page.locator('main[data-state]').waitFor();
  }

  /** Opens a photo and waits for its end. */
  async look(file) {
    this.photos += 1;
    const start = performance.now();
    const ends = await this.page.evaluate(() => window.ends);
    await this.page.getByTestId('file-input').or(this.page.getByTestId('file-input-again')).first().setInputFiles(file);
    const end = await this.page
      .waitForFunction(
        (before) => {
          if (window.ends === before) return null;
          return document.querySelector('[data-testid="error"]')?.dataset.shown === 'true' ? 'sentence' : 'result';
        },
        ends,
        { timeout: PATIENCE_MS, polling: 50 },
      )
      .then((handle) => handle.jsonValue())
      .catch(() => 'stuck');
    if (end === 'result') this.results += 1;
    else if (end === 'sentence') this.sentences += 1;
    else this.stuck += 1;
    this.slowest = Math.max(this.slowest, performance.now() - start);
    return end;
  }

  /** Private bytes of the page's processes, after a garbage collection. */
  async noteMemory() {
    await this.page.evaluate(() => globalThis.gc?.());
    const session = await this.browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    let sum = 0;
    for (const { id, type } of processInfo) {
      if (type !== 'renderer' && type !== 'GPU') continue;
      const text = await readFile(`/proc/${id}/smaps_rollup`, 'utf8').catch(() => '');
      for (const key of ['Private_Clean', 'Private_Dirty']) sum += 1024 * Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
    }
    if (sum > 0) this.memory.push(sum);
  }

  async close() {
    await this.browser.close();
    return this;
  }

  get row() {
    const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)}`;
    const memory = this.memory.length > 1 ? `${mebibytes(this.memory[0])} to ${mebibytes(this.memory.at(-1))}` : '-';
    return [this.what, this.photos, this.results, this.sentences, this.stuck, this.errors.length, (this.slowest / 1000).toFixed(1), memory];
  }

  get isFlat() {
    return this.memory.length < 2 || this.memory.at(-1) <= this.memory[0] * GROWTH;
  }
}

/** Changed photos, one after the other in one page. */
async function fuzz(folder) {
  const next = random(options.seed);
  const originals = await Promise.all((await photos(path.join(HERE, '../../assets/photos'), path.join(HERE, '../fixtures'))).map((file) => readFile(file)));
  const visit = await Visit.open('cpu', 'changed photos');
  for (let i = 0; i < options.fuzzed; i++) {
    const file = path.join(folder, `changed-${i}.jpg`);
    await writeFile(file, changed(originals[Math.floor(next() * originals.length)], next));
    await visit.look(file);
    await rm(file);
    if (i % 50 === 49) console.log(`${i + 1} changed photos: ${visit.results} results, ${visit.sentences} sentences, ${visit.stuck} stuck`);
  }
  return visit.close();
}

/** Sound photos in a row: memory stays flat. */
async function row(backend) {
  const files = await photos(path.join(HERE, '../../assets/photos'));
  const visit = await Visit.open(backend, `photos in a row, ${backend.toUpperCase()}`);
  const fifth = Math.max(1, Math.floor(options.row / 5));
  for (let i = 0; i < options.row; i++) {
    await visit.look(files[i % files.length]);
    // The first fifth fills caches that have an end.
    if ((i + 1) % fifth === 0) {
      await visit.noteMemory();
      console.log(`${i + 1} photos on the ${backend.toUpperCase()}: ${(visit.memory.at(-1) / 2 ** 20).toFixed(0)} MiB`);
    }
  }
  return visit.close();
}

/** What goes wrong, at a random moment of a run. */
const TROUBLE = {
  'worker killed': (page) => page.evaluate(() => window.workers.at(-1)?.dispatchEvent(new ErrorEvent('error', { message: 'killed by the soak test' }))),
  'device lost': (page) => page.evaluate(() => window.workers.at(-1)?.postMessage({ kind: 'lose-device' })),
  'storage refused': (page) =>
    page.evaluate(() => {
      const refuse = () => {
        throw new DOMException('refused by the soak test', 'QuotaExceededError');
      };
      Storage.prototype.setItem = refuse;
      IDBFactory.prototype.open = refuse;
      CacheStorage.prototype.open = () => Promise.reject(new DOMException('refused', 'SecurityError'));
    }),
  'network cut': async (page) => {
    await page.context().setOffline(true);
    setTimeout(() => page.context().setOffline(false).catch(() => {}), 3_000);
  },
  'other task': (page) => page.getByTestId('task-class-map').click({ timeout: 2_000 }).catch(() => {}),
  cancelled: (page) => page.getByTestId('cancel').click({ timeout: 500 }).catch(() => {}),
};

/** Minutes of trouble: each photo still ends. */
async function trouble(backend, minutes) {
  const next = random(options.seed + 1);
  const files = await photos(path.join(HERE, '../../assets/photos'));
  const visit = await Visit.open(backend, `${minutes} minutes of trouble, ${backend.toUpperCase()}`);
  const counts = {};
  const end = performance.now() + minutes * 60_000;
  while (performance.now() < end) {
    const names = Object.keys(TROUBLE);
    const name = names[Math.floor(next() * names.length)];
    counts[name] = (counts[name] ?? 0) + 1;
    const struck = new Promise((resolve) => setTimeout(resolve, next() * 1_500)).then(() => TROUBLE[name](visit.page)).catch(() => {});
    const how = await visit.look(files[Math.floor(next() * files.length)]);
    await struck;
    // A run that was struck after its photo's first state is over when the page rests again.
    if (how === 'stuck') {
      visit.errors.push(`stuck after: ${name}`);
      await visit.page.close();
      await visit.load(backend);
    } else if (next() < 0.1) {
      // A new page has its storage back.
      await visit.page.close();
      await visit.load(backend);
    }
  }
  console.log(Object.entries(counts).map(([name, count]) => `${name}: ${count}`).join(', '));
  return visit.close();
}

const folder = await mkdtemp(path.join(tmpdir(), 'lookout-soak-'));
const visits = [];
if (options.fuzzed > 0) visits.push(await fuzz(folder));
if (options.row > 0) for (const backend of ['cpu', 'gpu']) visits.push(await row(backend));
if (options.minutes > 0) for (const backend of ['cpu', 'gpu']) visits.push(await trouble(backend, options.minutes / 2));
await rm(folder, { recursive: true, force: true });

const line = (cells) => `| ${cells.join(' | ')} |`;
console.log(line(['', 'photos', 'results', 'sentences', 'stuck', 'errors', 'slowest, s', 'memory, MiB']));
console.log(line(['---', ...Array(7).fill('---:')]));
for (const visit of visits) console.log(line(visit.row));
for (const visit of visits) for (const error of new Set(visit.errors)) console.log(`${visit.what}: ${error.split('\n')[0]}`);
const bad = visits.filter((visit) => visit.stuck > 0 || visit.errors.length > 0 || !visit.isFlat);
if (bad.length > 0) {
  console.error(`not as it should be: ${bad.map(({ what }) => what).join('; ')}`);
  process.exitCode = 1;
}
