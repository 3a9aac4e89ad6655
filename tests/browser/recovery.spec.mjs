// Workers that crash or hang: noticed, restarted, and the photo is still there.
import { expect, photo, test } from './visitor.mjs';

test('a hung worker is noticed and replaced', async ({ visitor, page }) => {
  await visitor.open('?sample=cat&watchdog=12');
  await visitor.seesResult();
  await page.evaluate(() => (window.workers.at(-1).deaf = true));
  await visitor.chooses(photo('coffee.jpg'));
  await expect(visitor.the('notice')).toContainText(/stopped answering: it was started again/i);
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cup/);
  expect(await page.evaluate(() => window.workers.length)).toBeGreaterThan(1);
});

test('a crashed worker is noticed and replaced', async ({ visitor, page }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await page.evaluate(() => (window.workers.at(-1).deaf = true));
  await visitor.chooses(photo('coffee.jpg'));
  await page.evaluate(() => {
    window.workers.at(-1).dispatchEvent(new ErrorEvent('error', { message: 'a crash' }));
  });
  await expect(visitor.the('notice')).toContainText(/stopped: it was started again/i);
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cup/);
});
