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
          // A reply is an object with one property, whose name is its kind.
          const [[kind, body]] = Object.entries(data);
          if (kind === 'ready') {
            const pixels = new Uint8Array(64 * 48 * 4).fill(200).buffer;
            worker.postMessage({ kind: 'photo', photo: 1, width: 64, height: 48, pixels }, [pixels]);
            for (const request of requests) worker.postMessage({ kind: 'run', photo: 1, again: false, closer: false, kept: [], ...request });
          }
          if (['stages', 'done', 'cancelled', 'failed'].includes(kind)) replies.push({ kind, ...body });
          if (kind === 'failed' || (kind === 'done' && body.id === requests.at(-1).id)) resolve(replies);
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
    const ends = replies.filter(({ kind }) => kind !== 'stages').map(({ kind, id }) => [kind, id]);
    expect(ends).toEqual([['cancelled', 1], ['done', 2]]);
  });
}

test('a plain run is answered system by system, a look inside stage by stage', async ({ visitor, page }) => {
  await visitor.open('?backend=cpu');
  const counts = async (inside) => {
    const replies = await answers(page, 'cpu', [{ id: 1, systems: ['ssd', 'localize'], inside }]);
    return replies.map(({ kind, stages }) => [kind, stages.length]);
  };
  expect(await counts(false)).toEqual([['stages', 5], ['done', 4]]);
  const inside = await counts(true);
  expect(inside).toEqual([...Array(9).fill(['stages', 1]), ['done', 0]]);
});

test('results have their artifacts, and what systems share is computed once', async ({ visitor, page }) => {
  await visitor.open('?backend=cpu');
  const replies = await answers(page, 'cpu', [{ id: 1, systems: ['ssd', 'localize'], inside: false }]);
  expect(replies.every(({ id }) => id === 1)).toBe(true);
  const stages = replies.flatMap(({ stages }) => stages);
  expect(stages.every(({ stage }) => stage.progress == null)).toBe(true);
  const of = (wanted) => stages.filter(({ system }) => system === wanted).map(({ stage }) => stage);
  expect(Object.keys(of('ssd').at(-1).artifact)).toEqual(['detections']);
  expect(Object.keys(of('localize').at(-1).artifact)).toEqual(['location']);
  const backbone = stages.filter(({ stage }) => stage.key === 'mobilenet-v2');
  expect(backbone.map(({ system, stage }) => [system, stage.reused])).toEqual([['ssd', false], ['localize', true]]);
  expect(backbone.some(({ stage }) => stage.artifact)).toBe(false);
});

test('where an earlier visit has kept the files, the worker starts beside the page, once', async ({ visitor, page }) => {
  await page.addInitScript(() => {
    const Watched = window.Worker;
    window.beside = [];
    window.Worker = class extends Watched {
      constructor(...args) {
        super(...args);
        window.beside.push(document.querySelector('main') === null);
      }
    };
  });
  await visitor.open('?sample=cat&backend=cpu');
  await visitor.sees('done');
  expect(await page.evaluate(() => window.beside)).toEqual([false]);
  await page.waitForFunction(async () => (await (await caches.open('lookout-files-v1')).keys()).length >= 2);
  await visitor.open('?sample=cat&backend=cpu');
  await visitor.sees('done');
  expect(await page.evaluate(() => [window.beside, window.lookoutWorker])).toEqual([[true], null]);
  // A worker of the other backend is not what the page asks for.
  await page.evaluate(() => localStorage.setItem('lookout-backend', 'gpu\nan adapter of yesterday'));
  await visitor.open('?sample=cat');
  await visitor.sees('done');
  expect(await page.evaluate(() => [window.workers.length, window.lookoutWorker])).toEqual([2, null]);
});
