// The figures: each alone on the page, by mouse, touch and keyboard, with numbers that burn has computed
// (`model/tests/integration/figures.rs` checks the committed values against burn's own operators).
import { readFile } from 'node:fs/promises';

import { violations, violationsBesideColours } from './axe.mjs';
import { expect, test } from './visitor.mjs';

const VALUES = JSON.parse(await readFile(new URL('../reference/figures/values.json', import.meta.url), 'utf8'));

/** Opens a figure on a sample. */
async function opens(visitor, key, set = '') {
  await visitor.page.goto(`${visitor.url}?figure=${key}${set && `&set=${set}`}&sample=horses`);
  await expect(visitor.the('figure')).toHaveAttribute('data-figure', key);
  await expect(visitor.page.locator('.fig-try').first()).toBeVisible();
}

/** The numbers of a table of the figure, row by row. */
async function table(visitor, id) {
  return (await visitor.the(id).locator('td').allTextContents()).map(Number);
}

const number = async (locator, attribute) => Number(await locator.getAttribute(attribute));

/** Waits until no network is at work for the figure. */
async function settles(visitor) {
  const text = () => visitor.the('figure').innerText();
  await expect.poll(text, { timeout: 60_000 }).not.toMatch(/is looking|are being|is being loaded|is computing/);
}

test('transposed convolution computes what burn does', async ({ visitor }) => {
  for (const { map, kernel, stride, output } of VALUES.transposed_convolution) {
    await opens(visitor, 'upsampling', `map:${map.join(';')},filter:${kernel.join(';')},stride:${stride}`);
    expect(await table(visitor, 'table-input')).toEqual(map);
    const found = await table(visitor, 'table-output');
    expect(found).toHaveLength(output.length);
    for (const [i, value] of found.entries()) expect(Math.abs(value - output[i]), `cell ${i}`).toBeLessThan(1e-3);
  }
});

test('checkerboards are as strong as burn computes them', async ({ visitor }) => {
  await opens(visitor, 'upsampling', 'part:overlap');
  for (const layers of [1, 2, 3]) {
    await visitor.the(`layers-${layers - 1}`).click();
    for (const board of VALUES.checkerboard.filter((it) => it.layers === layers)) {
      const found = visitor.page.locator(`[data-testid="board"][data-kernel="${board.kernel}"]`);
      await expect.poll(() => number(found, 'data-nyquist')).toBeCloseTo(board.nyquist, 4);
    }
  }
  const three = visitor.page.locator('[data-testid="board"][data-kernel="3"]');
  await expect(three).toContainText('18.5%');
  await visitor.the('stack-divide').click();
  await expect.poll(() => number(three, 'data-nyquist')).toBeLessThan(1e-6);
});

test('cells are pointed at by mouse and by arrow keys, and say their summands', async ({ visitor, page }) => {
  await opens(visitor, 'upsampling', 'map:1;2;3;4,filter:1;2;3;4;5;6;7;8;9');
  await expect(visitor.the('reading')).toContainText('4 copies of the filter overlap');
  await expect(visitor.the('terms')).toHaveText(/1 × 9.*2 × 7.*3 × 3.*4 × 1/);
  const output = visitor.the('output');
  const { width, height } = await output.boundingBox();
  await output.hover({ position: { x: width * 0.5, y: height * 0.1 } });
  await expect(visitor.the('reading')).toContainText('column 3, row 1) is 5: 2 copies');
  await expect(visitor.the('terms')).toHaveText(/1 × 3.*2 × 1/);
  await output.focus();
  await page.keyboard.press('ArrowLeft');
  await expect(visitor.the('reading')).toContainText('column 2, row 1) is 2: one copy');
  await visitor.the('input').focus();
  await page.keyboard.press('ArrowRight');
  await expect(visitor.the('reading')).toContainText('Map cell (column 2, row 1) is 2');
  await visitor.the('divide').click();
  await output.hover({ position: { x: width * 0.5, y: height * 0.1 } });
  await expect(visitor.the('reading')).toContainText('is 2.5');
});

test('max unpooling puts each maximum of the photo back where it was', async ({ visitor }) => {
  await opens(visitor, 'upsampling', 'way:unpooling,cells:4');
  const [fine, map, up] = await Promise.all(['table-fine', 'table-input', 'table-output'].map((id) => table(visitor, id)));
  expect(fine).toHaveLength(64);
  for (let cell = 0; cell < 16; cell += 1) {
    const at = [0, 1, 8, 9].map((tap) => Math.floor(cell / 4) * 16 + (cell % 4) * 2 + tap);
    const largest = Math.max(...at.map((it) => fine[it]));
    expect(map[cell]).toBe(largest);
    const first = at.find((it) => fine[it] === largest);
    for (const it of at) expect(up[it], `cell ${it}`).toBe(it === first ? largest : 0);
  }
  await expect(visitor.the('summary')).toContainText('75% of them are 0');
});

