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
  await expect(visitor.the('zoom-reset')).toHaveText('256%');
  // The same place but for rounding: pictures may differ in the last bit of a scale.
  await visitor.the('zoom-out').click();
  await expect(visitor.the('zoom-reset')).toHaveText('160%');
  await visitor.the('zoom-reset').click();
  await page.mouse.move(0, 0);
  await expect.poll(() => visitor.picture()).toBe(fitted);
});

test('at 100 % a page that scrolls scrolls under the wheel, and zooms with Ctrl', async ({ visitor, page }) => {
  await page.setViewportSize({ width: 700, height: 800 });
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  const box = await visitor.the('canvas').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const scrolled = () => page.evaluate(() => Math.round(scrollY));
  await page.mouse.wheel(0, 150);
  await expect.poll(scrolled).toBeGreaterThan(100);
  await page.mouse.wheel(0, -150);
  await expect.poll(scrolled).toBe(0);
  await expect(visitor.the('canvas')).toHaveAttribute('data-zoomed', 'false');
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -300);
  await page.keyboard.up('Control');
  await expect(visitor.the('canvas')).toHaveAttribute('data-zoomed', 'true');
});

test('inside a frame the wheel belongs to the page around it, which is said once', async ({ visitor, page, server }) => {
  const own = await server({ headers: { 'content-security-policy': null } });
  await page.route('**/course.html', (route) => route.fulfill({
    contentType: 'text/html',
    body: '<style>body{margin:0}iframe{display:block;width:1200px;height:780px;border:0}</style>'
      + '<iframe src="./?sample=coffee"></iframe><div style="height:3000px"></div>',
  }));
  await page.goto(`${own.url}course.html`);
  const frame = page.frameLocator('iframe');
  await expect(frame.locator('main')).toHaveAttribute('data-state', 'done', { timeout: 60_000 });
  await page.mouse.move(300, 300);
  await page.mouse.wheel(0, 200);
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(100);
  await expect(frame.getByTestId('notice')).toContainText(/hold ctrl/i);
  await expect(frame.getByTestId('canvas')).toHaveAttribute('data-zoomed', 'false');
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

test('the zoomed part is looked at by itself, and undo leads back', async ({ visitor, page }) => {
  await visitor.open('?sample=horses');
  await visitor.seesResult();
  await expect(visitor.the('look-part')).toHaveCount(0);
  await visitor.the('zoom-in').click();
  await visitor.the('zoom-in').click();
  await visitor.the('look-part').click();
  await expect(page).toHaveTitle(/^horses-part\.png/);
  await visitor.seesResult();
  const [first] = await visitor.exportsJson();
  expect(first.file_name).toBe('horses-part.png');
  await page.locator('body').press('Control+z');
  await expect(page).toHaveTitle(/^horses\.jpg/);
});

/** Drags over the middle of the canvas. */
async function dragsOver(visitor, page) {
  const box = await visitor.the('canvas').boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x - 100, y - 80);
  await page.mouse.down();
  await page.mouse.move(x + 100, y + 80, { steps: 4 });
  await expect(page.locator('.drawn-part')).toHaveCount(1);
  await page.mouse.up();
}

test('a part that is drawn with Shift held is looked at by itself', async ({ visitor, page }) => {
  await visitor.open('?sample=horses');
  await visitor.seesResult();
  await page.keyboard.down('Shift');
  await dragsOver(visitor, page);
  await page.keyboard.up('Shift');
  await expect(page).toHaveTitle(/^horses-part\.png/);
  await visitor.seesResult();
  await page.locator('body').press('Control+z');
  await expect(page).toHaveTitle(/^horses\.jpg/);
});

test('the button for drawing a part says what to do, and a slip of the hand draws nothing', async ({ visitor, page }) => {
  await visitor.open('?sample=horses');
  await visitor.seesResult();
  await visitor.the('draw-part').click();
  await expect(visitor.the('notice')).toContainText('Drag over the part');
  await visitor.the('canvas').click({ position: { x: 200, y: 200 } });
  await expect(page).toHaveTitle(/^horses\.jpg/);
  await expect(visitor.the('draw-part')).toHaveAttribute('aria-pressed', 'false');
  await visitor.the('draw-part').click();
  await dragsOver(visitor, page);
  await expect(page).toHaveTitle(/^horses-part\.png/);
  await expect(page.locator('.drawn-part')).toHaveCount(0);
});

test('no button lies over the photo', async ({ visitor, page }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  const canvas = await visitor.the('canvas').boundingBox();
  const pill = await page.locator('.zoom').boundingBox();
  // The photo keeps a margin of 4 % of the canvas's shorter side.
  expect(pill.y).toBeGreaterThan(canvas.y + canvas.height - 0.04 * Math.min(canvas.width, canvas.height) - 1);
});

test('one pixel of the photo is shown on one of the screen', async ({ visitor, page }) => {
  await page.setViewportSize({ width: 900, height: 500 });
  await visitor.open('?sample=horses');
  await visitor.seesResult();
  await visitor.the('zoom-own').click();
  await expect(visitor.the('canvas')).toHaveAttribute('data-zoomed', 'true');
  await visitor.the('zoom-own').click();
  await expect(visitor.the('canvas')).toHaveAttribute('data-zoomed', 'false');
});

test('the photo alone fills the screen, and comes back', async ({ visitor, page }) => {
  await visitor.open('?sample=horses');
  await visitor.seesResult();
  await visitor.the('full-screen').click();
  await expect.poll(() => page.evaluate(() => document.fullscreenElement?.className)).toBe('stage');
  await visitor.the('full-screen').click();
  await expect.poll(() => page.evaluate(() => document.fullscreenElement)).toBe(null);
});
