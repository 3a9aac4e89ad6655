// The static site that every subject is served from: bundled and minified pages, the libraries' modules, the models,
// and a copy of Lookout's build, so that a new build meanwhile changes nothing.
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

import { build } from 'esbuild';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const MODULES = path.join(HERE, 'node_modules');
/** What hosts compress; weights and photos are close to noise. */
const COMPRESSED = new Set(['.html', '.js', '.mjs', '.json', '.wasm', '.css', '.svg']);

/** Bundles one subject as a careful developer would: one minified script with what it uses, nothing else. */
async function bundle(subject, folder, against) {
  // The other checkout's own page speaks to its worker.
  const pages = subject.pairs ? path.join(against, 'tests/bench/pages') : path.join(HERE, 'pages');
  await build({
    entryPoints: [path.join(pages, `${subject.page}.mjs`)],
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
  if (subject.pairs) {
    const script = path.join(folder, subject.id, 'main.js');
    await writeFile(script, (await readFile(script, 'utf8')).replaceAll('/dist/', '/before/'));
  }
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>${subject.id}</title><script type="module" src="main.js"></script></html>\n`;
  await writeFile(path.join(folder, subject.id, 'index.html'), page);
}

/**
 * Makes the site in `folder`: Lookout in `dist/`, another checkout's build in `before/`, the photos in `photos/`, each subject's page in a folder of its name.
 * `model` is the folder of the TensorFlow.js graph, `onnx` its conversion, if there is one.
 */
export async function makeSite(folder, subjects, { model, onnx, dist, photosFolder, against }) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all(subjects.filter(({ page }) => page).map((subject) => bundle(subject, folder, against)));
  await cp(model, path.join(folder, 'model'), { recursive: true });
  if (onnx) await cp(onnx, path.join(folder, 'model/ssd.onnx'));
  const tfjs = path.join(MODULES, '@tensorflow/tfjs-backend-wasm/wasm-out');
  await cp(path.join(tfjs, 'tfjs-backend-wasm-simd.wasm'), path.join(folder, 'tfjs/tfjs-backend-wasm-simd.wasm'));
  for (const name of ['ort-wasm-simd-threaded.wasm', 'ort-wasm-simd-threaded.asyncify.wasm']) {
    await cp(path.join(MODULES, 'onnxruntime-web/dist', name), path.join(folder, 'ort', name));
  }
  await writeFile(path.join(folder, 'blank.html'), '<!doctype html><link rel="icon" href="data:,"><title>blank</title>\n');
  await cp(photosFolder, path.join(folder, 'photos'), { recursive: true });
  await copyBuild(dist, path.join(folder, 'dist'));
  if (against) await copyBuild(path.join(against, 'dist'), path.join(folder, 'before'));
}

/** Copies a build, and adds the worker's shell for memory measurements: the same worker, its memory noted. */
async function copyBuild(dist, to) {
  await cp(dist, to, { recursive: true });
  await writeFile(path.join(to, 'bench_note_memory.js'), await noteMemory());
  await writeFile(path.join(to, 'bench_worker.js'), "import './bench_note_memory.js';\nimport './worker.js';\n");
}

/** The script that notes every WebAssembly memory. */
export const noteMemory = () => readFile(path.join(HERE, 'pages/note_memory.js'), 'utf8');

/** Lays `NAME.br` beside every file that hosts compress. `caches` are folders of compressed files by checksum. */
export async function compressSite(folder, caches) {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (!entry.isFile() || !COMPRESSED.has(path.extname(file))) continue;
    await writeFile(`${file}.br`, await compressed(file, caches));
  }
}

/** A file in brotli, compressed once; new results go into the first cache. */
async function compressed(file, caches) {
  const raw = await readFile(file);
  const name = `${createHash('sha256').update(raw).digest('hex')}.br`;
  for (const folder of caches) {
    const before = await readFile(path.join(folder, name)).catch(() => null);
    if (before) return before;
  }
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
  const body = await promisify(brotliCompress)(raw, { params });
  const kept = path.join(caches[0], name);
  await mkdir(caches[0], { recursive: true });
  await writeFile(`${kept}.unfinished`, body);
  await rename(`${kept}.unfinished`, kept);
  return body;
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
