// Several elements on a page share one worker; what becomes of it and of them.
import { script, test } from './course.mjs';
import { expect, watch } from './visitor.mjs';

/** Notes the events of each element, by its id. */
function note() {
  window.heard = [];
  document.addEventListener('DOMContentLoaded', () => {
    for (const element of document.querySelectorAll('look-out')) {
      for (const name of ['ready', 'result', 'error']) {
        element.addEventListener(name, (event) => window.heard.push({ id: element.id, name, at: performance.now(), ...event.detail }));
      }
    }
  });
}

const look = (id, attributes) => `<look-out id="${id}" controls="none" backend="cpu" ratio="3/2" style="width: 200px" ${attributes}></look-out>`;
const heard = (page, id, name = 'result') => page.evaluate(([id, name]) => window.heard.filter((it) => it.id === id && it.name === name), [id, name]);
const change = (page, id, attributes) =>
  page.evaluate(([id, attributes]) => Object.entries(attributes).forEach((it) => document.getElementById(id).setAttribute(...it)), [id, attributes]);
const remove = (page, id) => page.evaluate((id) => document.getElementById(id).remove(), id);
const inside = (page, id) => page.frameLocator(`#${id} iframe`);

/** The workers that run networks, of all frames. */
const networks = (page) => page.workers().filter((worker) => /worker\.js/.test(worker.url())).length;

/** The element whose frame has started as many workers as this. */
async function starter(page, ids, count = 1) {
  for (const id of ids) {
    const frame = await (await page.locator(`#${id} iframe`).elementHandle()).contentFrame();
    if ((await frame.evaluate(() => window.workers.length)) === count) return { id, frame };
  }
  throw new Error('no frame has');
}

async function answers(page, ids, timeout = 60_000) {
  for (const id of ids) await expect.poll(() => heard(page, id), { timeout }).not.toEqual([]);
}

test.beforeEach(async ({ page }) => {
  await page.addInitScript(watch);
  await page.addInitScript(note);
});

test('elements with photos and tasks of their own have one worker', async ({ page, address, course }) => {
  const html = [look('a', 'sample="horses"'), look('b', 'sample="stage" task="skeletons"'), look('c', 'sample="coffee"')];
  await page.goto(await course(`<body>${script(address)}${html.join('')}`));
  await answers(page, ['a', 'b', 'c']);
  const [[horses], [stage], [coffee]] = await Promise.all(['a', 'b', 'c'].map((id) => heard(page, id)));
  expect(horses).toMatchObject({ photo: 'horses.jpg', task: 'boxes' });
  expect(stage).toMatchObject({ photo: 'stage.jpg', task: 'skeletons' });
  expect(coffee).toMatchObject({ photo: 'coffee.jpg', task: 'boxes' });
  expect(networks(page)).toBe(1);

  // Both at once: one needs no network, the other a further one.
  const before = await Promise.all(['a', 'b'].map((id) => heard(page, id)));
  await Promise.all([change(page, 'a', { score: '0.9' }), change(page, 'b', { task: 'boxes', sample: 'cat' })]);
  await expect.poll(async () => (await heard(page, 'a')).length).toBeGreaterThan(before[0].length);
  await expect.poll(async () => (await heard(page, 'b')).at(-1), { timeout: 60_000 }).toMatchObject({ photo: 'cat.jpg', task: 'boxes' });
  expect((await heard(page, 'a')).at(-1).count).toBeLessThan(horses.count);
  await Promise.all([change(page, 'a', { task: 'masks' }), change(page, 'c', { task: 'skeletons' })]);
  await expect.poll(async () => (await heard(page, 'a')).at(-1)?.task, { timeout: 60_000 }).toBe('masks');
  await expect.poll(async () => (await heard(page, 'c')).at(-1)?.task, { timeout: 60_000 }).toBe('skeletons');
  expect(networks(page)).toBe(1);
  expect(await page.evaluate(() => window.heard.filter((it) => it.name === 'error'))).toEqual([]);
});

test('a worker that goes with its element is replaced without a word, and a run goes on', async ({ page, address, course }) => {
  test.setTimeout(240_000);
  const ids = ['a', 'b', 'c'];
  await page.goto(await course(`<body>${script(address)}${ids.map((id) => look(id, 'sample="cat"')).join('')}`));
  await answers(page, ids);
  const { id: owner } = await starter(page, ids);
  const [second, third] = ids.filter((id) => id !== owner);
  await change(page, second, { controls: 'few', system: 'sliding-window' });
  await expect(inside(page, second).locator('main')).toHaveAttribute('data-state', 'running');
  await page.waitForTimeout(1000);
  await remove(page, owner);
  await expect.poll(async () => (await heard(page, second)).at(-1)?.system, { timeout: 120_000 }).toBe('sliding-window');
  expect(networks(page)).toBe(1);
  // One that had nothing to do when the worker went, too.
  await change(page, third, { sample: 'horses' });
  await expect.poll(async () => (await heard(page, third)).at(-1)?.photo, { timeout: 60_000 }).toBe('horses.jpg');
  expect(networks(page)).toBe(1);
  await expect(inside(page, second).getByTestId('notice')).toHaveText('');
  expect(await page.evaluate(() => window.heard.filter((it) => it.name === 'error'))).toEqual([]);

  // A member that goes leaves the worker to the others.
  const { id: owns } = await starter(page, [second, third]);
  const other = owns === second ? third : second;
  await remove(page, other);
  await change(page, owns, { sample: 'coffee', system: 'ssd' });
  await expect.poll(async () => (await heard(page, owns)).at(-1)?.photo, { timeout: 60_000 }).toBe('coffee.jpg');
  expect(networks(page)).toBe(1);
});