test('the transposed convolution is the gradient of the convolution', async ({ visitor }) => {
  await opens(visitor, 'upsampling', 'part:gradient');
  for (const kernel of [0, 1, 2]) {
    await visitor.the(`kernel-${kernel}`).click();
    await expect(visitor.the('difference')).toContainText('0.000000');
    const [forward, backward] = await Promise.all(['table-forward', 'table-backward'].map((id) => table(visitor, id)));
    expect(forward.some((it) => it > 0)).toBe(true);
    expect(backward).toHaveLength(forward.length);
    for (const [i, value] of forward.entries()) expect(Math.abs(value - backward[i]), `cell ${i}`).toBeLessThan(1.1e-3); // as printed
  }
});

test('one dimension and its matrix follow the weights', async ({ visitor }) => {
  await opens(visitor, 'upsampling', 'part:line,inputs:0.5;0.25;0;0,line:1;2;1');
  await expect(visitor.the('line-words')).toHaveText('5 outputs: ax = 0.5, ay = 1, az + bx = 0.75, by = 0.5, bz = 0.25.');
  await visitor.the('line-x-slider').fill('2');
  await expect(visitor.the('line-words')).toContainText('az + bx = 1');
  await visitor.the('part-3').click();
  await visitor.the('transpose').click();
  await expect(visitor.the('matrix-words')).toContainText('no convolution');
  await expect(visitor.the('matrix').locator('.matrix-result b')).toHaveText(['ax', 'ay', 'az + bx', 'by', 'bz', '0']);
  await visitor.the('line-stride-0').click();
  await expect(visitor.the('matrix-words')).toContainText('0.000000');
});

test('the square is dragged and moved by keys, and the address brings it back', async ({ visitor, page }) => {
  await opens(visitor, 'upsampling');
  const before = await table(visitor, 'table-input');
  const { x, y, width, height } = await visitor.the('piece').boundingBox();
  await page.mouse.move(x + width * 0.5, y + height * 0.4);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.2, y + height * 0.7, { steps: 4 });
  await page.mouse.up();
  const after = await table(visitor, 'table-input');
  expect(after).not.toEqual(before);
  await page.waitForTimeout(600); // the address is written when the drag has rested
  await expect(page).toHaveURL(/set=at:/);
  await page.reload();
  await expect(visitor.page.locator('.fig-try').first()).toBeVisible();
  await expect.poll(() => table(visitor, 'table-input')).toEqual(after);
  await visitor.the('piece').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('+');
  await expect.poll(() => table(visitor, 'table-input')).not.toEqual(after);
});

test('the kernel of a convolution is moved over the piece, nine products and their sum', async ({ visitor, page }) => {
  await opens(visitor, 'convolution', 'map:1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16,kernel:0;1;2;3;4;5;6;7;8,stride:2');
  // The corner by hand: 1 x 4 + 2 x 5 + 5 x 7 + 6 x 8.
  expect(await table(visitor, 'table-output')).toEqual(VALUES.convolution.output);
  await visitor.the('output').focus();
  for (const key of ['ArrowLeft', 'ArrowUp', 'ArrowLeft']) await page.keyboard.press(key);
  await expect(visitor.the('reading')).toContainText('is the sum of 9 products: 97.');
  await expect(visitor.the('products').locator('b')).toHaveText(['0', '0', '0', '0', '4', '10', '0', '35', '48']);
  await visitor.the('stride-0').click();
  await expect(visitor.the('output')).toHaveAttribute('data-width', '4');
});

test('two boxes have the overlap that their areas say', async ({ visitor, page }) => {
  await opens(visitor, 'boxes', 'a:0;0;0.5;0.5,b:0.25;0.25;0.75;0.75');
  expect(await number(visitor.the('iou'), 'data-value')).toBeCloseTo(1 / 7, 5);
  const areas = await visitor.the('area').evaluateAll((all) => all.map((it) => Number(it.dataset.area)));
  expect(areas[2] / areas[3]).toBeCloseTo(1 / 7, 3);
  await visitor.the('box-handle').nth(1).focus();
  for (let i = 0; i < 25; i += 1) await page.keyboard.press('ArrowLeft');
  await expect.poll(() => number(visitor.the('iou'), 'data-value')).toBeCloseTo(1 / 3, 4);
  await expect(visitor.the('iou-words')).toContainText('0.33');
});

test('suppression steps through the detections of the photo', async ({ visitor }) => {
  await opens(visitor, 'boxes', 'part:suppression,score:0.3');
  await expect(visitor.the('waiting')).toHaveText('', { timeout: 60_000 });
  await visitor.the('steps-first').click();
  await visitor.the('steps-on').click();
  await expect(visitor.the('step-words')).toContainText('stays');
  await visitor.the('steps-on').click();
  await expect(visitor.the('step-words')).toContainText(/goes: it overlaps .* by 0\.\d\d, more than 0\.50|stays/);
  await visitor.the('steps-slider').fill(await visitor.the('steps-slider').getAttribute('max'));
  const kept = Number(await visitor.the('kept').innerText());
  await visitor.the('nms-iou-slider').fill('1');
  await expect.poll(async () => Number(await visitor.the('kept').innerText())).toBeGreaterThan(kept);
});

