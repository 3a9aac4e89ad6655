// A photo by its address: from this site, from a site that allows it, and from those that do not.
import { expect, test } from './visitor.mjs';

const ANYONE = { 'access-control-allow-origin': '*' };
const NO_POLICY = { 'content-security-policy': null };

async function asksFor(visitor, address) {
  await visitor.the('url-input').fill(address);
  await visitor.the('url-go').click();
}

test('a photo of this site', async ({ visitor }) => {
  await visitor.open();
  await asksFor(visitor, new URL('photos/giraffes.jpg', visitor.url).href);
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/giraffe/);
});

test('a site that lets others read its photos, on a host without a policy', async ({ visitor, server }) => {
  const there = await server({ folder: 'photos/', headers: ANYONE });
  visitor.url = (await server({ headers: NO_POLICY })).url;
  await visitor.open();
  await asksFor(visitor, `${there.url}cat.jpg`);
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cat/);
});

test('a site that does not let others read its photos', async ({ visitor, server }) => {
  const there = await server({ folder: 'photos/' });
  visitor.url = (await server({ headers: NO_POLICY })).url;
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  await asksFor(visitor, `${there.url}cat.jpg`);
  await visitor.seesError(/does not let other pages read its pictures.*save the picture/i);
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cup/);
});

test('an address with no photo, with a web page, and no address at all', async ({ visitor }) => {
  await visitor.open();
  await asksFor(visitor, new URL('photos/missing.jpg', visitor.url).href);
  await visitor.seesError(/404/);
  await asksFor(visitor, visitor.url);
  await visitor.seesError(/web page/i);
  await asksFor(visitor, 'cat');
  await visitor.seesError(/not the address of a picture/i);
  await visitor.sees('empty');
});

test.describe('under the content security policy', () => {
  test.use({ violating: true });

  test('a photo elsewhere is refused in a sentence', async ({ visitor, server }) => {
    const there = await server({ folder: 'photos/', headers: ANYONE });
    visitor.url = (await server()).url;
    await visitor.open();
    await asksFor(visitor, `${there.url}cat.jpg`);
    await visitor.seesError(/security policy.*save the picture/i);
    expect(await visitor.violations()).toHaveLength(1); // the watch on all other tests does see violations
    await visitor.sees('empty');
  });
});
