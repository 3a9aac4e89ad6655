// Skeletons: every person's joints.
import { expect, photo, test } from './visitor.mjs';

/** A photo, turned, cut or laid side by side at half its size, as a file to choose. */
async function altered(page, url, { turned = false, bottom = 1, tiles = null }) {
  const bytes = await page.evaluate(
    async ([url, turned, bottom, tiles]) => {
      const picture = await createImageBitmap(await (await fetch(url)).blob());
      const [width, height] = [picture.width, Math.round(picture.height * bottom)];
      const [columns, rows] = tiles ?? [2, 2];
      const canvas = new OffscreenCanvas((width * columns) / 2, (height * rows) / 2);
      const context = canvas.getContext('2d');
      if (turned) context.setTransform(-1, 0, 0, -1, width, height);
      if (!tiles) context.drawImage(picture, 0, 0);
      for (let tile = 0; tiles && tile < columns * rows; tile += 1) {
        const [x, y] = [((tile % columns) * width) / 2, (Math.floor(tile / columns) * height) / 2];
        context.drawImage(picture, x, y, width / 2, height / 2);
      }
      const blob = await canvas.convertToBlob({ type: 'image/png' });
      return [...new Uint8Array(await blob.arrayBuffer())];
    },
    [url, turned, bottom, tiles],
  );
  return { name: 'altered.png', mimeType: 'image/png', buffer: Buffer.from(bytes) };
}

test('every person on a stage gets a skeleton, and the score slider acts at once', async ({ visitor }) => {
  await visitor.open('?sample=stage&task=skeletons');
  await visitor.seesResult();
  await expect(visitor.the('task-skeletons')).toBeChecked();
  const count = await visitor.rows.count();
  expect(count).toBeGreaterThanOrEqual(3);
  // Boxes finds six; where skeletons are missing, the page says so.
  const headline = count === 6 ? '6 people' : `${count} skeletons for 6 people`;
  await expect(visitor.page.getByRole('heading', { level: 1 })).toHaveText(headline);
  await expect(visitor.rows.first()).toHaveAttribute('data-kind', 'person');
  const runs = await visitor.sent('run');
  await visitor.moveSlider('score-slider', 0.2);
  await expect.poll(() => visitor.rows.count()).toBeGreaterThan(count);
  await visitor.moveSlider('score-slider', 1);
  await expect(visitor.rows).toHaveCount(0);
  expect(await visitor.sent('run')).toBe(runs);
});

test('pointing at a person isolates it and lists its 17 joints', async ({ visitor, page }) => {
  await visitor.open('?sample=stage&task=skeletons');
  await visitor.seesResult();
  const all = await visitor.picture();
  await visitor.rows.nth(1).hover();
  await expect(page.getByRole('heading', { name: 'Joints of person 2' })).toBeVisible();
  await expect(visitor.the('joint-row')).toHaveCount(17);
  await expect(visitor.rows.nth(1).getByRole('button')).toHaveAttribute('aria-pressed', 'true');
  expect(await visitor.picture()).not.toBe(all);
  await page.mouse.move(5, 5);
  await expect.poll(() => visitor.picture()).toBe(all);
});

test('a person can be pointed at on the photo', async ({ visitor, page }) => {
  await visitor.open('?sample=astronaut&task=skeletons');
  await visitor.seesResult();
  const { width, height } = await visitor.the('canvas').boundingBox();
  await visitor.the('canvas').hover({ position: { x: width / 2, y: height / 2 } });
  await expect(visitor.rows.first().getByRole('button')).toHaveAttribute('aria-pressed', 'true');
  await page.mouse.move(width + 60, 5);
  await expect(visitor.rows.first().getByRole('button')).toHaveAttribute('aria-pressed', 'false');
});

test("the lecture's 14 joints, two of them derived", async ({ visitor, page }) => {
  await visitor.open('?sample=astronaut&task=skeletons');
  await visitor.seesResult();
  const seventeen = await visitor.picture();
  await visitor.the('fourteen-toggle').click();
  await expect(visitor.the('joint-row')).toHaveCount(14);
  await expect(visitor.the('joint-row').filter({ hasText: 'derived' })).toHaveCount(2);
  for (const name of ['neck', 'top of head']) await expect(page.locator(`[data-joint="${name}"]`)).toContainText('derived');
  expect(await visitor.picture()).not.toBe(seventeen);
  await expect(page).toHaveURL(/joints=14/);
  // What is exported is what is shown.
  expect((await visitor.exportsJson())[0].keypoints).toHaveLength(14 * 3);
});

test('joints below the joint score become guesses', async ({ visitor }) => {
  await visitor.open('?sample=astronaut&task=skeletons');
  await visitor.seesResult();
  const guesses = visitor.the('joint-row').and(visitor.page.locator('[data-sure="false"]'));
  await visitor.moveSlider('joint-score-slider', 0);
  await expect(guesses).toHaveCount(0);
  await visitor.moveSlider('joint-score-slider', 1);
  await expect(guesses).toHaveCount(17);
});

test('no person: a calm sentence', async ({ visitor }) => {
  await visitor.open('?sample=coffee&task=skeletons');
  await visitor.seesResult();
  await expect(visitor.page.getByRole('heading', { level: 1 })).toHaveText('Nobody found');
  await expect(visitor.page.locator('[aria-live="polite"]').first()).toContainText(/no person|lower the score/i);
  await expect(visitor.rows).toHaveCount(0);
  await expect(visitor.the('error')).toHaveAttribute('data-shown', 'false');
});

