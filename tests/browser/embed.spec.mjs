// Lookout on other pages: the element of `lookout.js`, frames and their messages, from another origin and under restrictions.
import { script, test } from './course.mjs';
import { expect, photo } from './visitor.mjs';

const element = (page, name = 'look-out') => page.locator(name);
const inside = (page) => page.frameLocator('look-out iframe');

/** Notes the element's events, and its heights, from the beginning. */
function note() {
  window.heard = [];
  window.heights = [];
  const follow = (element) => {
    for (const name of ['ready', 'progress', 'result', 'stage', 'error']) {
      element.addEventListener(name, (event) => window.heard.push({ name, ...event.detail }));
    }
    const record = () => {
      const height = Math.round(element.getBoundingClientRect().height);
      if (height > 0 && window.heights.at(-1) !== height) window.heights.push(height);
      requestAnimationFrame(record);
    };
    record();
  };
  document.addEventListener('DOMContentLoaded', () => document.querySelectorAll('look-out').forEach(follow));
}

const results = (page) => page.evaluate(() => window.heard.filter((it) => it.name === 'result'));

for (const controls of ['none', 'few']) {
  test(`an element with controls=${controls} finds what is on a photo of its page, and does not jump`, async ({ page, address, course }) => {
    await page.addInitScript(note);
    await page.goto(
      await course(
        `<body>${script(address)}<look-out src="horses.jpg" task="boxes" controls="${controls}" backend="cpu" style="width: 600px">
        <a href="${address}"><img src="horses.jpg" width="800" height="519" alt="Horses"></a></look-out>`,
      ),
    );
    await expect.poll(() => results(page), { timeout: 60_000 }).not.toEqual([]);
    const [result] = await results(page);
    expect(result).toMatchObject({ task: 'boxes', system: 'ssd', photo: 'horses.jpg' });
    expect(result.headline).toMatch(/things found/);
    // The page looks closer after its first answer: what is on show then is what is sent.
    const told = () => page.evaluate(async () => {
      const it = document.querySelector('look-out');
      const found = await it.results();
      return { found, count: it.result.count };
    });
    await expect.poll(async () => told().then((it) => it.found.length === it.count)).toBe(true);
    const { found, count } = await told();
    expect(found.every((it) => it.category_id && it.bbox.length === 4)).toBe(true);
    const heights = await page.evaluate(() => window.heights);
    // Reserved before anything was there, and kept: one pixel for rounding.
    const settled = heights.slice(heights.findIndex((it) => it > 100));
    expect(Math.max(...settled) - Math.min(...settled), heights.join()).toBeLessThanOrEqual(1);
    await expect(inside(page).getByTestId('canvas')).toBeVisible();
    await expect(inside(page).getByTestId('task-boxes')).toHaveCount(0);
    await expect(inside(page).getByTestId('result-row')).toHaveCount(controls === 'few' ? count : 0);
  });
}

test('attributes, methods and events; moved, removed and put back', async ({ page, address, course }) => {
  await page.addInitScript(note);
  await page.goto(await course(`<body>${script(address)}<div id="a"><look-out sample="horses" controls="few" backend="cpu"></look-out></div><div id="b"></div>`));
  await expect.poll(() => results(page), { timeout: 60_000 }).not.toEqual([]);
  await page.evaluate(() => (document.querySelector('look-out').score = '0.9'));
  await expect.poll(async () => (await results(page)).length).toBeGreaterThan(1);
  const [first, second] = await results(page);
  expect(second.count).toBeLessThan(first.count);
  await element(page).evaluate((it) => it.setAttribute('stage', 'default-boxes'));
  await expect(inside(page).locator('[data-stage="default-boxes"]')).toBeVisible();
  await expect.poll(() => page.evaluate(() => window.heard.filter((it) => it.name === 'stage').at(-1)?.stage)).toBe('default-boxes');
  await element(page).evaluate((it) => it.removeAttribute('stage'));
  await expect(inside(page).locator('[data-stage="default-boxes"]')).toHaveCount(0);
  await element(page).evaluate((it) => it.setAttribute('task', 'dance'));
  await expect.poll(() => page.evaluate(() => window.heard.filter((it) => it.name === 'error').at(-1)?.sentence)).toMatch(/task .*\(dance\)/);

  // A file of the page's own, then the same element elsewhere.
  const opened = await page.evaluate(async () => {
    const blob = await (await fetch('horses.jpg')).blob();
    return document.querySelector('look-out').open(new File([blob], 'mine.jpg'));
  });
  expect(opened).toMatchObject({ name: 'mine.jpg' });
  expect(opened.width).toBeGreaterThan(100);
  await page.evaluate(() => {
    window.before = window.heard.length;
    document.getElementById('b').append(document.querySelector('look-out'));
  });
  await expect(page.locator('look-out iframe')).toHaveCount(1);
  await expect.poll(() => page.evaluate(() => window.heard.slice(window.before).filter((it) => it.name === 'result').at(-1)?.photo), { timeout: 60_000 }).toBe('mine.jpg');
  const refused = page.evaluate(() => {
    const it = document.querySelector('look-out');
    it.score = '';
    const asked = it.open('http://127.0.0.1:9/none.jpg').catch((error) => error.message);
    it.remove();
    return asked;
  });
  expect(await refused).toMatch(/taken out/);
  await expect(page.locator('iframe')).toHaveCount(0);
});

