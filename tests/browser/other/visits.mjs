// What is done in each further browser: every task, one system of each family, a dropped photo, a saved file, the second
// visit with the network gone, a figure, the element, and the first epoch of the training game.
import assert from 'node:assert/strict';

const the = (id) => `document.querySelector('[data-testid="${id}"]')`;
const DONE = `document.querySelector('main')?.dataset.state === 'done'`;
const ROWS = `[...document.querySelectorAll('[data-testid=result-row]')].map((it) => it.dataset.class)`;
const WORDS = `document.querySelector('main').innerText`;

/** What a task says of a sample. */
const TASKS = [
  ['boxes', 'horses', /horse/],
  ['masks', 'cat', /cat/],
  ['skeletons', 'stage', /skeleton|pe(rson|ople)/],
  ['class-map', 'horses', /horse/],
  ['captions', 'horses', /horse/i],
  ['localize', 'cat', /cat/],
];
/** A system of each family beside those of the tasks. */
const SYSTEMS = [
  ['boxes', 'faster-rcnn'],
  ['boxes', 'yolo'],
  ['boxes', 'sliding-window'],
  ['masks', 'mask-rcnn'],
  ['class-map', 'fcn-full'],
  ['skeletons', 'pose-regression'],
];

/** Each visit by its name; they run in this order in one window. */
export const VISITS = {
  async 'every task on a sample'(visit) {
    for (const [task, sample, expected] of TASKS) {
      await visit.open(`?sample=${sample}&task=${task}`);
      await visit.sees(DONE);
      assert.match(await visit.value(WORDS), expected, task);
      await visit.picture(task);
    }
  },
  async 'one system of each family'(visit) {
    for (const [task, system] of SYSTEMS) {
      await visit.open(`?sample=horses&task=${task}&system=${system}`);
      await visit.sees(DONE);
      assert.equal(await visit.value(`(${the('error')}?.innerText ?? '').trim()`), '', system);
    }
  },
  async 'a stage is looked into'(visit) {
    await visit.open('?sample=cat&task=masks&inside=1');
    await visit.sees(DONE);
    await visit.sees(`document.querySelector('[data-stage=roi-align]') !== null`);
    await visit.picture('inside');
  },
  async 'a dropped photo, and its file'(visit) {
    await visit.open('?task=boxes');
    await visit.sees(`document.querySelector('main')?.dataset.state === 'empty'`);
    await visit.value(`(async () => {
      const data = new DataTransfer();
      data.items.add(new File([await (await fetch('photos/cat.jpg')).blob()], 'my cat.jpg', { type: 'image/jpeg' }));
      const events = ['dragenter', 'dragover', 'drop'].map((type) => new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
      if (events[2].dataTransfer?.files.length === 1) {
        for (const event of events) document.body.dispatchEvent(event);
      } else {
        // WebKit lets no script make a drop with files: the dialog's way then.
        const input = ${the('file-input')};
        input.files = data.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));
      }
    })()`);
    await visit.sees(DONE);
    assert.ok((await visit.value(ROWS)).includes('cat'));
    // The file is read where the browser would save it; the button comes a moment after the result.
    await visit.sees(`${the('export-json')} !== null`);
    await visit.value(`void (URL.createObjectURL = ((make) => (it) => ((self.saved = it), make.call(URL, it)))(URL.createObjectURL))`);
    await visit.value(`void ${the('export-json')}.click()`);
    await visit.sees(`self.saved !== undefined`);
    const boxes = JSON.parse(await visit.value(`self.saved.text()`));
    assert.ok(boxes.length > 0 && boxes[0].bbox.length === 4);
  },
  async 'a figure'(visit) {
    await visit.open('?figure=regions');
    await visit.sees(`(${the('head-words')}?.textContent ?? '').includes('says')`);
    await visit.picture('figure');
  },
  async 'the element on another page'(visit) {
    await visit.open('examples/element.html');
    await visit.sees(`document.querySelector('#first').result?.count > 2`);
    const found = await visit.value(`document.querySelector('#first').results()`);
    assert.ok(found.length > 2 && found.every((it) => it.bbox.length === 4));
    await visit.picture('element');
  },
  async 'the first epoch of the training game'(visit) {
    await visit.open('quest.html?seed=2');
    await visit.sees(`document.querySelector('main')?.dataset.state === 'start'`);
    await visit.value(`void ${the('how-close')}?.click()`);
    await visit.value(`void ${the('play-seed')}.click()`);
    await visit.sees(`document.querySelector('main')?.dataset.state === 'choosing'`);
    await visit.value(`void ${the('begin')}.click()`);
    await visit.sees(`${the('quest-epoch')}?.dataset.epoch === '1'`);
    // As in Chromium, and natively.
    const accuracy = Number(await visit.value(`${the('quest-epoch')}.dataset.valAccuracy`));
    assert.equal(Math.fround(accuracy), Math.fround(visit.native[0]));
  },
  async 'the second visit, with the network gone'(visit) {
    await visit.open('?sample=horses&task=boxes');
    await visit.sees(DONE);
    const before = await visit.value(ROWS);
    await visit.value(`navigator.serviceWorker.ready.then(() => true)`);
    await visit.sees(`caches.open('lookout-files-v1').then((it) => it.keys()).then((it) => it.length >= 2)`);
    // The service worker takes the page over and keeps the sample.
    await visit.open('?sample=horses&task=boxes');
    await visit.sees(DONE);
    await visit.cut();
    await visit.open('?sample=horses&task=boxes');
    await visit.sees(DONE);
    assert.deepEqual(await visit.value(ROWS), before);
  },
};
