// The example pages of `www/examples/`, each opened as a visitor would, with axe on it.
import { violations } from './axe.mjs';
import { expect, test } from './visitor.mjs';

/** Each frame is a document with landmarks of its own: those of two of them may have the same names. */
const FRAMES = { without: ['landmark-unique'] };
const canvas = (page, frame) => page.frameLocator(frame).getByTestId('canvas');
const SLOW = { timeout: 60_000 };

test.describe('light and dark', () => {
  test.use({ reducedMotion: 'reduce', contextOptions: { reducedMotion: 'reduce' } });

  test('the list', async ({ page, address }) => {
    await page.goto(`${address}examples/index.html`);
    expect(await violations(page, FRAMES)).toEqual([]);
    for (const link of await page.getByRole('link').all()) {
      const answer = await page.request.get(new URL(await link.getAttribute('href'), page.url()).href);
      expect(answer.status(), await link.innerText()).toBe(200);
    }
  });

  test('the element', async ({ page, address }) => {
    await page.goto(`${address}examples/element.html`);
    await expect(page.locator('#caption')).toContainText('things found by ssd', SLOW);
    await page.locator('#results').click();
    await expect(page.locator('#said')).toContainText('"category_id":19', SLOW);
    await page.locator('#task').selectOption('skeletons');
    await page.locator('#second').scrollIntoViewIfNeeded();
    await expect(canvas(page, '#second iframe')).toBeVisible(SLOW);
    await expect(page.frameLocator('#second iframe').locator('[data-stage="default-boxes"]')).toBeVisible(SLOW);
    expect(await violations(page, FRAMES)).toEqual([]);
  });

  test('a frame', async ({ page, address }) => {
    await page.goto(`${address}examples/frame.html`);
    await expect(page.locator('#said')).toContainText('"kind":"result"', SLOW);
    await page.getByRole('button', { name: 'Boxes' }).click();
    await expect(page.locator('#said')).toContainText('"task":"boxes"', SLOW);
    await page.getByRole('button', { name: 'Results' }).click();
    await expect(page.locator('#said')).toContainText('"kind":"results"', SLOW);
    expect(await violations(page, FRAMES)).toEqual([]);
  });

  test('a lesson', async ({ page, address }) => {
    await page.goto(`${address}examples/lesson.html`);
    const inner = page.frameLocator('look-out iframe');
    await expect(inner.getByTestId('lesson-place')).toContainText('1 of', SLOW);
    // The keys are at the lower edge of a frame that is higher than the window.
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await inner.getByTestId('lesson-next').click();
    await expect(inner.getByTestId('lesson-place')).toContainText('2 of');
    expect(await violations(page, FRAMES)).toEqual([]);
  });

  test('slides', async ({ page, address }) => {
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    // The script that hides slides may come after the element's own.
    await page.route('**/slides.js', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 800));
      await route.continue();
    });
    await page.goto(`${address}examples/slides.html`);
    await page.waitForFunction(() => customElements.get('look-out'));
    expect(asked.filter((url) => url.endsWith('.wasm'))).toEqual([]);
    await page.keyboard.press('ArrowRight');
    await expect(canvas(page, 'section:not([hidden]) look-out iframe')).toBeVisible(SLOW);
    expect(await violations(page, FRAMES)).toEqual([]);
    await page.getByRole('button', { name: 'Next' }).click();
    await expect(canvas(page, 'section:not([hidden]) look-out iframe')).toBeVisible(SLOW);
    await page.getByRole('button', { name: 'Back' }).click();
    await expect(canvas(page, 'section:not([hidden]) look-out iframe')).toBeVisible();
  });

  for (const query of ['?sample=horses&controls=none', '?sample=horses&controls=few', '?lesson=lecture&step=12']) {
    test(`the page itself with ${query}`, async ({ visitor, page }) => {
      await visitor.open(`${query}&backend=cpu`);
      await visitor.seesResult();
      expect(await violations(page, FRAMES)).toEqual([]);
    });
  }

  test('a learning platform', async ({ page, address }) => {
    await page.goto(`${address}examples/moodle.html`);
    await expect(page.frameLocator('iframe').getByTestId('result-row').first()).toBeVisible(SLOW);
    expect(await violations(page, FRAMES)).toEqual([]);
  });
});

test('the notebook shows frames of this page', async ({ page, address }) => {
  const notebook = await (await page.request.get(`${address}examples/lookout.ipynb`)).json();
  const code = notebook.cells.filter((it) => it.cell_type === 'code').map((it) => it.source.join(''));
  expect(code.filter((it) => it.includes('IFrame(f"{LOOKOUT}?'))).toHaveLength(3);
});
