import '@tensorflow/tfjs-backend-webgpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';

export async function start() {
  if (!(await setBackend('webgpu'))) throw new Error('TensorFlow.js could not start its backend webgpu');
  await ready();
}
