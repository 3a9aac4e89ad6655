// Light and dark: as the system says, unless the visitor chooses.
import { expect, test } from './visitor.mjs';

const brightness = (page) =>
  page.evaluate(() => {
    const channels = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).slice(0, 3).map(Number);
    return channels.reduce((sum, value) => sum + value, 0) / 3;
  });

for (const colorScheme of ['light', 'dark']) {
  test.describe(`a ${colorScheme} system`, () => {
    test.use({ colorScheme });

    test('is followed, and the toggle turns it round', async ({ visitor, page }) => {
      await visitor.open();
      const isDark = async () => (await brightness(page)) < 128;
      expect(await isDark()).toBe(colorScheme === 'dark');
      await visitor.the('theme-toggle').click();
      await expect.poll(isDark).toBe(colorScheme !== 'dark');
      await page.reload();
      await expect.poll(isDark).toBe(colorScheme !== 'dark');
    });
  });
}
