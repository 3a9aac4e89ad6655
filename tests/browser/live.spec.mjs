// The camera's live view; Chromium's fake video device stands in for a real one.
import { expect, test } from './visitor.mjs';

/** Notes the tracks of every camera that is opened. */
async function watchCameras(page) {
  await page.addInitScript(() => {
    window.tracks = [];
    const devices = navigator.mediaDevices;
    const ask = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (...args) => {
      const stream = await ask(...args);
      window.tracks.push(...stream.getTracks());
      return stream;
    };
  });
}

const tracks = (page) => page.evaluate(() => window.tracks.map((track) => track.readyState));

/** More frames than the live view needs to look at the next one. */
const MANY_FRAMES = 40;

async function goesLive(visitor, query = '') {
  await visitor.open(query);
  await visitor.the('camera-open').click();
  await visitor.the('camera-live').click();
  await expect(visitor.the('live-fps')).toContainText(/\d.*frames a second/, { timeout: 60_000 });
}

for (const task of ['boxes', 'skeletons']) {
  test(`live ${task}: frames advance one at a time and stop when the camera is closed`, async ({ visitor, page }) => {
    await watchCameras(page);
    await goesLive(visitor, `?task=${task}`);
    const before = await visitor.sent('run');
    await expect.poll(() => visitor.sent('run')).toBeGreaterThan(before + 2);
    // Each frame is sent with its run, and there is no queue: as many runs as photos.
    const [photos, runs] = [await visitor.sent('photo'), await visitor.sent('run')];
    expect(Math.abs(photos - runs)).toBeLessThanOrEqual(1);
    await visitor.the('camera').getByRole('button', { name: 'Close' }).click();
    await expect(visitor.the('camera')).toBeHidden();
    expect(await tracks(page)).toEqual(['ended']);
    const after = await visitor.sent('run');
    await visitor.sees('empty');
    await visitor.waitsForFrames(MANY_FRAMES);
    expect(await visitor.sent('run')).toBe(after);
  });
}

test('a hidden tab stops the camera, and showing it starts it again', async ({ visitor, page }) => {
  await watchCameras(page);
  await goesLive(visitor);
  const hide = (hidden) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await hide(true);
  await expect.poll(() => tracks(page)).toEqual(['ended']);
  const runs = await visitor.sent('run');
  await visitor.waitsForFrames(MANY_FRAMES);
  expect(await visitor.sent('run')).toBe(runs);
  await hide(false);
  await expect.poll(() => visitor.sent('run')).toBeGreaterThan(runs + 1);
  expect((await tracks(page)).at(-1)).toBe('live');
});

test('the frame in sight can be kept, and the photo before comes back when it is not', async ({ visitor }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  const coffee = await visitor.found();
  await visitor.the('camera-open').click();
  await visitor.the('camera-live').click();
  await expect(visitor.the('live-fps')).toContainText(/frames a second/, { timeout: 60_000 });
  await visitor.the('live-task-skeletons').click();
  await visitor.the('camera').getByRole('button', { name: 'Close' }).click();
  await visitor.seesResult();
  await expect(visitor.page.getByRole('heading', { level: 1 })).toHaveText('Nobody found');
  await visitor.the('task-boxes').click();
  await expect.poll(() => visitor.found()).toEqual(coffee);
  await visitor.the('camera-open').click();
  await visitor.the('camera-live').click();
  await visitor.the('camera-shoot').click();
  await expect(visitor.the('canvas')).toHaveAttribute('aria-label', /camera\.png/);
  await visitor.seesResult();
});
