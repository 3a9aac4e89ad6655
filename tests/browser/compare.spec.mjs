// The comparison: the systems of a task on one photo, one after the other.
import { expect, photo, test } from './visitor.mjs';

// Quick systems only: Selective Search, windows and R-CNN's crops take long here.
const QUICK = 'without=fast-rcnn.spp-net.sliding-window.rcnn';
const BOXES = ['ssd', 'yolo', 'faster-rcnn', 'r-fcn', 'fast-rcnn', 'spp-net', 'sliding-window', 'rcnn'];

const row = (page, system) => page.locator(`[data-testid="compare-row"][data-system="${system}"]`);

async function seesComparison(visitor, state = 'done') {
  await expect(visitor.the('compare-view')).toHaveAttribute('data-state', state, { timeout: 60_000 });
}

test('the systems of a task run one after the other, quick ones first, and say where the time went', async ({ visitor, page }) => {
  await visitor.open(`?sample=horses&task=boxes&compare=1&${QUICK}`);
  await expect(visitor.the('compare')).toHaveAttribute('aria-pressed', 'true');
  await seesComparison(visitor);
  const rows = visitor.the('compare-row');
  expect(await rows.evaluateAll((all) => all.map((it) => it.dataset.system))).toEqual(BOXES);
  for (const system of BOXES.slice(0, 4)) {
    await expect(row(page, system)).toHaveAttribute('data-state', 'done');
    expect(Number(await row(page, system).getAttribute('data-ms')), system).toBeGreaterThan(1);
    await expect(row(page, system), system).toHaveAttribute('data-passes', '1');
  }
  await expect(row(page, 'rcnn')).toHaveAttribute('data-state', 'left-out');
  await expect(row(page, 'rcnn')).not.toHaveAttribute('data-ms');
  // Shared work is counted once, and said so.
  await expect(row(page, 'r-fcn')).toContainText(/of which \d+.* ran once, in a row above/);
  await expect(visitor.the('compare-together')).toContainText(/All 4 took .* together.*ran once/);
  await expect(row(page, 'faster-rcnn')).toContainText(/Proposals300/);
  // The story is made of this run's numbers, published ones are marked.
  const quickest = Math.min(...(await Promise.all(BOXES.slice(0, 4).map(async (it) => Number(await row(page, it).getAttribute('data-ms'))))));
  const said = await visitor.the('compare-story').textContent();
  expect(said).toMatch(/ took .*: [\d.]+ times as quick\./);
  expect(said.includes(quickest < 9.95 ? quickest.toFixed(1) : String(Math.round(quickest))), `${said} has ${quickest}`).toBe(true);
  await expect(row(page, 'rcnn')).toContainText(/Published: 47 s without proposals, 66\.0 mAP on VOC 2007/);
  // Nothing runs again when it is closed and opened.
  const runs = await visitor.sent('run');
  await visitor.the('compare').click();
  await expect(visitor.the('compare-view')).toHaveCount(0);
  await expect(page).not.toHaveURL(/compare=/);
  await visitor.seesResult();
  await expect(visitor.the('canvas')).toBeVisible();
  await visitor.the('compare').click();
  await seesComparison(visitor);
  expect(await visitor.sent('run')).toBe(runs);
});

test('boxes that are ticked say what each system found, in the rows, the plot and the files', async ({ visitor, page }) => {
  await visitor.open(`?sample=horses&compare=1&${QUICK}`);
  await seesComparison(visitor);
  const ticks = visitor.the('tick');
  const count = await ticks.count();
  expect(count).toBeGreaterThan(1);
  await ticks.first().click();
  await expect(row(page, 'ssd')).toContainText('Found1 of 1');
  await visitor.the('tick-all').click();
  await expect(row(page, 'ssd')).toContainText(`Found${count} of ${count}`);
  await expect(row(page, 'faster-rcnn')).toContainText(new RegExp(`Found\\d+ of ${count}; proposals hold \\d+`));
  await expect(visitor.the('compare-plot').locator('rect')).toHaveCount(4);
  // Another row's boxes are marked where they are the same things.
  await row(page, 'faster-rcnn').getByRole('button').click();
  await expect.poll(() => ticks.locator('input:checked').count()).toBeGreaterThan(0);
  const csv = (await visitor.downloads('compare-csv')).bytes.toString('utf8').split('\r\n');
  expect(csv).toHaveLength(1 + BOXES.length + 1);
  const column = csv[0].split(',').indexOf('found_of_marked');
  expect(csv[1].split(',')[column]).toBe(String(count));
  const json = JSON.parse((await visitor.downloads('compare-json')).bytes.toString('utf8'));
  expect(json.systems.map((it) => it.system)).toEqual(BOXES);
  const ms = Number(await row(page, 'ssd').getAttribute('data-ms'));
  expect(json.systems[0].ms).toBeCloseTo(ms, 2);
  const parts = Object.values(json.systems[0].parts_ms).reduce((sum, it) => sum + it, 0);
  expect(parts).toBeCloseTo(ms, 1);
  expect(json.systems.find((it) => it.system === 'rcnn')).toMatchObject({ state: 'left-out', ms: null, published: { seconds: 47 } });
  const png = await visitor.downloads('compare-png');
  expect(png.name).toBe('horses-compare.png');
  expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
  await visitor.the('tick-none').click();
  await expect(row(page, 'ssd')).not.toContainText('Found');
});

