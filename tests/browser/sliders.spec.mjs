// The sliders for score and overlap, and the rule for suppression: they act at once, without the network.
import { expect, test } from './visitor.mjs';

test('the score slider filters at once and is remembered in the address', async ({ visitor, page }) => {
  await visitor.open('?sample=stage');
  await visitor.seesResult();
  const usual = await visitor.rows.count();
  const runs = await visitor.sent('run');
  await visitor.moveSlider('score-slider', 0.2);
  await expect.poll(() => visitor.rows.count()).toBeGreaterThan(usual);
  const many = await visitor.rows.count();
  await visitor.moveSlider('score-slider', 0.9);
  await expect.poll(() => visitor.rows.count()).toBeLessThan(usual);
  await expect(page).toHaveURL(/[?&]score=0\.9(&|$)/);
  await visitor.sees('done');
  expect(await visitor.sent('run')).toBe(runs);
  expect(many).toBeGreaterThan(usual);
});

test('the overlap slider decides what is one finding', async ({ visitor, page }) => {
  await visitor.open('?sample=stage&score=0.3');
  await visitor.seesResult();
  const runs = await visitor.sent('run');
  await visitor.moveSlider('iou-slider', 0.95);
  await expect(page).toHaveURL(/[?&]iou=0\.95(&|$)/);
  const loose = await visitor.rows.count();
  await visitor.moveSlider('iou-slider', 0.1);
  await expect.poll(() => visitor.rows.count()).toBeLessThan(loose);
  expect(await visitor.sent('run')).toBe(runs);
});

test('suppression across classes removes what overlaps another class', async ({ visitor, page }) => {
  // The spoon, cup and table of this photo overlap; at a low score the classes share default boxes.
  await visitor.open('?sample=coffee&score=0.1');
  await visitor.seesResult();
  const perClass = await visitor.rows.count();
  await visitor.the('nms-select').selectOption('class-agnostic');
  await expect.poll(() => visitor.rows.count()).toBeLessThan(perClass);
  await expect(page).toHaveURL(/[?&]nms=class-agnostic/);
});

test('thresholds in the address are taken over', async ({ visitor }) => {
  await visitor.open('?sample=stage&score=0.9&iou=0.3');
  await visitor.seesResult();
  await expect(visitor.the('score-slider')).toHaveValue('0.9');
  await expect(visitor.the('iou-slider')).toHaveValue('0.3');
  await expect(visitor.rows).toHaveCount(1);
});