test('nothing loads before it comes near the screen, and a script that is there twice does no harm', async ({ page, address, course }) => {
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(
    await course(`<body>${script(address)}<script type="module" src="${address}lookout.js?again"></script><p>Above</p><div style="height: 4000px"></div>
      <look-out sample="cat" controls="none" backend="cpu"><a href="${address}">Open it</a></look-out><look-out hidden sample="cat"></look-out>`),
  );
  await page.waitForFunction(() => customElements.get('look-out'));
  await page.waitForTimeout(500);
  const ours = () => asked.filter((url) => url.startsWith(address) && !url.includes('lookout.js'));
  expect(ours()).toEqual([]);
  await expect(page.getByRole('link', { name: 'Open it' })).toHaveCount(1);
  await element(page).first().scrollIntoViewIfNeeded();
  await expect(inside(page).getByTestId('canvas')).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('iframe')).toHaveCount(1);
  expect(errors).toEqual([]);
});

test('several on a page fetch module and weights once', async ({ page, server, course }) => {
  const there = await server();
  const elements = ['cat', 'horses', 'coffee'].map((sample) => `<look-out sample="${sample}" controls="none" backend="cpu" ratio="3/2" style="width: 300px"></look-out>`);
  await page.addInitScript(note);
  await page.goto(await course(`<body>${script(there.url)}${elements.join('')}`));
  await expect.poll(async () => new Set((await results(page)).map((it) => it.photo)).size, { timeout: 90_000 }).toBe(3);
  const count = (name) => there.requests.filter((it) => it === name).length;
  expect([count('weights/ssd.bpk'), count('worker_cpu_relaxed_bg.wasm')]).toEqual([1, 1]);
});

test.describe('what goes wrong is said in one panel', () => {
  const panel = (page) => page.locator('look-out [part=panel]');

  test('a policy without the host', async ({ page, address, course }) => {
    const policy = `default-src 'self'; script-src ${new URL(address).origin}`;
    await page.goto(await course(`<body>${script(address)}<look-out sample="cat"></look-out>`, { headers: { 'content-security-policy': policy } }));
    await expect(panel(page)).toContainText(`has to add frame-src ${new URL(address).origin}`);
    await expect(panel(page).getByRole('link', { name: 'Open Lookout' })).toBeVisible();
  });

  test('a host that does not let itself be framed', async ({ page, server, course }) => {
    const there = await server({ headers: { 'x-frame-options': 'DENY', 'cross-origin-resource-policy': 'cross-origin' } });
    await page.goto(await course(`<body>${script(there.url)}<look-out sample="cat"></look-out>`));
    await expect(panel(page)).toContainText(/may not let other pages show it/, { timeout: 40_000 });
  });

  test('a host that cannot be reached any more, and again', async ({ page, server, course }) => {
    const there = await server();
    await page.goto(await course(`<body>${script(there.url)}<div style="height: 4000px"></div><look-out sample="cat" controls="none" backend="cpu"></look-out>`));
    await page.waitForFunction(() => customElements.get('look-out'));
    there.intercept = (name, response) => Boolean(response.destroy());
    await element(page).scrollIntoViewIfNeeded();
    await expect(panel(page)).toContainText(/cannot be reached at/, { timeout: 40_000 });
    there.intercept = null;
    await panel(page).getByRole('button', { name: 'Try again' }).click();
    await expect(inside(page).getByTestId('canvas')).toBeVisible({ timeout: 60_000 });
    await expect(panel(page)).toBeHidden();
  });

  test('the element speaks the language of the page round it, or its own', async ({ page, server, course }) => {
    const there = await server();
    await page.goto(await course(`<body>${script(there.url)}<div style="height: 4000px"></div>
      <div lang="de-CH"><look-out sample="cat" controls="none" backend="cpu"></look-out></div>`));
    await page.waitForFunction(() => customElements.get('look-out'));
    there.intercept = (name, response) => Boolean(response.destroy());
    await element(page).scrollIntoViewIfNeeded();
    await expect(panel(page)).toContainText(/ist unter .* nicht zu erreichen/, { timeout: 40_000 });
    await expect(panel(page).getByRole('button')).toHaveText('Noch einmal versuchen');
    const title = () => element(page).evaluate((it) => it.shadowRoot.querySelector('iframe').title);
    expect(await title()).toMatch(/was ist wo/);
    await element(page).evaluate((it) => it.setAttribute('lang', 'en-GB'));
    expect(await title()).toMatch(/what is where/);
    await element(page).evaluate((it) => it.setAttribute('lang', 'eo'));
    expect(await title(), 'a language that is not there').toMatch(/what is where/);
  });
});

