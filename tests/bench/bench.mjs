// `cargo xtask bench`: Lookout beside TensorFlow.js and ONNX Runtime Web on one photo, in one browser, in one run.
//
//   node bench.mjs OPTIONS_JSON
//
// The options are those of `xtask/src/bench.rs`, which also makes everything that they name.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { layerTable } from './layers.mjs';
import { Bench } from './measure.mjs';
import { referenceOf } from './reference.mjs';
import { Host } from './server.mjs';
import { makeSite, shellFiles } from './site.mjs';
import { SUBJECTS } from './subjects.mjs';
import { photoLines, table, taskTable } from './table.mjs';

const options = JSON.parse(process.argv[2]);
const wants = (measure) => options.only.includes(measure);

/** The subjects asked for, and those among them that cannot be measured. */
function choose() {
  const visits = ['cold', 'slow', 'bytes'].some(wants);
  const asked = SUBJECTS.filter(({ id, kind, ours, app }) => {
    if (!ours) return options.peers.includes(id);
    return options.backends.includes(kind) && (!app || visits);
  });
  const lacks = ({ needs }) => needs === 'onnx' && !options.onnx;
  const missing = asked.filter(lacks).map((subject) => ({ subject, reason: options.onnxMissing }));
  return { subjects: asked.filter((subject) => !lacks(subject)), missing };
}

async function prepare(subjects) {
  const site = path.join(options.scratch, 'site');
  await makeSite(site, subjects, options);
  const shell = await shellFiles();
  options.noteMemory = shell['bench_note_memory.js'];
  options.photoNames = (await readdir(options.photosFolder)).filter((name) => name.endsWith('.jpg')).sort();
  const extra = Object.fromEntries(Object.entries(shell).map(([name, text]) => [`/dist/${name}`, text]));
  const places = { '/': site, '/dist/': options.dist, '/photos/': options.photosFolder };
  const host = new Host(places, extra, [path.join(options.scratch, 'compressed'), ...options.compressed]);
  host.photo = `/dist/photos/${options.photo}`;
  // Only visits care how long a download takes.
  host.compresses = ['cold', 'slow', 'bytes'].some(wants);
  if (host.compresses) console.log('Compressing what hosts compress (minutes the first time) ...');
  await host.readAll();
  return host.listen();
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
  if (options.photos > 0) await bench.photos();
  host.close();

  const notes = { ...before, 'load at the end': os.loadavg()[0].toFixed(1) };
  const text = [
    ...(options.only.length > 0 ? [table(bench.results, missing)] : []),
    ...bench.results.filter(({ layers }) => layers).map(({ subject, layers }) => layerTable(subject.name, layers)),
    ...taskTable(bench.results),
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
