// Chromium with a profile of its own: nothing cached, nothing compiled, nothing shared with another subject.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { chromium } from 'playwright-core';

const COMMON = [
  '--headless=new',
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-unsafe-webgpu',
  '--ignore-gpu-blocklist',
];
const ADAPTER = {
  software: ['--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'],
  hardware: ['--enable-features=Vulkan'],
};

const kib = (text, key) => Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);

export class Browser {
  static async launch({ program, adapter }) {
    const profile = await mkdtemp(path.join(tmpdir(), 'lookout-bench-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: program,
      headless: false, // the flag below chooses the mode that has a GPU process
      args: [...COMMON, ...ADAPTER[adapter]],
      viewport: { width: 1280, height: 800 },
    });
    // Start-up work is not the subject's.
    await sleep(500);
    return new Browser(context, profile);
  }

  constructor(context, profile) {
    this.context = context;
    this.profile = profile;
  }

  async close() {
    await this.context.close();
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Opens an address in a new tab, without waiting for it to load. */
  async open(address, before) {
    const page = await this.context.newPage();
    page.on('pageerror', (error) => (page.failure ??= String(error)));
    if (before) await page.addInitScript(before);
    await page.goto(address, { waitUntil: 'commit' });
    return page;
  }

  /** The processes that a subject's memory is in: pages, workers and the GPU (where a software adapter keeps buffers). */
  async processes() {
    const session = await this.context.browser().newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    return processInfo.filter(({ type }) => type === 'renderer' || type === 'GPU').map(({ id }) => id);
  }

  /** Private memory of those processes in bytes; `null` where the system does not tell (only Linux does). */
  async privateMemory() {
    let sum = 0;
    for (const id of await this.processes()) {
      const text = await readFile(`/proc/${id}/smaps_rollup`, 'utf8').catch(() => null);
      if (text === null) {
        if (process.platform !== 'linux') return null;
        continue; // the process has ended
      }
      sum += 1024 * (kib(text, 'Private_Clean') + kib(text, 'Private_Dirty') + kib(text, 'Private_Hugetlb'));
    }
    return sum;
  }

  /** Samples private memory until `stop()` and tells the largest value. */
  watchMemory() {
    let peak = 0;
    let on = true;
    const done = (async () => {
      while (on) {
        peak = Math.max(peak, (await this.privateMemory()) ?? 0);
        await sleep(100);
      }
    })();
    return async () => {
      on = false;
      await done;
      return peak;
    };
  }
}
