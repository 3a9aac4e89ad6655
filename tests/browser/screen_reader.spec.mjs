// What those hear who do not see the photo: where things are, whole sentences, and few stops on the way.
import { expect, test } from './visitor.mjs';

test('rows say where a thing is', async ({ visitor }) => {
  await visitor.open('?sample=giraffes');
  await visitor.seesResult();
  const places = await visitor.the('position').allInnerTexts();
  expect(places).toHaveLength(2);
  for (const place of places) expect(place).toMatch(/left|right|middle|top|bottom/);
  const row = visitor.page.getByRole('button', { name: /giraffe \d+ ?% .*(left|right|middle|top|bottom)/ });
  await expect(row.first()).toBeVisible();
});

test('rows of skeletons say where a person is', async ({ visitor }) => {
  await visitor.open('?sample=stage&task=skeletons');
  await visitor.seesResult();
  const row = visitor.page.getByRole('button', { name: /person \d+ \d+ ?% .*(left|right|middle|top|bottom)/ });
  expect(await row.count()).toBe(await visitor.rows.count());
});

test('captions are read as sentences, and their words are one stop of the Tab key', async ({ visitor, page }) => {
  await visitor.open('?sample=horses&task=captions');
  await visitor.seesResult();
  const sentences = await visitor.the('caption-sentence').allInnerTexts();
  expect(sentences.length).toBeGreaterThan(1);
  expect(sentences[0]).toMatch(/\.$/);
  expect(sentences[1]).toMatch(/^[a-z ]+: .*\.$/i);
  await expect(page.locator('.word[tabindex="0"]')).toHaveCount(1);
  const words = await visitor.the('caption').first().getByTestId('word').allInnerTexts();
  await page.locator('.word[tabindex="0"]').focus();
  const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
  expect(await focused()).toBe(words[0]);
  await page.keyboard.press('ArrowRight');
  expect(await focused()).toBe(words[1]);
  await page.keyboard.press('End');
  expect(await focused()).toBe(words.at(-1));
  await page.keyboard.press('ArrowDown');
  expect(await page.evaluate(() => document.activeElement.closest('[data-region]').dataset.region)).toBe('1');
  await expect(page.locator('.word[tabindex="0"]')).toHaveCount(1);
});
