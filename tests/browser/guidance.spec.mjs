// Words where somebody would be lost: nothing found, a long photo, a large one, a touch screen, paper, few colours.
import { expect, fixture, test } from './visitor.mjs';

test('where nothing passes, the best guess is named and can be shown', async ({ visitor, page }) => {
  await visitor.open('?sample=coffee&score=0.98&closer=0');
  await visitor.seesResult();
  await expect(page.locator('.summary-words')).toHaveText(/The best guess is a .* with \d+%\./);
  await visitor.the('show-best').click();
  await expect(visitor.rows).not.toHaveCount(0);
  await expect(visitor.the('notice')).toContainText(/score is \d+% now/i);
});

test('a long photo says how the network sees it', async ({ visitor }) => {
  await visitor.open();
  await visitor.chooses(fixture('one_by_8000.png'));
  await visitor.seesResult();
  await expect(visitor.the('squeezed')).toContainText(/times as low/);
});

test('a large picture is announced before it is drawn', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.chooses(fixture('sixty_megapixels.png'));
  await visitor.seesResult();
  const saved = page.waitForEvent('download');
  await visitor.the('export-png').click();
  await expect(visitor.the('notice')).toContainText('Drawing 60 megapixels');
  await saved;
});

test('paper has the photo and the list, and nothing to press', async ({ visitor, page }) => {
  await visitor.open('?sample=horses&closer=1');
  await visitor.seesResult();
  await page.emulateMedia({ media: 'print' });
  await expect(visitor.the('canvas')).toBeVisible();
  await expect(visitor.rows.first()).toBeVisible();
  for (const id of ['score-slider', 'closer-switch', 'task-masks', 'theme-toggle', 'export-png']) {
    await expect(visitor.the(id), id).toBeHidden();
  }
});

test('a switch shows its state where the system chooses the colours', async ({ visitor, page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await visitor.open('?sample=horses&closer=1');
  await visitor.seesResult();
  await expect(visitor.the('closer')).toHaveAttribute('data-state', 'done');
  const control = visitor.the('closer-switch');
  const look = async () => (await control.locator('xpath=..').screenshot()).toString('base64');
  const on = await look();
  await control.uncheck();
  await page.mouse.move(0, 0);
  await control.blur();
  expect(await look()).not.toBe(on);
});

test.describe('a wide screen', () => {
  test.use({ viewport: { width: 2560, height: 1440 } });

  test('has larger text', async ({ visitor, page }) => {
    await visitor.open('?sample=horses');
    await visitor.seesResult();
    const size = await page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize));
    expect(size).toBeGreaterThan(17);
  });
});

test.describe('a touch screen', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('is spoken to as one', async ({ visitor, page }) => {
    await visitor.open();
    const words = await page.locator('.welcome').innerText();
    expect(words).toContain('Take or choose a photo');
    await visitor.open('?sample=horses&task=class-map');
    await visitor.seesResult();
    await expect(visitor.the('class-under-pointer')).toContainText('Touch the photo');
    expect(await page.locator('body').innerText()).not.toMatch(/Ctrl|Drop a photo/);
  });
});

test.describe('a phone on its side', () => {
  for (const viewport of [{ width: 844, height: 390 }, { width: 667, height: 375 }]) {
    test.describe(`${viewport.width} px`, () => {
      test.use({ viewport, hasTouch: true, isMobile: true });

      test('has its whole header, above everything else', async ({ visitor, page }) => {
        await visitor.open();
        const [head, name, title] = await Promise.all(
          ['.head', '.head .name', '.welcome-title'].map((it) => page.locator(it).first().boundingBox()),
        );
        expect(name.y).toBeGreaterThanOrEqual(0);
        expect(title.y).toBeGreaterThanOrEqual(head.y + head.height - 1);
        expect(name.y + name.height).toBeLessThanOrEqual(head.y + head.height + 1);
      });
    });
  }
});
