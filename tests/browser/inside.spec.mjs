// The look inside: stages in order, each drawn on the photo with the numbers of the run.
import { expect, test } from './visitor.mjs';

const SSD = ['input', 'mobilenet-v2', 'class-scores', 'default-boxes', 'corrections', 'suppression', 'result'];

const stages = (visitor) => visitor.the('stage');
const stage = (visitor, key) => visitor.page.locator(`[data-testid="stage"][data-stage="${key}"]`);
const panel = (visitor) => visitor.the('stage-panel');

/** Opens the look inside on a sample and waits until every stage has its artifact. */
async function opens(visitor, query) {
  await visitor.open(`${query}&inside=1`);
  await visitor.seesResult();
  await expect(visitor.page.locator('[data-testid="stage"][data-open="false"]')).toHaveCount(0);
}

/** Clicks the photo at a place given as parts of the photo's width and height. */
async function clicksPhoto(visitor, x, y) {
  const { width, height } = await visitor.the('canvas').boundingBox();
  const aspect = Number(await visitor.page.locator('.stage').evaluate((it) => it.style.getPropertyValue('--aspect')));
  const margin = Math.min(40, Math.max(8, 0.04 * Math.min(width, height)));
  const [free, tall] = [width - 2 * margin, height - 2 * margin];
  const across = Math.min(free, tall * aspect);
  const down = across / aspect;
  const position = { x: (width - across) / 2 + across * x, y: (height - down) / 2 + down * y };
  await visitor.the('canvas').click({ position });
}

test('the stages of SSD are there in order, each with its time', async ({ visitor }) => {
  await opens(visitor, '?sample=horses');
  const found = await stages(visitor).evaluateAll((all) => all.map((it) => [it.dataset.stage, Number(it.dataset.ms)]));
  expect(found.map(([key]) => key)).toEqual(SSD);
  for (const [key, ms] of found) expect(ms, key).toBeGreaterThan(0);
  const [result, sum] = [found.at(-1)[1], found.slice(0, -1).reduce((all, [, ms]) => all + ms, 0)];
  expect(Math.abs(result - sum)).toBeLessThan(0.01);
  await expect(visitor.the('total')).toContainText('one pass');
});

test('every stage is drawn otherwise, and the address brings it back', async ({ visitor, page }) => {
  await opens(visitor, '?sample=horses');
  const runs = await visitor.sent('run');
  const pictures = new Set();
  for (const key of SSD) {
    await stage(visitor, key).click();
    await expect(stage(visitor, key)).toHaveAttribute('aria-current', 'step');
    await expect(page).toHaveURL(new RegExp(`stage=${key}`));
    pictures.add(await visitor.picture());
  }
  expect(pictures.size).toBe(SSD.length);
  expect(await visitor.sent('run'), 'looking runs nothing').toBe(runs);
  await stage(visitor, 'corrections').click();
  const before = await visitor.picture();
  await page.reload();
  await visitor.seesResult();
  await expect(stage(visitor, 'corrections')).toHaveAttribute('aria-current', 'step');
  await expect(stage(visitor, 'corrections')).toHaveAttribute('data-open', 'true');
  await expect.poll(() => visitor.picture()).toBe(before);
});

test('a stage that nobody has is told, and the result stands', async ({ visitor }) => {
  await visitor.open('?sample=cat&inside=1&stage=thinking');
  await visitor.seesError('stage that is not here');
  await visitor.seesResult();
  await expect(stage(visitor, 'result')).toHaveAttribute('aria-current', 'step');
});

