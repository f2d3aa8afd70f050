/** What a row looks like in a theme, and what lies between two looks: scenes/shapes/motion.py. */

import { CLEAR, faded, mixInk, parse, type Rgba } from "./colours";
import type { Canvas, Point, Row, TrackRow } from "./story";

type Box = readonly [number, number, number, number];

export interface RectLook {
  kind: "rect";
  box: Box;
  fill: Rgba;
  stroke: Rgba;
  line: number;
  radius: number;
  pattern: string;
  patternInk: Rgba;
  opacity: number;
}

export interface TextLook {
  kind: "text";
  x: number;
  y: number;
  size: number;
  ink: Rgba;
  face: string;
  anchor: string;
  text: string;
  opacity: number;
}

export interface PathLook {
  kind: "path";
  points: Point[];
  ink: Rgba;
  line: number;
  head: number;
  smooth: boolean;
  opacity: number;
}

export interface FormulaLook {
  kind: "formula";
  box: Box;
  /** The box that the outline was made for. */
  room: Box;
  ink: Rgba;
  outline: string;
  source: string;
  opacity: number;
}

export type Look = RectLook | TextLook | PathLook | FormulaLook;

/** The colours of one theme, read once. */
export class Palette {
  private readonly known = new Map<string, Rgba>();

  constructor(private readonly roles: Record<string, string>) {}

  ink(role: string | undefined): Rgba {
    if (role === undefined) return CLEAR;
    let found = this.known.get(role);
    if (!found) {
      found = parse(this.roles[role] ?? role);
      this.known.set(role, found);
    }
    return found;
  }
}

export function look(row: Row, palette: Palette): Look {
  const opacity = row.o ?? 1;
  if (row.t !== undefined) {
    return {
      kind: "text",
      x: row.x!,
      y: row.y as number,
      size: row.z!,
      ink: palette.ink(row.f),
      face: row.e ?? "text",
      anchor: row.a ?? "start",
      text: row.t,
      opacity,
    };
  }
  if (row.d) {
    const ink = palette.ink(row.s);
    const [line, head, smooth] = [row.l ?? 2, row.h ?? 0, row.c === 1];
    return { kind: "path", points: row.d, ink, line, head, smooth, opacity };
  }
  if (typeof row.y === "string") {
    const [box, ink] = [row.b!, palette.ink(row.f)];
    return { kind: "formula", box, room: box, ink, outline: row.o2 ?? "", source: row.y, opacity };
  }
  return {
    kind: "rect",
    box: row.b!,
    fill: palette.ink(row.f),
    stroke: palette.ink(row.s),
    line: row.l ?? 0,
    radius: row.r ?? 0,
    pattern: row.p ?? "none",
    patternInk: palette.ink(row.pi),
    opacity,
  };
}

/** Slow, fast, slow: a smooth step with no jerk at either end. */
export function ease(share: number): number {
  return share * share * share * (share * (share * 6 - 15) + 10);
}

/** One shape's way: from `before` (it enters, if there is none) to `after` (it leaves). */
export class Track {
  readonly before: Look | undefined;
  readonly after: Look | undefined;
  private readonly start: number;
  private readonly end: number;

  constructor(canvas: Canvas, palette: Palette, [before, after, start, end]: TrackRow) {
    this.before = before < 0 ? undefined : look(canvas.rows[before]!, palette);
    this.after = after < 0 ? undefined : look(canvas.rows[after]!, palette);
    [this.start, this.end] = [start / 1000, end / 1000];
  }

  /** The shape at a share of the motion. */
  at(time: number): Look {
    const moved = Math.min(Math.max((time - this.start) / (this.end - this.start), 0), 1);
    const share = ease(moved);
    if (this.before && this.after) return between(this.before, this.after, share);
    if (this.after) return { ...this.after, opacity: this.after.opacity * share };
    return { ...this.before!, opacity: this.before!.opacity * (1 - share) };
  }
}

function between(before: Look, after: Look, share: number): Look {
  if (share === 1) return after;
  if (share === 0) return before;
  const opacity = mix(before.opacity, after.opacity, share);
  if (before.kind === "rect" && after.kind === "rect") {
    return {
      ...after,
      ...mixPattern(before, after, share),
      box: mixBox(before.box, after.box, share),
      fill: mixInk(before.fill, after.fill, share),
      stroke: mixInk(before.stroke, after.stroke, share),
      line: mix(before.line, after.line, share),
      radius: mix(before.radius, after.radius, share),
      opacity,
    };
  }
  if (before.kind === "text" && after.kind === "text") {
    return {
      ...after,
      x: mix(before.x, after.x, share),
      y: mix(before.y, after.y, share),
      size: mix(before.size, after.size, share),
      ink: mixInk(before.ink, after.ink, share),
      text: counted(before.text, after.text, share),
      opacity,
    };
  }
  if (before.kind === "path" && after.kind === "path") {
    return {
      ...after,
      points: after.points.map(([x, y], i) => {
        const [x0, y0] = before.points[i] ?? [x, y];
        return [mix(x0, x, share), mix(y0, y, share)];
      }),
      ink: mixInk(before.ink, after.ink, share),
      line: mix(before.line, after.line, share),
      opacity,
    };
  }
  if (before.kind === "formula" && after.kind === "formula") {
    return { ...after, box: mixBox(before.box, after.box, share), opacity };
  }
  return after;
}

const NUMBER = /\d[\d,]*/g;

/** A text part of the way: its numbers count. */
function counted(before: string, after: string, share: number): string {
  if (before === after) return after;
  const found = before.match(NUMBER) ?? [];
  return after.replace(NUMBER, (second) => {
    const first = found.shift() ?? second;
    const value = halfEven(mix(whole(first), whole(second), share));
    return (first + second).includes(",") ? value.toLocaleString("en-US") : String(value);
  });
}

function whole(number: string): number {
  return Number(number.replaceAll(",", ""));
}

/** To the nearest whole number; half of one to the even one, as Python does. */
function halfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}

/** One pattern fades out, then the other fades in; the same one recolours. */
function mixPattern(before: RectLook, after: RectLook, share: number) {
  const [first, second] = [before.patternInk, after.patternInk];
  if (before.pattern === after.pattern) {
    return { pattern: after.pattern, patternInk: mixInk(first, second, share) };
  }
  if (share < 0.5) {
    return { pattern: before.pattern, patternInk: faded(first, first[3] * (1 - 2 * share)) };
  }
  return { pattern: after.pattern, patternInk: faded(second, second[3] * (2 * share - 1)) };
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

function mixBox(a: Box, b: Box, share: number): Box {
  return [0, 1, 2, 3].map((i) => mix(a[i]!, b[i]!, share)) as unknown as Box;
}
