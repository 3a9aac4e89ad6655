// The page about the page: a quiet one, linked from the start and from the panel.
import { expect, test } from './visitor.mjs';

test('about leads to classes, figures with their commands, licences', async ({ visitor, page, context }) => {
  await visitor.open();
  const [about] = await Promise.all([context.waitForEvent('page'), visitor.the('about').click()]);
  await about.waitForLoadState();
  await expect(about.getByRole('heading', { level: 1 })).toHaveText('About Lookout');
  await expect(about.locator('[data-classes="coco"]')).toContainText('giraffe');
  await expect(about.locator('[data-card]').first()).toHaveText(/^0\.\d+$/);
  // Each figure leads to its card.
  const cards = await about.locator('[data-card] a').evaluateAll((all) => [...new Set(all.map((it) => it.href))]);
  for (const card of cards) expect((await page.request.get(card)).ok(), card).toBe(true);
  for (const link of ['LICENSE-MIT.txt', 'NOTICE.txt']) {
    expect((await page.request.get(new URL(link, visitor.url).href)).ok(), link).toBe(true);
  }
});

for (const width of [320, 390, 1280]) {
  test(`nothing sticks out at ${width} pixels`, async ({ visitor, page }) => {
    await page.setViewportSize({ width, height: 800 });
    const over = () => page.evaluate(() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth);
    await visitor.open();
    expect(await over(), 'the start').toBe(0);
    await visitor.open('?sample=horses&task=captions');
    await visitor.seesResult();
    expect(await over(), 'a photo').toBe(0);
    const rows = await page.locator('.head > :not(.tasks)').evaluateAll((all) =>
      all.map((it) => it.getBoundingClientRect()).filter((it) => it.height > 0).map((it) => (it.top + it.bottom) / 2));
    expect(Math.max(...rows) - Math.min(...rows), 'one row').toBeLessThan(12);
    await page.goto(new URL('about.html', visitor.url).href);
    expect(await over(), 'about').toBe(0);
  });
}
