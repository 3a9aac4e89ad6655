// Frames on German course pages: what is in them with few controls or none is German, what is not says so.
import { script, test } from './course.mjs';
import { expect } from './visitor.mjs';

const element = (page) => page.locator('look-out');
const inside = (page) => page.frameLocator('look-out iframe');
const headline = (page) => inside(page).locator('.summary-title');
const language = (page) => inside(page).locator('html');

/** The sentences of the element's events. */
function note() {
  window.heard = [];
  document.addEventListener('DOMContentLoaded', () => {
    for (const name of ['result', 'error']) {
      document.querySelector('look-out').addEventListener(name, (event) => window.heard.push({ name, ...event.detail }));
    }
  });
}

const heard = (page, name) => page.evaluate((name) => window.heard.filter((it) => it.name === name).at(-1), name);

test('the language of the element is that of its frame, and changes with it', async ({ page, address, course }) => {
  await page.addInitScript(note);
  await page.goto(await course(`<body>${script(address)}<look-out sample="horses" controls="few" lang="de-AT" backend="cpu" style="width: 900px"></look-out>`));
  await expect(headline(page)).toHaveText(/^\d+ Objekte gefunden$/, { timeout: 60_000 });
  await expect(language(page)).toHaveAttribute('lang', 'de');
  await expect(inside(page).locator('.summary-words')).toContainText('Pferd');
  await expect(inside(page).getByTestId('result-row').first()).toContainText(/Pferd.*\d+\s%/s);
  await expect(inside(page).getByTestId('result-row').first()).toHaveAttribute('data-class', 'horse');
  await expect(inside(page).getByTestId('canvas')).toHaveAttribute('aria-label', /^Foto: Eine Gruppe dunkler Pferde .*Objekte gefunden/);
  await expect(inside(page).getByTestId('zoom-in')).toHaveAttribute('aria-label', 'Vergrößern');
  await expect(inside(page).getByTestId('whole-page')).toHaveText('In Lookout öffnen');
  await expect(inside(page).locator('#adjust-title')).toHaveText('Anpassen');
  await expect(element(page).locator('iframe')).toHaveAttribute('title', /was ist wo/);
  expect(await page.frames()[1].title()).toMatch(/· Boxen · Lookout$/);
  await expect.poll(() => heard(page, 'result').then((it) => it?.headline)).toMatch(/Objekte gefunden/);

  await element(page).evaluate((it) => it.setAttribute('lang', 'en'));
  await expect(headline(page)).toHaveText(/things found$/);
  await expect(language(page)).toHaveAttribute('lang', 'en');
  await expect(inside(page).getByTestId('result-row').first()).toContainText(/horse.*\d+%/s);
  await expect(inside(page).getByTestId('zoom-in')).toHaveAttribute('aria-label', 'Zoom in');
  await expect(element(page).locator('iframe')).toHaveAttribute('title', /what is where/);
  await expect.poll(() => heard(page, 'result').then((it) => it?.headline)).toMatch(/things found/);

  // Without a language of its own the element has that of the page.
  await page.evaluate(() => {
    document.documentElement.lang = 'de';
    document.querySelector('look-out').removeAttribute('lang');
  });
  await expect(headline(page)).toHaveText(/Objekte gefunden$/);
  await page.evaluate(() => (document.documentElement.lang = 'fr'));
  await expect(headline(page)).toHaveText(/things found$/);
  await page.evaluate(() => (document.documentElement.lang = 'de'));
  await expect(language(page)).toHaveAttribute('lang', 'de');
  // The whole page is in English.
  await element(page).evaluate((it) => it.setAttribute('controls', 'all'));
  await expect(headline(page)).toHaveText(/things found$/);
  await expect(language(page)).toHaveAttribute('lang', 'en');
});

test('what does not work is said in German', async ({ page, address, course }) => {
  await page.addInitScript(note);
  await page.goto(await course(`<body>${script(address)}<look-out sample="horses" controls="few" lang="de" backend="cpu"></look-out>`));
  await expect(headline(page)).toHaveText(/gefunden/, { timeout: 60_000 });
  const refused = await element(page).evaluate((it) => it.open(new File(['no photo'], 'a.jpg')).catch((error) => error.message));
  expect(refused).toMatch(/^Diese Datei ist kein Bild/);
  await expect(inside(page).getByTestId('error')).toContainText('Diese Datei ist kein Bild');
  await expect(inside(page).getByTestId('dismiss')).toHaveAttribute('aria-label', 'Schließen');
  await element(page).evaluate((it) => it.setAttribute('task', 'dance'));
  await expect.poll(() => heard(page, 'error').then((it) => it?.sentence)).toMatch(/Aufgabe dance/);
});

test('a photo alone is in German, and English parts are marked', async ({ visitor, page }) => {
  await visitor.open('?sample=horses&controls=none&lang=de&backend=cpu');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await visitor.seesResult();
  await expect(page.locator('.frame-status [role=status]')).toHaveText(/Objekte? gefunden/);
  await visitor.open('?sample=horses&controls=few&lang=de&backend=cpu&stage=default-boxes&inside=1');
  await expect(visitor.the('stage-panel')).toHaveAttribute('lang', 'en');
  await expect(page.locator('section.inside')).toHaveAttribute('lang', 'en');
  await visitor.open('?sample=none-such&controls=none&lang=de&backend=cpu');
  await visitor.seesError('Dieses Beispielfoto konnte nicht geladen werden');
  await visitor.open('?system=hog&sample=horses&controls=few&lang=de&backend=cpu');
  await visitor.seesError('System hog');
  await visitor.open('?figure=convolution&controls=few&lang=de&backend=cpu');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
});

test('captions are marked as English', async ({ visitor, page }) => {
  await visitor.open('?sample=horses&task=captions&controls=few&lang=de&backend=cpu');
  await visitor.seesResult();
  await expect(visitor.the('copy-alt')).toHaveText('Alternativtext kopieren');
  await expect(visitor.the('caption-sentence').first().locator('[lang=en]')).toHaveText(/\w+/);
  await expect(page.locator('.said-words').first()).toHaveAttribute('lang', 'en');
});

test('the start of the page is in German', async ({ page, address }) => {
  await page.route('**/page.js', (route) => route.abort());
  await page.goto(`${address}?controls=few&lang=de`);
  await expect(page.locator('#boot-words')).toHaveText(/^Lookout konnte nicht/);
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
});
