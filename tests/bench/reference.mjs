// Whether a subject's boxes are right: compared with the committed reference of TensorFlow.js on the same weights.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { overlap } from './pages/suppress.mjs';

const SAMPLES = new URL('../reference/ssd/samples.json', import.meta.url);
const MIN_OVERLAP = 0.9;
const MAX_SCORE_DIFFERENCE = 0.05;

/** The reference detections of a sample photo. */
export async function referenceOf(photo) {
  const { photos } = JSON.parse(await readFile(fileURLToPath(SAMPLES), 'utf8'));
  const entry = photos.find(({ file }) => file === photo);
  if (!entry) throw new Error(`there are no reference boxes for ${photo}: choose one of ${photos.map(({ file }) => file).join(', ')}`);
  return entry.detections;
}

/** What is wrong with `boxes`, in words; `null` when nothing is. Classes are COCO ids or names. */
export function fault(boxes, reference) {
  const left = [...boxes];
  for (const { class: name, category_id: id, bbox, score } of reference) {
    const at = left.findIndex(
      (it) =>
        (it.class === name || it.class === id) &&
        overlap(it.bbox, bbox) >= MIN_OVERLAP &&
        Math.abs(it.score - score) <= MAX_SCORE_DIFFERENCE,
    );
    // A reference box so close to the threshold that its score may fall under it counts for nobody.
    if (at < 0 && score >= 0.5 + MAX_SCORE_DIFFERENCE) {
      return boxes.length === 0 ? 'no boxes' : `${boxes.length} boxes, among them no ${name} where the reference has one`;
    }
    if (at >= 0) left.splice(at, 1);
  }
  const extra = left.find(({ score }) => score >= 0.5 + MAX_SCORE_DIFFERENCE);
  return extra ? `a box (${extra.class}, score ${extra.score.toFixed(2)}) that the reference does not have` : null;
}
