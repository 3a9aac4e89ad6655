// The static site that every subject is served from: bundled and minified pages, the libraries' modules, the models.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const MODULES = path.join(HERE, 'node_modules');

/** Bundles one subject as a careful developer would: one minified script with what it uses, nothing else. */
async function bundle(subject, folder) {
  await build({
    entryPoints: [path.join(HERE, 'pages', `${subject.page}.mjs`)],
    outfile: path.join(folder, subject.id, 'main.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'chrome120',
    alias: subject.alias,
    define: subject.define,
    logLevel: 'error',
  });
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${subject.id}</title><script type="module" src="main.js"></script></html>\n`;
  await writeFile(path.join(folder, subject.id, 'index.html'), page);
}

/** Makes the site in `folder`. `model` is the folder of the TensorFlow.js graph, `onnx` its conversion, if there is one. */
export async function makeSite(folder, subjects, { model, onnx }) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all(subjects.filter(({ page }) => page).map((subject) => bundle(subject, folder)));
  await cp(model, path.join(folder, 'model'), { recursive: true });
  if (onnx) await cp(onnx, path.join(folder, 'model/ssd.onnx'));
  const tfjs = path.join(MODULES, '@tensorflow/tfjs-backend-wasm/wasm-out');
  await cp(path.join(tfjs, 'tfjs-backend-wasm-simd.wasm'), path.join(folder, 'tfjs/tfjs-backend-wasm-simd.wasm'));
  for (const name of ['ort-wasm-simd-threaded.wasm', 'ort-wasm-simd-threaded.asyncify.wasm']) {
    await cp(path.join(MODULES, 'onnxruntime-web/dist', name), path.join(folder, 'ort', name));
  }
  await writeFile(path.join(folder, 'blank.html'), '<!doctype html><title>blank</title>\n');
}

/** Runs in the whole page before its own scripts: gives it the `window.bench` that other subjects' pages have. */
export function watchApp() {
  window.bench = {
    first: new Promise((resolve, reject) => {
      const look = () => {
        const state = document.querySelector('main')?.dataset.state;
        if (state === 'done') resolve({ ms: performance.now() });
        if (state === 'error') reject(new Error('the page shows an error'));
      };
      new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] });
    }),
  };
  window.bench.first.catch(() => {}); // the bench awaits it and reports
}

/** The worker's shell for memory measurements: the same worker, its memory noted. */
export async function shellFiles() {
  return {
    'bench_note_memory.js': await readFile(path.join(HERE, 'pages/note_memory.js'), 'utf8'),
    'bench_worker.js': "import './bench_note_memory.js';\nimport './worker.js';\n",
  };
}
