// Several photos: a film strip below the one on show, with the task on all of them.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, fixture, photo, test } from './visitor.mjs';

const FIVE = ['cat.jpg', 'horses.jpg', 'stage.jpg', 'coffee.jpg', 'giraffes.jpg'].map(photo);

/** The pictures of the strip. */
const film = (visitor) => visitor.the('film-photo');

/** Waits until every photo of the strip has a result or has failed. */
async function allLookedAt(visitor, count) {
  await expect(film(visitor)).toHaveCount(count);
  await expect(visitor.page.locator('[data-testid="film-photo"][data-state="waiting"]')).toHaveCount(0, { timeout: 60_000 });
}

const states = (visitor) => film(visitor).evaluateAll((all) => all.map((it) => it.dataset.state));
const words = (visitor) => visitor.the('film-found').allInnerTexts();
const openPlace = (visitor) => film(visitor).evaluateAll((all) => all.findIndex((it) => it.dataset.open === 'true'));

test('five dropped photos become a strip, and the task runs on all of them', async ({ visitor }) => {
  await visitor.open();
  await visitor.drops(...FIVE);
  await visitor.seesResult();
  await allLookedAt(visitor, 5);
  expect(await words(visitor)).toEqual(['1 cat', '3 horses, 1 cow', '6 people', '1 cup, 1 dining table', '2 giraffes']);
  await expect(visitor.the('film-progress')).toHaveText('5 photos');
  expect(await openPlace(visitor)).toBe(0);
  // Another task runs on all of them, too.
  await visitor.the('task-masks').check();
  await visitor.seesResult();
  await expect(visitor.the('film-progress')).toHaveText('5 photos', { timeout: 60_000 });
  expect(await states(visitor)).toEqual(Array(5).fill('done'));
});

test('what is known of a photo is on show at once when it is opened', async ({ visitor }) => {
  await visitor.open();
  await visitor.chooses(...FIVE);
  await allLookedAt(visitor, 5);
  const runs = await visitor.sent('run');
  await visitor.the('film-photo').nth(3).getByRole('button').first().click();
  await expect.poll(async () => (await visitor.found()).join()).toMatch(/cup/);
  await visitor.sees('done');
  expect(await visitor.sent('run'), 'nothing is computed again').toBe(runs);
  await expect(visitor.page).toHaveTitle(/^coffee\.jpg/);
});

test('a broken file among them says why on its picture, and in full when it is chosen', async ({ visitor }) => {
  await visitor.open();
  await visitor.chooses(fixture('text.jpg'), photo('cat.jpg'), fixture('empty.jpg'));
  await visitor.seesResult();
  await allLookedAt(visitor, 3);
  expect((await states(visitor))[0]).toBe('failed');
  await expect(visitor.the('film-why').first()).toHaveText(/not an image/);
  await expect(visitor.the('film-progress')).toContainText(/failed/);
  expect((await visitor.found()).join(), 'the first photo that can be opened is on show').toMatch(/cat/);
  await film(visitor).first().getByRole('button').first().click();
  await visitor.seesError(/text\.jpg: This file is not an image.*: choose/);
  expect((await visitor.found()).join()).toMatch(/cat/);
});

test('arrow keys go from one to the next, in the strip and on the page', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.chooses(...FIVE.slice(0, 3));
  await allLookedAt(visitor, 3);
  await page.locator('body').press('ArrowRight');
  await expect.poll(() => openPlace(visitor)).toBe(1);
  await expect.poll(async () => (await visitor.found()).join()).toMatch(/horse/);
  await visitor.sees('done');
  await visitor.the('canvas').press('ArrowLeft');
  await expect.poll(async () => (await visitor.found()).join()).toMatch(/cat/);
  await film(visitor).first().getByRole('button').first().focus();
  await page.keyboard.press('End');
  await expect.poll(async () => (await visitor.found()).length).toBe(6);
  expect(await page.evaluate(() => document.activeElement.getAttribute('aria-label'))).toMatch(/^stage\.jpg: 6 people/);
  // The strip is two stops of the Tab key: the open photo, and its removal.
  expect(await page.locator('.film-photos [tabindex="0"]').count()).toBe(2);
  // Keys of a slider are its own.
  await visitor.the('score-slider').press('ArrowLeft');
  expect(await openPlace(visitor)).toBe(2);
});

