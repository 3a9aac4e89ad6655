// Which backend runs, and the switch between them.
import { expect, photo, test } from './visitor.mjs';

test('without WebGPU the CPU runs, and one line says so', async ({ visitor }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await expect(visitor.the('backend-line')).toContainText(/CPU/);
  await expect(visitor.the('backend-line')).toContainText(/because/);
});

test('a browser that does not know WebGPU', async ({ visitor, page }) => {
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined }));
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await expect(visitor.the('backend-line')).toContainText('because this browser has no WebGPU');
});

test('asking for the GPU where there is none falls back to the CPU with a sentence', async ({ visitor }) => {
  test.setTimeout(180_000);
  await visitor.open('?sample=cat&backend=gpu');
  // Only the GPU module itself can tell, and a server that compresses it for the first time takes a while.
  await expect(visitor.the('notice')).toContainText(/GPU cannot be used here: the CPU takes over/i, { timeout: 100_000 });
  await visitor.seesResult();
  await expect(visitor.the('backend-line')).toContainText(/CPU/);
});

test('timings are shown by stage', async ({ visitor }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await expect(visitor.the('timings')).toContainText('backbone');
  await expect(visitor.the('timings')).toContainText(/\d+(\.\d+)?\s*ms/);
});

test('@gpu a software adapter is left alone unless asked for', async ({ visitor }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await expect(visitor.the('backend-line')).toContainText(/CPU.*no hardware GPU/);
});

test('@gpu a device lost in the middle of a run is noticed, and the photo is still there', async ({ visitor, page }) => {
  await visitor.open('?sample=cat&backend=gpu');
  await visitor.sees('done', { timeout: 200_000 });
  await visitor.chooses(photo('coffee.jpg'));
  await visitor.sees('running');
  await page.evaluate(() => window.workers.at(-1).postMessage({ kind: 'lose-device' }));
  await expect(visitor.the('notice')).toContainText(/took the GPU away/i, { timeout: 60_000 });
  await expect(visitor.the('canvas')).toBeVisible();
  await visitor.sees('done', { timeout: 200_000 });
  expect((await visitor.found()).join()).toMatch(/cup/);
});

/** What the cache keeps of how this GPU likes its kernels: null, or a text. With a text, keeps that instead. */
const tuning = (page, text) =>
  page.evaluate(async (text) => {
    const cache = await caches.open('lookout-files-v1');
    const key = (await cache.keys()).find(({ url }) => url.endsWith('&tuning'));
    if (key && text !== undefined) await cache.put(key, new Response(text));
    return key ? (await cache.match(key)).text() : null;
  }, text);

test('@gpu how the GPU likes its kernels is found out once', async ({ visitor, page }) => {
  test.setTimeout(240_000);
  const visit = async () => {
    await visitor.open('?sample=cat&backend=gpu');
    await visitor.sees('done', { timeout: 200_000 });
    expect((await visitor.found()).join()).toMatch(/cat/);
  };
  await visit();
  await expect.poll(() => tuning(page)).toMatch(/.+\n[0-3] (pairs|single|half)$/);
  const found = await tuning(page);
  const [device, choice] = found.split('\n');
  // What another visit found out is believed ...
  const other = `${device}\n${choice.startsWith('0') ? 1 : 0} single`;
  await tuning(page, other);
  await visit();
  expect(await tuning(page)).toBe(other);
  // ... unless it is about another device, or makes no sense.
  for (const text of [`Another ${found}`, `${device}\n9 single`, 'nonsense']) {
    await tuning(page, text);
    await visit();
    await expect.poll(() => tuning(page)).toMatch(/.+\n[0-3] (pairs|single|half)$/);
    expect((await tuning(page)).split('\n')[0]).toBe(device);
  }
});

/** Makes the browser offer a GPU whose worker is the CPU's in disguise, with the times that a test wants (ms). */
async function pretendGpu(page, times) {
  await page.addInitScript((times) => {
    const adapter = { info: { vendor: 'pretended', architecture: 'none', isFallbackAdapter: false } };
    Object.defineProperty(Navigator.prototype, 'gpu', { get: () => ({ requestAdapter: async () => adapter }) });
    const Native = window.Worker;
    window.Worker = class extends Native {
      constructor(address, options) {
        const backend = String(address).includes('backend=gpu') ? 'gpu' : 'cpu';
        super(String(address).replace('backend=gpu', 'backend=cpu'), options);
        // Before the page's own listener: the message is one object for both.
        this.addEventListener('message', ({ data }) => {
          if (data['network-time']) data['network-time'].ms = times[backend];
          if (data.ready && backend === 'gpu') Object.assign(data.ready, { backend, device: 'A pretended GPU' });
        });
      }
    };
  }, times);
}

const verdict = (page) => page.evaluate(() => localStorage.getItem('lookout-backend'));
const FASTER = { cpu: /CPU, because it was faster here/, gpu: /GPU, because it was faster here ?A pretended GPU/ };

test('a slow GPU is tried beside the CPU, which stays; a later visit knows', async ({ visitor, page }) => {
  await pretendGpu(page, { gpu: 900, cpu: 40 });
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await expect(visitor.the('backend-line')).toContainText(FASTER.cpu);
  expect(await page.evaluate(() => window.workers.length)).toBe(2);
  expect(await verdict(page)).toMatch(/^cpu\npretended none \| \w{12} \w{12} \w{12}$/);
  await page.reload();
  await visitor.seesResult();
  await expect(visitor.the('backend-line')).toContainText(FASTER.cpu);
  expect(await page.evaluate(() => window.workers.length)).toBe(1);
});

test('a fast GPU takes over while the result stays on show; a later visit starts there', async ({ visitor, page }) => {
  await pretendGpu(page, { gpu: 9, cpu: 40 });
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  const before = await visitor.found();
  await expect(visitor.the('backend-line')).toContainText(FASTER.gpu);
  expect(await visitor.found()).toEqual(before);
  await visitor.chooses(photo('coffee.jpg'));
  await expect.poll(async () => (await visitor.found()).join()).toMatch(/cup/);
  expect(await visitor.sent('run')).toBe(2);
  expect(await verdict(page)).toMatch(/^gpu\n/);
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await expect(visitor.the('backend-line')).toContainText(FASTER.gpu);
  expect(await page.evaluate(() => window.workers.length)).toBe(1);
});

test('a verdict about another adapter or build does not count', async ({ visitor, page }) => {
  await pretendGpu(page, { gpu: 900, cpu: 40 });
  await page.addInitScript(() => {
    if (!localStorage.getItem('lookout-backend')) localStorage.setItem('lookout-backend', 'gpu\npretended none | old');
  });
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await expect(visitor.the('backend-line')).toContainText(FASTER.cpu);
});

test('a visitor who asks for a backend gets it untried', async ({ visitor, page }) => {
  await pretendGpu(page, { gpu: 900, cpu: 40 });
  await visitor.open('?sample=cat&backend=cpu');
  await visitor.seesResult();
  await expect(visitor.the('backend-line')).toContainText('Runs on the CPU, as you chose');
  expect(await page.evaluate(() => window.workers.length)).toBe(1);
  expect(await verdict(page)).toBe(null);
});
