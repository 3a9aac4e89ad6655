// Short visits with browsers that Playwright's tests do not drive. `cargo xtask test` runs them; by hand:
//
//   LOOKOUT_URL=http://localhost:8080/ FIREFOX=/usr/bin/firefox-esr node --experimental-websocket other/run.mjs [SCREENSHOT_FOLDER]
//
// Instead of FIREFOX, or beside it: WEBKIT_DRIVER (WebKitWebDriver) and WEBKIT (its MiniBrowser), under a display.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Gateway } from '../../gateway.mjs';
import { Firefox } from './firefox.mjs';
import { VISITS } from './visits.mjs';
import { WebKit } from './webkit.mjs';

const ADDRESS = process.env.LOOKOUT_URL ?? 'http://localhost:8080/';
const PICTURES = process.argv[2];
const PATIENCE = 120_000;
/** Milliseconds that all visits of a browser may take together: one that hangs shall not keep everything after it waiting. */
const LIMIT = 6 * 60_000;
/** Validation accuracies of the game of seed 2, by the native program. */
const NATIVE = JSON.parse(await readFile(new URL('../quest_numbers.json', import.meta.url), 'utf8'));

/** A browser on the app, behind a host that can be switched off. */
class Visit {
  constructor(browser, host) {
    Object.assign(this, { browser, host, native: NATIVE });
  }

  open(query) {
    return this.browser.open(new URL(query, this.host.url).href);
  }

  value(expression) {
    return this.browser.value(expression);
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
    await mkdir(PICTURES, { recursive: true });
    const file = `${this.browser.name}-${name.replaceAll(' ', '-')}.png`.toLowerCase();
    await writeFile(path.join(PICTURES, file), Buffer.from(await this.browser.picture(), 'base64'));
  }

  /** Switches the network off. */
  cut() {
    return this.host.close();
  }
}

/** Runs all visits; returns how many failed. */
async function run(start) {
  const host = await new Gateway({ upstream: ADDRESS }).listen();
  const browser = await start();
  const visit = new Visit(browser, host);
  let failed = 0;
  try {
    for (const [name, visited] of Object.entries(VISITS)) {
      const begun = performance.now();
      try {
        browser.errors = [];
        await visited(visit);
        assert.deepEqual(browser.errors, [], 'errors that the page threw');
        console.log(`  ok  ${browser.name}: ${name} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
      } catch (error) {
        failed += 1;
        console.log(`  FAILED  ${browser.name}: ${name}: ${error.message}`);
        await visit.picture(`failed ${name}`).catch(() => {});
      }
    }
  } finally {
    await browser.close();
    await host.close().catch(() => {});
  }
  return failed;
}

const { FIREFOX, WEBKIT_DRIVER, WEBKIT } = process.env;
const starts = [];
if (FIREFOX) starts.push(() => Firefox.start(FIREFOX));
if (WEBKIT_DRIVER && WEBKIT) starts.push(() => WebKit.start(WEBKIT_DRIVER, WEBKIT));
assert.ok(starts.length > 0, 'set FIREFOX, or WEBKIT_DRIVER and WEBKIT');
setTimeout(() => {
  console.log(`  FAILED  the visits are not through after ${(starts.length * LIMIT) / 60_000} minutes`);
  process.exit(1);
}, starts.length * LIMIT).unref();
let failed = 0;
for (const start of starts) failed += await run(start);
process.exitCode = failed > 0 ? 1 : 0;
