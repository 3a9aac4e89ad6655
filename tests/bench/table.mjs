// One Markdown table: a row a subject; in a peer's cells, in brackets, the ratio ours / peer.
import { middle } from './measure.mjs';

const ms = (value) => (value < 100 ? value.toFixed(1) : value.toFixed(0));
const megabytes = (value) => (value / 1e6).toFixed(2);
const mebibytes = (value) => (value / 2 ** 20).toFixed(0);

/** Each column: its title, one number of a result, and for times the numbers of the rounds, to be compared in pairs. */
const time = (key, title) => ({ title, rounds: ({ times }) => times[key], value: ({ times }) => middle(times[key] ?? []), show: ms });
const plain = (title, value, show) => ({ title, value, show });

const COLUMNS = [
  time('cold', 'first visit, ms'),
  time('cached', 'second visit, ms'),
  time('slow', 'first visit, slow link, ms'),
  time('warm', 'warm, ms'),
  plain('download, MB (brotli)', ({ bytes }) => bytes?.compressed, megabytes),
  plain('raw, MB', ({ bytes }) => bytes?.raw, megabytes),
  plain('peak memory, MiB', ({ memory }) => memory?.peak, mebibytes),
  plain('settled, MiB', ({ memory }) => memory?.settled, mebibytes),
  plain('WebAssembly, MiB', ({ memory }) => memory?.wasm, mebibytes),
];

/** The ratio ours / peer: the median over rounds of paired ratios, where there are rounds. */
function ratio({ rounds, value }, ours, peer) {
  const pairs = rounds && (rounds(ours) ?? []).map((it, round) => it / rounds(peer)?.[round]).filter(Number.isFinite);
  if (pairs?.length) return middle(pairs);
  const [a, b] = [value(ours), value(peer)];
  return a > 0 && b > 0 ? a / b : undefined;
}

function cell(column, result, ours) {
  const value = column.value(result);
  if (value === undefined) return '-';
  const compared = ours && !result.subject.ours && !result.fault && !ours.fault ? ratio(column, ours, result) : undefined;
  return column.show(value) + (compared === undefined ? '' : ` (${compared.toFixed(2)}x)`);
}

/** Ours against the best valid peer of the same kind, column by column. */
function best(columns, ours, peers) {
  return columns.map((column) => {
    const ratios = peers.map((peer) => ratio(column, ours, peer)).filter((it) => it !== undefined);
    return ratios.length ? `${Math.max(...ratios).toFixed(2)}x` : '-';
  });
}

const row = (cells) => `| ${cells.join(' | ')} |`;

/** The table of all results; `missing` are subjects that could not be measured, with reasons. */
export function table(results, missing) {
  const columns = COLUMNS.filter(({ value }) => results.some((result) => value(result) !== undefined));
  const lines = [row(['', ...columns.map(({ title }) => title), 'boxes']), row(['---', ...columns.map(() => '---:'), '---'])];
  for (const kind of ['cpu', 'gpu']) {
    const group = results.filter(({ subject }) => subject.kind === kind);
    const ours = group.find(({ subject }) => subject.ours && !subject.app);
    for (const result of group) {
      const name = result.subject.ours ? `**${result.subject.name}**` : result.subject.name;
      const verdict = result.fault ? `${result.fault.word}: ${result.fault.text}` : result.subject.app ? '' : 'right';
      const note = result.failures.length && !result.fault ? ` (${result.failures.length} failed attempts: ${result.failures[0]})` : '';
      lines.push(row([name, ...columns.map((column) => cell(column, result, ours)), verdict + note]));
    }
    const peers = group.filter((it) => !it.subject.ours && !it.fault);
    if (ours && !ours.fault && peers.length) {
      lines.push(row([`*${ours.subject.name} / best peer*`, ...best(columns, ours, peers), '']));
    }
    for (const { subject, reason } of missing.filter((it) => it.subject.kind === kind)) {
      lines.push(row([subject.name, ...columns.map(() => '-'), `not measured: ${reason}`]));
    }
  }
  return lines.join('\n');
}

