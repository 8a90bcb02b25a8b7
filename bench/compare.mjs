// Compares Roost with the baseline, side by side and in turns, and prints a table in Markdown. Run it by bench/compare.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Baseline, Roost } from './lib/sides.mjs';

const { values: asked } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    repetitions: { type: 'string' },
    only: { type: 'string', default: 'idle,durable,room,open,rooms,many' },
    side: { type: 'string', default: 'both' },
    json: { type: 'string' },
  },
});
const repetitions = Number(asked.repetitions ?? (asked.quick ? 1 : 3));
const steps = new Set(asked.only.split(','));
const SERVER_CORE = 0;
const GENERATOR_CORE = 1;
const time = asked.quick ? { seconds: 4, warm: 1 } : { seconds: 7, warm: 3 };
const say = (text) => console.error(`compare: ${text}`);

const folder = mkdtempSync(join(tmpdir(), 'compare-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
let plans = 0;

/** Lets the generator play in these rooms of a side; gives its report. */
async function play(side, rooms, words) {
  const used = [...new Set(rooms.flatMap(({ members }) => members))];
  const place = new Map(used.map((person, n) => [person, n]));
  const plan = {
    dialect: side.dialect, addr: side.addr, people: used.map((n) => side.people[n]),
    rooms: rooms.map(({ id, members }) => ({ id, members: members.map((n) => place.get(n)) })),
  };
  const path = join(folder, `plan-${plans++}.json`);
  writeFileSync(path, JSON.stringify(plan));
  const fixed = ['-c', String(GENERATOR_CORE), process.env.ROOST_LOAD, 'run', '--plan', path, '--pids', side.pids.join(',')];
  const child = spawn('taskset', [...fixed, ...words.map(String)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '', told = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (told += chunk));
  const code = await new Promise((done) => child.once('close', done));
  say(`${side.name}: ${told.trim()}`);
  // 1: something was delivered wrongly. Figures of such a run are told, and marked.
  if (code > 1 || !out) throw new Error(`the generator failed (${code}): ${told}`);
  return JSON.parse(out);
}

const range = (from, to) => Array.from({ length: to - from }, (_, n) => from + n);
const paced = (words, { seconds, warm } = time) => [...words, '--seconds', seconds, '--warm-up', warm];

/** Figures of a side, by name: a list, one for each repetition. */
const figures = { Roost: {}, Baseline: {} };
const faults = { Roost: 0, Baseline: 0 };
function note(kind, name, value) {
  (figures[kind][name] ??= []).push(value);
}
function book(kind, prefix, report) {
  faults[kind] += report.faults;
  note(kind, `${prefix} sent/s`, report.sent / report.seconds);
  note(kind, `${prefix} delivered/s`, report.delivered / report.seconds);
  note(kind, `${prefix} delivered/CPU-s`, report.delivered / report.cpu_seconds);
  note(kind, `${prefix} server cores`, report.cpu_seconds / report.seconds);
  for (const [what, times] of [['delivery', report.delivery], ['ack', report.ack]]) {
    for (const share of ['p50', 'p99', 'max']) note(kind, `${prefix} ${what} ${share}`, times[share]);
  }
}

/** The latest rate that the baseline could just carry in the room of 1,000, in messages per second. */
let saturation;

async function session(kind, last) {
  const side = await { Roost, Baseline }[kind].start(SERVER_CORE);
  try {
    await side.invite(1000);
    const pairs = [];
    for (let n = 0; n < 400; n += 2) pairs.push(await side.room([n, n + 1]));
    if (steps.has('idle')) {
      const sockets = asked.quick ? 4000 : 8000;
      // What a server loads when it is first spoken to does not count.
      await play(side, pairs, ['--sockets', 400, '--in-flight', 4, '--seconds', 1, '--warm-up', 0]);
      const { resident_before, resident_open } = await play(side, pairs, ['--sockets', sockets, '--seconds', 0, '--warm-up', 0, '--settle', 3]);
      note(kind, 'idle kB', (resident_open - resident_before) / sockets / 1000);
    }
    if (steps.has('durable')) {
      const one = await side.room(range(500, 520));
      for (const door of [[], ['--http']]) {
        const by = door.length ? 'HTTP' : 'socket';
        for (const [name, rooms, senders] of [
          ['1 sender', pairs.slice(0, 1), 1],
          ['20 senders, 20 rooms', pairs.slice(0, 20), 20],
          ['20 senders, one room', [one], 20],
        ]) {
          const sockets = rooms.length * rooms[0].members.length;
          book(kind, `${by}, ${name}:`, await play(side, rooms, paced(['--sockets', sockets, '--senders', senders, ...door])));
        }
      }
    }
    const big = steps.has('room') || steps.has('open') || steps.has('many') ? await side.room(range(0, 1000)) : null;
    if (steps.has('room')) {
      const report = await play(side, [big], paced(['--sockets', 1000, '--in-flight', 4]));
      book(kind, 'room of 1,000:', report);
      if (kind === 'Baseline') saturation = report.sent / report.seconds;
    }
    if (steps.has('open') && saturation) {
      book(kind, 'open loop:', await play(side, [big], paced(['--sockets', 1000, '--rate', (saturation / 2).toFixed(2)])));
    }
    if (steps.has('rooms') && last) {
      const tens = [];
      for (let n = 0; n < 1000; n += 10) tens.push(await side.room(range(n, n + 10)));
      book(kind, '100 rooms of 10:', await play(side, tens, paced(['--sockets', 1000, '--in-flight', 20])));
      book(kind, '200 rooms of 2:', await play(side, pairs, paced(['--sockets', 400, '--in-flight', 20])));
    }
    if (steps.has('many') && last) {
      const words = ['--sockets', 10_000, '--processes', 2, '--in-flight', 2, '--settle', 3];
      book(kind, '10,000 sockets:', await play(side, [big], paced(words)));
    }
  } catch (error) {
    // Said at once: closing can fail, too, and would hide it.
    say(`${side.name}: ${error.stack}`);
    throw error;
  } finally {
    await side.close();
  }
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const round = (value) => (value >= 1000 ? Math.round(value).toLocaleString('en') : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const shown = (list) => {
  if (!list) return '–';
  const [low, high] = [Math.min(...list), Math.max(...list)];
  return list.length > 1 ? `${round(median(list))} (${round(low)}–${round(high)})` : round(list[0]);
};

/** [what, how far, the figure of Roost, that of the baseline, the goal, whether more is better] */
function goals() {
  const rows = [
    ['deliveries per CPU-second, one room of 1,000', 'room of 1,000: delivered/CPU-s', 'room of 1,000: delivered/CPU-s', 2, true],
    ['delivery p99 at half of the baseline’s saturation, ms', 'open loop: delivery p99', 'open loop: delivery p99', 0.5, false],
  ];
  for (const door of ['socket', 'HTTP']) {
    for (const [senders, goal] of [['1 sender', 0.5], ['20 senders, 20 rooms', 1], ['20 senders, one room', 1]]) {
      const [sent, late] = [`${door}, ${senders}: sent/s`, `${door}, ${senders}: ack p99`];
      rows.push([`durable sends/s by ${door}, ${senders}`, sent, sent, goal, true], ['… their p99, ms', late, late, 1, false]);
    }
  }
  rows.push(['memory per idle socket, kB', 'idle kB', 'idle kB', 0.8, false]);
  return rows;
}

function print() {
  const machine = `${cpus().length} × ${cpus()[0].model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
  console.log(`${machine}; servers on core ${SERVER_CORE}, generator on core ${GENERATOR_CORE}; median (lowest–highest) of ${repetitions}.\n`);
  console.log('| measure | Roost | baseline | ratio | goal | |\n|---|---|---|---|---|---|');
  for (const [what, ours, theirs, goal, more] of goals()) {
    const [a, b] = [figures.Roost[ours], figures.Baseline[theirs]];
    if (!a && !b) continue;
    const ratio = a && b ? median(a) / median(b) : NaN;
    const met = Number.isNaN(ratio) ? '' : (more ? ratio >= goal : ratio <= goal) ? 'met' : 'missed';
    console.log(`| ${what} | ${shown(a)} | ${shown(b)} | ${Number.isNaN(ratio) ? '–' : ratio.toFixed(2)} | ${more ? '≥' : '≤'} ${goal} | ${met} |`);
  }
  console.log('\n| all figures | Roost | baseline |\n|---|---|---|');
  for (const name of new Set([...Object.keys(figures.Roost), ...Object.keys(figures.Baseline)])) {
    console.log(`| ${name} | ${shown(figures.Roost[name])} | ${shown(figures.Baseline[name])} |`);
  }
  console.log(`\nEvery delivery was checked; faults: Roost ${faults.Roost}, baseline ${faults.Baseline}.`);
}

const began = performance.now();
const kinds = asked.side === 'both' ? ['Baseline', 'Roost'] : [asked.side];
for (let n = 0; n < repetitions; n++) {
  // The baseline goes first once, to find its saturation; then they take turns.
  for (const kind of n % 2 ? [...kinds].reverse() : kinds) {
    say(`repetition ${n + 1} of ${repetitions}: ${kind}, after ${Math.round((performance.now() - began) / 1000)} s`);
    await session(kind, n === repetitions - 1);
  }
}
print();
if (asked.json) writeFileSync(asked.json, JSON.stringify(figures, null, 1));
process.exitCode = faults.Roost ? 1 : 0;