test('a task is run once a photo, and the results of both are kept', async ({ visitor, page }) => {
  await visitor.open('?sample=astronaut');
  await visitor.seesResult();
  await visitor.moveSlider('score-slider', 0.4);
  const boxes = await visitor.found();
  const boxesPicture = await visitor.picture();
  await visitor.the('task-skeletons').click();
  await visitor.seesResult();
  await expect(page).toHaveURL(/task=skeletons/);
  await expect(page).toHaveURL(/score=0\.4/);
  await expect(visitor.the('joint-row')).toHaveCount(17);
  expect(await visitor.picture()).not.toBe(boxesPicture);
  const runs = await visitor.sent('run');
  await visitor.the('task-boxes').click();
  await visitor.seesResult();
  await expect.poll(() => visitor.found()).toEqual(boxes);
  await page.keyboard.press('ArrowRight'); // the picker is a group of radio buttons
  await expect(visitor.the('task-skeletons')).toBeChecked();
  await visitor.seesResult();
  expect(await visitor.sent('run')).toBe(runs);
  expect(await visitor.sent('photo')).toBe(1);
  await page.reload();
  await visitor.seesResult();
  await expect(visitor.the('task-skeletons')).toBeChecked();
});

test('changing the task while the network runs ends with the last one', async ({ visitor }) => {
  await visitor.open();
  await visitor.chooses(photo('stage.jpg'));
  for (const task of ['skeletons', 'boxes', 'skeletons']) await visitor.the(`task-${task}`).click();
  await visitor.seesResult();
  await expect(visitor.the('joint-row')).toHaveCount(17);
  await expect(visitor.the('error')).toHaveAttribute('data-shown', 'false');
});

test('the JSON holds COCO keypoint results', async ({ visitor }) => {
  await visitor.open('?sample=mariachi&task=skeletons');
  await visitor.seesResult();
  const results = await visitor.exportsJson();
  expect(results).toHaveLength(await visitor.rows.count());
  expect(results.length).toBeGreaterThan(0);
  await expect(visitor.the('person-scores')).toContainText(/Box \d+%, skeleton \d+%/);
  for (const { file_name, category_id, keypoints, bbox, score, box_score } of results) {
    expect(box_score).toBeGreaterThanOrEqual(score);
    expect([file_name, category_id]).toEqual(['mariachi.jpg', 1]);
    expect(keypoints).toHaveLength(51);
    expect(bbox).toHaveLength(4);
    expect(score > 0 && score <= 1).toBe(true);
    for (let joint = 0; joint < 17; joint += 1) expect(keypoints[joint * 3 + 2]).toBeLessThanOrEqual(1);
  }
});

test('the annotated PNG shows skeletons', async ({ visitor }) => {
  await visitor.open('?sample=astronaut');
  await visitor.seesResult();
  const boxes = (await visitor.downloads('export-png')).bytes;
  await visitor.the('task-skeletons').click();
  await visitor.seesResult();
  const skeletons = (await visitor.downloads('export-png')).bytes;
  expect(skeletons.subarray(1, 4).toString()).toBe('PNG');
  expect(skeletons.equals(boxes)).toBe(false);
});

test('a crowd of 24: up to twenty skeletons, each isolated by its row', async ({ visitor, page }) => {
  await visitor.open('?task=skeletons&score=0.2');
  const url = new URL('photos/astronaut.jpg', visitor.url).href;
  await visitor.chooses(await altered(page, url, { tiles: [6, 4] }));
  await visitor.seesResult();
  // The twenty surest boxes are looked at; one or two of them may hold the same person.
  const count = await visitor.rows.count();
  expect(count).toBeGreaterThanOrEqual(17);
  expect(count).toBeLessThanOrEqual(20);
  await visitor.rows.last().hover();
  await expect(visitor.the('joint-row')).toHaveCount(17);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(new RegExp(`^${count} (people|skeletons for \\d+ people)$`));
});

test('half a person and a person upside down end in sensible results', async ({ visitor, page }) => {
  await visitor.open('?task=skeletons');
  const url = new URL('photos/astronaut.jpg', visitor.url).href;
  await visitor.chooses(await altered(page, url, { bottom: 0.5 }));
  await visitor.seesResult();
  await expect(visitor.the('joint-row')).toHaveCount(17);
  // Head and shoulders are in sight, ankles are not.
  await expect(page.locator('[data-joint="nose"]')).toHaveAttribute('data-sure', 'true');
  await expect(page.locator('[data-joint="left ankle"]')).toHaveAttribute('data-sure', 'false');

  await visitor.chooses(await altered(page, url, { turned: true }));
  await expect(page.getByText(/joints in sight|Lower the score|no person/)).toBeVisible();
  await visitor.seesResult();
  await expect(visitor.the('error')).toHaveAttribute('data-shown', 'false');
  const upsideDown = await visitor.exportsJson();
  expect(upsideDown).toHaveLength(await visitor.rows.count());
  for (const { keypoints, score } of upsideDown) {
    expect(keypoints.every(Number.isFinite) && Number.isFinite(score)).toBe(true);
  }
});

test('@gpu skeletons on the GPU backend', async ({ visitor, page }) => {
  test.setTimeout(300_000);
  await visitor.open('?backend=gpu&sample=astronaut&task=skeletons');
  await visitor.sees('done', { timeout: 240_000 });
  await expect(visitor.the('joint-row')).toHaveCount(17);
  for (const joint of ['nose', 'left shoulder', 'right shoulder']) {
    await expect(page.locator(`[data-joint="${joint}"]`)).toHaveAttribute('data-sure', 'true');
  }
});
