// Pasting a photo or its address.
import { readFile } from 'node:fs/promises';

import { expect, fixture, test } from './visitor.mjs';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

/** Puts a PNG on the system's clipboard. */
async function copyImage(page, bytes) {
  await page.evaluate(async (base64) => {
    const data = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const image = new Blob([data], { type: 'image/png' });
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': image })]);
  }, bytes.toString('base64'));
}

test('a pasted picture is looked at', async ({ visitor, page }) => {
  await visitor.open();
  await copyImage(page, await readFile(fixture('palette.png')));
  await page.keyboard.press('Control+v');
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cat/);
});

test('a pasted address is followed', async ({ visitor, page }) => {
  await visitor.open();
  await page.evaluate((text) => navigator.clipboard.writeText(text), new URL('photos/cat.jpg', visitor.url).href);
  await page.keyboard.press('Control+v');
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cat/);
});

test('a paste into the address field stays there', async ({ visitor, page }) => {
  await visitor.open();
  const address = new URL('photos/cat.jpg', visitor.url).href;
  await page.evaluate((text) => navigator.clipboard.writeText(text), address);
  await visitor.the('url-input').focus();
  await page.keyboard.press('Control+v');
  await expect(visitor.the('url-input')).toHaveValue(address);
  await visitor.sees('empty');
});
