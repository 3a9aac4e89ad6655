// Every kernel against burn's own operation, in the browser, on random shapes, on both backends. burn's operations run in
// the CPU's module: the GPU's has only the kernels.
import { expect, test } from './visitor.mjs';

const SEED = 20261122;

/** Asks a worker of its own. */
const ask = (page, backend, message) =>
  page.evaluate(
    ([backend, message]) =>
      new Promise((resolve) => {
        const worker = new Worker(`worker.js?backend=${backend}`, { type: 'module' });
        const answer = (data) => (worker.terminate(), resolve(data));
        worker.onmessage = ({ data }) => {
          const [[kind, body]] = Object.entries(data);
          if (['kernels', 'failed'].includes(kind)) answer({ kind, ...body });
        };
        worker.onerror = (event) => answer({ kind: 'error', detail: event.message });
        worker.postMessage({ kind: 'run-kernels', ...message });
      }),
    [backend, message],
  );

/** The largest absolute difference; NaN stays NaN. */
const difference = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

// The GPU's kernels can cut their work in four ways; each is compared.
for (const [backend, rounds, cuts] of [
  ['cpu', 12, 1],
  ['gpu', 4, 4],
]) {
  test(`@both the kernels agree with burn on random shapes (${backend})`, async ({ visitor, page }, info) => {
    test.skip(info.project.name !== backend, `the ${backend} module's own project runs this`);
    test.setTimeout(180_000);
    await visitor.open(`?backend=${backend}`);
    for (let cut = 0; cut < cuts; cut++) {
      const seed = SEED + cut;
      const theirs = await ask(page, 'cpu', { by: { who: 'burn' }, rounds, seed });
      const ours = await ask(page, backend, { by: { who: 'kernels', cut }, rounds, seed });
      expect([theirs.kind, ours.kind], theirs.detail ?? ours.detail).toEqual(['kernels', 'kernels']);
      expect(ours.cuts).toBe(cuts);
      expect(ours.outcomes).toHaveLength(7 * rounds);
      expect(ours.outcomes.map(([what]) => what)).toEqual(theirs.outcomes.map(([what]) => what));
      for (const [i, [what, values]] of ours.outcomes.entries()) {
        const expected = theirs.outcomes[i][1];
        expect(values.length, what).toBe(expected.length);
        expect(difference(values, expected), `${what}, cut ${cut}`).toBeLessThan(1e-4);
      }
    }
    expect((await ask(page, backend, { by: { who: 'kernels', cut: cuts }, rounds, seed: SEED })).kind).toBe('failed');
  });
}
