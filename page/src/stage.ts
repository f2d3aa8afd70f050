/** Draws pictures and what lies between two of them. It knows shares of motions, and no clock. */

import { element, Mark, Patterns } from "./marks";
import { ease, look, Palette, Track } from "./looks";
import type { Canvas, Row } from "./story";

/** A picture of more shapes than this is swapped without motion. */
export const MOST_MOVING = 2000;

/** What the player writes beside the picture, and therefore leaves out of it. */
const SAID_BESIDE = /^(header|caption)\//;

const MARGIN = 16;

/** Left, top, width, height of what is shown of a canvas. */
export type Frame = readonly [number, number, number, number];

export class Stage {
  private readonly layer = element("g");
  private readonly patterns: Patterns;
  private canvas!: Canvas;
  private frames!: Frame[];
  private palette!: Palette;
  private kept = new Map<number, Mark>();
  private moving: [Mark, Track][] = [];
  private shown = "";
  private wanted: ((row: Row) => boolean) | undefined;

  constructor(readonly svg: SVGSVGElement) {
    const defs = element("defs");
    this.patterns = new Patterns(defs);
    this.layer.classList.add("layer");
    svg.append(defs, this.layer);
  }

  /** Take another canvas or theme; nothing is drawn until a picture is asked for. */
  load(canvas: Canvas, frames: Frame[], roles: Record<string, string>): void {
    this.canvas = canvas;
    this.frames = frames;
    this.palette = new Palette(roles);
    this.kept.clear();
    this.patterns.clear();
    this.shown = "";
  }

  /** Draw one picture. */
  still(picture: number): void {
    if (this.shown === `${picture}`) return;
    this.shown = `${picture}`;
    this.moving = [];
    this.look(this.frames[picture]!);
    const marks = this.drawn(picture).map((row) => this.mark(row));
    this.layer.replaceChildren(...marks.map((mark) => mark.root));
  }

  /** Draw what lies between a picture and the next, at a share of their motion. */
  between(picture: number, share: number): void {
    if (share <= 0) return this.still(picture);
    if (share >= 1) return this.still(picture + 1);
    if (this.canvas.pictures[picture + 1]!.length > MOST_MOVING) {
      return this.still(share < 0.5 ? picture : picture + 1);
    }
    if (this.shown !== `${picture}>`) this.prepare(picture);
    for (const [mark, track] of this.moving) mark.set(track.at(share));
    const [from, to] = [this.frames[picture]!, this.frames[picture + 1]!];
    this.look(from.map((side, i) => side + (to[i]! - side) * ease(share)));
  }

  /** The shapes that mean something, as they stand. */
  noted(): Mark[] {
    return [...this.layer.children]
      .map((node) => this.marks.get(node)!)
      .filter((mark) => mark.row.n);
  }

  /** The shape that an element belongs to. */
  find(node: Element): Mark | undefined {
    const child = node.closest("[data-key]");
    return child ? this.marks.get(child) : undefined;
  }

  /** Dim every shape that has tags and is not wanted; without a wish, none. */
  focus(wanted: ((row: Row) => boolean) | undefined): void {
    this.wanted = wanted;
    for (const node of this.layer.children) this.light(this.marks.get(node)!);
  }

  private readonly marks = new WeakMap<Element, Mark>();

  private look(frame: readonly number[]): void {
    const box = frame.map((side) => Math.round(side * 100) / 100).join(" ");
    if (this.svg.getAttribute("viewBox") !== box) this.svg.setAttribute("viewBox", box);
  }

  private drawn(picture: number): number[] {
    return this.canvas.pictures[picture]!.filter((row) => isDrawn(this.canvas.rows[row]!));
  }

