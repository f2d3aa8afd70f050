/** A story as it was baked, from what was sent: see scenes/page/packing.py. */

import type { Canvas, RequestMemory, Row, Story, TrackRow } from "./story";

const PLAIN = 1;
const PACKED = 2;

type Grown = RequestMemory & { kept?: number };
type Changes = Partial<Row> & { "-"?: (keyof Row)[] };

/** The story, unpacked in its place; one that is not packed stays as it is. */
export function unpacked(story: Story): Story {
  if (story.format !== PACKED) return story;
  for (const canvas of Object.values(story.canvases)) unpackCanvas(canvas);
  unpackMemory(story);
  story.format = PLAIN;
  return story;
}

function unpackCanvas(canvas: Canvas): void {
  canvas.rows = rows(canvas.rows as unknown as Changes[]);
  canvas.pictures = canvas.pictures.map(numbers);
  canvas.motions = canvas.motions.map((motion) => tracks(motion as unknown as (number | null)[][]));
}

/** First and count of each run of neighbours, as the numbers themselves. */
function numbers(runs: number[]): number[] {
  const found: number[] = [];
  for (let at = 0; at < runs.length; at += 2) {
    for (let i = 0; i < runs[at + 1]!; i++) found.push(runs[at]! + i);
  }
  return found;
}

/** Each run's rows count from where the run before ended on that side; null is nobody. */
function tracks(runs: (number | null)[][]): TrackRow[] {
  let [from, to] = [0, 0];
  return runs.flatMap(([count, before, after, ...rest]) => {
    if (before !== null) from += before!;
    if (after !== null) to += after!;
    return Array.from({ length: count! }, () => {
      const rows = [before === null ? -1 : from++, after === null ? -1 : to++];
      return [...rows, ...rest] as TrackRow;
    });
  });
}

/** Each row from its difference to the one before; boxes are added up in hundredths. */
function rows(changes: Changes[]): Row[] {
  let before = {} as Row;
  const boxes = new Map<string, number[]>();
  return changes.map(({ "-": lacking = [], b, ...changed }) => {
    const row: Row = { ...before, ...changed, k: changed.k ?? countedOn(before.k) };
    for (const key of lacking) delete row[key];
    if (b || row.b) {
      const base = boxes.get(row.k) ?? boxes.get(before.k) ?? [0, 0, 0, 0];
      const box = b ? base.map((value, i) => value + b[i]!) : base;
      boxes.set(row.k, box);
      row.b = box.map((value) => value / 100) as Row["b"];
    }
    before = row;
    return row;
  });
}

function countedOn(key: string): string {
  return key.replace(/(?:0|[1-9][0-9]{0,8})$/, (number) => `${Number(number) + 1}`);
}

/** Who is in memory at each step, from who has changed. */
function unpackMemory(story: Story): void {
  const known: Record<string, Record<string, RequestMemory>> = {};
  for (const { memory } of story.beats.flatMap((beat) => beat.steps)) {
    for (const [lane, now] of Object.entries(memory)) {
      const all = { ...known[lane] };
      for (const [name, request] of Object.entries(now.requests as Record<string, Grown | null>)) {
        if (request) all[name] = grown(request, all[name]);
        else delete all[name];
      }
      known[lane] = now.requests = all;
    }
  }
}

/** A request with its whole table. */
function grown({ kept = 0, ...now }: Grown, before: RequestMemory | undefined): RequestMemory {
  if (kept) now.table = [...before!.table!.slice(0, kept), ...now.table!];
  return now;
}
