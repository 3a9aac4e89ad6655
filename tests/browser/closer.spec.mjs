// The closer look: after the first answer the detector looks at parts of the photo, too, where the device is quick enough.
import { expect, test } from './visitor.mjs';

test('a closer look follows the first answer, says what it found, and can be left out', async ({ visitor, page }) => {
  await visitor.open('?sample=mariachi&closer=1');
  await visitor.seesResult();
  const closer = visitor.the('closer');
  await expect(closer).toHaveAttribute('data-state', 'done');
  await expect(closer).toContainText(/\d+ parts? of the photo, in .*: \d+ (more )?things?/);
  const runs = await visitor.sent('run');
  const many = await visitor.rows.count();
  await visitor.the('closer-switch').uncheck();
  await expect.poll(() => visitor.rows.count()).toBeLessThan(many);
  await expect(page).toHaveURL(/[?&]closer=0/);
  await expect(closer).toContainText('left out');
  await visitor.the('undo').click();
  await expect.poll(() => visitor.rows.count()).toBe(many);
  expect(await visitor.sent('run'), 'what is known is not computed again').toBe(runs);
});

test('the switch is as the visitor has left it', async ({ visitor, page }) => {
  await visitor.open('?sample=stage');
  await visitor.seesResult();
  const closer = visitor.the('closer');
  await expect(closer).toHaveAttribute('data-state', 'waiting');
  await expect(visitor.the('closer-switch')).not.toBeChecked();
  expect(await visitor.sent('run')).toBe(1);
  await visitor.the('closer-switch').check();
  await expect(closer).toHaveAttribute('data-state', 'done');
  await visitor.open('?sample=stage');
  await visitor.seesResult();
  await expect(closer).toHaveAttribute('data-state', 'done');
  await expect(page, 'the usual is not in the address').not.toHaveURL(/closer=/);
});

test('skeletons and masks use what it finds; a class map and the look inside have no use for it', async ({ visitor }) => {
  await visitor.open('?sample=stage&task=skeletons&closer=1');
  await visitor.seesResult();
  await expect(visitor.the('closer')).toHaveAttribute('data-state', 'done');
  const scores = await visitor.rows.evaluateAll((all) => all.map((it) => Number(it.dataset.score)));
  expect(scores, 'the rows have the new scores').toEqual(scores.toSorted((a, b) => b - a));
  await visitor.the('task-masks').click();
  await visitor.seesResult();
  await expect(visitor.the('closer'), 'each thing once more for a finer mask').toContainText(/and at \d+ things alone, in .*finer masks/);
  await visitor.the('task-class-map').click();
  await visitor.seesResult();
  await expect(visitor.the('closer')).toHaveCount(0);
  await visitor.open('?sample=stage&closer=1&inside=1');
  await visitor.seesResult();
  await expect(visitor.the('stage').first()).toBeVisible();
  const runs = await visitor.sent('run');
  await visitor.waitsForFrames(30);
  expect(await visitor.sent('run')).toBe(runs);
});
