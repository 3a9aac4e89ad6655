// The strict content security policy: every ordinary use without a violation, none of the page's own assets inline.
import { readFile } from 'node:fs/promises';

import { expect, photo, test } from './visitor.mjs';

test('ordinary use breaks no policy', async ({ visitor, page, server }) => {
  visitor.url = (await server()).url;
  const headers = new Map();
  page.on('response', (response) => headers.set(response.url(), response.headers()));
  await visitor.open();
  // The policy that is served here is the one that hosts are promised.
  const promised = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const policy = headers.get(visitor.url)['content-security-policy'];
  expect(policy).toMatch(/^default-src 'self'; /);
  expect(promised).toContain(`\`Content-Security-Policy: ${policy}\``);
  await visitor.the('sample-horses').click();
  await visitor.seesResult();
  await visitor.rows.first().hover();
  await visitor.moveSlider('score-slider', 0.3);
  await visitor.the('zoom-in').click();
  await visitor.the('zoom-reset').click();
  await visitor.the('theme-toggle').click();
  await visitor.chooses(photo('cat.jpg'));
  await visitor.seesResult();
  await visitor.downloads('export-png');
  await visitor.downloads('export-json');
  expect(await visitor.violations()).toEqual([]);
  const elsewhere = [...headers.keys()].filter((url) => !url.startsWith(visitor.url));
  expect(elsewhere.filter((url) => !url.startsWith('blob:'))).toEqual([]);
});