  private prepare(picture: number): void {
    this.shown = `${picture}>`;
    this.moving = [];
    const { rows, motions } = this.canvas;
    const all = this.canvas.pictures[picture + 1]!;
    const arriving = new Map<number, [Track, Row[]]>();
    const others: [number, Mark][] = [];
    const there = new Set(all);
    for (const row of motions[picture]!) {
      const [before, after, , , place] = row;
      const known = rows[after < 0 ? before : after]!;
      if (!isDrawn(known)) continue;
      const track = new Track(this.canvas, this.palette, row);
      const ends = [before, after].filter((end) => end >= 0).map((end) => rows[end]!);
      if (after >= 0 && there.has(after)) arriving.set(after, [track, ends]);
      else others.push([place ?? -1, this.move(known, track, ends)]);
    }
    others.sort(([a], [b]) => a - b);
    const nodes: Element[] = [];
    all.forEach((row, place) => {
      while (others.length && others[0]![0] <= place) nodes.push(others.shift()![1].root);
      const known = rows[row]!;
      if (!isDrawn(known)) return;
      const arrival = arriving.get(row);
      nodes.push((arrival ? this.move(known, ...arrival) : this.mark(row)).root);
    });
    nodes.push(...others.map(([, mark]) => mark.root));
    this.layer.replaceChildren(...nodes);
  }

  private move(row: Row, track: Track, ends: Row[]): Mark {
    const mark = this.make(row, track.at(0), ends);
    this.moving.push([mark, track]);
    return mark;
  }

  private mark(index: number): Mark {
    let mark = this.kept.get(index);
    if (!mark) {
      const row = this.canvas.rows[index]!;
      mark = this.make(row, look(row, this.palette), [row]);
      this.kept.set(index, mark);
    }
    this.light(mark);
    return mark;
  }

  private make(row: Row, first: ReturnType<typeof look>, ends: Row[]): Mark {
    const mark = new Mark(row, first, this.patterns, ends);
    this.marks.set(mark.root, mark);
    this.light(mark);
    return mark;
  }

  private light(mark: Mark): void {
    const rests = this.wanted !== undefined && !!mark.row.g?.length && !this.wanted(mark.row);
    mark.root.classList.toggle("rests", rests);
  }
}

function isDrawn(row: Row): boolean {
  return !SAID_BESIDE.test(row.k);
}

/** The part of a canvas that some pictures use, with a margin. */
function frame(canvas: Canvas, pictures: number[][]): Frame {
  const [width, height] = canvas.size;
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (const index of new Set(pictures.flat())) {
    const row = canvas.rows[index]!;
    if (!isDrawn(row)) continue;
    for (const [x, y] of corners(row)) {
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x), Math.max(bottom, y)];
    }
  }
  if (left >= right || top >= bottom) return [0, 0, width, height];
  left = Math.max(0, Math.min(left, width - right) - MARGIN);
  top = Math.max(0, top - MARGIN);
  return [left, top, width - 2 * left, Math.min(height, bottom + MARGIN) - top];
}

/** For each picture the part of the canvas to show: the same one for all pictures of a kind. */
export function framesOf(canvas: Canvas, kinds: string[]): Frame[] {
  const known = new Map<string, Frame>();
  for (const kind of new Set(kinds)) {
    const alike = canvas.pictures.filter((_, picture) => kinds[picture] === kind);
    known.set(kind, frame(canvas, alike));
  }
  return canvas.pictures.map((_, picture) => known.get(kinds[picture]!)!);
}

/** The frame that most pictures have. */
export function usual(frames: Frame[]): Frame {
  const times = (frame: Frame): number => frames.filter((other) => other === frame).length;
  return frames.reduce((best, next) => (times(next) > times(best) ? next : best));
}

function corners(row: Row): [number, number][] {
  if (row.d) return row.d;
  if (row.b) {
    const [x, y, w, h] = row.b;
    return [
      [x, y],
      [x + w, y + h],
    ];
  }
  const [x, y] = [row.x!, row.y as number];
  return [
    [x, y - row.z!],
    [x, y + row.z! * 0.3],
  ];
}
