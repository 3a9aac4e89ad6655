// `cargo xtask bench`: Lookout beside TensorFlow.js and ONNX Runtime Web on one photo, in one browser, in one run.
//
//   node bench.mjs OPTIONS_JSON
//
// The options are those of `xtask/src/bench.rs`, which also makes everything that they name.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { Gateway } from '../gateway.mjs';
import { layerTable } from './layers.mjs';
import { Bench } from './measure.mjs';
import { referenceOf } from './reference.mjs';
import { compressSite, makeSite, noteMemory } from './site.mjs';
import { SUBJECTS, before } from './subjects.mjs';
import { pairedTable, photoLines, systemTable, table, taskTable } from './table.mjs';

const options = JSON.parse(process.argv[2]);
const wants = (measure) => options.only.includes(measure);

/** The subjects asked for, and those among them that cannot be measured. */
function choose() {
  const visits = ['cold', 'slow', 'bytes'].some(wants);
  const all = options.against ? [...SUBJECTS, ...before(SUBJECTS)] : SUBJECTS;
  const asked = all.filter(({ id, kind, ours, app }) => {
    if (!ours) return options.peers.includes(id);
    return options.backends.includes(kind) && (!app || visits);
  });
  const lacks = ({ needs }) => needs === 'onnx' && !options.onnx;
  const missing = asked.filter(lacks).map((subject) => ({ subject, reason: options.onnxMissing }));
  return { subjects: asked.filter((subject) => !lacks(subject)), missing };
}

async function prepare(subjects) {
  await makeSite(options.site, subjects, options);
  options.noteMemory = await noteMemory();
  options.photoNames = (await readdir(options.photosFolder)).filter((name) => name.endsWith('.jpg')).sort();
  // Only visits care how long a download takes.
  if (['cold', 'slow', 'bytes'].some(wants)) {
    console.log('Compressing what hosts compress (minutes the first time) ...');
    await compressSite(options.site, [path.join(options.scratch, 'compressed'), ...options.compressed]);
  }
  const headers = (name) => ({
    // Lookout's host checks again each time, as its README asks; the libraries come as from a content delivery network,
    // under addresses that never change, and have no policy to obey.
    ...(/^(dist|before)\/|\/$|\.html$/.test(name) ? {} : { 'cache-control': 'public, max-age=31536000, immutable' }),
    ...(/^(dist|before)\//.test(name) ? {} : { 'content-security-policy': null }),
  });
  const isSample = (name) => /^(dist|before)\/photos\//.test(name) && name.endsWith(`/${options.photo}`);
  const isVisitors = (name) => name.startsWith('photos/') || isSample(name);
  return new Gateway({ upstream: options.server, headers, isVisitors }).listen();
}

function conditions(version) {
  const cpu = os.cpus();
  const load = os.loadavg().map((it) => it.toFixed(1));
  return {
    browser: version,
    adapter: options.adapter,
    processor: `${cpu[0]?.model ?? 'unknown'}, ${cpu.length} threads`,
    load: load.join(' '),
    photo: options.photo,
    link: `${options.megabits} Mbit/s, ${options.latency} ms`,
    rounds: `${options.coldRounds} of visits, ${options.rounds} warm`,
  };
}

async function main() {
  const reference = await referenceOf(options.photo);
  const { subjects, missing } = choose();
  const host = await prepare(subjects);
  const bench = new Bench({ host, subjects, reference, options });
  const probe = await bench.launch();
  const version = `Chromium ${probe.context.browser().version()}`;
  await probe.close();
  const before = conditions(version);

  // A throw-away visit each, before visits are timed.
  if (wants('cold') || wants('slow') || wants('bytes')) await bench.rehearse();
  if (wants('cold')) await bench.visits(['cold', 'cached']);
  if (wants('slow')) await bench.slowVisits();
  if (wants('warm')) await bench.warm();
  if (wants('memory')) await bench.memory();
  if (options.layers) await bench.layers();
  if (options.tasks) await bench.tasks();
  if (options.systems.length > 0) await bench.systems();
  if (options.photos > 0) await bench.photos();
  await host.close();

  const notes = { ...before, 'load at the end': os.loadavg()[0].toFixed(1) };
  const text = [
    ...(options.only.length > 0 ? [table(bench.results, missing)] : []),
    ...pairedTable(bench.results),
    ...bench.results.filter(({ layers }) => layers).map(({ subject, layers }) => layerTable(subject.name, layers)),
    ...taskTable(bench.results),
    ...systemTable(bench.results, options.systems),
    ...photoLines(bench.results, options.photos),
    Object.entries(notes).map(([key, value]) => `${key}: ${value}`).join('; ') + '.',
  ].join('\n\n');
  await mkdir(path.dirname(options.out), { recursive: true });
  const results = bench.results.map(({ subject: { id, name, kind }, ...rest }) => ({ id, name, kind, ...rest }));
  const unmeasured = missing.map(({ subject, reason }) => ({ id: subject.id, reason }));
  await writeFile(options.out, `${JSON.stringify({ conditions: notes, results, missing: unmeasured }, null, 1)}\n`);
  console.log(`\n${text}\n`);
  if (bench.results.some(({ subject, fault }) => subject.ours && fault)) process.exitCode = 1;
}

await main();
