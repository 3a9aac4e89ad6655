// Odd and broken files: each ends in a result or in one sentence, and the photo that was there stays.
import { expect, fixture, test } from './visitor.mjs';

/** Files that give a result; `found` is what must be among it. */
const ODD = [
  { file: 'one_pixel.png', what: '1 x 1 pixel' },
  { file: 'one_by_8000.png', what: '1 x 8000 pixels' },
  { file: 'animated.gif', what: 'an animated GIF, by its first frame', found: /cat/ },
  { file: 'sixteen_bit.png', what: 'a PNG of 16 bits a channel', found: /cat/ },
  { file: 'greyscale.png', what: 'a greyscale PNG', found: /cat|dog/ },
  { file: 'cmyk.jpg', what: 'a CMYK JPEG', found: /cat/ },
  { file: 'palette.png', what: 'a PNG with a palette', found: /cat/ },
  { file: 'alpha.png', what: 'a PNG with transparency', found: /cat/ },
  { file: 'photo.webp', what: 'a WebP', found: /cat/ },
  { file: 'photo.bmp', what: 'a BMP' },
  { file: 'photo.avif', what: 'an AVIF', found: /cat/ },
  { file: 'progressive.jpg', what: 'a progressive JPEG', found: /cat/ },
  { file: 'profile_swapped.png', what: 'a PNG with a colour profile' },
  { file: 'sixty_megapixels.png', what: '60 megapixels' },
];

const CUT = /JPEG file is incomplete, its end is missing/;
/** Files that end in a sentence. */
const BAD = [
  { file: 'text.jpg', what: 'a text named .jpg', says: /not an image/i },
  { file: 'empty.jpg', what: 'an empty file', says: /empty/i },
  { file: 'header_only.jpg', what: 'a JPEG cut off in its header', says: CUT },
  // A browser would show its upper half.
  { file: 'truncated.jpg', what: 'a JPEG cut off in its pixels', says: CUT },
  { file: 'nine_hundred_megapixels.png', what: '900 megapixels', says: /too large.*megapixels/i },
];

for (const { file, what, found } of ODD) {
  test(`${what} gives a result`, async ({ visitor }) => {
    await visitor.open();
    await visitor.chooses(fixture(file));
    await visitor.seesResult();
    if (found) expect((await visitor.found()).join()).toMatch(found);
    await expect(visitor.the('error')).toBeHidden();
  });
}

for (const { file, what, says } of BAD) {
  test(`${what} ends in one sentence and the photo stays`, async ({ visitor }) => {
    await visitor.open('?sample=cat');
    await visitor.seesResult();
    const before = await visitor.found();
    await visitor.chooses(fixture(file));
    await visitor.seesError(says);
    // What happened, and what to do about it.
    expect((await visitor.the('error').innerText()).replace(/\s+/g, ' ')).toMatch(/[A-Z][^.]+: [^.]+\./);
    await visitor.seesResult();
    expect(await visitor.found()).toEqual(before);
  });
}

for (let orientation = 1; orientation <= 8; orientation += 1) {
  test(`EXIF orientation ${orientation} is applied`, async ({ visitor }) => {
    await visitor.open();
    await visitor.chooses(fixture(`orientation_${orientation}.jpg`));
    await visitor.seesResult();
    const cat = (await visitor.exportsJson()).find((it) => it.category_id === 17);
    // The same box as in the upright photo, to a few pixels.
    const [x, y, width, height] = cat.bbox;
    expect(x).toBeLessThan(60);
    expect(y).toBeLessThan(30);
    expect(width).toBeGreaterThan(150);
    expect(height).toBeGreaterThan(110);
    expect(y + height).toBeLessThan(175);
  });
}

test('an error goes away with the next photo', async ({ visitor }) => {
  await visitor.open();
  await visitor.chooses(fixture('text.jpg'));
  await visitor.seesError(/not an image/i);
  await visitor.sees('empty');
  await visitor.chooses(fixture('photo.webp'));
  await visitor.seesResult();
  await expect(visitor.the('error')).toBeHidden();
});

test('transparent parts are white and colour profiles are applied', async ({ visitor, page }) => {
  await visitor.open();
  const exported = async (file) => {
    await visitor.chooses(fixture(file));
    await visitor.seesResult();
    const { bytes } = await visitor.downloads('export-png');
    return page.evaluate(async (base64) => {
      const data = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([data], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext('2d');
      context.drawImage(bitmap, 0, 0);
      // Near the lower left corner, away from boxes and labels.
      return Array.from(context.getImageData(6, bitmap.height - 3, 1, 1).data);
    }, bytes.toString('base64'));
  };
  expect(await exported('alpha.png')).toEqual([255, 255, 255, 255]);
  const [red, green] = await exported('profile_swapped.png');
  expect(green).toBeGreaterThan(red + 100); // stored as red, with a profile that swaps red and green
});
