// The CPU's module with relaxed SIMD where the browser has it, the plain one elsewhere: both find the same.
import { expect, test } from './visitor.mjs';

/** Answers every question about a module with no, as a browser without relaxed SIMD does. */
const withoutRelaxedSimd = (route) =>
  route.fetch().then(async (response) => {
    const text = await response.text();
    return route.fulfill({ response, body: `WebAssembly.validate = () => false;\n${text}` });
  });

test('a browser with relaxed SIMD loads the module that uses it', async ({ visitor }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await expect(visitor.the('backend-line')).toContainText('WebAssembly relaxed SIMD, 1 thread');
});

test('a browser without it loads the plain module and finds the same', async ({ visitor, page }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  const relaxed = await visitor.found();
  await page.route('**/worker.js?*', withoutRelaxedSimd);
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await expect(visitor.the('backend-line')).toContainText('WebAssembly SIMD, 1 thread');
  expect(await visitor.found()).toEqual(relaxed);
});
