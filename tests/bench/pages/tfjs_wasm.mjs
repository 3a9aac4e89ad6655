import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { ready, setBackend } from '@tensorflow/tfjs-core';

export async function start() {
  // Without cross-origin isolation this takes the module with SIMD and one thread.
  setWasmPaths('/tfjs/');
  await setBackend('wasm');
  await ready();
}
