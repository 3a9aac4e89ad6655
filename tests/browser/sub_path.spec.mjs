// The same files under a sub-path of a host, without any special headers.
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { DIST, POLICY } from './serve.mjs';
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

test('the app works with a <base>, as `cargo xtask build --public-url` writes it', async ({ visitor, server }) => {
  const prefix = '/course/lookout/';
  const site = await server({ prefix });
  site.intercept = async (name, response) => {
    if (name !== 'index.html') return false;
    const page = await readFile(path.join(DIST, name), 'utf8');
    const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY };
    response.writeHead(200, headers).end(page.replace('<head>', `<head><base href="${prefix}">`));
    return true;
  };
  visitor.url = site.url;
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cat/);
  expect(new URL(visitor.page.url()).pathname).toBe(prefix);
});
