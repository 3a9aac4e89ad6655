// The choice of a system, the look inside, and what the address says of both.
import { expect, test } from './visitor.mjs';

test('all tasks together have no picker, a task with several systems keeps the results of both', async ({ visitor, page }) => {
  test.setTimeout(240_000);
  await visitor.open('?sample=cat&task=everything');
  await visitor.seesResult();
  await expect(visitor.the('system')).toHaveCount(0);
  await visitor.the('task-class-map').click();
  await visitor.seesResult();
  await expect(visitor.the('system')).toHaveValue('fcn');
  await expect(page).not.toHaveURL(/system=/);
  const down = await visitor.picture();
  await visitor.the('system').selectOption('sliding-segmentation');
  await expect(page).toHaveURL(/task=class-map&system=sliding-segmentation/);
  await visitor.sees('done', { timeout: 180_000 });
  expect(await visitor.picture()).not.toBe(down);
  const runs = await visitor.sent('run');
  await visitor.the('system').selectOption('fcn');
  await visitor.seesResult();
  expect(await visitor.picture()).toBe(down);
  expect(await visitor.sent('run')).toBe(runs);
});

test('localization looks again round its box, and the last look is the answer', async ({ visitor, page }) => {
  await visitor.open('?sample=horses&system=iterative-localization&inside=1&stage=second-crop');
  await visitor.seesResult();
  await expect(visitor.the('task-localize')).toBeChecked();
  await expect(visitor.the('stage')).toHaveCount(9); // eight, and the result
  await expect(visitor.the('stage-panel')).toContainText(/Its \d+ × \d+ pixels become 300 × 300/);
  const numbers = async (stage) => {
    await page.locator(`[data-testid="stage"][data-stage="${stage}"]`).click();
    await expect(page).toHaveURL(new RegExp(`stage=${stage}`));
    return visitor.the('box-number').allInnerTexts();
  };
  const first = await numbers('two-heads');
  const last = await numbers('third-look');
  expect(last).not.toEqual(first);
  await expect(visitor.the('stage-panel')).toContainText('The looks so far together say “horse”');
});

test('looking inside asks for the stages behind the result, which stays, and once', async ({ visitor, page }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  const [found, runs] = [await visitor.found(), await visitor.sent('run')];
  await expect(visitor.the('inside')).toHaveAttribute('aria-pressed', 'false');
  await visitor.the('inside').click();
  await expect(visitor.the('inside')).toHaveAttribute('aria-pressed', 'true');
  await expect(page).toHaveURL(/inside=1/);
  await expect.poll(() => visitor.sent('run')).toBe(runs + 1);
  await visitor.sees('done');
  expect(await visitor.found()).toEqual(found);
  await expect(visitor.the('timings').locator('[data-testid="kept"]')).toHaveCount(0);
  await visitor.the('inside').click();
  await expect(page).not.toHaveURL(/inside=/);
  await page.reload();
  await visitor.seesResult();
  await expect(visitor.the('inside')).toHaveAttribute('aria-pressed', 'false');
});

test('what the address names and nobody knows is told in a sentence, and the default is shown', async ({ visitor, page }) => {
  await visitor.open('?task=boxes&system=hog&inside=1&stage=thinking&sample=cat');
  await visitor.seesResult();
  await visitor.seesError(/system that is not here \(hog\).*stage that is not here \(thinking\)/i);
  expect((await visitor.found()).join()).toMatch(/cat/);
  await expect(page).not.toHaveURL(/system=|stage=/);
  await visitor.the('dismiss').click();
  await expect(visitor.the('error')).toHaveAttribute('data-shown', 'false');
});

test('a system and a stage in the address are kept', async ({ visitor, page }) => {
  await visitor.open('?system=fcn&inside=1&stage=score-maps&sample=cat');
  await visitor.seesResult();
  await expect(visitor.the('task-class-map')).toBeChecked();
  await expect(page).toHaveURL(/task=class-map&inside=1&stage=score-maps/);
  await expect(visitor.the('error')).toHaveAttribute('data-shown', 'false');
});

test('Faster R-CNN is followed from an anchor over a proposal to a box', async ({ visitor, page }) => {
  test.setTimeout(240_000);
  await visitor.open('?sample=cat&system=faster-rcnn&inside=1&stage=proposals');
  await visitor.sees('done', { timeout: 180_000 });
  const keys = await visitor.the('stage').evaluateAll((all) => all.map((it) => it.dataset.stage));
  expect(keys).toEqual([
    'input-416',
    'mobilenet-v2-416',
    'feature-pyramid',
    'rpn',
    'proposals',
    'roi-align-7',
    'box-head-aligned',
    'suppression',
    'result',
  ]);
  const panel = visitor.the('stage-panel');
  await expect(panel).toContainText(/proposals of 21,294 anchors/);
  const few = await visitor.picture();
  await visitor.the('proposals-3').click();
  await expect.poll(() => visitor.picture()).not.toBe(few);
  await visitor.the('covered').first().getByRole('button').click();
  await expect(visitor.the('origin')).toContainText(/From an anchor of \d+ × \d+ pixels/);
  await page.locator('[data-stage="box-head-aligned"]').click();
  await visitor.the('box').first().getByRole('button').click();
  await expect(visitor.the('origin')).toContainText(/first correction.*proposal \d+.*second correction/);
});