/** The quartiles of numbers. */
function quartiles(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return [0.25, 0.5, 0.75].map((part) => sorted[Math.round((sorted.length - 1) * part)]);
}

/** This build beside another checkout's, both measured in the same rounds: the quartiles of the paired ratios. */
export function pairedTable(results) {
  const pairs = results.filter(({ subject }) => subject.pairs);
  if (pairs.length === 0) return [];
  const lines = [row(['now / before', ...COLUMNS.map(({ title }) => title.replace(/, .*/, ''))]), row(['---', ...COLUMNS.map(() => '---:')])];
  for (const before of pairs) {
    const now = results.find(({ subject }) => subject.id === before.subject.pairs);
    const compared = ({ rounds, value }) => {
      const ratios = (rounds?.(now) ?? []).map((it, round) => it / rounds(before)?.[round]).filter(Number.isFinite);
      if (ratios.length) {
        const [low, median, high] = quartiles(ratios).map((it) => it.toFixed(3));
        return `${median} (${low} to ${high})`;
      }
      const [a, b] = [value(now), value(before)];
      return a > 0 && b > 0 ? (a / b).toFixed(3) : '-';
    };
    lines.push(row([now.subject.name, ...COLUMNS.map(compared)]));
  }
  return [lines.join('\n')];
}

/** What each task takes after the boxes of the same photo, a row a subject. */
export function taskTable(results) {
  const timed = results.filter(({ tasks }) => tasks);
  if (timed.length === 0) return [];
  const names = Object.keys(timed[0].tasks);
  const titles = names.map((task) => (task === 'boxes' ? 'boxes, backbone and all, ms' : `then ${task}, ms`));
  return [
    [
      row(['', ...titles]),
      row(['---', ...titles.map(() => '---:')]),
      ...timed.map(({ subject, tasks }) => row([subject.name, ...names.map((task) => (tasks[task] === undefined ? '-' : ms(tasks[task])))])),
    ].join('\n'),
  ];
}

/** What each system takes on one photo, beside SSD in the same run. */
export function systemTable(results, systems) {
  const timed = results.filter((result) => result.systems);
  if (timed.length === 0) return [];
  const columns = timed.flatMap(({ subject }) => [`${subject.name}, ms`, 'x SSD', 'Selective Search, ms']);
  const cells = (key) => ({ systems: all }) => {
    const { ms: whole, search } = all[key] ?? {};
    if (whole === undefined) return ['-', '-', '-'];
    const ratio = all.ssd?.ms ? (whole / all.ssd.ms).toFixed(2) : '-';
    return [ms(whole), ratio, search ? ms(search) : '-'];
  };
  const passes = (key) => timed.map((result) => result.systems[key]?.passes).find((it) => it !== undefined) ?? '-';
  return [
    [
      row(['', 'passes', 'weights, MB', ...columns]),
      row(['---', '---:', '---:', ...columns.map(() => '---:')]),
      ...systems.map(({ key, title, bytes }) => row([title, passes(key), (bytes / 1e6).toFixed(2), ...timed.flatMap(cells(key))])),
    ].join('\n'),
  ];
}

/** One line for each subject that saw many photos in a row. */
export function photoLines(results, count) {
  return results
    .filter(({ photos }) => photos)
    .map(({ subject, photos: { samples, grown, wasmGrown, flat } }) => {
      if (grown === undefined) return `- ${subject.name}: ${samples.length} samples of memory are too few to tell whether it is flat`;
      const signed = (bytes) => `${bytes >= 0 ? '+' : ''}${(bytes / 2 ** 20).toFixed(1)} MiB`;
      return `- ${subject.name}: ${count} photos in a row, memory ${flat ? 'flat' : '**not flat**'} (last third against the middle one: ${signed(grown)} private, ${signed(wasmGrown)} WebAssembly)`;
    });
}