test('anchors turn positive, ignored and negative under two thresholds', async ({ visitor, page }) => {
  await opens(visitor, 'boxes', 'part:anchors,truth:0.25;0.25;0.75;0.75');
  const count = async (id) => Number((await visitor.the(id).innerText()).replaceAll(',', ''));
  const found = await Promise.all(['positive', 'ignored', 'negative'].map(count));
  expect(found).toEqual(VALUES.anchors);
  await visitor.the('positive-slider').fill('1');
  await expect.poll(() => count('positive')).toBe(1); // the anchor that is the very square
  await expect(visitor.the('cell-words')).toContainText('column 4, row 4');
  await visitor.the('box-handle').first().focus();
  for (let i = 0; i < 9; i += 1) await page.keyboard.press('ArrowRight');
  await expect(visitor.the('cell-words')).toContainText('column 5, row 4');
  await expect(visitor.the('anchor-words')).toContainText('None reaches 1');
  expect(await count('positive')).toBeGreaterThan(0);
});

test('average precision follows what the visitor calls right', async ({ visitor }) => {
  await opens(visitor, 'boxes', 'part:precision');
  await expect(visitor.the('judge').first()).toBeVisible({ timeout: 60_000 });
  const ap = () => number(visitor.the('ap'), 'data-value');
  await expect.poll(ap).toBeCloseTo(1, 6);
  await visitor.the('judge').first().click();
  await expect.poll(ap).toBeLessThan(0.95);
  await visitor.the('missed-slider').fill('5');
  const missing = await ap();
  await visitor.the('taken-slider').fill('0');
  await expect(visitor.the('ap-words')).toContainText('No detection is taken yet');
  expect(missing).toBeLessThan(0.8);
});

test('RoI pooling moves a box to whole cells, and RoIAlign does not', async ({ visitor, page }) => {
  // 19 x 19 cells: 0.28 is cell 5.32, which becomes 5.
  await opens(visitor, 'regions', 'box:0.28;0.3;0.61;0.8');
  await expect(visitor.the('waiting')).toHaveText('', { timeout: 60_000 });
  expect(Number(await visitor.the('shift').innerText())).toBeGreaterThan(1);
  await expect(visitor.the('region-words')).toContainText('rounded to whole cells');
  const pooled = await table(visitor, 'table-pooled');
  expect(pooled).toHaveLength(4);
  await visitor.the('method-3').click();
  await expect(visitor.the('shift')).toHaveText('0.00');
  expect(await table(visitor, 'table-pooled')).not.toEqual(pooled);
  const aligned = await table(visitor, 'table-pooled');
  await visitor.the('box-handle').first().focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => table(visitor, 'table-pooled')).not.toEqual(aligned);
});

test('a spatial pyramid makes 21 numbers of any box, coarse and fine', async ({ visitor }) => {
  await opens(visitor, 'regions', 'method:pyramid,bins:4');
  await expect(visitor.the('waiting')).toHaveText('', { timeout: 60_000 });
  await expect(visitor.the('count')).toContainText('21 numbers');
  const fine = await table(visitor, 'table-pooled');
  expect(fine).toHaveLength(16);
  await visitor.the('bins-2').click();
  await expect.poll(async () => (await table(visitor, 'table-pooled')).length).toBe(1);
  const [whole] = await table(visitor, 'table-pooled');
  expect(Number(whole), 'the coarse grid keeps the largest of all').toBe(Math.max(...fine.map(Number)));
});

const METHODS = { 'spp-net': 'pyramid', 'fast-rcnn': 'pool', 'r-fcn': 'position-sensitive', 'faster-rcnn': 'align' };
const bar = (visitor, name) => visitor.page.locator(`[data-testid="class-bar"][data-class="${name}"]`).first();

for (const { system, bbox, name, probability } of VALUES.regions.filter((it) => it.system in METHODS)) {
  test(`the head of ${system} says of a box what burn says natively`, async ({ visitor }) => {
    await opens(visitor, 'regions', `method:${METHODS[system]},box:${bbox.join(';')}`);
    await expect(visitor.the('head-words')).toContainText(`says ${name}`, { timeout: 60_000 });
    // The browser decodes the photo a little otherwise.
    expect(Math.abs((await number(bar(visitor, name), 'data-value')) - probability)).toBeLessThan(0.04);
    await expect(visitor.the('head-words')).toContainText(/correction moves the middle by [\d.]+ pixels/);
  });
}