test('arrow keys, Home and End walk through the stages', async ({ visitor, page }) => {
  await opens(visitor, '?sample=cat&stage=input');
  await stage(visitor, 'input').focus();
  await page.keyboard.press('ArrowRight');
  await expect(stage(visitor, 'mobilenet-v2')).toHaveAttribute('aria-current', 'step');
  await expect(stage(visitor, 'mobilenet-v2')).toBeFocused();
  await page.keyboard.press('End');
  await expect(stage(visitor, 'result')).toHaveAttribute('aria-current', 'step');
  await page.keyboard.press('ArrowRight');
  await expect(stage(visitor, 'result')).toHaveAttribute('aria-current', 'step');
  await page.keyboard.press('Home');
  await visitor.the('canvas').focus();
  await page.keyboard.press('ArrowRight');
  await expect(stage(visitor, 'mobilenet-v2')).toHaveAttribute('aria-current', 'step');
  // A slider keeps its keys.
  await visitor.the('cover-slider').focus();
  await page.keyboard.press('ArrowLeft');
  await expect(stage(visitor, 'mobilenet-v2')).toHaveAttribute('aria-current', 'step');
});

test('a cell of the default boxes shows what the head says there, sure or not', async ({ visitor, page }) => {
  await opens(visitor, '?sample=horses&stage=default-boxes');
  await expect(panel(visitor)).toContainText('1,917 boxes');
  const surest = visitor.the('anchor').and(page.locator('[data-fired="true"]'));
  expect(await surest.count()).toBeGreaterThan(0);
  await visitor.the('grid-0').click();
  await clicksPhoto(visitor, 0.5 / 19, 0.5 / 19);
  await expect(visitor.the('cell')).toHaveAttribute('data-cell', '0,0');
  const boxes = visitor.the('anchor');
  await expect(boxes).toHaveCount(3);
  expect(await boxes.evaluateAll((all) => all.map((it) => it.dataset.index))).toEqual(['0', '1', '2']);
  for (const text of await boxes.allInnerTexts()) expect(text.replace(/\s+/g, ' ')).toMatch(/%.*dx .*dy .*dw .*dh .*\d/);
  await visitor.the('canvas').focus();
  await page.keyboard.press('ArrowRight');
  await expect(visitor.the('cell')).toHaveAttribute('data-cell', '1,0');
  expect(await boxes.first().getAttribute('data-index')).toBe('3');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowRight');
  await expect(stage(visitor, 'corrections')).toHaveAttribute('aria-current', 'step');
});

test('as many boxes fire as are there before suppression, and both follow the score', async ({ visitor }) => {
  await opens(visitor, '?sample=horses&stage=default-boxes');
  const number = async (pattern) => Number((await panel(visitor).innerText()).match(pattern)?.[1]);
  const fired = await number(/grids\. (\d+) of them fired/);
  expect(fired).toBeGreaterThan(1);
  await visitor.moveSlider('score-slider', 0.3);
  await expect.poll(() => number(/grids\. (\d+) of them fired/)).toBeGreaterThan(fired);
  await visitor.moveSlider('score-slider', 0.5);
  await stage(visitor, 'corrections').click();
  // A box may count for two classes, so there may be more of them here.
  expect(await number(/(\d+) boxes? ha/)).toBeGreaterThanOrEqual(fired);
});

test('suppression steps through who removes whom and follows the overlap', async ({ visitor, page }) => {
  await opens(visitor, '?sample=horses&stage=suppression');
  const steps = visitor.the('steps');
  const count = Number(await steps.getAttribute('data-count'));
  expect(count).toBeGreaterThan(1);
  await visitor.the('steps-first').click();
  await expect(steps).toHaveAttribute('data-done', '0');
  await visitor.the('steps-on').click();
  await expect(visitor.the('step-words')).toContainText('stays');
  const said = [];
  for (let done = 2; done <= count; done += 1) {
    await visitor.the('steps-on').click();
    await expect(steps).toHaveAttribute('data-done', String(done));
    said.push(await visitor.the('step-words').innerText());
  }
  const removals = said.filter((text) => text.includes('removes'));
  expect(removals.length).toBeGreaterThan(0);
  for (const text of removals) expect(Number(text.match(/overlap by ([\d.]+)/)[1])).toBeGreaterThan(0.5);
  // With the overlap at its largest, nothing is removed any more.
  const words = panel(visitor).locator('.summary-words');
  const before = await words.innerText();
  await visitor.moveSlider('iou-slider', 1);
  await expect(words).not.toHaveText(before);
  await expect(words).toContainText('0 overlap');
  await visitor.moveSlider('iou-slider', 0.5);
  await visitor.the('steps-first').click();
  await visitor.the('steps-play').click();
  await expect(steps).not.toHaveAttribute('data-done', '0');
  await visitor.the('steps-play').click();
  await expect(page).toHaveURL(/stage=suppression/);
});

