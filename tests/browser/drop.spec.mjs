// Dropping photos, folders, links and text anywhere on the page, as the desktop does it.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, fixture, photo, test } from './visitor.mjs';

test('a dropped photo is shown with labelled boxes', async ({ visitor }) => {
  await visitor.open();
  await visitor.sees('empty');
  await visitor.drops(photo('coffee.jpg'));
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cup/);
  await expect(visitor.the('canvas')).toBeVisible();
});

test('another photo can be dropped on the first', async ({ visitor }) => {
  await visitor.open();
  await visitor.drops(photo('coffee.jpg'));
  await visitor.seesResult();
  await visitor.drops(photo('cat.jpg'));
  await expect(visitor.rows).toHaveCount(1);
  await visitor.seesResult();
  expect(await visitor.found()).toEqual([expect.stringMatching(/cat/)]);
});

test('several files without a photo among them end in one sentence', async ({ visitor }) => {
  await visitor.open();
  await visitor.drops(fixture('text.jpg'), fixture('empty.jpg'));
  await visitor.seesError(/./);
  await visitor.sees('empty');
  await expect(visitor.the('film-photo')).toHaveCount(0);
});

test('a folder with one photo gives that photo', async ({ visitor }, info) => {
  const folder = info.outputPath('holiday');
  await mkdir(path.join(folder, 'day 1'), { recursive: true });
  await writeFile(path.join(folder, 'notes.txt'), 'no photo\n');
  await copyFile(photo('giraffes.jpg'), path.join(folder, 'day 1', 'giraffes.jpg'));
  await visitor.open();
  await visitor.drops(folder);
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/giraffe/);
});

test('a folder without photos ends in a sentence', async ({ visitor }, info) => {
  const folder = info.outputPath('papers');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'notes.txt'), 'no photo\n');
  await visitor.open('?sample=cat');
  await visitor.seesResult();
  await visitor.drops(folder);
  await visitor.seesError(/no photo in this folder/i);
  await visitor.seesResult();
  await expect(visitor.rows).toHaveCount(1);
});

test('a dropped link to a photo is followed', async ({ visitor }) => {
  await visitor.open();
  await visitor.dropsText('text/uri-list', new URL('photos/cat.jpg', visitor.url).href);
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/cat/);
});

test('dropped text ends in a sentence', async ({ visitor }) => {
  await visitor.open();
  await visitor.dropsText('text/plain', 'a sentence about a cat');
  await visitor.seesError(/text, not a photo/i);
  await visitor.sees('empty');
});