test('all four heads are asked about a dragged box, and the last question wins', async ({ visitor, page }) => {
  await opens(visitor, 'regions', 'heads:all');
  const rows = visitor.the('head-row');
  await expect(rows).toHaveCount(4);
  for (let i = 0; i < 4; i += 1) await expect(rows.nth(i)).toContainText(/\d%.*\d%/, { timeout: 60_000 });
  const before = await rows.allInnerTexts();
  const asked = await visitor.sent('ask');
  await visitor.the('box-handle').first().focus();
  for (let i = 0; i < 40; i += 1) await page.keyboard.press('ArrowRight');
  for (let i = 0; i < 4; i += 1) await expect(rows.nth(i)).toContainText(/\d%.*\d%/);
  expect(await rows.allInnerTexts()).not.toEqual(before);
  const more = (await visitor.sent('ask')) - asked;
  expect(more).toBeGreaterThanOrEqual(4);
  expect(more, 'not every step of every head').toBeLessThan(4 * 40);
});

test('the window and the pixel in its middle have a class', async ({ visitor, page }) => {
  const name = 'cow';
  await opens(visitor, 'sliding-window', 'side:260,at:0.28;0.3');
  await expect(visitor.the('window-words')).toContainText(`The window is ${name}`, { timeout: 60_000 });
  await expect(visitor.the('window-words')).toContainText(/the pixel in its middle is \w+/);
  await expect(visitor.the('window-class').getByTestId('class-bar').last()).toHaveAttribute('data-class', /.+/);
  const before = await visitor.the('window-words').innerText();
  await visitor.the('box-handle').first().focus();
  for (let i = 0; i < 30; i += 1) await page.keyboard.press('ArrowUp');
  await expect(visitor.the('window-words')).not.toHaveText(before);
});

test('windows one pixel apart share 98.4 % of their pixels', async ({ visitor }) => {
  await opens(visitor, 'sliding-window');
  await expect(visitor.the('shared')).toContainText('98.4%');
  const windows = async () => Number(await visitor.the('count').getAttribute('data-count'));
  const first = await windows();
  await visitor.the('step-slider').fill('2');
  const half = await windows();
  expect(first / half).toBeGreaterThan(3.8);
  expect(first / half).toBeLessThan(4.2);
  await visitor.the('sizes-slider').fill('4');
  expect(await windows()).toBeGreaterThan(half);
  await expect(visitor.the('cost')).toContainText('ms a window', { timeout: 60_000 });
  await expect(visitor.the('total')).toContainText(/s|min|h|days/);
});

test('losses follow the true class and the true box', async ({ visitor, page }) => {
  await opens(visitor, 'losses', 'truth:0.1;0.1;0.5;0.5,weight:1');
  await expect(visitor.the('class-words')).toContainText('log', { timeout: 60_000 });
  const [, p, loss] = (await visitor.the('class-words').innerText()).match(/log (\d\.\d+) = (\d\.\d+)/).map(Number);
  expect(Math.abs(-Math.log(p) - loss)).toBeLessThan(0.02 + 0.001 / p);
  const sums = async () => (await visitor.the('box-loss').allInnerTexts()).map(Number);
  const [l2, l1, smooth] = await sums();
  expect(l1).toBeGreaterThan(smooth);
  expect(smooth).toBeGreaterThan(l2);
  await visitor.the('box-handle').first().focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(sums).not.toEqual([l2, l1, smooth]);
  await visitor.the('class-9').click();
  await expect(visitor.the('class-words')).toContainText('cow');
});

test('heads that were trained with other weights are fetched and asked when a visitor wants them', async ({ visitor }) => {
  await opens(visitor, 'losses', 'truth:0.1;0.1;0.5;0.5,weight:1');
  await expect(visitor.the('vector-words')).toContainText('numbers', { timeout: 60_000 });
  await visitor.the('compare-heads').click();
  const rows = visitor.the('weight-row');
  await expect(rows).toHaveCount(5, { timeout: 60_000 });
  expect(await rows.evaluateAll((all) => all.map((it) => [it.dataset.weight, it.dataset.boxes]))).toEqual(
    [['0.5', '1'], ['1', '1'], ['2', '1'], ['5', '1'], ['2', '20']],
  );
  // Each class has a box of its own, and the one that is chosen is drawn.
  const boxes = visitor.the('class-box');
  await expect(boxes).toHaveCount(6);
  const numbers = await boxes.evaluateAll((all) => all.map((row) => [...row.cells].slice(2, 6).map((it) => it.innerText).join()));
  expect(new Set(numbers).size).toBeGreaterThan(1);
  await expect(boxes.first().getByRole('button')).toHaveAttribute('aria-pressed', 'true');
  await boxes.nth(2).getByRole('button').click();
  await expect(boxes.nth(2).getByRole('button')).toHaveAttribute('aria-pressed', 'true');
  await expect(boxes.first().getByRole('button')).toHaveAttribute('aria-pressed', 'false');
});

test('a region has a mask by either way of pooling, and they differ', async ({ visitor }) => {
  await opens(visitor, 'regions', 'masks:1,box:0.28;0.3;0.61;0.8');
  await expect(visitor.the('mask-words')).toContainText('overlap by', { timeout: 60_000 });
  const paths = async () => Promise.all(['mask-pool', 'mask-align'].map((id) => visitor.the(id).getAttribute('d')));
  const [pool, align] = await paths();
  expect(pool.length).toBeGreaterThan(100);
  expect(align).not.toEqual(pool);
  await visitor.the('masks').click();
  await expect(visitor.the('mask-align')).toHaveCount(0);
});

