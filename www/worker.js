// The worker's shell: fetches the backend's module and the weights side by side, reporting bytes, keeps them in the
// Cache API by checksum, starts the module, then hands it every message. It serves the page that has started it, and frames
// beside that one that join (`shared_worker.js`).

const CACHE = "lookout-files-v1";
/** Where the files of this build lie. */
const base = new URL("./", self.location.href);
/** Where the page lies: hosts may have each build in a folder of its own (`cargo xtask package`). What is kept has its key from here. */
const site = new URL(base.href.replace(/\/build-[0-9a-f]{16}\/$/, "/"));

// A module with one function: f32x4.relaxed_madd of three zeros. Valid where the browser has relaxed SIMD.
const RELAXED_SIMD = [
  0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, // the magic number and the version
  1, 4, 1, 0x60, 0, 0, // a type: no arguments, no results
  3, 2, 1, 0, // a function of that type
  10, 20, 1, 18, 0, // its code: no locals
  0x41, 0, 0xfd, 17, // four times the i32 0
  0x41, 0, 0xfd, 17,
  0x41, 0, 0xfd, 17,
  0xfd, 0x85, 0x02, 0x1a, 0x0b, // f32x4.relaxed_madd, drop, end
];

/** The worker's module: the backend that the page asks for, and for the CPU the fastest that this browser can load. */
function moduleName(manifest) {
  const isForGpu = new URL(self.location.href).searchParams.get("backend") === "gpu";
  const fastest = WebAssembly.validate(new Uint8Array(RELAXED_SIMD)) ? "worker_cpu_relaxed" : "worker_cpu";
  const wanted = isForGpu ? "worker_gpu" : fastest;
  // A build that has just begun has one CPU module.
  return `${wanted}_bg.wasm` in manifest.files ? wanted : "worker_cpu";
}

const waiting = [];
let module = null;

/** Where replies go: to the page that has started this worker, and to those that have joined, each by its number. */
const clients = new Map([[0, self]]);
/** The number of the newest client. */
let newest = 0;
/** What those hear who join later: how far it is loaded, and that it is ready. */
const told = new Map();

self.onmessage = ({ data }) => (data.join ? join(data.join) : hear(0, data));

function hear(client, data) {
  if (module) module.handle(client, data);
  else waiting.push([client, data]);
}

/** Sends a message to a client that is still there, or to all of them: the module calls it, too. */
function say(client, message) {
  if (client !== undefined) return clients.get(client)?.postMessage(message);
  // What is loaded once the device is there is for one task: no news to those who come later.
  const kind = message.ready ? "ready" : !told.has("device") && message.progress?.what;
  if (kind) told.set(kind, message);
  for (const each of clients.values()) each.postMessage(message);
}
self.lookoutSay = say;

/** Serves a further client, on a channel and until it lets go of a lock, both of this name. */
function join(name) {
  const client = (newest += 1);
  const channel = new BroadcastChannel(name);
  clients.set(client, channel);
  channel.onmessage = ({ data }) => hear(client, data);
  channel.postMessage({ joined: true });
  for (const message of told.values()) channel.postMessage(message);
  self.navigator.locks.request(name, () => {
    clients.delete(client);
    channel.close();
    module?.leave(client);
  });
}

/** A failure with the page's word for it. */
class Failure extends Error {
  constructor(why, detail) {
    super(detail);
    this.why = why;
  }
}

/** The cache, or null where the browser refuses storage: the page then works, only without a quick second visit. */
async function openCache() {
  try {
    return await caches.open(CACHE);
  } catch {
    return null;
  }
}

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Reads a body to the end, reporting bytes at most every 50 ms. */
async function readAll(response, total, report) {
  const bytes = new Uint8Array(total);
  let loaded = 0;
  let last = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    if (loaded + value.length > total) throw new Failure("checksum", `more than ${total} bytes arrived`);
    bytes.set(value, loaded);
    loaded += value.length;
    const now = performance.now();
    if (now - last > 50) {
      last = now;
      report(loaded);
    }
  }
  return loaded === total ? bytes : bytes.subarray(0, loaded);
}

