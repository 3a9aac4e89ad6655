// The rule of TensorFlow.js coco-ssd's `detect(photo, 20, 0.5)`, for subjects that leave suppression to their page: each
// default box keeps its best class; a box goes when it overlaps a better one by more than 0.5, whatever the class.
const MIN_SCORE = 0.5;
const MAX_OVERLAP = 0.5;
const MAX_BOXES = 20;

/** Intersection over union of two boxes [x, y, width, height]. */
export function overlap([ax, ay, aw, ah], [bx, by, bw, bh]) {
  const width = Math.min(ax + aw, bx + bw) - Math.max(ax, bx);
  const height = Math.min(ay + ah, by + bh) - Math.max(ay, by);
  const shared = Math.max(width, 0) * Math.max(height, 0);
  const all = aw * ah + bw * bh - shared;
  return all > 0 ? shared / all : 0;
}

/** Suppresses guesses `{ bbox, class, score }`, one a default box. */
export function suppress(guesses) {
  const kept = [];
  for (const guess of guesses.filter(({ score }) => score >= MIN_SCORE).sort((a, b) => b.score - a.score)) {
    if (kept.length === MAX_BOXES) break;
    if (kept.every(({ bbox }) => overlap(bbox, guess.bbox) <= MAX_OVERLAP)) kept.push(guess);
  }
  return kept;
}

/**
 * From the graph's two outputs to boxes.
 * @param {Float32Array} boxes - [default box, 4]: ymin, xmin, ymax, xmax as fractions of the photo
 * @param {Float32Array} scores - [default box, class]; class 0 is COCO id 1
 */
export function read(boxes, scores, { width, height }) {
  const classes = scores.length / (boxes.length / 4);
  const guesses = [];
  for (let box = 0; box * 4 < boxes.length; box++) {
    let best = 0;
    for (let i = 1; i < classes; i++) if (scores[box * classes + i] > scores[box * classes + best]) best = i;
    const score = scores[box * classes + best];
    if (score < MIN_SCORE) continue;
    const [top, left, bottom, right] = boxes.subarray(box * 4, box * 4 + 4);
    const bbox = [left * width, top * height, (right - left) * width, (bottom - top) * height];
    guesses.push({ class: best + 1, score, bbox });
  }
  return suppress(guesses);
}