test('the class map with other filters changes where burn says natively', async ({ visitor }) => {
  await opens(visitor, 'upsampling', 'part:class-map');
  const maps = visitor.the('upsampled-map');
  await expect(maps.nth(2)).toHaveAttribute('data-changed', /\d/, { timeout: 60_000 });
  for (const [i, way] of ['nearest', 'nails'].entries()) {
    const found = visitor.page.locator(`[data-testid="upsampled-map"][data-way="${way}"]`);
    expect(Math.abs((await number(found, 'data-changed')) - VALUES.answers.changed[i]), way).toBeLessThan(0.01);
  }
  await expect(visitor.the('learned-filters').locator('svg')).toHaveCount(24);
  const last = await number(maps.nth(1), 'data-changed');
  await visitor.the('replaced-2').click();
  await expect.poll(() => number(maps.nth(1), 'data-changed'), { timeout: 30_000 }).toBeGreaterThan(last);
});

test('one network trained with each unpooling has the boundaries that burn says natively', async ({ visitor }) => {
  await opens(visitor, 'upsampling', 'part:trained');
  const trained = visitor.the('trained');
  await expect(trained).toHaveCount(3);
  await expect(trained.nth(2)).toHaveAttribute('data-off', /\d/, { timeout: 60_000 });
  for (const [i, off] of VALUES.unpooled.off.entries()) {
    expect(Math.abs((await number(trained.nth(i), 'data-off')) - off), `way ${i}`).toBeLessThan(0.3);
    // As the card of the weights says; the native test compares that.
    await expect(trained.nth(i)).toContainText(`Kept back: ${(await number(trained.nth(i), 'data-boundary')).toFixed(2)} pixels off`);
  }
  const areas = await visitor.page.locator('[data-testid="trained-whole"] .trained-area').evaluateAll((all) => all.map((it) => it.getAttribute('d')));
  expect(new Set(areas).size, 'each has a mask of its own').toBe(3);
  await expect(visitor.the('outcome')).toContainText('misses the true one least');
  const box = () => visitor.the('trained-zoom').first().locator('svg').getAttribute('viewBox');
  const before = await box();
  await visitor.the('piece').press('ArrowRight');
  await expect.poll(box).not.toBe(before);
});

test('a bed of nails stands up in a relief', async ({ visitor }) => {
  await opens(visitor, 'upsampling', 'way:nails,map:1;2;3;4');
  // Four columns with two sides and a top each, and twelve flat cells.
  await expect(visitor.the('relief').locator('polygon')).toHaveCount(4 * 3 + 12);
  await visitor.the('way-0').click();
  await expect(visitor.the('relief')).toHaveCount(0);
});

test('a crop has the scores that R-CNN says natively, whatever is made of its shape', async ({ visitor, page }) => {
  const { thing, scores } = VALUES.answers;
  await opens(visitor, 'crops', `box:${thing.join(';')}`);
  const cards = visitor.the('crop-card');
  await expect(cards).toHaveCount(3, { timeout: 60_000 });
  for (const [i, way] of ['warped', 'context', 'grey'].entries()) {
    const card = page.locator(`[data-testid="crop-card"][data-way="${way}"]`);
    expect(Math.abs((await number(card, 'data-score')) - scores[i]), way).toBeLessThan(0.02);
  }
  await expect(visitor.the('crop-words')).toContainText('Warping stretches');
  // The slider asks about another shape, the switch about the segment.
  const before = await visitor.the('chosen-words').innerText();
  await visitor.the('stretch-slider').fill('-2');
  await expect.poll(() => visitor.the('chosen-words').innerText(), { timeout: 30_000 }).toContain('1 : 4');
  expect(await visitor.the('chosen-words').innerText()).not.toBe(before);
  await visitor.the('segment').click();
  await expect(cards).toHaveCount(4, { timeout: 60_000 });
  await expect(page).toHaveURL(/segment(:|%3A)1/);
});

test('one class and one box follow what the network sees', async ({ visitor, page }) => {
  const { part, corners } = VALUES.answers;
  await opens(visitor, 'one-box', `part:${part.join(';')}`);
  const numbers = () => visitor.the('four-numbers').locator('td').allInnerTexts();
  await expect(visitor.the('location-words')).toContainText('horse', { timeout: 60_000 });
  const upright = (await numbers()).map(Number);
  for (const [i, value] of upright.entries()) expect(Math.abs(value - corners[i]), `number ${i}`).toBeLessThan(0.02);
  await visitor.the('turns-2').click();
  await expect.poll(async () => (await numbers()).map(Number).join(), { timeout: 30_000 }).not.toBe(upright.join());
  const turned = (await numbers()).join();
  await page.keyboard.press('Tab');
  await visitor.the('box-handle').focus();
  for (let i = 0; i < 5; i += 1) await page.keyboard.press('ArrowLeft');
  await expect.poll(async () => (await numbers()).join(), { timeout: 30_000 }).not.toBe(turned);
});

