// The training game: a game that is played, trouble, files, and what is kept.
import { readFile } from 'node:fs/promises';

import { violations } from './axe.mjs';
import { expect, test } from './visitor.mjs';

/** The numbers of the same decisions natively: `quest --seed 2 --plan tests/browser/quest_plan.json`. */
const NATIVE = JSON.parse(await readFile(new URL('quest_numbers.json', import.meta.url), 'utf8'));

class Game {
  constructor(page, url) {
    this.page = page;
    this.url = new URL('quest.html', url).href;
  }

  the(id) {
    return this.page.getByTestId(id);
  }

  async open(query = '') {
    await this.page.goto(this.url + query);
    await expect(this.page.locator('main')).toHaveAttribute('data-state', 'start');
    const close = this.the('how-close');
    if (await close.isVisible()) await close.click();
  }

  async is(state) {
    await expect(this.page.locator('main')).toHaveAttribute('data-state', state, { timeout: 60_000 });
  }

  async begin(seed) {
    await this.the('seed').fill(String(seed));
    await this.the('play-seed').click();
    await this.is('choosing');
  }

  async afterEpoch(number) {
    await expect(this.the('quest-epoch')).toHaveAttribute('data-epoch', String(number), { timeout: 60_000 });
    await this.is('deciding');
    return Number(await this.the('quest-epoch').getAttribute('data-val-accuracy'));
  }

  async slide(id, value) {
    await this.the(id).evaluate((slider, value) => {
      slider.value = value;
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    }, String(value));
  }
}

test('a game is played, with the numbers of the native program', async ({ visitor, page }) => {
  const game = new Game(page, visitor.url);
  await game.open('?seed=2');
  await game.the('play-seed').click();
  await game.is('choosing');
  await expect(game.the('statistics')).toContainText('Classification');
  await expect(game.the('cost')).toContainText(/parameters, about .* an epoch/);
  await game.the('begin').click();
  const found = [await game.afterEpoch(1)];
  await game.the('train').click();
  found.push(await game.afterEpoch(2));
  // Another rate is a mark; going back leaves the branch in grey.
  await game.slide('rate', 70);
  await game.the('train').click();
  found.push(await game.afterEpoch(3));
  await expect(page.locator('.quest-mark-words').first()).toHaveText('rate 0.032');
  await game.the('revert-2').click();
  await game.is('deciding');
  await expect(page.locator('.quest-discarded')).not.toHaveCount(0);
  await expect(page.locator('[data-testid="checkpoint"][data-discarded="true"]')).toHaveCount(1);
  // Growing changes nothing yet.
  await page.locator('[data-testid="grow"] summary').click();
  await game.the('wider-0').click();
  await expect(game.the('grown')).toBeVisible();
  expect(Number(await game.the('grown').getAttribute('data-difference'))).toBeLessThan(1e-5);
  await game.the('deeper-1').click();
  await expect(page.locator('[data-testid="checkpoint"]')).toHaveCount(6);
  await game.slide('rate', 60);
  await game.the('train').click();
  found.push(await game.afterEpoch(3));
  await game.the('stop').click();
  await game.is('over');
  // The page's numbers are 32-bit floats in the shortest decimal that means them.
  expect(found.map(Math.fround)).toEqual(NATIVE.map(Math.fround));
  await expect(game.the('leaderboard')).toHaveAttribute('data-missing', '0', { timeout: 60_000 });
  await expect(game.the('board-row')).toHaveCount(6);
  await game.the('check').click();
  await expect(game.the('leaderboard')).toContainText('true to the bit', { timeout: 60_000 });
  await expect(game.the('replay')).toContainText('Went back to checkpoint 2');
  // The decisions are played again: the curves grow with them.
  const dots = page.locator('[data-testid="loss-plot"] circle');
  const [all, rows] = [await dots.count(), await game.the('replay-row').count()];
  await game.slide('replay-step', 2);
  await expect(dots).toHaveCount(2);
  await expect(page.locator('[data-testid="replay-row"][aria-current="step"]')).toHaveCount(1);
  await expect(game.the('replay')).toContainText(`2 of ${rows} decisions`);
  await game.the('replay-play').click();
  await expect(game.the('replay-play')).toHaveText('Pause');
  await expect(dots).toHaveCount(all, { timeout: 20_000 });
  await expect(game.the('replay-play')).toHaveText('Play again', { timeout: 20_000 });
  await expect(page.locator('[data-testid="replay-row"][aria-current="step"]')).toHaveCount(0);
});

