// The worker's side of the protocol, without the page's.
import { expect, test } from './visitor.mjs';

/** Two runs on one photo, the second sent right behind the first: only the second ends in a result. */
for (const [title, backend] of [
  ['a newer run on the same photo replaces the older one (CPU)', 'cpu'],
  ['@gpu a newer run on the same photo replaces the older one (GPU)', 'gpu'],
]) {
  test(title, async ({ visitor, page }) => {
    test.setTimeout(300_000);
    await visitor.open(`?backend=${backend}`);
    const replies = await page.evaluate(
      (backend) =>
        new Promise((resolve) => {
          const replies = [];
          const worker = new Worker(`worker.js?backend=${backend}`, { type: 'module' });
          const run = (id) => worker.postMessage({ kind: 'run', id, photo: 1, task: 'boxes' });
          worker.onmessage = ({ data }) => {
            if (data.kind === 'ready') {
              const pixels = new Uint8Array(64 * 48 * 4).fill(200).buffer;
              worker.postMessage({ kind: 'photo', photo: 1, width: 64, height: 48, pixels }, [pixels]);
              run(1);
              run(2);
            }
            if (['done', 'cancelled', 'failed'].includes(data.kind)) replies.push([data.kind, data.id]);
            if (data.kind === 'failed' || (data.kind === 'done' && data.id === 2)) resolve(replies);
          };
          worker.onerror = (event) => resolve([['error', event.message]]);
        }),
      backend,
    );
    expect(replies).toEqual([
      ['cancelled', 1],
      ['done', 2],
    ]);
  });
}
