// Where the detector's time goes: each of its layers timed alone, against a plain matrix product on the same device.

const SIDE = ([, height, width, channels]) => `${height}x${width}x${channels}`;
const row = (cells) => `| ${cells.join(' | ')} |`;
const billions = (multiplyAdds, ms) => multiplyAdds / ms / 1e6;

/** Layers of one kind together. */
function sums(layers) {
  const kinds = new Map();
  for (const { kind, multiply_adds, ms } of layers) {
    const sum = kinds.get(kind) ?? { kind, layers: 0, multiply_adds: 0, ms: 0 };
    kinds.set(kind, { kind, layers: sum.layers + 1, multiply_adds: sum.multiply_adds + multiply_adds, ms: sum.ms + ms });
  }
  return [...kinds.values()].sort((a, b) => b.ms - a.ms);
}

/**
 * One table of every layer and one of every kind.
 * @param {{ layers: object[], peak: number }} table - what the worker answered
 */
export function layerTable(name, { layers, peak }) {
  const all = layers.reduce((sum, { ms, multiply_adds }) => ({ ms: sum.ms + ms, multiply_adds: sum.multiply_adds + multiply_adds }), {
    ms: 0,
    multiply_adds: 0,
  });
  const cells = ({ multiply_adds, ms }) => {
    // A layer below the clock's steps has no rate.
    const rate = ms > 0 ? billions(multiply_adds, ms) : undefined;
    const share = `${((100 * ms) / all.ms).toFixed(1)}%`;
    const speed = rate === undefined ? ['-', '-'] : [rate.toFixed(1), `${((100 * rate) / peak).toFixed(0)}%`];
    return [ms.toFixed(3), share, (multiply_adds / 1e6).toFixed(2), ...speed];
  };
  const numbers = ['ms', 'of all', 'M multiply-adds', 'G a second', 'of the peak'];
  const right = numbers.map(() => '---:');
  const lines = [
    `${name}: ${layers.length} layers, ${all.ms.toFixed(1)} ms in all; a plain matrix product does ${peak.toFixed(1)} G multiply-adds a second.`,
    '',
    row(['layer', 'kind', 'in', 'out', ...numbers]),
    row(['---', '---', '---', '---', ...right]),
    ...layers.map((it) => row([it.name, it.kind, SIDE(it.input), SIDE(it.output), ...cells(it)])),
    '',
    row(['kind', 'layers', ...numbers]),
    row(['---', '---:', ...right]),
    ...sums(layers).map((it) => row([it.kind, it.layers, ...cells(it)])),
    row(['all', layers.length, ...cells(all)]),
  ];
  return lines.join('\n');
}
