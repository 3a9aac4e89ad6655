// TensorFlow.js on the same graph without the library coco-ssd, whose synchronous reads some WebGPU adapters answer with
// zeros: the graph's outputs are read as a WebGPU program should, then suppressed by the library's rule.
import '@tensorflow/tfjs-backend-cpu';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';

import { read } from './suppress.mjs';
import { start } from 'backend';
import { visit } from './visit.mjs';

visit(async () => {
  await start();
  const model = await loadGraphModel('/model/model.json');
  return async (photo) => {
    const batch = tf.tidy(() => tf.expandDims(tf.browser.fromPixels(photo)));
    const outputs = await model.executeAsync(batch);
    const [scores, boxes] = await Promise.all(outputs.map((output) => output.data()));
    tf.dispose([batch, ...outputs]);
    return read(boxes, scores, photo);
  };
});
