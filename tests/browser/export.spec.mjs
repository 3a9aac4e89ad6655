// Taking the result away: annotated PNG, COCO JSON, clipboard.
import { deflateSync, crc32 } from 'node:zlib';

import { expect, fixture, photo, test } from './visitor.mjs';

const pngSize = (bytes) => {
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
};

/** A white PNG of one bit a pixel. */
function whitePng(width, height) {
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const row = Buffer.alloc(1 + Math.ceil(width / 8), 0xff);
  row[0] = 0;
  const rows = Buffer.concat(Array.from({ length: height }, () => row));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

test('the annotated PNG has the size of the photo', async ({ visitor }) => {
  await visitor.open();
  await visitor.chooses(photo('cat.jpg'));
  await visitor.seesResult();
  const png = await visitor.downloads('export-png');
  expect(png.name).toMatch(/\.png$/);
  expect(pngSize(png.bytes)).toEqual([451, 300]);
});

test('a photo that is scaled down on screen is exported at full size', async ({ visitor }) => {
  await visitor.open();
  await visitor.chooses({ name: 'large.png', mimeType: 'image/png', buffer: whitePng(4500, 3000) });
  await visitor.seesResult();
  expect(pngSize((await visitor.downloads('export-png')).bytes)).toEqual([4500, 3000]);
});

test('the JSON holds COCO results of what is shown', async ({ visitor }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  const results = await visitor.exportsJson();
  expect(results).toHaveLength(await visitor.rows.count());
  expect(results.map((it) => it.category_id)).toContain(47);
  for (const { file_name, category_id, bbox, score } of results) {
    expect(file_name).toBe('coffee.jpg');
    expect(category_id).toBeGreaterThan(0);
    expect(bbox).toHaveLength(4);
    expect(bbox[2] > 0 && bbox[3] > 0).toBe(true);
    expect(bbox[0] + bbox[2]).toBeLessThan(1.1 * 600);
    expect(score >= 0.5 && score <= 1).toBe(true);
  }
});

test('results name their photo by number, always the same one', async ({ visitor }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  const numbers = [...(await visitor.exportsJson()), ...(await visitor.exportsJson())].map((it) => it.image_id);
  expect(Number.isInteger(numbers[0])).toBe(true);
  expect(new Set(numbers).size).toBe(1);
});

test('a COCO data set lists the photo, what was found and the categories', async ({ visitor }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  await visitor.the('export-format').selectOption('dataset');
  const { name, bytes } = await visitor.downloads('export-json');
  expect(name).toBe('coffee-coco.json');
  const { images, annotations, categories } = JSON.parse(bytes.toString('utf8'));
  expect(images).toEqual([{ id: images[0].id, file_name: 'coffee.jpg', width: 600, height: 400 }]);
  expect(annotations).toHaveLength(await visitor.rows.count());
  expect(annotations.map((it) => it.image_id)).toEqual(annotations.map(() => images[0].id));
  expect(new Set(annotations.map((it) => it.id)).size).toBe(annotations.length);
  expect(categories).toContainEqual({ id: 47, name: 'cup' });
  expect(annotations.every(({ area, bbox }) => Math.abs(area - bbox[2] * bbox[3]) < 1)).toBe(true);
});

test('a class without a box exports none', async ({ visitor }) => {
  await visitor.open('?sample=coffee&task=localize');
  await visitor.seesResult();
  const report = await visitor.exportsJson();
  expect(report.class).toBe('none of these');
  expect(report.bbox).toBeUndefined();
  expect(Number.isInteger(report.image_id)).toBe(true);
  await expect(visitor.the('export-format')).toHaveCount(0);
});

test('boxes of a turned photo are in the pixels of the upright one', async ({ visitor }) => {
  await visitor.open();
  await visitor.chooses(fixture('orientation_6.jpg'));
  await visitor.seesResult();
  const [{ bbox }] = await visitor.exportsJson();
  expect(bbox[0] + bbox[2]).toBeGreaterThan(170); // the upright photo is 240 x 160, the stored one 160 x 240
  expect(bbox[1] + bbox[3]).toBeLessThan(170);
  expect(pngSize((await visitor.downloads('export-png')).bytes)).toEqual([240, 160]);
});

test.describe('clipboard', () => {
  test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

  test('JSON and picture can be copied', async ({ visitor, page }) => {
    await visitor.open('?sample=cat');
    await visitor.seesResult();
    await visitor.the('copy-json').click();
    const copied = async () => {
      const text = await page.evaluate(() => navigator.clipboard.readText());
      return text.startsWith('[') ? JSON.parse(text) : null;
    };
    await expect.poll(copied).toEqual([expect.objectContaining({ category_id: 17, file_name: 'cat.jpg' })]);
    await visitor.the('copy-image').click();
    const types = () => page.evaluate(async () => (await navigator.clipboard.read()).flatMap((item) => item.types));
    await expect.poll(types).toContain('image/png');
  });
});


test('a class map is exported with the key to its colours, a caption with its sentence', async ({ visitor }) => {
  for (const task of ['class-map', 'captions']) {
    await visitor.open(`?sample=cat&task=${task}`);
    await visitor.seesResult();
    const [width, height] = pngSize((await visitor.downloads('export-png')).bytes);
    expect(width, task).toBe(451);
    expect(height, task).toBeGreaterThan(340);
  }
});

test('14 joints are exported as 14', async ({ visitor }) => {
  await visitor.open('?sample=stage&task=skeletons&joints=14');
  await visitor.seesResult();
  expect((await visitor.exportsJson())[0].keypoints).toHaveLength(14 * 3);
});
