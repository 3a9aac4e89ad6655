// What is measured: Lookout's two workers and the libraries that a page could use instead, on the same network.
import { fileURLToPath } from 'node:url';

const file = (path) => fileURLToPath(new URL(path, import.meta.url));

const tfjs = (backend, page) => ({ page, alias: { backend: file(`pages/tfjs_${backend}.mjs`) } });

const ort = (provider, build, wasm) => ({
  page: 'ort',
  query: `provider=${provider}`,
  alias: { runtime: file(`node_modules/onnxruntime-web/dist/${build}`) },
  define: { RUNTIME_WASM: JSON.stringify(wasm) },
  needs: 'onnx',
});

/** Lookout as visitors meet it: page, worker and all. Only its visits are measured; no library has a page to compare. */
const app = (backend) => ({ ours: true, app: true, kind: backend, address: `dist/?backend=${backend}&sample=` });

/** Our subjects once more, in the build of another checkout. */
export const before = (subjects) =>
  subjects
    .filter(({ ours }) => ours)
    .map(({ id, name, address, ...rest }) => ({
      ...rest,
      id: id.replace(/^(ours|app)/, '$1-before'),
      name: name.replace('Lookout', 'Before'),
      address: address?.replace('dist/', 'before/'),
      pairs: id,
    }));

/**
 * `kind`: only subjects of one kind are compared. `page`: the script in `pages/`. `alias` and `define`: for the bundler.
 * `needs`: a part of the set-up that may be missing.
 */
export const SUBJECTS = [
  { id: 'ours-cpu', name: 'Lookout, CPU', kind: 'cpu', ours: true, page: 'ours', query: 'backend=cpu' },
  { id: 'app-cpu', name: 'Lookout, the whole page, CPU', ...app('cpu') },
  { id: 'tfjs-wasm', name: 'TensorFlow.js coco-ssd, wasm, 1 thread', kind: 'cpu', ...tfjs('wasm', 'tfjs') },
  {
    id: 'ort-wasm',
    name: 'ONNX Runtime Web, wasm, 1 thread',
    kind: 'cpu',
    ...ort('wasm', 'ort.wasm.bundle.min.mjs', 'ort-wasm-simd-threaded.wasm'),
  },
  { id: 'ours-gpu', name: 'Lookout, GPU', kind: 'gpu', ours: true, page: 'ours', query: 'backend=gpu' },
  { id: 'app-gpu', name: 'Lookout, the whole page, GPU', ...app('gpu') },
  { id: 'tfjs-webgl', name: 'TensorFlow.js coco-ssd, WebGL', kind: 'gpu', ...tfjs('webgl', 'tfjs') },
  { id: 'tfjs-webgpu', name: 'TensorFlow.js coco-ssd, WebGPU', kind: 'gpu', ...tfjs('webgpu', 'tfjs') },
  {
    id: 'tfjs-webgpu-async',
    name: 'TensorFlow.js, same graph, WebGPU, asynchronous reads',
    kind: 'gpu',
    ...tfjs('webgpu', 'tfjs_async'),
  },
  {
    id: 'ort-webgpu',
    name: 'ONNX Runtime Web, WebGPU',
    kind: 'gpu',
    ...ort('webgpu', 'ort.webgpu.bundle.min.mjs', 'ort-wasm-simd-threaded.asyncify.wasm'),
  },
];
