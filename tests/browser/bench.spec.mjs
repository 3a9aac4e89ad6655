// The pages of `cargo xtask bench` speak the worker's protocol: what they read of its answers is there.
import { readFile } from 'node:fs/promises';

import { expect, test } from './visitor.mjs';

const PAGES = new URL('../bench/pages/', import.meta.url);
const HTML = '<!doctype html><script type="module" src="ours.mjs"></script>';

test("the bench's page detects, runs every further task and times layers", async ({ page, server }) => {
  const own = await server({ prefix: '/dist/' });
  own.intercept = async (name, response) => {
    if (!name.startsWith('bench/')) return false;
    const script = name.slice('bench/'.length);
    const body = script === 'index.html' ? HTML : await readFile(new URL(script, PAGES));
    response.writeHead(200, { 'content-type': script === 'index.html' ? 'text/html' : 'text/javascript' }).end(body);
    return true;
  };
  await page.goto(`${own.url}bench/index.html?backend=cpu&photo=/dist/photos/horses.jpg`);
  await page.waitForFunction(() => window.bench);
  const { boxes } = await page.evaluate(() => window.bench.first);
  expect(boxes.filter(({ class: id, score }) => id === 19 && score > 0.5).length).toBeGreaterThan(0);
  const tasks = ['masks', 'class-map', 'localize', 'skeletons', 'captions'];
  const times = await page.evaluate((all) => self.timeTasks(all), tasks);
  expect(Object.keys(times)).toEqual(tasks);
  for (const ms of Object.values(times)) expect(ms).toBeGreaterThan(0);
  const { layers, peak } = await page.evaluate(() => self.timeLayers(1));
  expect(layers.length).toBeGreaterThan(70);
  expect(peak).toBeGreaterThan(0);
});
