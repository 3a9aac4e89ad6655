const SIZE = 300;

/** Where each of 300 samples lies along `length` pixels, as TensorFlow's ResizeBilinear has it by default. */
function samples(length) {
  return Array.from({ length: SIZE }, (_, i) => {
    const at = (i * length) / SIZE;
    const low = Math.floor(at);
    return { low, high: Math.min(low + 1, length - 1), part: at - low };
  });
}

/** The photo at 300 x 300, bilinear, as [3, 300, 300] from 0 to 255. */
export function resize({ data, width, height }) {
  const out = new Float32Array(3 * SIZE * SIZE);
  const columns = samples(width);
  samples(height).forEach((row, y) => {
    const [top, bottom] = [row.low * width, row.high * width];
    for (let x = 0; x < SIZE; x++) {
      const { low, high, part } = columns[x];
      for (let channel = 0; channel < 3; channel++) {
        const a = data[(top + low) * 4 + channel];
        const b = data[(top + high) * 4 + channel];
        const c = data[(bottom + low) * 4 + channel];
        const d = data[(bottom + high) * 4 + channel];
        const upper = a + (b - a) * part;
        out[(channel * SIZE + y) * SIZE + x] = upper + (c + (d - c) * part - upper) * row.part;
      }
    }
  });
  return out;
}
