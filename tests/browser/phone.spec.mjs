// A phone's memory and speed: the browser, whole, in a control group of 1 GB and half a core.
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { chromium } from '@playwright/test';

import { WHOLE } from './playwright.config.mjs';
import { expect, test } from './visitor.mjs';

const MEMORY = 1 << 30;
/** Shares of a core, in microseconds of each 100,000: a quarter of the two that the other tests have. */
const [QUOTA, PERIOD] = [50_000, 100_000];
/** The tasks, and a system of each family. */
const VISITS = [
  'task=boxes', 'task=skeletons', 'task=masks', 'task=class-map', 'task=captions', 'task=localize', 'task=everything',
  'system=faster-rcnn', 'system=densecap', 'system=fcn-full',
];

/** Folders of a control group and what limits it there: the older way of the kernel has one for each kind, the newer one for all. */
const WAYS = [
  {
    folders: ['/sys/fs/cgroup/memory', '/sys/fs/cgroup/cpu'],
    limits: [['memory.limit_in_bytes', MEMORY, 0], ['cpu.cfs_period_us', PERIOD, 1], ['cpu.cfs_quota_us', QUOTA, 1]],
    peak: 'memory.max_usage_in_bytes',
  },
  {
    folders: ['/sys/fs/cgroup'],
    limits: [['memory.max', MEMORY, 0], ['cpu.max', `${QUOTA} ${PERIOD}`, 0]],
    peak: 'memory.peak',
  },
];

/** A control group of this test's own; null where this account may make none. */
function group() {
  for (const { folders, limits, peak } of WAYS) {
    const own = folders.map((folder) => path.join(folder, `lookout-${process.pid}`));
    try {
      own.forEach((folder) => mkdirSync(folder));
      for (const [file, value, at] of limits) writeFileSync(path.join(own[at], file), String(value));
      return { folders: own, peak: () => Number(readFileSync(path.join(own[0], peak), 'utf8')) };
    } catch {
      remove(own);
    }
  }
  return null;
}

function remove(folders) {
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      // It was not made.
    }
  }
}

test('a phone with 1 GB and a slow processor bears every task', async ({ address }, info) => {
  const limited = group();
  test.skip(limited === null, 'only where control groups can be made');
  test.setTimeout(240_000);
  const scratch = await mkdtemp(path.join(tmpdir(), 'lookout-phone-'));
  const program = path.join(scratch, 'chromium');
  const joins = limited.folders.map((folder) => `echo $$ > ${folder}/cgroup.procs`);
  await writeFile(program, ['#!/bin/sh', ...joins, `exec ${WHOLE} "$@"`, ''].join('\n'), { mode: 0o755 });
  const browser = await chromium.launch({ executablePath: program, args: info.project.use.launchOptions?.args });
  try {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 3 });
    const crashes = [];
    page.on('crash', () => crashes.push(page.url()));
    for (const visit of VISITS) {
      await page.goto(`${address}?${visit}&sample=stage&backend=cpu`);
      await expect(page.locator('main'), visit).toHaveAttribute('data-state', 'done', { timeout: 60_000 });
    }
    expect(crashes).toEqual([]);
    console.log(`    peak memory of the browser: ${Math.round(limited.peak() / 1e6)} MB`);
    expect(limited.peak()).toBeGreaterThan(100e6);
    expect(limited.peak()).toBeLessThan(0.9 * MEMORY);
  } finally {
    await browser.close();
    await rm(scratch, { recursive: true });
    await expect.poll(() => (remove(limited.folders), limited.folders.every((folder) => !isThere(folder)))).toBe(true);
  }
});

function isThere(folder) {
  try {
    return readFileSync(path.join(folder, 'cgroup.procs')).length >= 0;
  } catch {
    return false;
  }
}
