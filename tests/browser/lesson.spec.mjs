// Lessons: walked through by buttons and keys, from the address, and what is wrong with a file said in a sentence.
import { expect, test } from './visitor.mjs';

const STEPS = [
  { title: 'One', text: 'First.\n\nAnd second.', state: 'task=boxes&sample=cat' },
  { title: 'Two', text: 'Its boxes.', state: 'system=ssd&inside=1&stage=default-boxes&sample=cat' },
  { title: 'Three', text: 'Another photo.', state: 'task=boxes&score=0.7', photo: '../photos/giraffes.jpg' },
  { title: 'Four', text: 'A figure.', state: 'figure=boxes&sample=cat' },
];

async function opens(visitor, lesson, query = '') {
  const body = typeof lesson === 'string' ? lesson : JSON.stringify({ lookout: 1, title: 'Mine', steps: lesson });
  await visitor.page.route('**/lessons/mine.json', (route) => route.fulfill({ contentType: 'application/json', body }));
  await visitor.open(`?lesson=lessons/mine.json&backend=cpu${query}`);
}

test('a lesson is walked through by buttons and keys', async ({ visitor, page }) => {
  await opens(visitor, STEPS);
  const lesson = visitor.the('lesson');
  await expect(lesson.getByRole('heading')).toHaveText('One');
  await expect(lesson.locator('.lesson-text p')).toHaveCount(2);
  await visitor.seesResult();
  await expect(visitor.the('task-boxes')).toHaveCount(0);
  await expect(visitor.the('lesson-back')).toBeDisabled();
  await visitor.the('lesson-next').click();
  await expect(visitor.page.locator('[data-stage="default-boxes"]')).toBeVisible();
  await page.keyboard.press('PageDown');
  await expect(lesson.getByRole('heading')).toHaveText('Three');
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/giraffe/);
  await expect(visitor.page.locator('[data-stage="default-boxes"]')).toHaveCount(0);
  await expect(page).toHaveURL(/lesson=lessons\/mine.json&step=3/);
  await page.keyboard.press('PageUp');
  await page.keyboard.press('PageUp');
  await expect(lesson.getByRole('heading')).toHaveText('One');
  await visitor.the('lesson-step').selectOption('4');
  await expect(visitor.the('figure')).toBeVisible();
  await expect(lesson.getByRole('heading')).toHaveText('Four');
  await expect(visitor.the('lesson-next')).toBeDisabled();
  await page.keyboard.press('PageUp');
  await expect(visitor.the('figure')).toHaveCount(0);
  await visitor.seesResult();
});

test('the address names a step, through a reload', async ({ visitor, page }) => {
  await opens(visitor, STEPS, '&step=3');
  await expect(visitor.the('lesson-place')).toHaveText('Mine · 3 of 4');
  await visitor.seesResult();
  await page.reload();
  await expect(visitor.the('lesson-place')).toHaveText('Mine · 3 of 4');
  await visitor.seesResult();
  expect((await visitor.found()).join()).toMatch(/giraffe/);
});

for (const [what, file, sentence] of [
  ['is not there', null, /could not be loaded/],
  ['is no JSON', '{', /cannot be read: EOF .* line 1/],
  ['has a misspelt field', '{"lookout": 1, "title": "T", "steps": [{"titel": "A", "text": ""}]}', /unknown field `titel`/],
  ['asks for something unknown', [{ title: 'A', text: '', state: 'task=dance' }], /Step 1 .*\(dance\)/],
]) {
  test(`a lesson that ${what} is said in a sentence`, async ({ visitor }) => {
    if (file === null) await visitor.open('?lesson=lessons/none.json&backend=cpu');
    else await opens(visitor, file);
    await visitor.seesError(sentence);
    await visitor.sees('empty');
  });
}

test('every step of the lecture shows what it is about', async ({ visitor, page }) => {
  test.setTimeout(600_000);
  await visitor.open('?lesson=lecture&backend=cpu');
  const count = Number((await visitor.the('lesson-place').innerText()).match(/of (\d+)/)[1]);
  for (let step = 1; step <= count; step += 1) {
    await visitor.the('lesson-step').selectOption(String(step));
    const figure = await visitor.the('figure').count();
    await expect(visitor.the('lesson-place')).toHaveText(new RegExp(`${step} of ${count}$`));
    if (!figure) await expect(visitor.main).toHaveAttribute('data-state', /done|running|loading/);
    await expect(visitor.the('error')).toHaveAttribute('data-shown', 'false');
  }
});
