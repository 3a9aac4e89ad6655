// Without a network: on the second visit everything works, on the first a sentence says what is missing.
import { expect, photo, test } from './visitor.mjs';

test.describe('second visit', () => {
  test.use({ serviceWorkers: 'allow' });

  test('works with the server gone', async ({ visitor, page, server }) => {
    const site = await server();
    visitor.url = site.url;
    await visitor.open('?sample=coffee');
    await visitor.seesResult();
    const before = await visitor.found();
    // The service worker has everything once it is active, the worker's files are in their cache by now.
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await expect.poll(() => page.evaluate(async () => (await (await caches.open('lookout-files-v1')).keys()).length)).toBe(2);
    await page.reload(); // lets the service worker take the page over and keep the sample photo
    await visitor.seesResult();
    await site.close();
    await page.reload();
    await visitor.seesResult();
    expect(await visitor.found()).toEqual(before);
    await visitor.chooses(photo('cat.jpg'));
    await expect.poll(async () => (await visitor.found()).join()).toMatch(/cat/);
  });
});

test('the second visit downloads neither the module nor the weights', async ({ visitor, page, server }) => {
  const site = await server();
  visitor.url = site.url;
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  const large = () => site.requests.filter((name) => /^weights\/|^worker_.*\.wasm$/.test(name)).length;
  expect(large()).toBe(2);
  await page.reload();
  await visitor.seesResult();
  expect(large()).toBe(2);
});

test('a first visit that loses the network says so, and another try works', async ({ visitor, server }) => {
  const site = await server();
  visitor.url = site.url;
  let broken = true;
  site.intercept = (name, response) => {
    if (!broken || !name.startsWith('weights/')) return false;
    response.destroy();
    return true;
  };
  await visitor.open();
  await visitor.chooses(photo('cat.jpg'));
  await visitor.sees('error');
  await visitor.seesError(/could not be downloaded: check the connection/i);
  await expect(visitor.the('canvas')).toBeVisible();
  broken = false;
  await visitor.the('error').getByRole('button', { name: /again/i }).click();
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cat/);
});

test('a damaged download is noticed by its checksum', async ({ visitor, server }) => {
  const site = await server();
  visitor.url = site.url;
  const { files } = await (await fetch(`${site.url}manifest.json`)).json();
  const size = files['weights/ssd.bpk'].bytes;
  site.intercept = (name, response) => {
    if (!name.startsWith('weights/')) return false;
    response.writeHead(200, { 'content-length': size, 'content-type': 'application/octet-stream' }).end(Buffer.alloc(size));
    return true;
  };
  await visitor.open();
  await visitor.chooses(photo('cat.jpg'));
  await visitor.sees('error');
  await visitor.seesError(/arrived damaged/i);
});

test('when the page itself cannot be loaded whole, a sentence says what to do', async ({ page, server }) => {
  const site = await server();
  site.intercept = (name, response) => {
    if (name !== 'page_bg.wasm') return false;
    response.destroy();
    return true;
  };
  await page.goto(site.url);
  await expect(page.getByRole('alert')).toContainText(/could not start: reload the page/i);
});