test.describe('a frame', () => {
  const frame = (address, query, attributes = '') =>
    `<iframe src="${address}${query}" width="800" height="600" ${attributes}></iframe>
    <script>
      window.heard = [];
      addEventListener('message', (event) => window.heard.push(event.data));
      window.say = (message, target = '*') => document.querySelector('iframe').contentWindow.postMessage({ lookout: 1, ...message }, target);
    </script>`;
  const heard = (page, kind) => page.evaluate((kind) => window.heard.filter((it) => it.kind === kind), kind);

  test('speaks only when it was spoken to, and to nobody but its page', async ({ page, address, course }) => {
    await page.goto(await course(`<body>${frame(address, '?sample=cat&controls=few&backend=cpu')}<iframe id="stranger" srcdoc="stranger"></iframe>`));
    await expect.poll(() => heard(page, 'ready'), { timeout: 60_000 }).toHaveLength(1);
    const inner = page.frameLocator('iframe >> nth=0');
    await expect(inner.getByTestId('result-row').first()).toBeVisible({ timeout: 60_000 });
    expect(await page.evaluate(() => window.heard.length)).toBe(1);
    // A frame beside it is not listened to.
    await page.evaluate(() => {
      const { contentWindow } = document.getElementById('stranger');
      const script = contentWindow.document.createElement('script');
      script.textContent = `parent.frames[0].postMessage({ lookout: 1, kind: 'set', task: 'skeletons' }, '*');`;
      contentWindow.document.body.append(script);
    });
    await page.waitForTimeout(300);
    expect(await page.evaluate(() => window.heard.length)).toBe(1);
    await page.evaluate(() => window.say({ kind: 'set', id: 'a', sample: 'horses', task: 'boxes' }));
    await expect.poll(async () => (await heard(page, 'done')).at(-1)).toEqual({ lookout: 1, kind: 'done', id: 'a' });
    await expect.poll(async () => (await heard(page, 'result')).at(-1)?.photo, { timeout: 60_000 }).toBe('horses.jpg');
    await page.evaluate(() => window.say({ kind: 'results', id: 7, format: 'dataset' }));
    await expect.poll(async () => (await heard(page, 'results')).at(-1)?.results?.images?.[0]?.file_name).toBe('horses.jpg');
    for (const [message, sentence] of [
      [{ kind: 'set', tsak: 'masks' }, /no setting `tsak`/],
      [{ kind: 'set', system: 'hog' }, /system that is not here \(hog\)/],
      [{ kind: 'dance' }, /no message `dance`/],
      [{ kind: 'open' }, /needs a `file`/],
      [{ kind: 'set', lookout: 9 }, /lookout: 1/],
    ]) {
      await page.evaluate((message) => window.say({ id: 'b', ...message }), message);
      await expect.poll(async () => (await heard(page, 'error')).at(-1)?.sentence).toMatch(sentence);
    }
  });

  test('steps in it are no steps of its page', async ({ page, address, course }) => {
    await page.goto(await course(`<body>${frame(address, '?sample=cat&backend=cpu')}`));
    const inner = page.frameLocator('iframe');
    await expect(inner.getByTestId('result-row').first()).toBeVisible({ timeout: 60_000 });
    const before = await page.evaluate(() => history.length);
    await inner.getByTestId('task-masks').click();
    await inner.getByTestId('sample-coffee').click();
    await expect(inner.locator('main')).toHaveAttribute('data-state', 'done', { timeout: 60_000 });
    expect(await page.evaluate(() => history.length)).toBe(before);
  });

  test('with scripts alone says what has to be granted', async ({ page, address, course }) => {
    await page.goto(await course(`<body>${frame(address, '?sample=cat', 'sandbox="allow-scripts"')}`));
    await expect(page.frameLocator('iframe').getByRole('alert')).toContainText('has to add allow-same-origin');
    expect((await heard(page, 'error'))[0]).toMatchObject({ fatal: true });
  });

  for (const [where, isOurs] of [['of another site', false], ['of the same site', true]]) {
    test(`that may not save, in a page ${where}, does not claim to have saved`, async ({ page, address, course }) => {
      const html = frame(address, '?sample=cat&backend=cpu', 'sandbox="allow-scripts allow-same-origin"');
      if (isOurs) {
        await page.route(`${address}course.html`, (route) => route.fulfill({ contentType: 'text/html', body: `<!doctype html>${html}` }));
      }
      await page.goto(isOurs ? `${address}course.html` : await course(`<body>${html}`));
      const inner = page.frameLocator('iframe');
      await expect(inner.getByTestId('result-row').first()).toBeVisible({ timeout: 60_000 });
      await inner.getByTestId('export-json').click();
      await expect(inner.getByTestId(isOurs ? 'error' : 'notice')).toContainText('has to add allow-downloads');
      await expect(inner.getByText('was saved')).toHaveCount(0);
    });
  }

  test('without the camera says who has to grant it', async ({ page, address, course }) => {
    await page.goto(await course(`<body>${frame(address, '?backend=cpu')}`));
    const inner = page.frameLocator('iframe');
    await inner.getByTestId('camera-open').click();
    await expect(inner.getByTestId('camera')).toContainText('allow="camera"');
  });
});

