// axe on every state, light and dark.
import { violations } from './axe.mjs';
import { expect, fixture, photo, test } from './visitor.mjs';

test.describe('light and dark', () => {
  // Reduced motion: colours are judged at rest, not half way through a transition.
  test.use({ reducedMotion: 'reduce', contextOptions: { reducedMotion: 'reduce' } });

  test('empty page', async ({ visitor, page }) => {
    await visitor.open();
    await expect(visitor.the('sample-cat')).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });

  test('result', async ({ visitor, page }) => {
    await visitor.open('?sample=horses');
    await visitor.seesResult();
    expect(await violations(page)).toEqual([]);
  });

  test('skeletons', async ({ visitor, page }) => {
    await visitor.open('?sample=astronaut&task=skeletons');
    await visitor.seesResult();
    expect(await violations(page)).toEqual([]);
    await visitor.the('fourteen-toggle').click();
    await expect(visitor.the('joint-row')).toHaveCount(14);
    expect(await violations(page)).toEqual([]);
  });

  for (const task of ['masks', 'class-map', 'captions', 'localize', 'everything']) {
    test(task, async ({ visitor, page }) => {
      await visitor.open(`?sample=cat&task=${task}`);
      await visitor.seesResult();
      expect(await violations(page)).toEqual([]);
    });
  }

  test('several photos', async ({ visitor, page }) => {
    await visitor.open();
    await visitor.chooses(photo('cat.jpg'), fixture('text.jpg'), photo('coffee.jpg'));
    await visitor.seesResult();
    await expect(page.locator('[data-testid="film-photo"][data-state="waiting"]')).toHaveCount(0);
    expect(await violations(page)).toEqual([]);
  });

  test('comparison', async ({ visitor, page }) => {
    await visitor.open('?sample=horses&compare=1&without=fast-rcnn.spp-net.sliding-window.rcnn');
    await expect(visitor.the('compare-view')).toHaveAttribute('data-state', 'done', { timeout: 60_000 });
    await visitor.the('tick').first().click();
    expect(await violations(page)).toEqual([]);
  });

  test('about', async ({ visitor, page }) => {
    await page.goto(new URL('about.html', visitor.url).href);
    expect(await violations(page)).toEqual([]);
  });

  test('error', async ({ visitor, page }) => {
    await visitor.open();
    await visitor.chooses(fixture('text.jpg'));
    await visitor.seesError(/not an image/i);
    expect(await violations(page)).toEqual([]);
  });
});

test('results are announced', async ({ visitor, page }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  const live = page.locator('[aria-live="polite"], [role="status"]').filter({ hasText: /found|cup/i });
  await expect(live.first()).toBeAttached();
});
