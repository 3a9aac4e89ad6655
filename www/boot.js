// Starts the page's WebAssembly module and shows how far its download is; says one clear sentence if that cannot work.

// The page's module: `boot.js?module=quest` for the game.
const name = new URL(import.meta.url).searchParams.get('module') === 'quest' ? 'quest' : 'page';
// Where this build's files lie: beside the page, or in a folder of their own (`cargo xtask package`). The page's module and the
// game's read it, too.
self.lookoutFiles = new URL('./', import.meta.url).href;
const title = name === 'quest' ? 'HyperQuest' : 'Lookout';
const bar = document.getElementById('boot-bar');

function giveUp(sentence, error) {
  console.error(error);
  self.lookoutGiveUp(sentence);
}

/** Passes a response through while counting its bytes, so that it can still be compiled while it arrives. */
function counted(response) {
  const total = Number(response.headers.get('content-length'));
  // A compressed file's length says nothing about the bytes that come out of it.
  const known = total > 0 && !response.headers.get('content-encoding');
  if (!response.body || !known) return response;
  let loaded = 0;
  const counter = new TransformStream({
    transform(chunk, controller) {
      loaded += chunk.byteLength;
      bar.value = Math.min(loaded / total, 1);
      controller.enqueue(chunk);
    },
  });
  const headers = { 'content-type': 'application/wasm' };
  return new Response(response.body.pipeThrough(counter), { status: response.status, headers });
}

/** The style sheets of what is opened later: the first photo does not wait for them. */
const LATER = name === 'page' ? ['inside', 'inside-systems', 'compare', 'figures'] : [];

/** Fetches them beside the module; frames have the last word. */
function addStyles() {
  const frame = document.querySelector('link[href$="css/frame.css"]');
  for (const it of LATER) {
    frame.before(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${self.lookoutFiles}css/${it}.css` }));
  }
}

/**
 * Starts the worker that the page is going to ask for, where an earlier visit has kept its files: it gets ready beside the page.
 * `WorkerHandle` takes it over with what it has said. Frames may share a worker, so they ask for it themselves. The names of the cache
 * and of the entry are those of `worker.js` and `backend_cache`.
 */
async function startWorker() {
  try {
    if (name !== 'page' || self.parent !== self || !(await caches.has('lookout-files-v1'))) return;
    if (self.lookoutWorker !== undefined) return; // the page was quicker
    const chosen = new URLSearchParams(location.search).get('backend') ?? localStorage.getItem('lookout-backend')?.split('\n')[0];
    const backend = chosen === 'gpu' ? 'gpu' : 'cpu';
    const worker = new Worker(`${self.lookoutFiles}worker.js?backend=${backend}`, { type: 'module' });
    const messages = [];
    self.lookoutWorker = { backend, worker, messages, failed: false };
    worker.onmessage = ({ data }) => messages.push(data);
    worker.onerror = () => (self.lookoutWorker.failed = true);
  } catch (error) {
    console.info('the worker starts with the page:', error.message); // e.g. storage is refused
  }
}

/** Lets the frames of a page share a worker, those that `lookout.js` has named for it: without that each has its own. */
async function share() {
  const isNamed = self.parent !== self && self.name.startsWith('lookout-page ');
  if (!isNamed || !navigator.locks || !self.BroadcastChannel) return;
  const { WorkerConnection } = await import('./shared_worker.js');
  self.lookoutOpenWorker = (address) => new WorkerConnection(address);
}

async function boot() {
  if (self.lookoutFault) return; // `frame.js` has said it
  if (typeof WebAssembly !== 'object') {
    giveUp('This browser has no WebAssembly, or it is switched off: use a current Firefox, Chrome, Edge or Safari.');
    return;
  }
  startWorker();
  addStyles();
  try {
    const sharing = name === 'page' && share().catch((error) => console.info('a worker of its own:', error.message));
    const [page, answer] = await Promise.all([import(`./${name}.js`), fetch(new URL(`${name}_bg.wasm`, import.meta.url))]);
    if (!answer.ok) throw new Error(`${name}_bg.wasm: ${answer.status}`);
    await sharing;
    await page.default({ module_or_path: counted(answer) });
    document.getElementById('boot').remove();
  } catch (error) {
    const here = navigator.onLine
      ? `${title} could not start: reload the page, or use a current Firefox, Chrome, Edge or Safari.`
      : 'There is no connection, and this page has not been stored on this device yet: connect, then reload the page.';
    giveUp(here, error);
  }
}

/** States of the page in which the visitor waits for something. */
const BUSY = [undefined, 'starting', 'opening', 'loading', 'running', 'working'];
/** Milliseconds without such a state after which the visitor waits for nothing. */
const REST = 2000;

/** Waits until the page is at rest. */
async function rest() {
  for (let since = performance.now(); performance.now() - since < REST; ) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    if (BUSY.includes(document.querySelector('main')?.dataset.state)) since = performance.now();
  }
}

/** Offline use is a bonus: without it everything else works, and the first photo does not wait for what it keeps. */
async function stayAvailable() {
  try {
    if (!window.isSecureContext || !navigator.serviceWorker) return;
    // Where there is one already it has little to fetch, and a new version should come soon.
    if (!navigator.serviceWorker.controller) await rest();
    await navigator.serviceWorker.register('sw.js');
  } catch (error) {
    console.info('no offline use:', error.message);
  }
}

boot();
stayAvailable();