test('larger inputs find what burn finds at them natively', async ({ visitor, page }) => {
  await opens(visitor, 'input-size', '');
  const rows = visitor.the('size-row');
  await expect(rows).toHaveCount(5, { timeout: 120_000 });
  const things = await rows.evaluateAll((all) => all.map((it) => Number(it.dataset.things)));
  expect(things).toEqual(VALUES.answers.sides);
  await expect(visitor.the('size-words')).toContainText('21.2 times the pixels');
  await visitor.the('side-4').click();
  await expect(rows.nth(4)).toHaveAttribute('data-chosen', 'true');
  await expect(page).toHaveURL(/side(:|%3A)736/);
});

test('trained maps tell a thing from what is round it, random ones less', async ({ visitor, page }) => {
  await opens(visitor, 'backbone', 'level:3');
  const of = (id) => page.locator(`[data-testid="backbone-maps"][data-of="${id}"]`);
  await expect(of('untrained')).toHaveAttribute('data-apart', /\d/, { timeout: 60_000 });
  const random = await number(of('untrained'), 'data-apart');
  expect(await number(of('trained'), 'data-apart')).toBeGreaterThan(random);
  await visitor.the('other-weights').click();
  await expect.poll(() => number(of('untrained'), 'data-apart'), { timeout: 30_000 }).not.toBe(random);
});

test('a first stage has proposals without classes, the second one gives them', async ({ visitor }) => {
  await opens(visitor, 'boxes', 'part:stages');
  await expect(visitor.the('stages-words')).toContainText('The first stage says only object or not', { timeout: 60_000 });
  const labels = visitor.the('figure').locator('.photo-label');
  await expect(labels).toHaveCount(0);
  await visitor.the('second-stage').click();
  await expect(labels.filter({ hasText: 'horse' }).first()).toBeVisible();
});

test('with a fixed number of outputs there is one cat and one dog, whatever is there', async ({ visitor }) => {
  await opens(visitor, 'losses');
  await expect(visitor.the('vector-words')).toContainText('numbers', { timeout: 60_000 });
  await visitor.the('compare-heads').click();
  await visitor.the('pair').click({ timeout: 60_000 });
  await expect(visitor.the('pair-words')).toContainText('The detector sees 0 cats and 0 dogs.');
  await expect(visitor.the('figure').locator('.photo-label')).toHaveText(['the cat', 'the dog']);
});

test('both losses pull the shared vector, and steps of training lower them', async ({ visitor }) => {
  await opens(visitor, 'losses', 'truth:0.1;0.1;0.5;0.5,weight:1');
  await expect(visitor.the('vector-words')).toContainText(/By its 192 numbers .* long/, { timeout: 60_000 });
  const lengths = async () => (await visitor.the('gradient').evaluateAll((all) => all.map((it) => Number(it.dataset.value)))).slice(2);
  const [classes, boxes] = await lengths();
  expect(classes).toBeGreaterThan(0);
  await visitor.the('weight-slider').fill('1'); // ten times as much
  await expect.poll(async () => (await lengths())[1] / boxes).toBeCloseTo(10, 2);
  await visitor.the('weight-slider').fill('0');
  const total = async () => {
    const [, klass, box] = (await visitor.the('step-words').innerText()).match(/class (\d+\.\d+), of the box (\d+\.\d+)/).map(Number);
    return klass + box;
  };
  await visitor.the('step').click();
  await expect(visitor.the('step-words')).toContainText('After 1 step:');
  const first = await total();
  for (let i = 0; i < 12; i += 1) await visitor.the('step').click();
  expect(await total()).toBeLessThan(first);
  await visitor.the('begin').click();
  await expect(visitor.the('step-words')).toContainText('A step moves the vector');
});

test('only the inverse of a convolution gives the photo back', async ({ visitor }) => {
  await opens(visitor, 'upsampling', 'part:inverse,map:1;2;3;4,filter:0.25;0.5;0.25;0.5;1;0.5;0.25;0.5;0.25,stride:1');
  expect(await number(visitor.the('transpose-off'), 'data-off')).toBeGreaterThan(1);
  expect(await number(visitor.the('inverse-off'), 'data-off')).toBeLessThan(1e-6);
  expect(await table(visitor, 'table-inverse')).toEqual(await table(visitor, 'table-cells'));
  await expect(visitor.the('inverse-words')).toContainText('only the inverse gives the input back');
  await visitor.the('stride-1').click();
  await expect(visitor.the('inverse-words')).toContainText('4 numbers cannot say 16');
  expect(await number(visitor.the('inverse-off'), 'data-off')).toBeGreaterThan(0.1);
});

