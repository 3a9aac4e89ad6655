// Masks, class map, captions, localization, and everything together: what each gives a visitor.
import { expect, photo, test } from './visitor.mjs';

/** The alpha of every pixel of a PNG, decoded by the browser: [width, height, least, most]. */
async function alphaOf(page, bytes) {
  return page.evaluate(async (list) => {
    const picture = await createImageBitmap(new Blob([new Uint8Array(list)], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = canvas.getContext('2d');
    context.drawImage(picture, 0, 0);
    const { data } = context.getImageData(0, 0, picture.width, picture.height);
    let [least, most] = [255, 0];
    for (let at = 3; at < data.length; at += 4) [least, most] = [Math.min(least, data[at]), Math.max(most, data[at])];
    return [picture.width, picture.height, least, most];
  }, [...bytes]);
}

/** Hovers a place of the canvas, as parts of its width and height. */
async function pointsAt(visitor, x, y) {
  const { width, height } = await visitor.the('canvas').boundingBox();
  await visitor.the('canvas').hover({ position: { x: width * x, y: height * y } });
}

const kept = (visitor) => visitor.the('kept').evaluateAll((rows) => rows.map((row) => row.dataset.stage));

test('masks: as many as things, and opacity and outline change the picture without another run', async ({ visitor, page }) => {
  await visitor.open('?sample=horses&task=masks');
  await visitor.seesResult();
  const count = await visitor.rows.count();
  expect(count).toBeGreaterThan(0);
  const runs = await visitor.sent('run');
  const before = await visitor.picture();
  await visitor.moveSlider('opacity-slider', 0.9);
  await expect(page).toHaveURL(/opacity=0\.9/);
  await expect.poll(() => visitor.picture()).not.toBe(before);
  const strong = await visitor.picture();
  await visitor.the('outline-switch').click();
  await expect(page).toHaveURL(/outline=1/);
  await expect.poll(() => visitor.picture()).not.toBe(strong);
  await page.keyboard.press('Control+z');
  await expect(visitor.the('outline-switch')).not.toBeChecked();
  await expect.poll(() => visitor.picture()).toBe(strong);
  expect(await visitor.sent('run')).toBe(runs);
});

test('pointing at a row makes its mask stand out', async ({ visitor, page }) => {
  await visitor.open('?sample=horses&task=masks');
  await visitor.seesResult();
  const all = await visitor.picture();
  await visitor.rows.first().hover();
  await expect(visitor.rows.first().getByRole('button')).toHaveAttribute('aria-pressed', 'true');
  expect(await visitor.picture()).not.toBe(all);
  await page.mouse.move(5, 5);
  await expect.poll(() => visitor.picture()).toBe(all);
});

test('a cut-out has alpha: all things in the size of the photo, one cropped', async ({ visitor, page }) => {
  await visitor.open('?sample=cat&task=masks');
  await visitor.seesResult();
  const all = await visitor.downloads('cutout-save');
  expect(all.name).toBe('cat-cutout.png');
  const [width, height, least, most] = await alphaOf(page, all.bytes);
  expect([width, height, least]).toEqual([451, 300, 0]);
  expect(most).toBeGreaterThan(0);
  await visitor.the('cutout-select').selectOption({ index: 1 });
  const one = await visitor.downloads('cutout-save');
  expect(one.name).toBe('cat-cat.png');
  const cropped = await alphaOf(page, one.bytes);
  expect(cropped[0] * cropped[1]).toBeLessThan(width * height);
});

test('the JSON of masks holds their pixels in run lengths', async ({ visitor }) => {
  await visitor.open('?sample=cat&task=masks');
  await visitor.seesResult();
  const results = await visitor.exportsJson();
  expect(results.length).toBe(await visitor.rows.count());
  expect(results.length).toBeGreaterThan(0);
  for (const { segmentation, bbox } of results) {
    expect(segmentation.size).toEqual([300, 451]);
    expect(segmentation.counts.length).toBeGreaterThan(10);
    expect(bbox.every(Number.isFinite)).toBe(true);
  }
  await visitor.the('task-boxes').click();
  await visitor.seesResult();
  const boxes = await visitor.exportsJson();
  expect(boxes.length).toBeGreaterThan(0);
  expect(boxes.filter((result) => result.segmentation !== undefined)).toEqual([]);
});

test('the class under the pointer is read, by mouse and by keys', async ({ visitor, page }) => {
  await visitor.open('?sample=cat&task=class-map');
  await visitor.seesResult();
  const shares = await visitor.rows.evaluateAll((rows) => rows.map((row) => Number(row.dataset.share)));
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 2);
  const reading = visitor.the('class-under-pointer');
  await expect(reading).toContainText(/point at the photo/i);
  await pointsAt(visitor, 0.5, 0.5);
  await expect(reading).toContainText(/\d+%/);
  const names = await visitor.rows.evaluateAll((rows) => rows.map((row) => row.dataset.class));
  const said = (await reading.innerText()).replace(/\s*\d+%\s*$/, '').trim();
  expect(names).toContain(said);
  await page.mouse.move(5, 5);
  await expect(reading).toContainText(/point at the photo/i);
  await visitor.the('canvas').focus();
  await page.keyboard.press('ArrowRight');
  await expect(reading).toContainText(/\d+%/);
  await page.keyboard.press('Escape');
  await expect(reading).toContainText(/point at the photo/i);
});

test('a class of the legend stands out', async ({ visitor, page }) => {
  await visitor.open('?sample=cat&task=class-map');
  await visitor.seesResult();
  const all = await visitor.picture();
  await visitor.rows.first().hover();
  await expect.poll(() => visitor.picture()).not.toBe(all);
  await page.mouse.move(5, 5);
  await expect.poll(() => visitor.picture()).toBe(all);
});

test.describe('captions', () => {
  test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

  test('a sentence about the photo and its regions, words with alternatives, copied as alt text', async ({ visitor, page }) => {
    await visitor.open('?sample=horses&task=captions');
    await visitor.seesResult();
    const captions = visitor.the('caption');
    expect(await captions.count()).toBeGreaterThan(1);
    const sentence = await visitor.the('caption-sentence').first().innerText();
    expect(sentence).toMatch(/^[A-Z(].*horses.*\.$/); // what the boxes hold, in their number
    // The network is not sure of it: what the boxes hold stands in its place, and it is quoted.
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('3 horses, 1 cow.');
    await expect(page.locator('.summary-words')).toContainText(`“${sentence}”`);
    const calm = await visitor.picture();
    await captions.first().getByTestId('word').first().hover();
    await expect(visitor.the('alternative')).toHaveCount(5);
    await expect.poll(() => visitor.picture()).not.toBe(calm);
    await visitor.the('copy-alt').click();
    await expect(visitor.the('notice')).toContainText(/alt text is in the clipboard/);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/horses.*\.$/);
    // Which word came from which box: pointing at the region of a horse marks the word in both sentences.
    const named = page.locator('[data-from-box="true"]');
    await expect(named.first()).toHaveText('horses');
    await expect(named.first()).toHaveAttribute('aria-label', /^horses, \d+%, from \d boxes$/);
    await expect(page.locator('[data-named="true"]')).toHaveCount(0);
    await captions.nth(1).hover();
    await expect(page.locator('[data-named="true"]')).toHaveText(['horses', 'horse']);
    await visitor.the('copy-captions').click();
    const lines = () => page.evaluate(async () => (await navigator.clipboard.readText()).split('\n').length);
    await expect.poll(lines).toBe(await captions.count());
  });
});

test('localization: probabilities that sum to one, the likeliest first and the headline', async ({ visitor }) => {
  await visitor.open('?sample=cat&task=localize');
  await visitor.seesResult();
  await expect(visitor.the('chance')).toHaveCount(6);
  await visitor.the('all-chances').click();
  await expect(visitor.the('chance')).toHaveCount(21);
  const report = await visitor.exportsJson();
  expect(report.probabilities.reduce((sum, it) => sum + it.probability, 0)).toBeCloseTo(1, 3);
  const best = visitor.the('chance').and(visitor.page.locator('[data-best="true"]'));
  await expect(best).toHaveAttribute('data-class', report.class);
  await expect(visitor.page.getByRole('heading', { level: 1 })).toHaveText(new RegExp(report.class, 'i'));
});

test('everything together: things with masks, people, a sentence', async ({ visitor, page }) => {
  await visitor.open('?sample=astronaut&task=everything');
  await visitor.seesResult();
  expect(await visitor.rows.count()).toBeGreaterThan(0);
  expect(await kept(visitor)).toEqual([]); // all of it has just run
  await expect(visitor.the('sentence')).toContainText(/\.$/);
  for (const section of ['class-map', 'location', 'captions']) await expect(visitor.the(`section-${section}`)).toBeVisible();
  const runs = await visitor.sent('run');
  for (const task of ['skeletons', 'class-map', 'captions', 'localize', 'masks', 'boxes']) {
    await visitor.the(`task-${task}`).click();
    await visitor.seesResult();
    await expect(page).toHaveURL(task === 'boxes' ? /^(?!.*task=)/ : new RegExp(`task=${task}`));
  }
  expect(await visitor.sent('run')).toBe(runs);
});

test('everything: each layer can be switched off on the photo, and a row of a section stands out', async ({ visitor, page }) => {
  await visitor.open('?sample=horses&task=everything');
  await visitor.seesResult();
  const all = await visitor.picture();
  const chip = page.locator('[data-layer="class-map"]');
  await chip.click();
  await expect(page).toHaveURL(/hide-layers=class-map/);
  await page.mouse.move(5, 5);
  await expect.poll(() => visitor.picture()).not.toBe(all);
  await page.locator('[data-layer="class-map"]').click();
  await page.mouse.move(5, 5);
  await expect.poll(() => visitor.picture()).toBe(all);
  for (const row of ['class-row', 'location-row', 'region-caption']) {
    await visitor.the(row).first().hover();
    await expect.poll(() => visitor.picture()).not.toBe(all);
    await page.mouse.move(5, 5);
    await expect.poll(() => visitor.picture()).toBe(all);
  }
});

test('what only the class map has is named', async ({ visitor, page }) => {
  // No box is as sure as that.
  await visitor.open('?sample=cat&task=everything&score=1');
  await visitor.seesResult();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Nothing in a box');
  await expect(page.locator('.summary-words')).toContainText(/class map: .*cat \d+%/i);
});

test('a second task on the same photo keeps the backbone, and says so', async ({ visitor }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await expect(visitor.the('timings')).toContainText('backbone');
  expect(await kept(visitor)).toEqual([]);
  for (const task of ['masks', 'class-map', 'localize']) {
    await visitor.the(`task-${task}`).click();
    await visitor.seesResult();
    await expect.poll(() => kept(visitor)).toContain('mobilenet-v2');
    await expect(visitor.the('timings').locator('.timing:not([data-testid="kept"])').filter({ hasText: 'backbone' })).toHaveCount(0);
  }
  expect(await visitor.sent('photo')).toBe(1);
});

test("a head's weights come when they are first needed, and only once", async ({ visitor, page, server }) => {
  const own = await server();
  await page.goto(`${own.url}?sample=cat`);
  await visitor.seesResult();
  const heads = () => own.requests.filter((name) => /weights\/(segment|mask|caption|localize)\.bpk$/.test(name));
  expect(heads()).toEqual([]);
  await visitor.the('task-class-map').click();
  await visitor.seesResult();
  expect(heads()).toEqual(['weights/segment.bpk']);
  await visitor.chooses(photo('coffee.jpg'));
  await visitor.seesResult();
  expect(heads()).toEqual(['weights/segment.bpk']);
});

test("when a head's weights do not arrive a sentence says so, and trying again works", async ({ visitor, page, server }) => {
  const own = await server();
  own.intercept = (name, response) => {
    if (name !== 'weights/mask.bpk') return false;
    response.writeHead(503).end();
    return true;
  };
  await page.goto(`${own.url}?sample=cat&task=masks`);
  await visitor.sees('error', { timeout: 60_000 });
  await visitor.seesError(/could not be downloaded.*try again/i);
  own.intercept = null;
  await visitor.the('retry').click();
  await visitor.seesResult();
  expect(await visitor.rows.count()).toBeGreaterThan(0);
});

test('the address brings task, opacity and outline back', async ({ visitor, page }) => {
  await visitor.open('?sample=cat&task=masks&opacity=0.25&outline=1');
  await visitor.seesResult();
  await expect(visitor.the('opacity-slider')).toHaveValue('0.25');
  await expect(visitor.the('outline-switch')).toBeChecked();
  await visitor.the('reset').click();
  await expect(page).not.toHaveURL(/opacity|outline/);
});

test('captions are not for the live camera, and it says so', async ({ visitor }) => {
  await visitor.open('?task=captions');
  await visitor.the('camera-open').click();
  await visitor.the('camera-live').click();
  await expect(visitor.the('camera')).toContainText(/take the photo, or choose another task/i);
  expect(await visitor.sent('run')).toBe(0);
  await visitor.the('live-task-class-map').click();
  await expect(visitor.the('live-fps')).toContainText(/\d.*frames a second/, { timeout: 60_000 });
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });

  for (const task of ['masks', 'class-map', 'captions', 'localize', 'everything']) {
    test(`${task}: the task is in sight and nothing is wider than the screen`, async ({ visitor, page }) => {
      await visitor.open(`?sample=cat&task=${task}`);
      await visitor.seesResult();
      const box = await visitor.the(`task-${task}`).boundingBox();
      expect(box.x >= 0 && box.x + box.width <= 390).toBe(true);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
    });
  }
});
