// Taking changes back: of the settings, and of the photo.
import { expect, photo, test } from './visitor.mjs';

test('a change of a setting can be undone and done again', async ({ visitor, page }) => {
  await visitor.open('?sample=stage');
  await visitor.seesResult();
  const before = await visitor.rows.count();
  await visitor.moveSlider('score-slider', 0.9);
  await expect.poll(() => visitor.rows.count()).toBeLessThan(before);
  await visitor.the('canvas').focus();
  await page.keyboard.press('Control+z');
  await expect(visitor.rows).toHaveCount(before);
  await page.keyboard.press('Control+Shift+z');
  await expect.poll(() => visitor.rows.count()).toBeLessThan(before);
});

test('the photo before comes back with its result, without another run', async ({ visitor, page }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  const before = await visitor.found();
  await visitor.chooses(photo('cat.jpg'));
  await expect.poll(async () => (await visitor.found()).join()).toMatch(/cat/);
  const runs = await visitor.sent('run');
  await visitor.the('canvas').focus();
  await page.keyboard.press('Control+z');
  await expect.poll(() => visitor.found()).toEqual(before);
  await visitor.sees('done');
  expect(await visitor.sent('run')).toBe(runs);
});