test('photos are removed one by one or all at once, and undo brings them back', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.chooses(...FIVE.slice(0, 3));
  await allLookedAt(visitor, 3);
  await film(visitor).nth(0).hover();
  await visitor.the('film-remove').nth(0).click();
  await expect(film(visitor)).toHaveCount(2);
  await expect.poll(async () => (await visitor.found()).join(), 'the next one is on show').toMatch(/horse/);
  await page.keyboard.press('Control+z');
  await expect(film(visitor)).toHaveCount(3);
  await expect.poll(async () => (await visitor.found()).join()).toMatch(/cat/);
  await visitor.seesResult();
  await visitor.the('film-remove-all').click();
  await visitor.sees('empty');
  await expect(film(visitor)).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(film(visitor)).toHaveCount(3);
  await visitor.seesResult();
});

test('the work in the background can be stopped and goes on when asked', async ({ visitor, page }) => {
  await visitor.open('?task=captions');
  await visitor.chooses(...FIVE);
  await visitor.seesResult();
  await visitor.the('film-stop').click();
  await expect(visitor.the('film-progress')).toHaveText(/^Stopped: \d of 5 looked at/);
  await visitor.waitsForFrames(20);
  const runs = await visitor.sent('run');
  await page.waitForTimeout(1_500);
  expect(await visitor.sent('run')).toBe(runs);
  // The photo on show has the worker when the visitor wants something of it.
  await visitor.the('task-boxes').check();
  await visitor.seesResult();
  await visitor.the('film-stop').click();
  await allLookedAt(visitor, 5);
});

test('the photo on show goes before the others', async ({ visitor }) => {
  await visitor.open('?task=captions');
  await visitor.chooses(...FIVE);
  await visitor.seesResult();
  await visitor.the('task-boxes').check();
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cat/);
  await allLookedAt(visitor, 5);
});

test('one more photo joins the strip, a sample too', async ({ visitor }) => {
  await visitor.open();
  await visitor.chooses(...FIVE.slice(0, 2));
  await allLookedAt(visitor, 2);
  await visitor.drops(photo('giraffes.jpg'));
  await allLookedAt(visitor, 3);
  expect(await openPlace(visitor)).toBe(2);
  await visitor.the('sample-coffee').click();
  await allLookedAt(visitor, 4);
  await expect.poll(async () => (await words(visitor))[3]).toMatch(/cup/);
});

test('pictures that are pasted together become a strip', async ({ visitor, page }) => {
  await visitor.open();
  await page.evaluate(async () => {
    const transfer = new DataTransfer();
    for (const name of ['cat.jpg', 'coffee.jpg']) {
      transfer.items.add(new File([await (await fetch(`photos/${name}`)).blob()], name, { type: 'image/jpeg' }));
    }
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }));
  });
  await allLookedAt(visitor, 2);
  expect((await words(visitor))[0]).toBe('1 cat');
});

test('folders are taken with what is in them, and files that are no images are left', async ({ visitor }, info) => {
  const folder = info.outputPath('holiday');
  await mkdir(path.join(folder, 'day 2'), { recursive: true });
  await writeFile(path.join(folder, 'notes.txt'), 'no photo\n');
  await copyFile(photo('cat.jpg'), path.join(folder, 'a.jpg'));
  await copyFile(photo('giraffes.jpg'), path.join(folder, 'day 2', 'b.jpg'));
  await visitor.open();
  await visitor.drops(folder);
  await allLookedAt(visitor, 2);
  expect(await words(visitor)).toEqual(['1 cat', '2 giraffes']);
  await visitor.the('start').click();
  await visitor.sees('empty');
  await visitor.the('folder-input').setInputFiles(folder);
  await allLookedAt(visitor, 2);
  expect(await words(visitor)).toEqual(['1 cat', '2 giraffes']);
});

