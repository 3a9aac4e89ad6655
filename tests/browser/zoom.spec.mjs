// Zooming and moving the photo.
import { expect, test } from './visitor.mjs';

test('buttons zoom, and reset fits the photo again', async ({ visitor, page }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  const fitted = await visitor.picture();
  await visitor.the('zoom-in').click();
  await page.mouse.move(0, 0);
  await expect.poll(() => visitor.picture()).not.toBe(fitted);
  const near = await visitor.picture();
  await visitor.the('zoom-in').click();
  await page.mouse.move(0, 0);
  await expect.poll(() => visitor.picture()).not.toBe(near);
  await visitor.the('zoom-out').click();
  await page.mouse.move(0, 0);
  await expect.poll(() => visitor.picture()).toBe(near);
  await visitor.the('zoom-reset').click();
  await page.mouse.move(0, 0);
  await expect.poll(() => visitor.picture()).toBe(fitted);
});

test('the wheel zooms and dragging moves', async ({ visitor, page }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  const fitted = await visitor.picture();
  const box = await visitor.the('canvas').boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.wheel(0, -400);
  await page.mouse.move(0, 0);
  await expect.poll(() => visitor.picture()).not.toBe(fitted);
  const near = await visitor.picture();
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 120, y - 60, { steps: 4 });
  await page.mouse.up();
  await page.mouse.move(0, 0);
  await expect.poll(() => visitor.picture()).not.toBe(near);
});
