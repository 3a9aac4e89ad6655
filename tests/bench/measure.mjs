// The measurements. Rounds are interleaved: in each, every subject has one turn, in an order that rotates, so that a noisy
// machine is unfair to nobody and rounds can be compared in pairs.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Browser } from './browser.mjs';
import { fault } from './reference.mjs';
import { watchApp } from './site.mjs';

/** Detections before warm ones are timed: JavaScript engines and burn settle within them. */
const WARM_UP = 5;
const WARM_UP_MS = 8_000;
/** A detection slower than this is timed without one before it in the same turn. */
const SLOW_MS = 1_000;
/** Tasks that start from the boxes or the backbone's features, as `pages/ours.mjs` names them. */
const FURTHER_TASKS = ['masks', 'class-map', 'localize', 'skeletons', 'captions'];
/** A system slower than this is timed once. */
const LONG_MS = 3_000;
/** Rounds of systems, at most. */
const SYSTEM_ROUNDS = 5;
/** A subject that fails more often than this is left out from then on. */
const ALLOWED_FAILURES = 2;

export class Bench {
  /** @param {{ host, subjects, reference, options: object }} parts */
  constructor({ host, subjects, reference, options }) {
    Object.assign(this, { host, reference, options });
    this.results = subjects.map((subject) => ({ subject, fault: null, failures: [], times: {}, memory: null, bytes: null, photos: null, layers: null, tasks: null, systems: null }));
  }

  get running() {
    return this.results.filter(({ fault: it }) => !it?.stops);
  }

  /** Those whose detector the bench can call. */
  get detectors() {
    return this.running.filter(({ subject }) => !subject.app);
  }

  say(result, text) {
    console.log(`${new Date().toISOString().slice(11, 19)}  ${result.subject.id.padEnd(18)} ${text}`);
  }

  address({ id, query, address }, more = '') {
    if (address) return this.host.url + address + path.parse(this.options.photo).name;
    return `${this.host.url}${id}/?photo=/photos/${this.options.photo}&${query ?? ''}${more}`;
  }

  launch() {
    return Browser.launch({ program: this.options.chromium, adapter: this.options.adapter });
  }

