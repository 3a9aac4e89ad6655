// The look inside while something else happens: another photo, a cancel, a lost device, a task that is not done yet.
import { expect, photo, test } from './visitor.mjs';

const stage = (visitor, key) => visitor.page.locator(`[data-testid="stage"][data-stage="${key}"]`);
const closed = (visitor) => visitor.page.locator('[data-testid="stage"][data-open="false"]');

/** Opens the look inside on a sample and waits until every stage has its artifact. */
async function opens(visitor, query) {
  await visitor.open(`${query}&inside=1`);
  await visitor.seesResult();
  await expect(closed(visitor)).toHaveCount(0);
}

test('a photo that comes while stages are still read gets its own', async ({ visitor, page }) => {
  await visitor.open('?sample=horses&task=masks');
  await visitor.seesResult();
  await visitor.the('inside').click();
  // At once, before the stages of the first one are there.
  await visitor.chooses(photo('coffee.jpg'));
  await visitor.seesResult();
  await expect(closed(visitor)).toHaveCount(0);
  await stage(visitor, 'mask-head').click();
  await expect(visitor.the('stage-panel')).toContainText(/cup|dining table|bottle|bowl/i);
  await expect(page.getByTestId('error')).toBeHidden();
});

test('a run that is cancelled leaves the stages that were done, and goes on when it is asked again', async ({ visitor, page }) => {
  await visitor.open('?sample=horses&task=class-map&system=sliding-segmentation&inside=1');
  await expect(stage(visitor, 'patch-classes')).toContainText(/\d+ of \d+/);
  await page.keyboard.press('Escape');
  await visitor.sees('cancelled');
  await expect(stage(visitor, 'patches')).toHaveAttribute('data-open', 'true');
  await expect(stage(visitor, 'painted-map')).toHaveAttribute('data-open', 'false');
  await stage(visitor, 'patches').click();
  await expect(visitor.the('stage-panel')).toContainText(/patch/i);
  await visitor.the('look-again').click();
  await visitor.seesResult();
  await expect(closed(visitor)).toHaveCount(0);
});

test('a worker that crashes while stages are read is replaced, and the stages come', async ({ visitor, page }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await page.evaluate(() => (window.workers.at(-1).deaf = true));
  await visitor.the('inside').click();
  await page.evaluate(() => {
    window.workers.at(-1).dispatchEvent(new ErrorEvent('error', { message: 'a crash' }));
  });
  await expect(visitor.the('notice')).toContainText(/stopped: it was started again/i);
  await expect(closed(visitor)).toHaveCount(0);
  await visitor.sees('done');
  await expect(stage(visitor, 'result')).toHaveAttribute('data-open', 'true');
});

test('masks lie beside the class map of the same photo, which is run once', async ({ visitor, page }) => {
  await opens(visitor, '?sample=horses&task=masks&stage=wipe');
  await expect(visitor.the('stage-panel')).toContainText(/one colour on the right/);
  const runs = await visitor.sent('run');
  await page.mouse.move(5, 5);
  const half = await visitor.picture();
  await visitor.moveSlider('wipe-slider', 0.2);
  expect(await visitor.picture()).not.toBe(half);
  await stage(visitor, 'roi-align').click();
  await stage(visitor, 'wipe').click();
  expect(await visitor.sent('run')).toBe(runs);
});

test('@gpu a device that is lost while a visitor looks inside is noticed, and the stages come back', async ({ visitor, page }) => {
  test.setTimeout(400_000);
  await visitor.open('?sample=cat&inside=1&backend=gpu');
  await visitor.sees('done', { timeout: 200_000 });
  await expect(closed(visitor)).toHaveCount(0);
  await page.evaluate(() => window.workers.at(-1).postMessage({ kind: 'lose-device' }));
  await visitor.chooses(photo('coffee.jpg'));
  await expect(visitor.the('notice')).toContainText(/took the GPU away/i, { timeout: 60_000 });
  await visitor.sees('done', { timeout: 200_000 });
  await expect(closed(visitor)).toHaveCount(0, { timeout: 60_000 });
  await stage(visitor, 'corrections').click();
  await expect(visitor.the('stage-panel')).toContainText(/box/);
});

test('@gpu times of stages that were only queued are not told as their own', async ({ visitor, page }) => {
  test.setTimeout(400_000);
  await visitor.open('?sample=cat&backend=gpu');
  await visitor.sees('done', { timeout: 200_000 });
  await visitor.the('inside').click();
  await expect(closed(visitor)).toHaveCount(0, { timeout: 60_000 });
  const backbone = stage(visitor, 'mobilenet-v2');
  await expect(backbone).toHaveAttribute('data-queued', 'true');
  await expect(stage(visitor, 'default-boxes')).toContainText(/for 3 stages/);
  await backbone.click();
  const queued = Number(await backbone.getAttribute('data-ms'));
  await visitor.the('time-stages').click();
  await expect(backbone).toHaveAttribute('data-queued', 'false', { timeout: 60_000 });
  expect(Number(await backbone.getAttribute('data-ms'))).toBeGreaterThan(queued);
  await expect(visitor.the('time-stages')).toBeHidden();
  await visitor.sees('done');
});