test('a link and the code hold what is on show', async ({ visitor, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await visitor.open('?sample=horses&score=0.6&backend=cpu');
  await visitor.seesResult();
  await visitor.the('copy-link').click();
  await expect(visitor.the('notice')).toContainText('The link is in the clipboard.');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${visitor.url}?score=0.6&sample=horses`);
  await visitor.the('embed').click();
  await expect(visitor.the('share-code')).toHaveValue(/<look-out score="0.6" sample="horses" controls="few" ratio="[\d.]+">/);
  const picture = page.frameLocator('[data-testid=share-frame]');
  await expect(picture.getByTestId('result-row').first()).toBeVisible({ timeout: 60_000 });
  await visitor.the('share-controls-nothing').click();
  await visitor.the('share-way-frame').click();
  await expect(visitor.the('share-code')).toHaveValue(/^<iframe src=".*&amp;controls=none"/);
  await expect(picture.getByTestId('canvas')).toBeVisible({ timeout: 60_000 });
  await expect(picture.getByTestId('result-row')).toHaveCount(0);
  await visitor.the('share-copy').click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^<iframe/);
  await visitor.the('share-close').click();
  await expect(page.locator('[data-testid=share-frame]')).toHaveCount(0);
  await visitor.chooses(photo('cat.jpg'));
  await visitor.seesResult();
  await visitor.the('copy-link').click();
  await expect(visitor.the('notice')).toContainText('Your own photo is not in it');
  await visitor.the('embed').click();
  await expect(visitor.the('share-own')).toBeVisible();
});

test('a photo by its address comes back with the link', async ({ visitor }) => {
  await visitor.open('?photo=photos/giraffes.jpg&controls=few&backend=cpu');
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/giraffe/);
  await visitor.page.reload();
  await visitor.seesResult();
  await expect(visitor.page).toHaveURL(/photo=photos\/giraffes.jpg/);
});

test("in a frame of a notebook's size photo, stages and panel are in sight, each beside the other", async ({ visitor, page }) => {
  await page.setViewportSize({ width: 828, height: 620 });
  await visitor.open('?system=ssd&inside=1&stage=default-boxes&sample=horses&controls=few&backend=cpu');
  await visitor.seesResult();
  const strip = await visitor.the('stage').first().boundingBox();
  expect(strip.y + strip.height).toBeLessThanOrEqual(620);
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThanOrEqual(620);
  const panel = await visitor.the('stage-panel').boundingBox();
  const canvas = await visitor.the('canvas').boundingBox();
  expect(panel.x).toBeGreaterThanOrEqual(canvas.x + canvas.width - 1);
  for (const number of await visitor.the('anchor').first().locator('dd').all()) {
    const { x, width } = await number.boundingBox();
    expect(x + width).toBeLessThanOrEqual(828);
  }
});
