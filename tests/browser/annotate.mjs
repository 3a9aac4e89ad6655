// What the page finds in any number of photos, as COCO results: for parity and average precision in a real browser.
//
//   node annotate.mjs --backend cpu|gpu --out FILE PHOTOS...
//
// PHOTOS are files or folders. The rule is that of TensorFlow.js coco-ssd's `detect(photo, 20, 0.5)`; compare with
// `tests/reference/ssd/compare.mjs`. Needs `cargo xtask serve` beside it; see `playwright.config.mjs` for LOOKOUT_URL
// and CHROMIUM.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { chromium } from '@playwright/test';

import config, { APP } from './playwright.config.mjs';

const RULE = 'nms=class-agnostic'; // score and overlap 0.5 are the page's usual ones

async function expand(entries) {
  const files = [];
  for (const entry of entries) {
    if ((await stat(entry)).isDirectory()) {
      const names = (await readdir(entry)).filter((name) => /\.(jpe?g|png|webp|gif|bmp|avif)$/i.test(name)).sort();
      files.push(...names.map((name) => path.join(entry, name)));
    } else files.push(entry);
  }
  return files;
}

async function exportOf(page, file) {
  await page.getByTestId('file-input').setInputFiles(file);
  await page.locator('main[data-state="done"], main[data-state="error"]').waitFor({ timeout: 300_000 });
  if ((await page.locator('main').getAttribute('data-state')) === 'error') {
    throw new Error(`${file}: ${await page.getByTestId('error').innerText()}`);
  }
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export-json').click()]);
  return JSON.parse(await readFile(await download.path(), 'utf8'));
}

const { values, positionals } = parseArgs({
  options: { backend: { type: 'string', default: 'cpu' }, out: { type: 'string' } },
  allowPositionals: true,
});
const project = config.projects.find(({ name }) => name === values.backend);
if (!project || !values.out || positionals.length === 0) {
  throw new Error('usage: node annotate.mjs --backend cpu|gpu --out FILE PHOTOS...');
}
const browser = await chromium.launch(project.use.launchOptions);
try {
  const page = await browser.newPage({ serviceWorkers: 'block' });
  await page.goto(`${APP}?backend=${values.backend}&${RULE}`);
  const results = [];
  const files = await expand(positionals);
  for (const [index, file] of files.entries()) {
    results.push(...(await exportOf(page, file)));
    if (process.stderr.isTTY) process.stderr.write(`\r${index + 1} of ${files.length}`);
  }
  const line = await page.getByTestId('backend-line').innerText();
  if (!line.includes(values.backend.toUpperCase())) throw new Error(`asked for ${values.backend}, but: ${line}`);
  await writeFile(values.out, JSON.stringify(results));
  console.log(`${files.length} photos, ${results.length} findings in ${values.out}; ${line.replace(/\s+/g, ' ')}`);
} finally {
  await browser.close();
}
