// Cancelling what takes too long, and replacing what is in flight.
import { expect, photo, test } from './visitor.mjs';

/** A server that holds the network's weights back until `release` is called. */
async function slow(server) {
  const site = await server();
  let release;
  const held = new Promise((resolve) => (release = resolve));
  site.intercept = (name) => (name.startsWith('weights/') ? held.then(() => false) : false);
  return { site, release };
}

test('a first visit shows what is being loaded, and can be cancelled', async ({ visitor, server }) => {
  const { site, release } = await slow(server);
  visitor.url = site.url;
  await visitor.open();
  await visitor.chooses(photo('coffee.jpg'));
  await visitor.sees('loading');
  await expect(visitor.the('progress')).toBeVisible();
  await expect(visitor.the('progress')).toContainText(/\d[\d.]* of [\d.]+ MB/);
  await visitor.the('cancel').click();
  await visitor.sees('cancelled');
  await expect(visitor.the('canvas')).toBeVisible();
  await expect(visitor.rows).toHaveCount(0);
  release();
  await visitor.chooses(photo('cat.jpg'));
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cat/);
});

test('Escape cancels too', async ({ visitor, server, page }) => {
  const { site, release } = await slow(server);
  visitor.url = site.url;
  await visitor.open();
  await visitor.chooses(photo('coffee.jpg'));
  await visitor.sees('loading');
  await page.keyboard.press('Escape');
  await visitor.sees('cancelled');
  release();
});

test('a newer photo replaces the one in flight', async ({ visitor, server }) => {
  const { site, release } = await slow(server);
  visitor.url = site.url;
  await visitor.open();
  await visitor.chooses(photo('horses.jpg'));
  await visitor.sees('loading');
  await visitor.chooses(photo('cat.jpg'));
  release();
  await visitor.seesResult();
  expect(await visitor.found()).toEqual([expect.stringMatching(/cat/)]);
  expect((await visitor.exportsJson())[0].file_name).toBe('cat.jpg');
});

test('photos in quick succession end with the last one', async ({ visitor }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  for (const name of ['horses.jpg', 'giraffes.jpg', 'stage.jpg', 'cat.jpg']) await visitor.chooses(photo(name));
  await expect.poll(() => visitor.found()).toEqual([expect.stringMatching(/cat/)]);
  await visitor.seesResult();
});

test('the page stays responsive while the network runs', async ({ visitor, page }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  await page.evaluate(() => {
    window.longestGap = 0;
    let last = performance.now();
    const tick = () => {
      const now = performance.now();
      window.longestGap = Math.max(window.longestGap, now - last);
      last = now;
      setTimeout(tick, 5);
    };
    tick();
  });
  await visitor.chooses(photo('stage.jpg'));
  await expect.poll(async () => (await visitor.found()).join()).toMatch(/person/);
  expect(await page.evaluate(() => window.longestGap)).toBeLessThan(1_000);
});

test('@gpu a run on the GPU can be cancelled, and the next one is not disturbed', async ({ visitor }) => {
  await visitor.open('?sample=cat&backend=gpu');
  await visitor.sees('done', { timeout: 200_000 });
  await visitor.chooses(photo('horses.jpg'));
  await visitor.sees('running');
  await visitor.the('cancel').click();
  await visitor.sees('cancelled');
  await expect(visitor.rows).toHaveCount(0);
  await visitor.chooses(photo('coffee.jpg'));
  await visitor.sees('done', { timeout: 200_000 });
  expect((await visitor.found()).join()).toMatch(/cup/);
  expect((await visitor.exportsJson())[0].file_name).toBe('coffee.jpg');
});
