// The class chips: switching classes off and on.
import { expect, test } from './visitor.mjs';

test('a class can be switched off and on again', async ({ visitor }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  const all = await visitor.found();
  const chip = visitor.the('class-chip').filter({ hasText: 'cup' });
  await chip.click();
  await expect.poll(async () => (await visitor.found()).join()).not.toMatch(/cup/);
  expect((await visitor.found()).length).toBeGreaterThan(0);
  await chip.click();
  await expect.poll(() => visitor.found()).toEqual(all);
});

test('pointing at a row isolates its box, and so does focus', async ({ visitor }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  const pixels = () => visitor.the('canvas').evaluate((canvas) => canvas.toDataURL());
  const together = await pixels();
  await visitor.rows.first().hover();
  await expect.poll(pixels).not.toBe(together);
});
