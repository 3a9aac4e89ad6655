// The browser's history: photos and tasks are its steps, and a reload brings back what was open.
import { expect, photo, test } from './visitor.mjs';

test('back and forward lead through tasks, without another run', async ({ visitor, page }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  for (const task of ['masks', 'class-map']) {
    await visitor.the(`task-${task}`).click();
    await visitor.seesResult();
    await expect(page).toHaveURL(new RegExp(`task=${task}`));
  }
  const runs = await visitor.sent('run');
  await page.goBack();
  await expect(visitor.the('task-masks')).toBeChecked();
  await page.goBack();
  await expect(visitor.the('task-boxes')).toBeChecked();
  await expect(page).toHaveURL(/^(?!.*task=)/);
  await visitor.seesResult();
  await page.goForward();
  await expect(visitor.the('task-masks')).toBeChecked();
  await visitor.seesResult();
  expect(await visitor.sent('run')).toBe(runs);
});

test('a setting is no step', async ({ visitor, page }) => {
  await visitor.open('?sample=stage');
  await visitor.seesResult();
  await visitor.the('task-masks').click();
  await visitor.seesResult();
  await visitor.moveSlider('score-slider', 0.8);
  await expect(page).toHaveURL(/score=0\.8/);
  await page.goBack();
  await expect(visitor.the('task-boxes')).toBeChecked();
});

test('back leads to the photo before, and to the start', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.chooses(photo('coffee.jpg'));
  await visitor.seesResult();
  const before = await visitor.found();
  await visitor.the('sample-cat').click();
  await expect.poll(async () => (await visitor.found()).join()).toMatch(/cat/);
  await page.goBack();
  await expect.poll(() => visitor.found()).toEqual(before);
  await page.goBack();
  await visitor.sees('empty');
  await page.goForward();
  await visitor.seesResult();
  expect(await visitor.found()).toEqual(before);
});

test('photos further back than the page holds are opened again', async ({ visitor, page }) => {
  await visitor.open();
  for (const name of ['coffee', 'cat', 'horses', 'giraffes', 'astronaut']) {
    await visitor.chooses(photo(`${name}.jpg`));
    await visitor.seesResult();
  }
  for (const pattern of [/giraffe/, /horse/, /cat/, /cup/]) {
    await page.goBack();
    await expect.poll(async () => (await visitor.found()).join()).toMatch(pattern);
    await visitor.seesResult();
  }
});

test('a reload brings back the own photo, with its task and settings, and says that it is kept', async ({ visitor, page }) => {
  await visitor.open('?task=masks&score=0.4');
  await visitor.chooses(photo('coffee.jpg'));
  await visitor.seesResult();
  await expect(visitor.the('kept-photo')).toContainText(/kept there while this tab is open/);
  const before = await visitor.found();
  await page.reload();
  await visitor.seesResult();
  expect(await visitor.found()).toEqual(before);
  await expect(visitor.the('task-masks')).toBeChecked();
  expect((await visitor.exportsJson())[0].file_name).toBe('coffee.jpg');
});

test('after a reload, back leads to what was open before it', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.chooses(photo('coffee.jpg'));
  await visitor.seesResult();
  await expect(visitor.the('kept-photo')).toBeVisible();
  await visitor.the('sample-cat').click();
  await expect.poll(async () => (await visitor.found()).join()).toMatch(/cat/);
  await page.reload();
  await visitor.seesResult();
  await page.goBack();
  await expect.poll(async () => (await visitor.found()).join()).toMatch(/cup/);
});

test("a closed tab's photos are deleted at the next visit, an open one's are not", async ({ visitor, page, context }) => {
  const count = (page) => page.evaluate(async () => (await (await caches.open('lookout-photos-v1')).keys()).length);
  await visitor.open();
  await visitor.chooses(photo('coffee.jpg'));
  await visitor.seesResult();
  await expect(visitor.the('kept-photo')).toBeVisible();
  const second = await context.newPage();
  await second.goto(visitor.url);
  await expect(second.getByTestId('sample-cat')).toBeVisible();
  await expect.poll(() => count(second)).toBe(1);
  await page.close();
  await expect.poll(() => second.evaluate(async () => (await navigator.locks.query()).held.length)).toBe(1);
  await second.reload();
  await expect(second.getByTestId('sample-cat')).toBeVisible();
  await expect.poll(() => count(second)).toBe(0);
});

test('the name of the page leads to the start, and back again', async ({ visitor, page }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await visitor.the('start').click();
  await visitor.sees('empty');
  await page.goBack();
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cat/);
});
