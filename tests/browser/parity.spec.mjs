// In the browser, on both backends: what the page exports is what TensorFlow.js coco-ssd says of the same photos.
import { readFile } from 'node:fs/promises';

import { overlap } from '../bench/pages/suppress.mjs';
import { expect, photo, test } from './visitor.mjs';

const REFERENCE = JSON.parse(await readFile(new URL('../reference/ssd/samples.json', import.meta.url), 'utf8'));
const MIN_IOU = 0.98;
const MAX_SCORE_GAP = 0.01;
/** The rule of coco-ssd's `detect(photo, 20, 0.5)`; score and overlap are the page's usual ones. */
const RULE = 'nms=class-agnostic';

const alike = (a, b) =>
  a.category_id === b.category_id && overlap(a.bbox, b.bbox) >= MIN_IOU && Math.abs(a.score - b.score) <= MAX_SCORE_GAP;
const withoutLike = (from, into) => from.filter((one) => !into.some((other) => alike(one, other)));

async function compare(visitor, photos, timeout) {
  for (const { file, detections } of photos) {
    await visitor.chooses(photo(file));
    await visitor.sees('done', { timeout });
    const ours = await visitor.exportsJson();
    expect(ours[0]?.file_name ?? file).toBe(file);
    expect(withoutLike(detections, ours), `${file}: found by TensorFlow.js only`).toEqual([]);
    expect(withoutLike(ours, detections), `${file}: found by us only`).toEqual([]);
  }
}

test('the CPU backend agrees with TensorFlow.js', async ({ visitor }) => {
  await visitor.open(`?backend=cpu&${RULE}`);
  await compare(visitor, REFERENCE.photos, 60_000);
});

test('@gpu the GPU backend agrees with TensorFlow.js', async ({ visitor }) => {
  test.setTimeout(600_000);
  await visitor.open(`?backend=gpu&${RULE}`);
  // A software adapter takes seconds a photo: those with the most boxes.
  const most = REFERENCE.photos.toSorted((a, b) => b.detections.length - a.detections.length).slice(0, 3);
  await compare(visitor, most, 200_000);
  await expect(visitor.the('backend-line')).toContainText('GPU');
});
