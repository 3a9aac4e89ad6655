// TensorFlow.js coco-ssd, exactly as its own documentation uses it.
import '@tensorflow/tfjs-backend-cpu'; // coco-ssd suppresses boxes there under WebGL
import { load } from '@tensorflow-models/coco-ssd';

import { start } from 'backend';
import { visit } from './visit.mjs';

visit(async () => {
  await start();
  const model = await load({ modelUrl: '/model/model.json' });
  return (photo) => model.detect(photo, 20, 0.5);
});