test('YOLO says everything in one tensor, cell by cell', async ({ visitor, page }) => {
  test.setTimeout(240_000);
  await visitor.open('?sample=horses&system=yolo&inside=1&stage=cells');
  await visitor.sees('done', { timeout: 180_000 });
  const panel = visitor.the('stage-panel');
  await expect(panel).toContainText('7 × 7 × (5 × 2 + 80) = 4,410 numbers');
  await expect(visitor.the('cell-box')).toHaveCount(2);
  const surest = await visitor.the('cell').getAttribute('data-cell');
  await visitor.the('wall').focus();
  await page.keyboard.press(surest.startsWith('6') ? 'ArrowLeft' : 'ArrowRight');
  await expect(visitor.the('cell')).not.toHaveAttribute('data-cell', surest);
  await expect(visitor.the('tensor-size')).toContainText('7 × 7 × (5 × 2 + 20) = 1,470 numbers');
  await page.locator('[data-stage="cell-boxes"]').click();
  await visitor.the('score-slider').fill('0.2');
  await expect(visitor.the('box').first()).toBeVisible();
});

test('R-CNN fills a sheet of crops and goes on from what it has when stopped', async ({ visitor, page }) => {
  test.setTimeout(240_000);
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await visitor.the('system').selectOption('rcnn');
  await expect(visitor.the('progress')).toContainText(/\d+ of [\d,]+ crops, [\d.]+ a second, about .* left/, { timeout: 120_000 });
  await visitor.the('cancel').click();
  await visitor.sees('cancelled');
  const words = await page.locator('.summary').textContent();
  expect(words).toMatch(/Stopped after [\d,]+ of [\d,]+ crops/);
});

test('R-CNN goes on from the crops of a worker that was lost', async ({ visitor, page }) => {
  test.setTimeout(240_000);
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await visitor.the('system').selectOption('rcnn');
  const crops = async () => Number(/([\d,]+) of [\d,]+ crops/.exec(await visitor.the('progress').textContent())?.[1].replace(',', '') ?? 0);
  // What is done goes to the page in tenths of the whole.
  await expect.poll(crops, { timeout: 120_000 }).toBeGreaterThan(450);
  await page.evaluate(() => window.workers.at(-1).dispatchEvent(new ErrorEvent('error', { message: 'lost' })));
  await expect.poll(() => page.evaluate(() => window.workers.length)).toBe(2);
  const first = await page.evaluate(
    () =>
      new Promise((resolve) => {
        window.workers.at(-1).addEventListener('message', ({ data }) => {
          const long = (data.stages?.stages ?? []).find(({ stage }) => stage.key === 'rcnn-crops' && stage.progress);
          if (long) resolve(long.stage.progress.done);
        });
      }),
  );
  expect(first).toBeGreaterThan(200);
  await visitor.the('cancel').click();
  await visitor.sees('cancelled');
});

test('pose by regression gives everybody 28 numbers', async ({ visitor, page }) => {
  test.setTimeout(240_000);
  await visitor.open('?sample=stage&task=skeletons&system=pose-regression&inside=1&stage=pose-points');
  await visitor.sees('done', { timeout: 180_000 });
  await expect(visitor.the('stage-panel')).toContainText('a vector becomes 28 numbers');
  await expect(visitor.the('pose-point')).toHaveCount(14);
  const head = visitor.the('pose-point').first();
  const before = await head.textContent();
  await page.locator('[data-testid="person-1"]').click();
  await expect(head).not.toHaveText(before);
});

test('Mask R-CNN says of one region what it is, where its joints are, and which pixels are its own', async ({ visitor, page }) => {
  test.setTimeout(240_000);
  await visitor.open('?sample=stage&task=masks&system=mask-rcnn&inside=1&stage=keypoint-maps');
  await visitor.sees('done', { timeout: 180_000 });
  const keys = await visitor.the('stage').evaluateAll((all) => all.map((it) => it.dataset.stage));
  for (const key of ['box-head-aligned', 'person-regions', 'keypoint-maps', 'keypoints', 'roi-align-14', 'mask-head-416']) {
    expect(keys).toContain(key);
  }
  await expect(visitor.the('stage-panel')).toContainText('56 × 56 places for each of 17 joints');
  await page.locator('[data-stage="person-regions"]').click();
  await expect(visitor.the('stage-panel')).toContainText('cells of the map');
  const masks = await visitor.picture();
  await page.locator('[data-testid="stage"][data-stage="result"]').click();
  expect(await visitor.picture()).not.toBe(masks);
});

test('the keypoint branch alone has skeletons of the same people', async ({ visitor }) => {
  test.setTimeout(240_000);
  await visitor.open('?sample=stage&task=skeletons&system=keypoint-rcnn');
  await visitor.sees('done', { timeout: 180_000 });
  await expect(visitor.the('result-row').first()).toBeVisible();
  expect(await visitor.the('result-row').count()).toBeGreaterThan(2);
});

test('a sliding window paints what it finds, says its pace, and keeps it when stopped', async ({ visitor, page }) => {
  test.setTimeout(240_000);
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await visitor.the('system').selectOption('sliding-window');
  await expect(visitor.the('progress')).toContainText(/\d+ of \d+ windows, [\d.]+ a second, about .* left/, {
    timeout: 120_000,
  });
  await visitor.the('cancel').click();
  await visitor.sees('cancelled');
  const words = await page.locator('.summary').textContent();
  const [, done, total] = words.match(/Stopped after (\d+) of (\d+) windows and .* All of them would take about/);
  expect(Number(done)).toBeGreaterThan(0);
  expect(Number(done)).toBeLessThan(Number(total));
});
