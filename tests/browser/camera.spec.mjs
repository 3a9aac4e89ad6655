// The camera: Chromium's fake video device stands in for a real one.
import { expect, test } from './visitor.mjs';

test('a picture is taken and looked at', async ({ visitor }) => {
  await visitor.open();
  await visitor.the('camera-open').click();
  await visitor.the('camera-shoot').click();
  await visitor.seesResult();
  await expect(visitor.the('canvas')).toBeVisible();
});
