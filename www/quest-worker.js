// The game's worker: loads its module, then hands it every message.
import init, { handle, start } from "./worker_quest.js";

const waiting = [];
let isReady = false;

self.onmessage = ({ data }) => (isReady ? handle(data) : waiting.push(data));

try {
  await init();
  start();
  isReady = true;
  waiting.splice(0).forEach(handle);
} catch (error) {
  self.postMessage({ kind: "failed", detail: String(error?.message ?? error) });
}
