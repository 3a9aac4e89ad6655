// The same files under a sub-path of a host, as `cargo xtask package` arranges them.
import { expect, photo, test } from './visitor.mjs';

test('the app works from a sub-path', async ({ visitor, server }) => {
  const given = process.env.LOOKOUT_SUB_PATH_URL;
  visitor.url = given ?? (await server({ prefix: '/course/lookout/' })).url;
  await visitor.open();
  await visitor.the('sample-coffee').click();
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cup/);
  await visitor.chooses(photo('cat.jpg'));
  await expect.poll(async () => (await visitor.found()).join()).toMatch(/cat/);
  expect(new URL(visitor.page.url()).pathname).toBe(new URL(visitor.url).pathname);
});

test('what pages load may be kept for ever, and is', async ({ visitor, page }) => {
  const given = process.env.LOOKOUT_SUB_PATH_URL;
  test.skip(given === undefined, 'needs the server of `cargo xtask test`');
  visitor.url = given;
  const { pathname } = new URL(given);
  /** The answers to requests for the app's files: their names, and whether they may be kept for ever. */
  const answers = [];
  page.on('response', (response) => {
    const url = new URL(response.url());
    if (!url.pathname.startsWith(pathname)) return;
    const isForEver = /\bimmutable\b/.test(response.headers()['cache-control'] ?? '');
    answers.push([url.pathname.slice(pathname.length), isForEver]);
  });
  await visitor.open('?sample=cat&backend=cpu');
  await visitor.seesResult();
  await page.waitForLoadState('networkidle'); // the parts that draw the list come last
  const [kept, asked] = [true, false].map((it) => answers.filter(([, isForEver]) => isForEver === it).map(([name]) => name));
  // The page itself and the sample photo keep their addresses.
  expect(asked.filter((name) => name !== '' && !name.startsWith('photos/'))).toEqual([]);
  expect(kept.every((name) => /^build-[0-9a-f]{16}\//.test(name))).toBe(true);
  const builds = new Set(kept.map((name) => name.split('/')[0]));
  expect(builds.size).toBe(1);
  const names = kept.map((name) => name.split('/').slice(1).join('/'));
  expect(names).toEqual(expect.arrayContaining(['boot.js', 'css/page.css', 'page.js', 'page_bg.wasm', 'worker.js', 'manifest.json', 'weights/ssd.bpk']));
  // The next visit asks for none of them again.
  const session = await page.context().newCDPSession(page);
  const fromCache = new Set();
  const fetched = new Map();
  session.on('Network.requestWillBeSent', ({ requestId, request }) => fetched.set(requestId, request.url));
  session.on('Network.requestServedFromCache', ({ requestId }) => fromCache.add(requestId)); // from memory
  session.on('Network.responseReceived', ({ requestId, response }) => response.fromDiskCache && fromCache.add(requestId));
  await session.send('Network.enable');
  await visitor.open('?sample=cat&backend=cpu');
  await visitor.seesResult();
  // Where a worker's script came from is said to the worker's own session.
  const ours = () => [...fetched].filter(([, url]) => url.includes('/build-') && !/\/worker\.js\?/.test(url));
  expect(ours().length).toBeGreaterThan(5);
  await expect.poll(() => ours().filter(([id]) => !fromCache.has(id)).map(([, url]) => url)).toEqual([]);
});

test('the game works as hosts get it', async ({ page }) => {
  const given = process.env.LOOKOUT_SUB_PATH_URL;
  test.skip(given === undefined, 'needs the server of `cargo xtask test`');
  await page.goto(new URL('quest.html?seed=2', given).href);
  await page.getByTestId('play-seed').click();
  await expect(page.locator('main')).toHaveAttribute('data-state', 'choosing');
});

test('the app works with a <base>, as `cargo xtask build --public-url` writes it', async ({ visitor, page, server }) => {
  const prefix = '/course/lookout/';
  visitor.url = (await server({ prefix })).url;
  await page.route(/\/course\/lookout\/(\?|$)/, async (route) => {
    const response = await route.fetch();
    const text = (await response.text()).replace('<head>', `<head><base href="${prefix}">`);
    await route.fulfill({ response, body: text });
  });
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cat/);
  expect(new URL(page.url()).pathname).toBe(prefix);
  expect(await page.evaluate(() => document.querySelector('base')?.getAttribute('href'))).toBe(prefix);
});
