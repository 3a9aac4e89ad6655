// The service worker: the app opens without a network, and never as a mixture of two versions.
//
// The version is the checksum of `manifest.json`, put in by the build, so this file changes exactly when a file of the
// app does. Each version has one cache. It is filled whole, every file checked against the manifest, or not at all; the
// old version goes on serving until then. A new version takes over at the next reload (see `takeOver`).
//
// The two large kinds of files, the workers' WebAssembly modules and the weights, are kept by `worker.js` in a cache of
// its own, by checksum, so that a new version downloads only what changed. They are not stored twice.
//
// Hosts may have each build in a folder of its own (`cargo xtask package`): what is loaded has that in its name then.

const VERSION = "%VERSION%";
const PREFIX = "lookout-app-";
const CACHE = PREFIX + VERSION;
const LARGE_FILES = "lookout-files-v1";

/** A file's name as `worker.js` keeps it: without the folder of its build. */
const plain = (name) => name.replace(/^build-[0-9a-f]{16}\//, "");
const isLarge = (name) => /^(weights\/.*|worker_(cpu|cpu_relaxed|gpu)_bg\.wasm)$/.test(plain(name));
// Licence texts, and what is for other pages, are kept once they were looked at.
const isLater = (name) => /\.(md|txt)$|^examples\/|^(lookout|shared_worker)\.js$/.test(plain(name));

/** The file's path inside the app, or null for what is not the app's. */
function nameOf(url) {
  const scope = new URL(registration.scope);
  if (url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname)) return null;
  const name = decodeURIComponent(url.pathname.slice(scope.pathname.length));
  return name === "" ? "index.html" : name;
}

/** The key of a file in the app's cache: its address without a query. */
const keyOf = (name) => new URL(name, registration.scope).href;

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A copy of the response that holds these bytes, decoded; and one that admits no redirect, as pages must be. */
function whole(response, bytes) {
  const headers = new Headers(response.headers);
  for (const name of ["content-encoding", "content-length", "vary"]) headers.delete(name);
  return new Response(bytes, { headers });
}

/** Fetches a file past outdated caches and checks it. */
async function fetchChecked(name, checksum) {
  const response = await fetch(keyOf(name), { cache: "no-cache", credentials: "same-origin" });
  if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);
  const bytes = await response.arrayBuffer();
  // A mismatch is a deployment under way: the browser tries again at the next visit.
  if ((await sha256(bytes)) !== checksum) throw new Error(`${name} is not of version ${VERSION}`);
  return whole(response, bytes);
}

async function install() {
  const manifest = await fetchChecked("manifest.json", VERSION);
  const { files } = await manifest.clone().json();
  const cache = await caches.open(CACHE);
  try {
    await cache.put(keyOf("manifest.json"), manifest);
    const shell = Object.keys(files).filter((name) => !isLarge(name) && !isLater(name));
    await Promise.all(shell.map(async (name) => cache.put(keyOf(name), await fetchChecked(name, files[name].sha256))));
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

async function activate() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
  await clients.claim();
}

/** A file of this version from its cache, or null. */
async function cached(name) {
  const cache = await caches.open(CACHE);
  return (await cache.match(keyOf(name))) ?? null;
}

/** What the manifest says of a file, or null. */
async function entryOf(name) {
  const manifest = await cached("manifest.json");
  return manifest ? ((await manifest.json()).files[name] ?? null) : null;
}

/** A large file: from the network, or as `worker.js` keeps it. */
async function large(request, name) {
  try {
    return await fetch(request);
  } catch (error) {
    const entry = await entryOf(name);
    const cache = await caches.open(LARGE_FILES);
    const kept = entry && (await cache.match(keyOf(`${plain(name)}?sha256=${entry.sha256}`)));
    if (kept) return kept;
    throw error;
  }
}

/** A file of the app: from the cache; otherwise from the network, and kept if it is whole and of this version. */
async function file(request, name) {
  const hit = await cached(name);
  if (hit) return hit;
  const response = await fetch(request);
  const entry = response.ok && response.type === "basic" ? await entryOf(name) : null;
  if (!entry) return response;
  const bytes = await response.clone().arrayBuffer();
  if ((await sha256(bytes)) === entry.sha256) {
    const cache = await caches.open(CACHE);
    // Storage may be full or refused; the visitor still gets the file.
    await cache.put(keyOf(name), whole(response, bytes)).catch(() => {});
  }
  return response;
}

/**
 * Lets a version that waits take over, if this is a reload of the only open page; then the page is asked for once more
 * and comes from the new version. Otherwise the old version stays until all its pages are closed.
 */
async function takeOver(request) {
  // Where browsers do not tell a reload from a second tab, the new version simply waits for the last page to close.
  if (!registration.waiting || !request.isReloadNavigation) return null;
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  if (pages.filter((page) => page.url.startsWith(registration.scope)).length > 1) return null;
  registration.waiting.postMessage("take-over");
  const again = '<!doctype html><meta http-equiv="refresh" content="0"><title>Lookout</title>';
  return new Response(again, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("message", (event) => {
  if (event.data === "take-over") skipWaiting();
});
addEventListener("fetch", (event) => {
  const { request } = event;
  const name = request.method === "GET" ? nameOf(new URL(request.url)) : null;
  if (name === null || request.headers.has("range")) return;
  if (isLarge(name)) {
    event.respondWith(large(request, name));
  } else if (request.mode === "navigate") {
    event.respondWith(takeOver(request).then((response) => response ?? file(request, name)));
  } else {
    event.respondWith(file(request, name));
  }
});
