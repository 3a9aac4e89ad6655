// The worker's side of the protocol, without the page's.
import { expect, test } from './visitor.mjs';

/** What a worker answers to requests that it gets at once, with the photo, as soon as it is up. */
const answers = (page, backend, requests) =>
  page.evaluate(
    ([backend, requests]) =>
      new Promise((resolve) => {
        const replies = [];
        const worker = new Worker(`worker.js?backend=${backend}`, { type: 'module' });
        worker.onmessage = ({ data }) => {
          if (data.kind === 'ready') {
            const pixels = new Uint8Array(64 * 48 * 4).fill(200).buffer;
            worker.postMessage({ kind: 'photo', photo: 1, width: 64, height: 48, pixels }, [pixels]);
            for (const request of requests) worker.postMessage({ kind: 'run', photo: 1, again: false, ...request });
          }
          if (['stage', 'done', 'cancelled', 'failed'].includes(data.kind)) replies.push(data);
          if (data.kind === 'failed' || (data.kind === 'done' && data.id === requests.at(-1).id)) resolve(replies);
        };
        worker.onerror = (event) => resolve([{ kind: 'error', detail: event.message }]);
      }),
    [backend, requests],
  );

for (const [title, backend] of [
  ['a newer run on the same photo replaces the older one (CPU)', 'cpu'],
  ['@gpu a newer run on the same photo replaces the older one (GPU)', 'gpu'],
]) {
  test(title, async ({ visitor, page }) => {
    test.setTimeout(300_000);
    await visitor.open(`?backend=${backend}`);
    const runs = [1, 2].map((id) => ({ id, systems: ['ssd'], inside: false }));
    const replies = await answers(page, backend, runs);
    const ends = replies.filter(({ kind }) => kind !== 'stage').map(({ kind, id }) => [kind, id]);
    expect(ends).toEqual([['cancelled', 1], ['done', 2]]);
  });
}

test('a run is answered stage by stage, results with their artifacts', async ({ visitor, page }) => {
  await visitor.open('?backend=cpu');
  const replies = await answers(page, 'cpu', [{ id: 1, systems: ['ssd', 'localize'], inside: false }]);
  const stages = replies.filter(({ kind }) => kind === 'stage');
  expect(stages.every(({ id, stage }) => id === 1 && stage.progress == null)).toBe(true);
  const of = (wanted) => stages.filter(({ system }) => system === wanted).map(({ stage }) => stage);
  expect(of('ssd').at(-1).artifact.kind).toBe('detections');
  expect(of('localize').at(-1).artifact.kind).toBe('location');
  const backbone = stages.filter(({ stage }) => stage.key === 'mobilenet-v2');
  expect(backbone.map(({ system, stage }) => [system, stage.reused])).toEqual([['ssd', false], ['localize', true]]);
  expect(backbone.some(({ stage }) => stage.artifact)).toBe(false);
});