test('a row of the photo is a matrix of zeros, and a layer has its price', async ({ visitor }) => {
  await opens(visitor, 'upsampling', 'part:matrix');
  await visitor.the('line-stride-0').click();
  await expect(visitor.the('band-words')).toContainText('90,000 numbers, of which 898 are not 0');
  await visitor.the('part-2').click();
  await visitor.the('line-stride-1').click();
  await visitor.the('pointer-slider').fill('2');
  await expect(visitor.the('pointer-words')).toContainText('Output 3 lies at input 1.5');
  await opens(visitor, 'convolution');
  const costs = await visitor.the('cost-row').evaluateAll((all) => all.map((it) => [Number(it.dataset.stride), Number(it.dataset.multiplyAdds)]));
  expect(costs[0][1] / costs.at(-1)[1]).toBeGreaterThan(200);
});

test('steps of training make the loss of the painted truth fall', async ({ visitor }) => {
  await opens(visitor, 'per-pixel-loss');
  await expect(visitor.the('waiting')).toHaveText('', { timeout: 60_000 });
  await visitor.the('paint-class').selectOption({ label: 'cow' });
  await visitor.the('truth').click({ position: { x: 90, y: 90 } });
  const mean = () => number(visitor.the('mean'), 'data-value');
  const before = await mean();
  for (let i = 0; i < 5; i += 1) await visitor.the('train-step').click();
  await expect(visitor.the('train-words')).toContainText('After 5 steps the mean is');
  expect(await mean()).toBeLessThan(before);
  await visitor.the('untrain').click();
  await expect.poll(mean).toBeCloseTo(before, 5);
});

