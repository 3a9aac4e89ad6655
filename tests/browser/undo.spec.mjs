// Taking changes back: of the settings, of the task, and of the photo.
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

test('a task can be undone, by buttons that are there when they can do something', async ({ visitor }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await expect(visitor.the('undo')).toHaveCount(0);
  await visitor.the('task-masks').click();
  await visitor.seesResult();
  await expect(visitor.the('redo')).toBeDisabled();
  await visitor.the('undo').click();
  await expect(visitor.the('task-boxes')).toBeChecked();
  await visitor.seesResult();
  await expect(visitor.the('undo')).toBeDisabled();
  await visitor.the('redo').click();
  await expect(visitor.the('task-masks')).toBeChecked();
});

test('undo does not close what a link has opened', async ({ visitor, page }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await page.keyboard.press('Control+z');
  await visitor.waitsForFrames(3);
  await visitor.sees('done');
  expect((await visitor.found()).join()).toMatch(/cat/);
});
