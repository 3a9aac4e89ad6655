// Reduced motion: nothing moves by itself.
import { expect, photo, test } from './visitor.mjs';

test.use({ reducedMotion: 'reduce', contextOptions: { reducedMotion: 'reduce' } });

test('no animation runs', async ({ visitor, page, server }) => {
  const site = await server();
  visitor.url = site.url;
  let release;
  const held = new Promise((resolve) => (release = resolve));
  site.intercept = (name) => (name.startsWith('weights/') ? held.then(() => false) : false);
  const moving = () =>
    page.evaluate(() =>
      document
        .getAnimations()
        .filter((it) => it.playState === 'running' && it.effect.getComputedTiming().activeDuration > 10)
        .map((it) => it.animationName ?? it.transitionProperty),
    );
  await visitor.open();
  await visitor.chooses(photo('cat.jpg'));
  await visitor.sees('loading');
  expect(await moving()).toEqual([]);
  release();
  await visitor.seesResult();
  expect(await moving()).toEqual([]);
});