test('a rate that is too high is trouble, and going back mends it', async ({ visitor, page }) => {
  const game = new Game(page, visitor.url);
  await game.open();
  await game.begin(2);
  await game.slide('rate', 100);
  await game.slide('layers', 3);
  await game.slide('width', 128);
  await game.the('begin').click();
  await expect(game.the('exploded')).toContainText('The loss exploded', { timeout: 60_000 });
  await game.the('revert-last').click();
  await expect(game.the('train')).toBeVisible();
});

test('a closed tab loses nothing, and an epoch can be cancelled', async ({ visitor, page }) => {
  const game = new Game(page, visitor.url);
  await game.open();
  await game.begin(3);
  await game.the('begin').click();
  await game.is('working');
  await game.the('give-up').click();
  await game.is('deciding');
  await expect(game.the('quest-epoch')).toHaveAttribute('data-epoch', '0');
  await page.goto('about:blank');
  await game.open();
  await game.the('go-on-kept').click();
  await game.is('deciding');
  await expect(game.the('checkpoint')).toHaveCount(1);
});

test('files: saved, loaded, changed, foreign, newer', async ({ visitor, page }) => {
  const game = new Game(page, visitor.url);
  await game.open();
  await game.begin(2);
  await game.the('begin').click();
  await game.afterEpoch(1);
  await game.the('stop').click();
  await game.is('over');
  const [download] = await Promise.all([page.waitForEvent('download'), game.the('save-games').click()]);
  const text = await readFile(await download.path(), 'utf8');
  const file = JSON.parse(text);
  expect([file.format, file.version, file.games.length]).toEqual(['lookout-quest', 1, 1]);
  const load = async (name, content) => {
    await game.the('load-games').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(content) });
  };
  const changed = structuredClone(file);
  changed.games[0].id = 'changed';
  changed.games[0].player = { id: '7', name: 'x'.repeat(10_000) };
  changed.games[0].steps[1].outcome.validation_accuracy = 0.99;
  changed.games[0].steps[2].outcome.accuracy = 0.99;
  await load('class.json', JSON.stringify(changed));
  await expect(game.the('notice')).toContainText('1 game added');
  const row = page.locator('[data-testid="board-row"]').filter({ hasText: 'xxxxxxxx' });
  await row.getByTestId('check').click();
  await expect(row).toContainText('step 2 has other numbers', { timeout: 60_000 });
  await load('photo.json', '{"images": []}');
  await expect(game.the('notice')).toContainText('not a file of HyperQuest games');
  await load('newer.json', '{"format": "lookout-quest", "version": 9}');
  await expect(game.the('notice')).toContainText('version 9');
  const [table] = await Promise.all([page.waitForEvent('download'), game.the('save-decisions').click()]);
  expect((await readFile(await table.path(), 'utf8')).split('\r\n')[0]).toContain('decision,layers,width,rate');
});

test('two tabs that go on with one game keep two', async ({ visitor, page, context }) => {
  const game = new Game(page, visitor.url);
  await game.open();
  await game.begin(2);
  await game.the('begin').click();
  await game.afterEpoch(1);
  const other = new Game(await context.newPage(), visitor.url);
  await other.open();
  await other.the('go-on-kept').click();
  await other.afterEpoch(1);
  await game.the('train').click();
  await game.afterEpoch(2);
  await other.slide('rate', 50);
  await other.the('train').click();
  await other.afterEpoch(2);
  await expect(other.the('notice')).toContainText('kept there and here as two games');
  await game.open();
  await expect(game.the('go-on-kept')).toHaveCount(2);
});

