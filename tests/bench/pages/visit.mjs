// One visit of a subject's page. The subject hands `visit` a function that loads its detector; the bench then finds in
// `window.bench` the first boxes with their milliseconds since navigation, and a function that detects again.

/** The photo as ImageData: what a page has after decoding a dropped file. */
async function decode(address) {
  const bitmap = await createImageBitmap(await (await fetch(address)).blob());
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

/**
 * @param {() => Promise<(photo: ImageData) => Promise<object[]>>} load - loads the detector; its boxes are
 * `{ class: COCO id or name, score, bbox: [x, y, width, height] }` in photo pixels, after suppression.
 */
export function visit(load) {
  const address = new URL(location.href).searchParams.get('photo');
  let detect;
  let photo;
  const timed = async () => {
    // A page hands a fresh copy of the pixels to its detector each time; making the copy is not the detector's time.
    const copy = new ImageData(new Uint8ClampedArray(photo.data), photo.width, photo.height);
    const start = performance.now();
    const boxes = await detect(copy);
    return { ms: performance.now() - start, boxes };
  };
  const first = (async () => {
    // Decoding and loading overlap, for every subject alike.
    [detect, photo] = await Promise.all([load(), decode(address)]);
    const { boxes } = await timed();
    return { ms: performance.now(), boxes };
  })();
  first.catch(() => {}); // the bench awaits it and reports
  window.bench = {
    first,
    again: timed,
    closer: false,
    /** A copy of the photo's pixels. */
    pixels: () => new ImageData(new Uint8ClampedArray(photo.data), photo.width, photo.height),
    async change(next) {
      photo = await decode(next);
    },
  };
}
