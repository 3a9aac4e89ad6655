// The sample photos, and the address that remembers them.
import { readFile } from 'node:fs/promises';

import { expect, photo, test } from './visitor.mjs';

test('every sample photo can be chosen', async ({ visitor }) => {
  const samples = JSON.parse(await readFile(photo('photos.json'), 'utf8'));
  await visitor.open();
  for (const { file } of samples) await expect(visitor.the(`sample-${file.replace('.jpg', '')}`)).toBeVisible();
  await visitor.the('sample-horses').click();
  await visitor.seesResult();
  expect((await visitor.found()).filter((text) => text.includes('horse')).length).toBeGreaterThanOrEqual(3);
});

test('the address remembers the sample and a reload brings it back', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.the('sample-coffee').click();
  await visitor.seesResult();
  await expect(page).toHaveURL(/[?&]sample=coffee/);
  const before = await visitor.found();
  await page.reload();
  await visitor.seesResult();
  expect(await visitor.found()).toEqual(before);
});

test('the photo and its boxes are described in words', async ({ visitor }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  const canvas = visitor.the('canvas');
  const label = (await canvas.getAttribute('aria-label')) ?? (await canvas.locator('..').getAttribute('aria-label'));
  expect(label).toMatch(/cat/i);
});

test('an unknown sample in the address leaves an empty page and says so', async ({ visitor }) => {
  await visitor.open('?sample=nothing-of-that-name');
  await expect(visitor.the('sample-cat')).toBeVisible();
  await visitor.sees('empty');
  await visitor.seesError(/sample photo that is not here \(nothing-of-that-name\).*choose another/i);
});

test('@gpu a sample photo on WebGPU', async ({ visitor }) => {
  await visitor.open('?sample=horses&backend=gpu');
  await visitor.sees('done', { timeout: 200_000 });
  await expect(visitor.the('backend-line')).toContainText('GPU');
  expect((await visitor.found()).filter((text) => text.includes('horse')).length).toBeGreaterThanOrEqual(3);
});
