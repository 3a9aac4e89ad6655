// The whole main job with the keyboard alone.
import { expect, test } from './visitor.mjs';

/** Presses Tab until the element with this test id has the focus. */
async function tabTo(page, id) {
  for (let presses = 0; presses < 80; presses += 1) {
    const here = await page.evaluate(() => document.activeElement?.closest('[data-testid]')?.dataset.testid);
    if (here === id) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the Tab key does not lead to ${id}`);
}

const focusRing = (page) =>
  page.evaluate(() => {
    const style = getComputedStyle(document.activeElement);
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    return outlined || style.boxShadow !== 'none';
  });

test('choose a sample, read the list, set the score, export', async ({ visitor, page }) => {
  await visitor.open();
  await tabTo(page, 'sample-coffee');
  expect(await focusRing(page), 'the focus can be seen').toBe(true);
  await page.keyboard.press('Enter');
  await visitor.seesResult();
  const before = await visitor.rows.count();
  await tabTo(page, 'result-row');
  await tabTo(page, 'score-slider');
  expect(await focusRing(page), 'the focus can be seen').toBe(true);
  await page.keyboard.press('Home'); // the lowest score
  await expect.poll(() => visitor.rows.count()).toBeGreaterThan(before);
  await tabTo(page, 'export-json');
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  expect(download.suggestedFilename()).toMatch(/\.json$/);
});

test('the canvas can be zoomed and moved with keys', async ({ visitor, page }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  await visitor.the('canvas').focus();
  const fitted = await visitor.picture();
  await page.keyboard.press('+');
  await expect.poll(() => visitor.picture()).not.toBe(fitted);
  const zoomed = await visitor.picture();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => visitor.picture()).not.toBe(zoomed);
  await page.keyboard.press('0');
  await expect.poll(() => visitor.picture()).toBe(fitted);
});
