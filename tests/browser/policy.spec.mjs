// The strict content security policy: every ordinary use without a violation, none of the page's own assets inline.
import { POLICY } from './serve.mjs';
import { expect, photo, test } from './visitor.mjs';

test('ordinary use breaks no policy', async ({ visitor, page, server }) => {
  visitor.url = (await server()).url;
  const headers = new Map();
  page.on('response', (response) => headers.set(response.url(), response.headers()));
  await visitor.open();
  expect(headers.get(visitor.url)['content-security-policy']).toBe(POLICY);
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
