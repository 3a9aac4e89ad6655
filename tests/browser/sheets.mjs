// Pictures of every stage of every system and of every figure, wide and narrow, light and dark, on sheets to look at.
//
//   LOOKOUT_URL=http://127.0.0.1:8180/ node sheets.mjs FOLDER [systems|figures] [PART OF A KEY] [390-dark]
//
// With `CHROMIUM` as for the tests. A sheet is one system or figure in one of four combinations: FOLDER/KEY-WIDTH-SCHEME.png.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { chromium } from '@playwright/test';

const [folder = 'sheets', what = '', part = '', combination = ''] = process.argv.slice(2);
const address = process.env.LOOKOUT_URL ?? 'http://127.0.0.1:8180/';
const ARGS = ['--no-sandbox', '--disable-features=WebGPU,WebGPUService', '--disable-gpu'];
const PATIENCE = { timeout: 120_000 };
const SIZES = [
  { width: 1280, height: 800, columns: 3, scale: 0.55 },
  { width: 390, height: 844, columns: 6, scale: 0.8 },
];
/** A photo on which each task has something to show. */
const SAMPLES = { skeletons: 'mariachi', captions: 'giraffes', localize: 'cat' };
const TASKS = ['boxes', 'class-map', 'localize', 'skeletons', 'masks', 'captions'];

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ARGS });

/** Puts pictures with their names on one page and takes a picture of that. */
async function sheet(name, pictures, { width, columns, scale }) {
  const page = await browser.newPage({ viewport: { width: Math.ceil(columns * (width * scale + 8)), height: 600 } });
  const figure = ({ title, data }) =>
    `<figure style="margin:4px;display:inline-block;vertical-align:top;font:13px sans-serif"><figcaption>${title}</figcaption>
     <img width="${width * scale}" src="data:image/png;base64,${data}"></figure>`;
  await page.setContent(`<body style="margin:0;background:#999;width:100%">${pictures.map(figure).join('')}`);
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
  await page.close();
}

/** A picture of the page as long as what it shows, within reason. */
async function picture(page, { width, height }, title) {
  const long = await page.evaluate(() => document.documentElement.scrollHeight);
  const clip = { x: 0, y: 0, width, height: Math.min(long, 2.6 * height) };
  return { title, data: (await page.screenshot({ fullPage: true, clip })).toString('base64') };
}

async function settled(page) {
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="stage"][data-open="false"]').length === 0, null, PATIENCE);
  await page.waitForTimeout(250);
}

async function system(context, size, task, key, suffix) {
  const page = await context.newPage();
  await page.goto(`${address}?task=${task}&system=${key}&inside=1&sample=${SAMPLES[task] ?? 'horses'}&backend=cpu`);
  await page.locator('[data-testid="stage"]').first().waitFor(PATIENCE);
  await page.waitForFunction(() => document.querySelector('main')?.dataset.state === 'done', null, PATIENCE);
  await settled(page);
  const pictures = [];
  for (const stage of await page.locator('[data-testid="stage"]').all()) {
    const name = await stage.getAttribute('data-stage');
    await stage.click(PATIENCE);
    await page.waitForTimeout(350);
    await page.evaluate(() => scrollTo(0, 0));
    pictures.push(await picture(page, size, `${key} › ${name}`));
  }
  await page.close();
  await sheet(`${key}-${suffix}`, pictures, size);
}

async function figure(context, size, key, suffix) {
  const page = await context.newPage();
  await page.goto(`${address}?figure=${key}&sample=horses&backend=cpu`);
  await page.locator('[data-testid="figure"]').waitFor(PATIENCE);
  await page.waitForTimeout(4000);
  const long = { ...size, height: 3000 };
  await sheet(`figure-${key}-${suffix}`, [await picture(page, long, key)], { ...size, columns: 1, scale: 0.8 });
  await page.close();
}

/** The keys of a task's systems, as the page offers them. */
async function keys(task) {
  const page = await browser.newPage();
  await page.goto(`${address}?task=${task}&sample=horses&backend=cpu`);
  await page.waitForFunction(() => document.querySelector('main')?.dataset.state === 'done', null, PATIENCE);
  const options = page.locator('[data-testid="system"] option');
  const found = await options.evaluateAll((all) => all.map((it) => it.value));
  await page.close();
  return found;
}

const systems = [];
if (what !== 'figures') {
  for (const task of TASKS) {
    for (const key of await keys(task)) systems.push([task, key]);
  }
}
let figures = [];
if (what !== 'systems') {
  const page = await browser.newPage();
  await page.goto(`${address}?figure=tasks&sample=horses&backend=cpu`);
  await page.locator('[data-testid="figure"]').waitFor(PATIENCE);
  figures = await page.locator('a[href*="figure="]').evaluateAll((all) => [...new Set(all.map((it) => new URL(it.href).searchParams.get('figure')))]);
  await page.close();
}
for (const size of SIZES) {
  for (const colorScheme of ['light', 'dark']) {
    const suffix = `${size.width}-${colorScheme}`;
    if (!suffix.includes(combination)) continue;
    const context = await browser.newContext({ viewport: size, colorScheme, reducedMotion: 'reduce' });
    for (const [task, key] of systems.filter(([, key]) => key.includes(part))) {
      await system(context, size, task, key, suffix).catch((error) => console.error(key, suffix, error.message));
    }
    for (const key of figures.filter((key) => key.includes(part))) {
      await figure(context, size, key, suffix).catch((error) => console.error(key, suffix, error.message));
    }
    await context.close();
  }
}
await browser.close();
