// The class chips: switching classes off and on.
import { expect, test } from './visitor.mjs';

test('a class can be switched off and on again', async ({ visitor }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  const all = await visitor.found();
  const chip = visitor.the('class-chip').filter({ hasText: 'cup' });
  await chip.click();
  await expect.poll(async () => (await visitor.found()).join()).not.toMatch(/cup/);
  expect((await visitor.found()).length).toBeGreaterThan(0);
  await chip.click();
  await expect.poll(() => visitor.found()).toEqual(all);
});

test('switched-off classes are in the address', async ({ visitor, page }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  await visitor.the('class-chip').filter({ hasText: 'cup' }).click();
  await expect(page).toHaveURL(/[?&]hide=47/);
  const fewer = await visitor.found();
  await page.reload();
  await visitor.seesResult();
  expect(await visitor.found()).toEqual(fewer);
});

test('a clicked row holds until it is clicked again, or until Escape', async ({ visitor, page }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  await page.mouse.move(0, 0);
  const together = await visitor.picture();
  const row = visitor.rows.first().getByRole('button');
  await row.click();
  await page.mouse.move(0, 0);
  await expect(row).toHaveAttribute('data-held', 'true');
  await row.blur();
  const held = await visitor.picture();
  expect(held).not.toBe(together);
  await page.keyboard.press('Escape');
  await expect.poll(() => visitor.picture()).toBe(together);
  await row.click();
  await row.click();
  await page.mouse.move(0, 0);
  await row.blur();
  await expect.poll(() => visitor.picture()).toBe(together);
});

test('pointing at a row isolates its box, and so do focus and pointing at the box', async ({ visitor, page }) => {
  await visitor.open('?sample=coffee');
  await visitor.seesResult();
  await page.mouse.move(0, 0); // the first movement of a mouse has no distance, which the page takes for a list that moved
  const together = await visitor.picture();
  await visitor.rows.first().hover();
  await expect.poll(() => visitor.picture()).not.toBe(together);
  const isolated = await visitor.picture();
  await page.mouse.move(0, 0);
  await expect.poll(() => visitor.picture()).toBe(together);
  await visitor.rows.first().getByRole('button').focus();
  await expect.poll(() => visitor.picture()).toBe(isolated);
  await visitor.rows.first().getByRole('button').blur();
  await expect.poll(() => visitor.picture()).toBe(together);
  await visitor.the('canvas').hover(); // the cup is in the middle
  await expect.poll(() => visitor.picture()).toBe(isolated);
});