test('what is ticked stays ticked while the page is open, and belongs to its photo', async ({ visitor, page }) => {
  await visitor.open(`?sample=horses&compare=1&${QUICK}`);
  await seesComparison(visitor);
  await visitor.the('tick').first().click();
  await expect(row(page, 'ssd')).toContainText('Found1 of 1');
  await expect(visitor.the('compare-view')).toContainText('1 thing is marked as really there, and stays so while this page is open.');
  await visitor.the('compare').click();
  await visitor.seesResult();
  await visitor.the('compare').click();
  await expect(row(page, 'ssd')).toContainText('Found1 of 1');
  await visitor.chooses(photo('cat.jpg'));
  await seesComparison(visitor);
  await expect(row(page, 'ssd')).not.toContainText('Found');
});

test('a plot says how good the systems were by year, published and measured here', async ({ visitor }) => {
  await visitor.open(`?sample=horses&compare=1&${QUICK}`);
  const years = visitor.the('compare-years');
  await expect(years.locator('circle')).toHaveCount(7);
  await expect(years.locator('.plot-name')).toHaveText(['R-CNN', 'SPP-net', 'Fast R-CNN', 'Faster R-CNN', 'YOLO', 'SSD', 'R-FCN', 'DPM v5', 'DPM HSC']);
});

for (const [task, systems] of [['skeletons', 3], ['masks', 2], ['captions', 2]]) {
  test(`${task} are compared, too`, async ({ visitor, page }) => {
    await visitor.open(`?sample=horses&task=${task}&compare=1`);
    await expect(visitor.the('compare-view')).toHaveAttribute('data-state', 'done', { timeout: 120_000 });
    const rows = visitor.the('compare-row');
    await expect(rows).toHaveCount(systems);
    for (let i = 0; i < systems; i += 1) expect(Number(await rows.nth(i).getAttribute('data-ms'))).toBeGreaterThan(1);
    await expect(visitor.the('compare-years')).toHaveCount(0);
    await expect(visitor.the('compare-story')).toContainText(/ took /);
  });
}

test('a long system shows its pace, stops, is extrapolated, and can be left out', async ({ visitor, page }) => {
  await visitor.open('?sample=cat&task=class-map&compare=1&without=fcn-full');
  const slow = row(page, 'sliding-segmentation');
  await expect(slow).toContainText(/\d+ of \d+ patches, [\d.]+ a second, about .* left/, { timeout: 60_000 });
  await visitor.the('compare-stop').click();
  await seesComparison(visitor, 'stopped');
  await expect(slow).toHaveAttribute('data-state', 'stopped');
  await expect(slow).toContainText(/about [\d.]+ s.*Stopped after \d+ of \d+ patches/);
  await expect(slow).not.toHaveAttribute('data-ms');
  await expect(visitor.the('compare-story')).toContainText(/^Sliding window would take about .* times as quick\.$/);
  await visitor.the('take-sliding-segmentation').click();
  await seesComparison(visitor);
  await expect(page).toHaveURL(/without=fcn-full\.sliding-segmentation|without=sliding-segmentation\.fcn-full/);
  await expect(slow).toHaveAttribute('data-state', 'left-out');
});

test('all tasks together cannot be compared; the look inside and the comparison close each other', async ({ visitor, page }) => {
  await visitor.open('?sample=cat&task=everything&compare=1');
  await visitor.seesResult();
  await expect(visitor.the('compare')).toBeHidden();
  await expect(visitor.the('compare-view')).toHaveCount(0);
  await visitor.the('task-skeletons').click();
  await expect(visitor.the('compare-view')).toBeVisible();
  await seesComparison(visitor);
  await expect(visitor.the('compare-row')).toHaveCount(3);
  await visitor.the('inside').click();
  await expect(visitor.the('compare-view')).toHaveCount(0);
  await expect(page).toHaveURL(/inside=1/);
  await visitor.the('compare').click();
  await expect(visitor.the('inside')).toHaveAttribute('aria-pressed', 'false');
  await expect(page).not.toHaveURL(/inside=1/);
});