test('a long run lets those of others through', async ({ page, address, course }) => {
  test.setTimeout(180_000);
  await page.goto(await course(`<body>${script(address)}${look('long', 'sample="cat"')}${look('quick', 'sample="cat"')}`));
  await answers(page, ['long', 'quick']);
  await change(page, 'long', { system: 'sliding-window' });
  await expect(inside(page, 'long').locator('main')).toHaveAttribute('data-state', 'running');
  await change(page, 'quick', { sample: 'horses' });
  await expect.poll(async () => (await heard(page, 'quick')).at(-1)?.photo, { timeout: 60_000 }).toBe('horses.jpg');
  await expect.poll(async () => (await heard(page, 'long')).at(-1)?.system, { timeout: 120_000 }).toBe('sliding-window');
  const [quick, long] = [(await heard(page, 'quick')).at(-1).at, (await heard(page, 'long')).at(-1).at];
  expect(quick).toBeLessThan(long);
  expect(networks(page)).toBe(1);
});

test('a worker that fails is replaced by one for all', async ({ page, address, course }) => {
  const ids = ['a', 'b', 'c'];
  await page.goto(await course(`<body>${script(address)}${ids.map((id) => look(id, 'sample="cat"')).join('')}`));
  await answers(page, ids);
  const { id: owner, frame } = await starter(page, ids);
  await frame.evaluate(() => window.workers[0].dispatchEvent(new ErrorEvent('error', { message: 'a crash' })));
  await expect(inside(page, owner).getByTestId('notice')).toContainText('it was started again');
  for (const id of ids.filter((id) => id !== owner)) await expect(inside(page, id).getByTestId('notice')).toHaveText('');
  for (const id of ids) {
    await change(page, id, { sample: 'coffee' });
    await expect.poll(async () => (await heard(page, id)).at(-1)?.photo, { timeout: 60_000 }).toBe('coffee.jpg');
  }
  expect(networks(page)).toBe(1);
});

test('a member whose worker fails it has one of its own then', async ({ page, address, course }) => {
  await page.addInitScript(() => {
    window.connections = [];
    Object.defineProperty(window, 'lookoutOpenWorker', {
      configurable: true,
      set(open) {
        const value = (address) => (window.connections.push(open(address)), window.connections.at(-1));
        Object.defineProperty(window, 'lookoutOpenWorker', { value });
      },
    });
  });
  await page.goto(await course(`<body>${script(address)}${look('a', 'sample="cat"')}${look('b', 'sample="cat"')}`));
  await answers(page, ['a', 'b']);
  const { id: owner } = await starter(page, ['a', 'b']);
  const { id: member, frame } = await starter(page, ['a', 'b'], 0);
  // What a member hears when its messages cannot be read.
  await frame.evaluate(() => window.connections.at(-1).onmessageerror(new MessageEvent('messageerror')));
  await expect(inside(page, member).getByTestId('notice')).toContainText('it was started again');
  await change(page, member, { sample: 'horses' });
  await expect.poll(async () => (await heard(page, member)).at(-1)?.photo, { timeout: 60_000 }).toBe('horses.jpg');
  expect(networks(page)).toBe(2);
  await change(page, owner, { sample: 'coffee' });
  await expect.poll(async () => (await heard(page, owner)).at(-1)?.photo, { timeout: 60_000 }).toBe('coffee.jpg');
});

test('frames of another host, or of no page of elements, work alone', async ({ page, address, server, course }) => {
  const there = await server();
  const own = `<iframe id="own" src="${address}?sample=cat&controls=few&backend=cpu" width="400" height="400"></iframe>`;
  const foreign = `<iframe id="foreign" src="${there.url}?sample=cat&controls=few&backend=cpu" width="400" height="400"></iframe>`;
  const shut = `<iframe id="shut" src="${address}?sample=cat" sandbox="allow-scripts"></iframe>`;
  await page.goto(await course(`<body>${shut}${foreign}${script(address)}${look('a', 'sample="cat"')}${look('b', 'sample="cat"')}${own}`));
  await answers(page, ['a', 'b']);
  for (const id of ['own', 'foreign']) {
    await expect(page.frameLocator(`#${id}`).getByTestId('result-row').first()).toBeVisible({ timeout: 60_000 });
  }
  await expect(page.frameLocator('#shut').getByRole('alert')).toContainText('has to add allow-same-origin');
  expect(networks(page)).toBe(3);
});
