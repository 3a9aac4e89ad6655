import '@tensorflow/tfjs-backend-webgl';
import { ready, setBackend } from '@tensorflow/tfjs-core';

export async function start() {
  if (!(await setBackend('webgl'))) throw new Error('TensorFlow.js could not start its backend webgl');
  await ready();
}
