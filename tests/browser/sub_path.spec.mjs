// The same files under a sub-path of a host.
import { expect, photo, test } from './visitor.mjs';

test('the app works from a sub-path', async ({ visitor, server }) => {
  const given = process.env.LOOKOUT_SUB_PATH_URL;
  visitor.url = given ?? (await server({ prefix: '/course/lookout/' })).url;
  await visitor.open();
  await visitor.the('sample-coffee').click();
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cup/);
  await visitor.chooses(photo('cat.jpg'));
  await expect.poll(async () => (await visitor.found()).join()).toMatch(/cat/);
  expect(new URL(visitor.page.url()).pathname).toBe(new URL(visitor.url).pathname);
});

test('the app works with a <base>, as `cargo xtask build --public-url` writes it', async ({ visitor, page, server }) => {
  const prefix = '/course/lookout/';
  visitor.url = (await server({ prefix })).url;
  await page.route(/\/course\/lookout\/(\?|$)/, async (route) => {
    const response = await route.fetch();
    const text = (await response.text()).replace('<head>', `<head><base href="${prefix}">`);
    await route.fulfill({ response, body: text });
  });
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cat/);
  expect(new URL(page.url()).pathname).toBe(prefix);
  expect(await page.evaluate(() => document.querySelector('base')?.getAttribute('href'))).toBe(prefix);
});
