// Compares two sets of detections: has each of one set its like in the other, and the reverse?
//
//   node compare.mjs REFERENCE.json OURS.json [--iou 0.98] [--score 0.01]
//
// Each file is a list of COCO results with `file_name` (what `detect.mjs --coco` and `annotate` write) or `samples.json`.
// Photos match by name without the ending. Two detections are alike when class, box and score agree within the
// tolerances; each counts once. Exit code 1 when any detection of either side has no like.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { overlap } from '../../bench/pages/suppress.mjs';

const { values, positionals } = parseArgs({
  options: { iou: { type: 'string', default: '0.98' }, score: { type: 'string', default: '0.01' } },
  allowPositionals: true,
});
if (positionals.length !== 2) throw new Error('usage: node compare.mjs REFERENCE.json OURS.json');
const MIN_IOU = Number(values.iou);
const MAX_SCORE_GAP = Number(values.score);

async function read(file) {
  const json = JSON.parse(await readFile(file, 'utf8'));
  if (Array.isArray(json)) return json;
  if (json.photos) return json.photos.flatMap((photo) => photo.detections.map((d) => ({ ...d, file_name: photo.file })));
  throw new Error(`${file} is neither a list of COCO results nor samples.json`);
}

const stem = (file) => path.basename(file, path.extname(file));

/** Pairs each detection of `from` with the best still unpaired one of `into`: same photo, same class, highest IoU. */
function pair(from, into) {
  const free = new Set(into);
  return from.map((one) => {
    let best;
    for (const other of free) {
      if (stem(other.file_name) !== stem(one.file_name) || other.category_id !== one.category_id) continue;
      const iou = overlap(one.bbox, other.bbox);
      if (iou > (best?.iou ?? 0)) best = { other, iou };
    }
    const gap = best ? Math.abs(best.other.score - one.score) : undefined;
    const alike = best !== undefined && best.iou >= MIN_IOU && gap <= MAX_SCORE_GAP;
    if (alike) free.delete(best.other);
    return { one, best, gap, alike };
  });
}

function report(name, pairs) {
  const alike = pairs.filter((p) => p.alike);
  const lowest = Math.min(...alike.map((p) => p.best.iou));
  const widest = Math.max(...alike.map((p) => p.gap));
  console.log(`${name}: ${alike.length} of ${pairs.length} alike; lowest IoU ${lowest.toFixed(4)}, largest score difference ${widest.toFixed(5)}`);
  for (const { one, best, gap } of pairs.filter((p) => !p.alike)) {
    const nearest = best ? `nearest IoU ${best.iou.toFixed(3)}, score differs by ${gap.toFixed(4)}` : 'none of its class near it';
    console.log(`  ${one.file_name}: category ${one.category_id} at [${one.bbox.map((v) => v.toFixed(1)).join(', ')}], score ${one.score.toFixed(4)}: ${nearest}`);
  }
  return alike.length === pairs.length;
}

const [reference, ours] = await Promise.all(positionals.map(read));
if (reference.length === 0) throw new Error('the reference holds no detections');
const there = report('reference found in ours', pair(reference, ours));
const back = report('ours found in reference', pair(ours, reference));
process.exitCode = there && back ? 0 : 1;
