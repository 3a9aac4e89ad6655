// Lookout's worker as its page drives it: the photo's pixels by transfer, then systems, then suppression.
import { suppress } from './suppress.mjs';
import { visit } from './visit.mjs';

const backend = new URL(location.href).searchParams.get('backend');
// Another shell runs the same worker and notes its WebAssembly memory.
const shell = new URL(location.href).searchParams.get('shell') ?? 'worker.js';
const worker = new Worker(`/dist/${shell}?backend=${backend}`, { type: 'module' });

/** The system that answers each task, as the page chooses it. */
const SYSTEMS = {
  boxes: 'ssd',
  skeletons: 'movenet',
  masks: 'masks',
  'class-map': 'fcn',
  captions: 'captions',
  localize: 'localize',
};

const waiting = new Map();
let failed = null;

function fail(reason) {
  failed = new Error(reason);
  for (const { reject } of waiting.values()) reject(failed);
  timed?.reject(failed);
  waiting.clear();
}

worker.onerror = ({ message }) => fail(`the worker: ${message}`);
let timed = null;

/** The kind and the properties of a reply; builds to compare with, before November 30, 2026, have the kind among the properties. */
const opened = (reply) => (reply.kind ? [reply.kind, reply] : Object.entries(reply)[0]);

/** The detections of an artifact, if it has some. */
const detections = (artifact) => (artifact?.kind === 'detections' ? artifact.value : artifact?.detections);

worker.onmessage = ({ data }) => {
  const [kind, reply] = opened(data);
  if (kind === 'failed') fail(`${reply.why}: ${reply.detail}`);
  if (kind === 'layers') timed?.resolve(reply.table);
  // A plain run says its stages when a system is done, the last ones with the end of the run.
  waiting.get(reply.id)?.stages.push(...(reply.stages ?? []).map(({ stage }) => stage));
  if (kind !== 'done') return;
  const { resolve, stages } = waiting.get(reply.id) ?? {};
  resolve?.(stages);
  waiting.delete(reply.id);
};

let runs = 0;
let photo = 0;

/** Runs a system on the photo that the worker has; resolves to its stages. */
function run(system) {
  const id = ++runs;
  return new Promise((resolve, reject) => {
    if (failed) return reject(failed);
    waiting.set(id, { resolve, reject, stages: [] });
    worker.postMessage({ kind: 'run', id, photo, systems: [system], inside: false, again: false, closer: false, kept: [] });
  });
}

function send({ data, width, height }) {
  photo += 1;
  worker.postMessage({ kind: 'photo', photo, width, height, pixels: data.buffer }, [data.buffer]);
}

function detect(pixels) {
  send(pixels);
  return run(SYSTEMS.boxes).then((stages) => {
    const candidates = detections(stages.findLast(({ artifact }) => detections(artifact)).artifact);
    const best = new Map();
    for (const it of candidates) if (!(best.get(it.prior)?.score >= it.score)) best.set(it.prior, it);
    return suppress(
      [...best.values()].map(({ bbox: { x0, y0, x1, y1 }, class: id, score }) => ({
        class: id,
        score,
        bbox: [x0, y0, x1 - x0, y1 - y0],
      })),
    );
  });
}

/** Each task's milliseconds on the photo that the worker has; what an earlier one has computed is not computed again. */
self.timeTasks = async (tasks) => {
  const times = {};
  for (const task of tasks) {
    const start = performance.now();
    await run(SYSTEMS[task]);
    times[task] = performance.now() - start;
  }
  return times;
};

/** A system on the photo as if it were new: milliseconds in all, those of proposals in them, and passes over pixels. */
self.timeSystem = async (system) => {
  const pixels = window.bench.pixels();
  const start = performance.now();
  send(pixels);
  const stages = await run(system);
  const ms = performance.now() - start;
  const finished = [...new Map(stages.map((stage) => [stage.key, stage])).values()];
  const search = finished.find(({ key }) => key === 'selective-search');
  return { ms, search: search?.ms ?? 0, passes: finished.reduce((sum, { passes }) => sum + passes, 0) };
};

/** The detector's layers, timed one by one. */
self.timeLayers = (rounds) =>
  new Promise((resolve, reject) => {
    if (failed) return reject(failed);
    timed = { resolve, reject };
    worker.postMessage({ kind: 'time-layers', rounds });
  });

// The worker queues what it is sent while it loads, as it does for the page.
visit(async () => detect);