/** The bytes of a file of this build: from the cache, or from the network with its checksum checked. */
async function load(manifest, name, what, type) {
  const { sha256, bytes: total } = manifest.files[name];
  const report = (loaded, cached) => say(undefined, { progress: { what, loaded, total, cached } });
  const key = new URL(`${name}?sha256=${sha256}`, site).href;
  const cache = await openCache();
  const recall = async () => {
    const kept = await cache?.match(key).catch(() => undefined);
    if (kept) report(total, true);
    return kept;
  };
  const kept = await recall();
  if (kept) return kept;
  report(0, false);
  const fetched = () => download({ name, sha256, total, type, report });
  // Nobody waits for the disk. Storage may be full: the next visit then downloads again.
  const keep = (response) => cache?.put(key, response).catch(() => {});
  if (!cache || !self.navigator.locks) {
    const response = await fetched();
    keep(response.clone());
    return response;
  }
  // Several pages fetch a file once: the others wait for it to be kept.
  const waiting = setInterval(() => report(0, false), 2000); // says that this worker is alive
  return new Promise((resolve, reject) => {
    const take = async () => {
      clearInterval(waiting);
      const kept = await recall();
      if (kept) return resolve(kept);
      const response = await fetched();
      const copy = response.clone();
      resolve(response);
      await keep(copy);
    };
    self.navigator.locks.request(`lookout-fetch ${key}`, take).catch(reject);
  });
}

/** A file of this build from the network, with its checksum checked. */
async function download({ name, sha256, total, type, report }) {
  let response;
  try {
    response = await fetch(new URL(name, base));
  } catch (error) {
    throw new Failure("download", `${name}: ${error.message}`);
  }
  if (!response.ok || !response.body) throw new Failure("download", `${name}: HTTP status ${response.status}`);
  let bytes;
  try {
    bytes = await readAll(response, total, (loaded) => report(loaded, false));
  } catch (error) {
    throw error instanceof Failure ? error : new Failure("download", `${name}: ${error.message}`);
  }
  // crypto.subtle exists in secure contexts only; a lecturer's plain-http test server goes without the check.
  if (bytes.length !== total || (self.crypto?.subtle && hex(await crypto.subtle.digest("SHA-256", bytes)) !== sha256)) {
    throw new Failure("checksum", name);
  }
  report(total, false);
  return new Response(bytes, { headers: { "Content-Type": type, "Content-Length": String(total) } });
}

/** Where the cache keeps what a module of this build has found out about the device. */
const tuningKey = (manifest, module) =>
  new URL(`${module}?sha256=${manifest.files[module].sha256}&tuning`, site).href;

/** What an earlier visit found out about the device. */
async function recallTuning(key) {
  const cache = await openCache();
  const kept = await cache?.match(key).catch(() => undefined);
  return kept?.text();
}

/** Keeps it for the next visit; where storage is refused, that one finds it out again. */
async function keepTuning(key, tuning) {
  if (tuning) await (await openCache())?.put(key, new Response(tuning));
}

/** Drops what earlier builds left in the cache. */
async function forgetOldBuilds(manifest) {
  const cache = await openCache();
  for (const request of (await cache?.keys()) ?? []) {
    const url = new URL(request.url);
    const name = url.href.slice(site.href.length).split("?")[0];
    if (url.href.startsWith(site.href) && manifest.files[name]?.sha256 !== url.searchParams.get("sha256")) {
      await cache.delete(request);
    }
  }
}

async function start() {
  const answer = await fetch(new URL("manifest.json", base)).catch((error) => {
    throw new Failure("download", `manifest.json: ${error.message}`);
  });
  if (!answer.ok) throw new Failure("download", `manifest.json: HTTP status ${answer.status}`);
  const manifest = await answer.json();
  // How the module gets the weights of further networks, when a task first needs them.
  self.lookoutLoad = (name) =>
    load(manifest, name, "weights", "application/octet-stream").then((response) => response.arrayBuffer());
  const name = moduleName(manifest);
  const weights = load(manifest, "weights/ssd.bpk", "weights", "application/octet-stream")
    .then((response) => response.arrayBuffer())
    .then((bytes) => {
      say(undefined, { progress: { what: "device", loaded: 0, total: 0, cached: false } });
      return bytes;
    });
  weights.catch(() => {}); // it is awaited below, perhaps after it has failed
  const [bindings, program] = await Promise.all([
    import(`./${name}.js`),
    load(manifest, `${name}_bg.wasm`, "module", "application/wasm").then((response) =>
      WebAssembly.compileStreaming(response),
    ),
  ]);
  await bindings.default({ module_or_path: program });
  // The device is set up and tried while the weights, usually the larger file, are still on their way.
  const key = tuningKey(manifest, `${name}_bg.wasm`);
  const prepare = async () => {
    const tuning = await bindings.prepare(await recallTuning(key));
    keepTuning(key, tuning).catch(() => {}); // nobody waits for the disk
  };
  await Promise.all([weights, prepare()]);
  await bindings.start(new Uint8Array(await weights));
  module = bindings;
  if (waiting.length === 0) module.warm_up();
  for (const [client, data] of waiting.splice(0)) if (clients.has(client)) module.handle(client, data);
  forgetOldBuilds(manifest).catch(() => {});
}

start().catch((error) => {
  say(undefined, { failed: { id: null, why: error.why ?? "internal", detail: String(error.message ?? error) } });
});
