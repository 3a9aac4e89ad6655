// The same files under a sub-path of a host, without any special headers.
import { expect, photo, test } from './visitor.mjs';

test('the app works from a sub-path', async ({ visitor, server }) => {
  const given = process.env.LOOKOUT_SUB_PATH_URL;
  visitor.url = given ?? (await server({ prefix: '/course/lookout/', policy: false })).url;
  await visitor.open();
  await visitor.the('sample-coffee').click();
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cup/);
  await visitor.chooses(photo('cat.jpg'));
  await expect.poll(async () => (await visitor.found()).join()).toMatch(/cat/);
  expect(new URL(visitor.page.url()).pathname).toBe(new URL(visitor.url).pathname);
});
