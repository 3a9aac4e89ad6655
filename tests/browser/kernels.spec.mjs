// Every kernel against burn's own operation, in the browser, on random shapes, on both backends.
import { expect, test } from './visitor.mjs';

// The GPU's kernels can cut their work in four ways; each is compared.
for (const [backend, rounds, cuts] of [
  ['cpu', 12, 1],
  ['gpu', 4, 4],
]) {
  test(`@both the kernels agree with burn on random shapes (${backend})`, async ({ visitor, page }, info) => {
    test.skip(info.project.name !== backend, `the ${backend} module's own project runs this`);
    test.setTimeout(180_000);
    await visitor.open(`?backend=${backend}`);
    const reply = await page.evaluate(
      ([backend, rounds]) =>
        new Promise((resolve) => {
          const worker = new Worker(`worker.js?backend=${backend}`, { type: 'module' });
          worker.onmessage = ({ data }) => {
            if (data.kind === 'kernels' || data.kind === 'failed') resolve(data);
          };
          worker.onerror = (event) => resolve({ kind: 'error', detail: event.message });
          worker.postMessage({ kind: 'compare-kernels', rounds, seed: 20261122 });
        }),
      [backend, rounds],
    );
    expect(reply.kind, reply.detail).toBe('kernels');
    expect(reply.comparisons).toHaveLength(5 * rounds * cuts);
    for (const [what, off] of reply.comparisons) expect(off, what).toBeLessThan(1e-4);
  });
}