test('without storage the game is played all the same', async ({ visitor, page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, 'indexedDB', { get: () => undefined });
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  const game = new Game(page, visitor.url);
  await game.open();
  await expect(game.the('notice')).toContainText('keeps nothing');
  await game.begin(2);
  await game.the('begin').click();
  expect(await game.afterEpoch(1)).toBeGreaterThan(0.5);
  await game.the('stop').click();
  await game.is('over');
});

test('a worker that ends is replaced, and the game goes on', async ({ visitor, page }) => {
  const game = new Game(page, visitor.url);
  await game.open();
  await game.begin(2);
  await game.the('begin').click();
  const before = await game.afterEpoch(1);
  await page.evaluate(() => window.workers.at(-1).onmessage({ data: { kind: 'failed', detail: 'a test' } }));
  await game.the('train').waitFor();
  expect(await game.afterEpoch(1)).toBe(before);
  await game.the('train').click();
  await game.afterEpoch(2);
});

test('a lecturer\'s link asks for what the course needs', async ({ visitor, page }) => {
  const game = new Game(page, visitor.url);
  await game.open('?seed=2&course=cs231n&ask=id,survey');
  await expect(game.the('play-seed')).toBeDisabled();
  await game.the('player-id').fill('12345');
  await game.the('player-id').blur();
  for (const question of await game.the('survey').all()) await question.selectOption({ index: 2 });
  await game.the('play-seed').click();
  await game.is('choosing');
  expect(new URL(page.url()).search).toBe('?seed=2&course=cs231n&ask=id,survey');
});

test.describe('light and dark', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  test('axe finds nothing', async ({ visitor, page }) => {
    const game = new Game(page, visitor.url);
    await page.goto(game.url);
    await expect(game.the('instructions')).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await game.the('how-close').click();
    await game.begin(2);
    expect(await violations(page)).toEqual([]);
    await game.the('begin').click();
    await game.afterEpoch(1);
    await page.locator('[data-testid="grow"] summary').click();
    await game.the('wider-0').click();
    await expect(game.the('grown')).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await game.the('stop').click();
    await expect(game.the('leaderboard')).toHaveAttribute('data-missing', '0', { timeout: 60_000 });
    expect(await violations(page)).toEqual([]);
  });
});

test('patches of the own photo are a data set', async ({ visitor, page }) => {
  await visitor.open('?sample=horses&task=class-map&backend=cpu');
  await visitor.seesResult();
  await page.getByTestId('train-on-photo').click();
  await page.waitForURL(/quest\.html\?seed=\d+/);
  const game = new Game(page, visitor.url);
  await game.is('start');
  const close = game.the('how-close');
  if (await close.isVisible()) await close.click();
  await game.the('play-photo').click();
  await game.is('choosing');
  await expect(game.the('statistics')).toContainText('Pictures: patches of a photo');
  await expect(game.the('data-set')).toContainText('horse');
  await game.the('begin').click();
  expect(await game.afterEpoch(1)).toBeGreaterThan(0.55);
  // After a reload the tab still has the photo, and the game goes on.
  await page.reload();
  await game.is('start');
  await game.the('go-on-kept').click();
  await game.is('deciding');
  await expect(game.the('quest-epoch')).toHaveAttribute('data-epoch', '1');
});

test('a photo that another tab has is asked for', async ({ visitor, page }) => {
  const game = new Game(page, visitor.url);
  await game.open('?seed=3000000000');
  await expect(game.the('photo-elsewhere')).toContainText('only its own tab has');
  await game.the('new-game').click();
  await game.is('choosing');
});
