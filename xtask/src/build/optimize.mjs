// Optimises modules in place with binaryen, all in one process: to start and compile it takes longer than most chunks do.
// node optimize.mjs BINARYEN LEVEL FILE...

import { readFile, rename, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

/** What wasm-opt's flags say: how hard to try, and how much size counts beside speed. */
const LEVELS = { "-O2": { optimize: 2, shrink: 0 }, "-Oz": { optimize: 2, shrink: 2 } };

// What rustc and our flags emit: WebAssembly 2.0 as every browser of the last years has it, and relaxed SIMD, which only one
// module has (no instruction of it is added to the others).
const FEATURES = [
  "BulkMemory",
  "BulkMemoryOpt",
  "CallIndirectOverlong",
  "Multivalue",
  "MutableGlobals",
  "NontrappingFPToInt",
  "ReferenceTypes",
  "RelaxedSIMD",
  "SIMD128",
  "SignExt",
];

const [tool, name, ...files] = process.argv.slice(2);
const { default: binaryen } = await import(pathToFileURL(tool));
const level = LEVELS[name];
const unknown = FEATURES.filter((feature) => !(feature in binaryen.Features));
if (!level || unknown.length) throw new Error(`binaryen has no ${level ? unknown.join(", ") : name}`);
binaryen.setOptimizeLevel(level.optimize);
binaryen.setShrinkLevel(level.shrink);
binaryen.setDebugInfo(false);
const features = FEATURES.reduce((all, feature) => all | binaryen.Features[feature], 0);

for (const file of files) {
  const started = Date.now();
  const module = binaryen.readBinary(await readFile(file));
  module.setFeatures(features);
  module.optimize();
  const bytes = module.emitBinary();
  module.dispose();
  // The file stays as it is until its successor is whole.
  await writeFile(`${file}.optimized`, bytes);
  await rename(`${file}.optimized`, file);
  console.log(`${file}\t${bytes.length}\t${Date.now() - started}`);
}
