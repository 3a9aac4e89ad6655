// A phone: 390 pixels wide, touch.
import { expect, test } from './visitor.mjs';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });

async function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

test('nothing is wider than the screen, in any state', async ({ visitor, page }) => {
  await visitor.open();
  await expect(visitor.the('sample-horses')).toBeVisible();
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await visitor.the('sample-horses').tap();
  await visitor.seesResult();
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  const canvas = await visitor.the('canvas').boundingBox();
  expect(canvas.width).toBeGreaterThan(300);
});

test('what is tapped is large enough for a finger', async ({ visitor, page }) => {
  await visitor.open('?sample=horses');
  await visitor.seesResult();
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('button, select, input[type="range"], a[href]')]
      .filter((element) => element.checkVisibility())
      .map((element) => ({ name: element.dataset.testid ?? element.textContent.trim(), box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.width < 24 || box.height < 24))
      .map(({ name, box }) => `${name}: ${Math.round(box.width)} x ${Math.round(box.height)}`),
  );
  expect(small).toEqual([]);
});

test('the canvas is crisp on a screen of high density', async ({ visitor }) => {
  await visitor.open('?sample=horses');
  await visitor.seesResult();
  const ratio = await visitor.the('canvas').evaluate((canvas) => canvas.width / canvas.getBoundingClientRect().width);
  expect(ratio).toBeGreaterThan(1.9);
});

/** The part of the photo's frame that lies in the window and under nothing else, from its middle. */
async function seesPhoto(page) {
  return page.evaluate(() => {
    const frame = document.querySelector('[data-testid="stage-frame"]').getBoundingClientRect();
    const top = Math.max(frame.top, 0);
    const bottom = Math.min(frame.bottom, innerHeight);
    const at = document.elementFromPoint(frame.left + frame.width / 2, (top + bottom) / 2);
    return { height: bottom - top, isOnTop: at?.tagName === 'CANVAS' };
  });
}

for (const [name, viewport] of [['upright', { width: 390, height: 844 }], ['on its side', { width: 844, height: 390 }]]) {
  test.describe(`a phone ${name}`, () => {
    test.use({ viewport });

    test('the photo stays in sight above the sliders that change it', async ({ visitor, page }) => {
      await visitor.open('?sample=stage');
      await visitor.seesResult();
      const slider = visitor.the('score-slider');
      await slider.scrollIntoViewIfNeeded();
      await page.evaluate(() => document.getElementById('score').closest('.field').scrollIntoView({ block: 'end' }));
      await visitor.waitsForFrames(4);
      const seen = await seesPhoto(page);
      expect(seen.isOnTop).toBe(true);
      expect(seen.height).toBeGreaterThan(140);
      const box = await slider.boundingBox();
      expect(box.y).toBeGreaterThan(0);
      expect(box.y + box.height).toBeLessThanOrEqual(viewport.height);
      const before = await visitor.picture();
      await visitor.moveSlider('score-slider', 0.9);
      await expect.poll(() => visitor.picture()).not.toBe(before);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
    });
  });
}