  /** Calls `step` for one subject; what goes wrong is that subject's, and too much of it ends its part in the bench. */
  async attempt(result, step) {
    let timer;
    const limit = new Promise((_, reject) => {
      const seconds = this.options.timeout;
      timer = setTimeout(() => reject(new Error(`no answer within ${seconds} s`)), seconds * 1000);
    });
    const work = step();
    work.catch(() => {}); // after the limit nobody waits for it
    try {
      return await Promise.race([work, limit]);
    } catch (error) {
      const text = String(error.message ?? error).split('\n')[0];
      // A long run survives a browser that crashes once; what fails again and again is out.
      result.failures.push(text);
      if (result.failures.length > ALLOWED_FAILURES) result.fault = { word: 'failed', stops: true, text };
      this.say(result, `FAILED: ${text}`);
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  note(result, measure, round, ms) {
    (result.times[measure] ??= [])[round] = ms;
  }

  check(result, boxes) {
    const text = fault(boxes, this.reference);
    if (text && !result.fault) {
      // A library without the right boxes has no ratio: its further turns would only cost time.
      result.fault = { word: 'invalid', stops: !result.subject.ours, text };
      this.say(result, `INVALID: ${text}`);
    }
  }

  /** Calls `turn(result)` for every subject, in an order that starts one later each round. */
  async rounds(count, subjects, turn) {
    for (let round = 0; round < count; round++) {
      const order = subjects();
      for (let i = 0; i < order.length; i++) await turn(order[(i + round) % order.length], round);
    }
  }

  /** One visit each that is not timed: it fills the file system's caches and counts the bytes of a first visit. */
  async rehearse() {
    for (const result of this.running) {
      const browser = await this.launch();
      await this.attempt(result, async () => {
        this.host.sent = [];
        await this.visit(browser, result);
        result.bytes = await this.downloaded();
        const { raw, compressed } = result.bytes;
        this.say(result, `downloads ${(compressed / 1e6).toFixed(2)} MB (raw ${(raw / 1e6).toFixed(2)} MB)`);
      });
      await browser.close();
    }
  }

  /** What was sent since the host's list was emptied. */
  async downloaded() {
    const files = [];
    for (const { name, bytes } of this.host.sent) {
      const file = path.join(this.options.site, name.endsWith('/') ? `${name}index.html` : name);
      files.push({ address: `/${name}`, raw: (await stat(file)).size, compressed: bytes });
    }
    const sum = (key) => files.reduce((all, it) => all + it[key], 0);
    return { raw: sum('raw'), compressed: sum('compressed'), files };
  }

  /** The first visit and, in the same profile, the second. */
  async visits(measures) {
    const [first, second] = measures;
    await this.rounds(this.options.coldRounds, () => this.running, async (result, round) => {
      const browser = await this.launch();
      await this.attempt(result, async () => {
        const cold = await this.visit(browser, result);
        this.note(result, first, round, cold);
        if (!second) return this.say(result, `${first} ${cold.toFixed(0)} ms`);
        const again = await this.visit(browser, result);
        this.note(result, second, round, again);
        this.say(result, `${first} ${cold.toFixed(0)} ms, ${second} ${again.toFixed(0)} ms`);
      });
      await browser.close();
    });
  }

  async visit(browser, result) {
    const { subject } = result;
    const page = await browser.open(this.address(subject), subject.app && watchApp);
    const { ms, boxes } = await first(page);
    // The page keeps its boxes to itself; they come from the same worker.
    if (!subject.app) this.check(result, boxes);
    await page.close();
    await sleep(300); // caches are written after the fact
    return ms;
  }

  async slowVisits() {
    this.host.slow({ megabits: this.options.megabits, latency: this.options.latency });
    await this.visits(['slow']);
    this.host.slow(null);
  }

  /** Warm detections, each subject in a browser of its own that stays open. */
  async warm() {
    const open = new Map();
    for (const result of this.detectors) {
      const browser = await this.launch();
      open.set(result, { browser });
      await this.attempt(result, async () => {
        const page = await browser.open(this.address(result.subject));
        await warmUp(page);
        open.get(result).page = page;
      });
    }
    const ready = () => this.detectors.filter((result) => open.get(result).page);
    await this.rounds(this.options.rounds, ready, async (result, round) => {
      const { page } = open.get(result);
      await this.attempt(result, async () => {
        let { ms, boxes } = await again(page);
        if (ms < SLOW_MS) ({ ms, boxes } = await again(page));
        this.check(result, boxes);
        this.note(result, 'warm', round, ms);
        this.say(result, `warm ${ms.toFixed(1)} ms`);
      });
    });
    for (const { browser } of open.values()) await browser.close();
  }

  /** Private memory while a subject loads and detects, above that of an empty page. */
  async memory() {
    for (const result of this.detectors) {
      const browser = await this.launch();
      await this.attempt(result, async () => {
        const blank = await browser.open(`${this.host.url}blank.html`);
        await sleep(1000);
        const base = await browser.privateMemory();
        if (base === null) return this.say(result, 'memory: only Linux tells');
        await blank.close();
        const stop = browser.watchMemory();
        const page = await this.openNoting(browser, result.subject);
        await warmUp(page);
        const peak = (await stop()) - base;
        await sleep(2000);
        const settled = (await browser.privateMemory()) - base;
        const wasm = await wasmBytes(page);
        result.memory = { peak, settled, wasm };
        this.say(result, `memory: peak ${mib(peak)}, settled ${mib(settled)}, WebAssembly ${mib(wasm)}`);
      });
      await browser.close();
    }
  }

  /** Many photos in a row through one page: does memory stay flat? Only for Lookout. */
  async photos() {
    for (const result of this.detectors.filter(({ subject }) => subject.ours)) {
      const browser = await this.launch();
      // The limit is for one detection; a row of photos gets as many.
      await (async () => {
        const page = await this.openNoting(browser, result.subject);
        const { ms } = await this.attempt(result, () => warmUp(page)) ?? {};
        if (ms === undefined) return;
        const names = this.options.photoNames;
        const samples = [];
        for (let i = 0; i < this.options.photos && !result.fault?.stops; i++) {
          await this.attempt(result, async () => {
            await page.evaluate((next) => window.bench.change(next), `/photos/${names[i % names.length]}`);
            await again(page);
          });
          // A sample each time round the photos, so that samples see the same sizes.
          if ((i + 1) % names.length === 0) {
            await sleep(300);
            samples.push({ photos: i + 1, private: await browser.privateMemory(), wasm: await wasmBytes(page) });
          }
        }
        result.photos = growth(samples);
        if (result.photos.grown !== undefined) {
          const { grown, wasmGrown, flat } = result.photos;
          this.say(result, `${this.options.photos} photos: ${flat ? 'flat' : 'NOT FLAT'} (${mib(grown)}, WebAssembly ${mib(wasmGrown)})`);
        }
      })();
      await browser.close();
    }
  }

  /** The layers of each worker's detector, one by one. */
  async layers() {
    for (const result of this.detectors.filter(({ subject }) => subject.ours)) {
      const browser = await this.launch();
      await this.attempt(result, async () => {
        const page = await browser.open(this.address(result.subject));
        await warmUp(page);
        this.say(result, 'timing its layers');
        result.layers = await page.evaluate((rounds) => self.timeLayers(rounds), this.options.rounds);
      });
      await browser.close();
    }
  }

  /** What each further task takes on a photo whose boxes are there: milliseconds beyond the shared backbone. */
  async tasks() {
    for (const result of this.detectors.filter(({ subject }) => subject.ours)) {
      const browser = await this.launch();
      await (async () => {
        const page = await browser.open(this.address(result.subject));
        if (!(await this.attempt(result, () => warmUp(page)))) return;
        const rounds = [];
        // The first round downloads weights and compiles shaders.
        for (let round = 0; round <= this.options.rounds && !result.fault?.stops; round++) {
          await this.attempt(result, async () => {
            const { ms } = await again(page);
            const times = { boxes: ms, ...(await page.evaluate((tasks) => self.timeTasks(tasks), FURTHER_TASKS)) };
            this.say(result, Object.entries(times).map(([task, it]) => `${task} ${it.toFixed(1)}`).join(', '));
            if (round > 0) rounds.push(times);
          });
        }
        const median = (task) => middle(rounds.map((times) => times[task]));
        result.tasks = Object.fromEntries(['boxes', ...FURTHER_TASKS].map((task) => [task, median(task)]));
      })();
      await browser.close();
    }
  }

  /** Every system on one photo, from its pixels on; SSD first in each round, so that the others can be held against it. */
  async systems() {
    for (const result of this.detectors.filter(({ subject }) => subject.ours)) {
      const browser = await this.launch();
      await (async () => {
        const page = await this.openNoting(browser, result.subject);
        if (!(await this.attempt(result, () => warmUp(page)))) return;
        const times = new Map();
        const rounds = Math.min(this.options.rounds, SYSTEM_ROUNDS);
        // The first round downloads weights and compiles shaders.
        for (let round = 0; round <= rounds; round++) {
          for (const { key } of this.options.systems) {
            if (round > 1 && (times.get(key)?.at(-1)?.ms ?? Infinity) > LONG_MS) continue;
            const time = await this.attempt(result, () => page.evaluate((it) => self.timeSystem(it), key));
            if (round === 0 || !time) continue;
            times.set(key, [...(times.get(key) ?? []), time]);
            this.say(result, `${key} ${time.ms.toFixed(0)} ms, ${time.passes} passes`);
          }
        }
        const median = (key, value) => middle((times.get(key) ?? []).map((it) => it[value]));
        const of = ({ key }) => [key, { ms: median(key, 'ms'), search: median(key, 'search'), passes: median(key, 'passes') }];
        result.systems = Object.fromEntries(this.options.systems.map(of));
        result.systemMemory = await wasmBytes(page);
      })();
      await browser.close();
    }
  }

  openNoting(browser, subject) {
    const more = subject.ours ? '&shell=bench_worker.js' : '';
    return browser.open(this.address(subject, more), { content: this.options.noteMemory });
  }
}

const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

async function first(page) {
  await page.waitForFunction(() => window.bench, undefined, { polling: 20, timeout: 0 }); // `attempt` has a limit of its own
  if (page.failure) throw new Error(page.failure);
  return page.evaluate(() => window.bench.first);
}

const again = (page) => page.evaluate(() => window.bench.again());

/** The first detection and some more; ends early for slow subjects. */
async function warmUp(page) {
  let last = await first(page);
  const until = performance.now() + WARM_UP_MS;
  for (let i = 0; i < WARM_UP && performance.now() < until; i++) last = await again(page);
  return last;
}

async function wasmBytes(page) {
  const places = [page, ...page.workers()];
  const sizes = await Promise.all(places.map((place) => place.evaluate(() => self.wasmBytes?.() ?? 0)));
  return sizes.reduce((sum, it) => sum + it, 0);
}

/** Median growth of the last third of the samples over the middle third; the first third is settling. */
function growth(samples) {
  const third = Math.floor(samples.length / 3);
  if (third < 2) return { samples };
  const median = (key, from) => middle(samples.slice(from, from + third).map((it) => it[key]));
  const end = samples.length - third;
  const grown = median('private', end) - median('private', third);
  const wasmGrown = median('wasm', end) - median('wasm', third);
  // Less than 2 % of what is there is allocator noise.
  const flat = wasmGrown === 0 && grown < 0.02 * median('private', third);
  return { samples, grown, wasmGrown, flat };
}

export function middle(values) {
  const sorted = values.filter((it) => it !== undefined).sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