test('a thing is outlined against the clock, by mouse and by keys', async ({ visitor, page }) => {
  await opens(visitor, 'labelling');
  const { x, y, width, height } = await visitor.the('label-photo').boundingBox();
  for (const [across, down] of [[0.3, 0.3], [0.6, 0.3], [0.6, 0.75], [0.3, 0.75]]) {
    await page.mouse.click(x + width * across, y + height * down);
  }
  await expect(visitor.the('label-words')).toContainText('4 corners');
  await visitor.the('label-close').click();
  await expect(visitor.the('label-words')).toContainText(/Your mask took [\d.]+ s and 4 corners/);
  await expect(visitor.the('label-words')).toContainText(/network's \w+ it has an IoU of 0\.\d\d/, { timeout: 60_000 });
  await visitor.the('label-1').click();
  const photo = visitor.the('label-photo');
  await photo.focus();
  for (const key of ['Shift+ArrowLeft', 'Shift+ArrowUp', ' ', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowDown', 'Shift+ArrowDown', ' ']) await photo.press(key);
  await expect(visitor.the('label-words')).toContainText('and two corners');
  await expect(visitor.the('coco-words')).toContainText(/masks [\d.]+ years, boxes [\d.]+ years.*79 s each/);
  const rows = await visitor.the('label-row').allInnerTexts();
  expect(rows[0]).toMatch(/Mask\s+[\d.]+\s+4\s+0\.\d\d/);
});

test('one photo has four answers, and touching things are counted apart by masks only', async ({ visitor }) => {
  await opens(visitor, 'tasks');
  const said = visitor.the('task-said');
  for (let i = 0; i < 4; i += 1) await expect(said.nth(i)).not.toHaveText('The network is looking.', { timeout: 60_000 });
  await visitor.the('task-classes').nth(2).click();
  await expect(visitor.the('task-classes').nth(2).locator('li')).toHaveCount(80);
  await expect(visitor.the('task-classes').nth(2).locator('li[data-said="true"]').first()).toContainText(/horse|cow/);
  await expect(visitor.the('task-counts')).toContainText(/Of "horse" the class map has \d+ regions?, the masks are \d+ things?/);
});

test('a pose pays for each of its points, and by L2 most for the worst', async ({ visitor, page }) => {
  await visitor.page.goto(`${visitor.url}?figure=pose-loss&sample=stage`);
  await expect(visitor.the('waiting')).toHaveText('', { timeout: 60_000 });
  await expect(visitor.the('pose-row')).toHaveCount(14);
  await expect(visitor.the('pose-words')).toContainText('every loss is 0');
  await visitor.the('photo-point').nth(12).focus();
  for (let i = 0; i < 8; i += 1) await page.keyboard.press('ArrowRight');
  await visitor.the('photo-point').nth(0).focus();
  await page.keyboard.press('ArrowUp');
  await expect(visitor.the('pose-words')).toContainText('The worst point, the left ankle, is');
  const [, l2, l1] = (await visitor.the('pose-words').innerText()).match(/is (\d+)% of the whole L2 loss and (\d+)%/).map(Number);
  expect(l2).toBeGreaterThan(l1);
});

test('the four losses of Faster R-CNN follow the true box and class', async ({ visitor, page }) => {
  await opens(visitor, 'boxes', 'part:losses');
  const values = () => visitor.the('four-loss').evaluateAll((all) => all.map((it) => Number(it.dataset.value)));
  await expect(visitor.the('four-loss')).toHaveCount(4, { timeout: 60_000 });
  const before = await values();
  await visitor.the('true-class').selectOption({ label: 'toaster' });
  await expect.poll(async () => (await values())[2]).toBeGreaterThan(before[2] + 1);
  const other = await values();
  expect([other[0], other[1], other[3]]).toEqual([before[0], before[1], before[3]]);
  await visitor.the('box-handle').first().focus();
  for (let i = 0; i < 25; i += 1) await page.keyboard.press('ArrowUp');
  await expect.poll(async () => (await values())[0]).toBeGreaterThan(other[0]);
  await expect(visitor.the('losses-words')).toContainText('without a word about classes');
});

test('the losses of a region have a gradient on the features, the larger the more wrong the class', async ({ visitor }) => {
  await opens(visitor, 'boxes', 'part:losses');
  const largest = () => number(visitor.the('feature-gradient'), 'data-class');
  await expect(visitor.the('feature-gradient')).toHaveAttribute('data-class', /\d/, { timeout: 60_000 });
  const right = await largest();
  await visitor.the('true-class').selectOption({ label: 'toaster' });
  await expect.poll(largest).toBeGreaterThan(right);
  await expect(visitor.the('gradient-words')).toContainText('The loss of the class');
  const words = await visitor.the('gradient-words').innerText();
  const [, reached, width, height] = words.match(/not 0 in (\d+) of the (\d+) × (\d+) cells/).map(Number);
  expect(reached).toBeGreaterThan(8);
  expect(reached).toBeLessThan((width * height) / 2);
  await visitor.the('gradient-of-1').click();
  await expect(visitor.the('gradient-words')).toContainText('The loss of the second correction');
});

test('painted truth has a loss in every painted cell and a mean', async ({ visitor, page }) => {
  await opens(visitor, 'per-pixel-loss');
  await expect(visitor.the('waiting')).toHaveText('', { timeout: 60_000 });
  const mean = () => number(visitor.the('mean'), 'data-value');
  await visitor.the('fill').click();
  await expect.poll(mean).toBeGreaterThan(0);
  const answer = await mean();
  expect(answer, 'the likeliest class of 21 has at least 1/21').toBeLessThan(Math.log(21));
  await visitor.the('paint-class').selectOption({ label: 'tv monitor' });
  await visitor.the('truth').click({ position: { x: 60, y: 60 } });
  await expect.poll(mean).toBeGreaterThan(answer);
  await expect(visitor.the('cell-words')).toContainText('painted tv monitor');
  await visitor.the('clear').click();
  await expect.poll(mean).toBe(0);
  await visitor.the('loss').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press(' ');
  await expect.poll(mean).toBeGreaterThan(0);
});

test('the page leads to the figures and back, and the photo stays', async ({ visitor, page }) => {
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await visitor.the('figures').click();
  await expect(visitor.the('figure-list')).toBeVisible();
  await expect(page).toHaveURL(/figure=all/);
  await visitor.the('figure-link').filter({ hasText: 'Upsampling' }).click();
  await expect(visitor.the('figure')).toHaveAttribute('data-figure', 'upsampling');
  await expect(page).toHaveTitle(/Upsampling/);
  await expect(visitor.the('figure-sample-cat')).toHaveAttribute('aria-pressed', 'true');
  await page.goBack();
  await expect(visitor.the('figure-list')).toBeVisible();
  await page.goBack();
  await visitor.seesResult();
  await expect(visitor.rows.first()).toBeVisible();
  await expect(page).toHaveTitle(/cat/);
});

test('a figure that nobody has is told, and the list is there', async ({ visitor }) => {
  await visitor.page.goto(`${visitor.url}?figure=perspective`);
  await visitor.seesError('figure that is not here');
  await expect(visitor.the('figure-list')).toBeVisible();
});

const PARTS = {
  upsampling: ['', 'way:nails', 'way:unpooling', 'part:overlap', 'part:line', 'part:matrix,transpose:1', 'part:inverse', 'part:gradient', 'part:class-map', 'part:trained'],
  convolution: [''],
  boxes: ['', 'part:suppression', 'part:anchors', 'part:stages,second:1', 'part:losses', 'part:precision'],
  crops: ['segment:1'],
  regions: ['', 'method:align,bins:7', 'heads:all'],
  tasks: [''],
  labelling: [''],
  'one-box': [''],
  backbone: [''],
  'pose-loss': [''],
  'input-size': [''],
  'sliding-window': [''],
  losses: [''],
  'per-pixel-loss': [''],
};

for (const [key, sets] of Object.entries(PARTS)) {
  test.describe(key, () => {
    test.use({ reducedMotion: 'reduce', contextOptions: { reducedMotion: 'reduce' } });

    test('axe finds nothing, light and dark, and it is not wider than a phone', async ({ visitor, page }) => {
      test.setTimeout(240_000);
      for (const set of sets) {
        await page.setViewportSize({ width: 1280, height: 800 });
        await opens(visitor, key, set);
        await settles(visitor);
        expect(await violations(page), set).toEqual([]);
        await page.setViewportSize({ width: 390, height: 800 });
        expect(await violationsBesideColours(page), `${set} at 390`).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(overflow, set).toBeLessThanOrEqual(0);
      }
    });
  });
}