test('channels are chosen in the mosaic and read under the pointer', async ({ visitor, page }) => {
  await opens(visitor, '?sample=cat&stage=mobilenet-v2');
  const before = await visitor.picture();
  await visitor.the('channels').click({ position: { x: 100, y: 100 } });
  await page.mouse.move(5, 5);
  await expect.poll(() => visitor.picture()).not.toBe(before);
  await visitor.the('canvas').hover();
  await expect(visitor.the('map-reading')).toContainText(/Cell \(\d+, \d+\): /);
  const words = panel(visitor).locator('.summary-words');
  await expect(words).toContainText('75 × 75 cells');
  await visitor.the('map-3').click();
  await expect(words).toContainText('10 × 10 cells');
  await visitor.the('page-on').click();
  await expect(visitor.the('map-reading')).toContainText('Channel 64');
});

test('another photo forgets what was chosen on the last one', async ({ visitor }) => {
  await opens(visitor, '?sample=horses&stage=default-boxes');
  await visitor.the('grid-0').click();
  await clicksPhoto(visitor, 0.01, 0.01);
  await expect(visitor.the('cell')).toHaveAttribute('data-cell', '0,0');
  await visitor.the('sample-cat').click();
  await visitor.seesResult();
  await expect(stage(visitor, 'default-boxes')).toHaveAttribute('aria-current', 'step');
  // A cat that fills the photo is not seen on the finest grid, which was chosen before.
  await expect(visitor.the('grid-0').getByRole('radio')).not.toBeChecked();
});

for (const width of [390, 320]) {
  test(`nothing is wider than a screen of ${width} pixels`, async ({ visitor, page }) => {
    await page.setViewportSize({ width, height: 800 });
    await opens(visitor, '?sample=horses&stage=input');
    for (const key of SSD) {
      await stage(visitor, key).click();
      await expect(stage(visitor, key)).toBeInViewport();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow, key).toBeLessThanOrEqual(0);
    }
  });
}

test('the page is as long as the screen, however long the panel is', async ({ visitor, page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await opens(visitor, '?sample=horses&task=everything');
  await expect(visitor.the('tree')).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(800);
});

test('beams and words of a caption go together', async ({ visitor, page }) => {
  await opens(visitor, '?sample=cat&task=captions&stage=words');
  const chosen = visitor.the('beam').and(page.locator('[data-chosen="true"]'));
  const texts = [];
  for (const word of [0, 1, 2]) {
    await visitor.the('unrolled-word').nth(word).click();
    await expect(visitor.the('unrolled')).toHaveAttribute('data-word', String(word));
    await expect(chosen).toHaveCount(1);
    texts.push(await chosen.locator('.beam-text').innerText());
  }
  const words = await visitor.the('unrolled-word').allInnerTexts();
  expect(texts).toEqual([1, 2, 3].map((count) => words.slice(0, count).join(' ')));
  expect(await visitor.the('beam').count()).toBeGreaterThan(1);
});

test('maps down and up have their bytes and milliseconds', async ({ visitor }) => {
  await opens(visitor, '?sample=cat&task=class-map&stage=upsampling');
  const maps = await visitor.the('u-map').allInnerTexts();
  expect(maps).toHaveLength(8);
  for (const text of maps) expect(text).toMatch(/ [kM]B, [\d.]+ ms/);
});

test('Escape closes the look inside, and the comparison', async ({ visitor, page }) => {
  await opens(visitor, '?sample=horses');
  await visitor.the('inside').focus();
  await page.keyboard.press('Escape');
  await expect(stages(visitor)).toHaveCount(0);
  await expect(page).not.toHaveURL(/inside=/);
  await visitor.the('compare').click();
  await expect(visitor.the('compare-row').first()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(visitor.the('compare-row')).toHaveCount(0);
});
