// A browser that refuses to store anything: the page works, only the next visit is not quicker.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { chromium } from '@playwright/test';

import { WHOLE } from './playwright.config.mjs';
import { expect, test, Visitor, watch } from './visitor.mjs';

test('works when storage is refused', async ({ address, launchOptions }, info) => {
  // What "block all cookies and site data" in the browser's settings writes.
  const profile = info.outputPath('profile');
  await mkdir(path.join(profile, 'Default'), { recursive: true });
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(path.join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, { ...launchOptions, executablePath: WHOLE });
  try {
    const page = await context.newPage();
    await page.addInitScript(watch);
    const visitor = new Visitor(page, address);
    await visitor.open('?sample=cat');
    const refused = await page.evaluate(() => caches.open('x').then(() => false, () => true).catch(() => true));
    expect(refused, 'this browser profile refuses storage').toBe(true);
    await visitor.seesResult();
    expect((await visitor.found()).join()).toMatch(/cat/);
    expect(visitor.errors).toEqual([]);
  } finally {
    await context.close();
  }
});

test('works when storage is full', async ({ visitor, page }) => {
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(visitor.url).origin, quotaSize: 1000 });
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cat/);
  const kept = await page.evaluate(async () => (await (await caches.open('lookout-files-v1')).keys()).length);
  expect(kept, 'nothing fits into the storage').toBe(0);
});