test('files of all photos: one data set, one table, one archive', async ({ visitor }) => {
  await visitor.open();
  await visitor.chooses(photo('cat.jpg'), fixture('text.jpg'), photo('horses.jpg'));
  await allLookedAt(visitor, 3);
  await visitor.the('export-format').selectOption('dataset');
  const json = JSON.parse((await visitor.downloads('export-all-json')).bytes.toString('utf8'));
  expect(json.images.map((it) => it.file_name)).toEqual(['cat.jpg', 'horses.jpg']);
  expect(json.annotations).toHaveLength(5);
  expect(new Set(json.annotations.map((it) => it.id)).size).toBe(5);
  const ids = new Set(json.images.map((it) => it.id));
  expect(ids.size).toBe(2);
  expect(json.annotations.every((it) => ids.has(it.image_id))).toBe(true);
  await expect(visitor.the('notice')).toContainText('2 of 3 photos: 1 has no result');
  const table = (await visitor.downloads('export-all-csv')).bytes.toString('utf8').trim().split('\r\n');
  expect(table[0]).toBe('file_name,class,score,x,y,width,height');
  expect(table).toHaveLength(6);
  const zip = await visitor.downloads('export-all-png');
  expect(zip.name).toMatch(/\.zip$/);
  expect(namesIn(zip.bytes)).toEqual(['cat-lookout.png', 'horses-lookout.png']);
});

/** The names in an archive's directory, which is at its end. */
function namesIn(bytes) {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const names = [];
  for (let at = bytes.readUInt32LE(end + 16), left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    const length = bytes.readUInt16LE(at + 28);
    names.push(bytes.toString('utf8', at + 46, at + 46 + length));
    at += 46 + length + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return names;
}

test('a reload brings the strip back, with the photo that was open', async ({ visitor, page }) => {
  const noted = () => page.evaluate(() => (sessionStorage.getItem('lookout-film') ?? '').split('\n').filter(Boolean).length);
  await visitor.open();
  await visitor.chooses(...FIVE.slice(0, 3));
  await allLookedAt(visitor, 3);
  await page.locator('body').press('ArrowRight');
  await expect.poll(async () => (await visitor.found()).join()).toMatch(/horse/);
  await expect.poll(noted).toBe(3);
  await page.reload();
  await visitor.seesResult();
  await allLookedAt(visitor, 3);
  expect((await visitor.found()).join()).toMatch(/horse/);
  await expect.poll(() => openPlace(visitor)).toBe(1);
  expect(await words(visitor)).toEqual(['1 cat', '3 horses, 1 cow', '6 people']);
  await visitor.the('film-remove-all').click();
  await expect.poll(noted).toBe(0);
  await page.reload();
  await visitor.sees('empty');
});

test('going back leaves the strip, and forward finds it again', async ({ visitor, page }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await visitor.drops(photo('horses.jpg'), photo('giraffes.jpg'));
  await allLookedAt(visitor, 2);
  await page.goBack();
  await expect.poll(async () => (await visitor.found()).join()).toMatch(/cat/);
  await expect(film(visitor)).toHaveCount(0);
  await page.goForward();
  await expect(film(visitor)).toHaveCount(2);
  await expect.poll(async () => (await visitor.found()).join()).toMatch(/horse/);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('a swipe goes to the next photo, and the photo stays in sight', async ({ visitor, page }) => {
    await visitor.open();
    await visitor.chooses(...FIVE.slice(0, 3));
    await allLookedAt(visitor, 3);
    const canvas = await visitor.the('canvas').boundingBox();
    expect(canvas.y + canvas.height, 'strip and photo fit in the upper two thirds').toBeLessThan(844 * 0.6);
    const session = await page.context().newCDPSession(page);
    const touch = (type, x) =>
      session.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: type === 'touchEnd' ? [] : [{ x, y: canvas.y + canvas.height / 2 }],
      });
    await touch('touchStart', 300);
    for (const x of [260, 200, 140, 90]) await touch('touchMove', x);
    await touch('touchEnd', 90);
    await expect.poll(() => openPlace(visitor)).toBe(1);
    await expect.poll(async () => (await visitor.found()).join()).toMatch(/horse/);
  });
});

test('a frame on a page of the same tab neither shows the photos nor keeps its own', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.chooses(photo('cat.jpg'), photo('horses.jpg'));
  await allLookedAt(visitor, 2);
  await page.goto(`${visitor.url}examples/frame.html`);
  const frame = page.frameLocator('iframe');
  await expect(frame.getByTestId('result-row').first()).toBeVisible({ timeout: 60_000 });
  await expect(frame.getByTestId('film-photo')).toHaveCount(0);
  await visitor.open();
  await expect(film(visitor)).toHaveCount(2);
});
