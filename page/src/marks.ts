/** Looks as SVG elements: the same places and lines as scenes/svg.py and scenes/shapes/lines.py. */

import { opaque, type Rgba } from "./colours";
import type { FormulaLook, Look, PathLook, RectLook, TextLook } from "./looks";
import type { Point, Row } from "./story";

const SVG = "http://www.w3.org/2000/svg";
const HATCH_STEP = 9;
const HATCH_LINE = 2;
const DOT_STEP = 10;
const DOT_RADIUS = 1.8;

type Attributes = Record<string, string | number>;

export function element(name: string, attributes: Attributes = {}): SVGGraphicsElement {
  const made = document.createElementNS(SVG, name) as SVGGraphicsElement;
  for (const key in attributes) made.setAttribute(key, String(attributes[key]));
  return made;
}

/** The patterns that a picture uses, one for each ink, made when first asked for. */
export class Patterns {
  private readonly made = new Set<string>();

  constructor(private readonly defs: SVGElement) {}

  /** What fills with a pattern. */
  url(pattern: string, ink: Rgba): string {
    const colour = opaque(ink);
    const id = `${pattern}-${colour.replace(/[^\d]+/g, "-")}`;
    if (!this.made.has(id)) {
      this.made.add(id);
      this.defs.append(pattern === "dots" ? dotTile(id, colour) : hatchTile(id, colour));
    }
    return `url(#${id})`;
  }

  clear(): void {
    this.made.clear();
    this.defs.replaceChildren();
  }
}

/** The lines x + y = 9 n of the whole canvas, so that they run on from cell to cell. */
function hatchTile(id: string, colour: string): SVGElement {
  const size = HATCH_STEP;
  const tile = element("pattern", { id, width: size, height: size, patternUnits: "userSpaceOnUse" });
  const d = `M-1 1L1-1M-1 ${size + 1}L${size + 1}-1M${size - 1} ${size + 1}L${size + 1} ${size - 1}`;
  tile.append(element("path", { d, stroke: colour, "stroke-width": HATCH_LINE }));
  return tile;
}

function dotTile(id: string, colour: string): SVGElement {
  const size = DOT_STEP;
  const tile = element("pattern", { id, width: size, height: size, patternUnits: "userSpaceOnUse" });
  tile.append(element("circle", { cx: size / 2, cy: size / 2, r: DOT_RADIUS, fill: colour }));
  return tile;
}

/** One shape's elements, and what they were last told. `ends` are the rows that it may look like. */
export class Mark {
  readonly root: SVGGraphicsElement;
  private readonly base: SVGGraphicsElement;
  private overlay: SVGGraphicsElement | undefined;
  private head: SVGGraphicsElement | undefined;
  private words: string | undefined;
  private readonly told = new Map<SVGElement, Attributes>();

  constructor(
    readonly row: Row,
    first: Look,
    private readonly patterns: Patterns,
    ends: Row[],
  ) {
    const drawnAs = first.kind === "formula" ? (first.outline ? "path" : "text") : first.kind;
    this.base = element(drawnAs);
    const hasPattern = ends.some((end) => end.p === "hatch" || end.p === "dots");
    const hasHead = ends.some((end) => end.h);
    this.root = hasPattern || hasHead ? element("g") : this.base;
    if (this.root !== this.base) this.root.append(this.base);
    if (hasPattern) this.root.append((this.overlay = element("rect")));
    if (hasHead) this.root.append((this.head = element("path")));
    this.root.dataset["key"] = row.k;
    this.base.dataset["kind"] = first.kind;
    if (row.n && first.kind === "rect") this.base.setAttribute("pointer-events", "all");
    if (first.kind === "formula" && !first.outline) this.base.textContent = first.source;
    this.set(first);
  }

  set(look: Look): void {
    this.put(this.root, { opacity: look.opacity < 1 ? short(look.opacity) : 1 });
    if (look.kind === "rect") this.setRect(look);
    else if (look.kind === "text") this.setText(look);
    else if (look.kind === "path") this.setPath(look);
    else this.setFormula(look);
  }

  private setRect(look: RectLook): void {
    const [x, y, w, h] = look.box;
    this.put(this.base, {
      x: short(x),
      y: short(y),
      width: short(Math.max(w, 0)),
      height: short(Math.max(h, 0)),
      rx: short(Math.max(Math.min(look.radius, w / 2, h / 2), 0)),
      ...painted("fill", look.fill),
      ...painted("stroke", look.line ? look.stroke : [0, 0, 0, 0]),
      "stroke-width": short(look.line),
    });
    if (this.overlay) this.put(this.overlay, this.filling(look));
  }

  private filling(look: RectLook): Attributes {
    const [x, y, w, h] = look.box;
    if ((look.pattern !== "hatch" && look.pattern !== "dots") || !look.patternInk[3]) {
      return { fill: "none" };
    }
    const paint = {
      fill: this.patterns.url(look.pattern, look.patternInk),
      "fill-opacity": short(look.patternInk[3]),
    };
    if (look.pattern === "hatch") {
      const place = { x: short(x + 1), y: short(y + 1), transform: "translate(0 0)" };
      return { ...paint, ...place, width: short(Math.max(w - 2, 0)), height: short(Math.max(h - 2, 0)) };
    }
    const columns = Math.max(1, Math.floor((w - 4) / DOT_STEP));
    const rows = Math.max(1, Math.floor((h - 4) / DOT_STEP));
    const [width, height] = [columns * DOT_STEP, rows * DOT_STEP];
    const transform = `translate(${short(x + (w - width) / 2)} ${short(y + (h - height) / 2)})`;
    return { ...paint, x: 0, y: 0, width, height, transform };
  }

  private setText(look: TextLook): void {
    if (look.text !== this.words) this.base.textContent = this.words = look.text;
    this.put(this.base, {
      x: short(look.x),
      y: short(look.y),
      "font-size": short(look.size),
      "font-family": `pagereel-${look.face}, ${look.face === "mono" ? "monospace" : "sans-serif"}`,
      "text-anchor": look.anchor,
      ...painted("fill", look.ink),
    });
  }

  private setPath(look: PathLook): void {
    const [line, head] = arrow(look.points, look.head);
    const d = look.smooth
      ? `M${line[0]!.map(short)}C${line.slice(1).map((point) => point.map(short))}`
      : `M${line.map((point) => point.map(short).join(" ")).join("L")}`;
    const stroke = painted("stroke", look.ink);
    this.put(this.base, { d, fill: "none", ...stroke, "stroke-width": short(look.line) });
    if (this.head) {
      const corners = head.map((point) => point.map(short).join(" ")).join("L");
      this.put(this.head, { d: head.length ? `M${corners}z` : "", ...painted("fill", look.ink) });
    }
  }

  private setFormula(look: FormulaLook): void {
    const [x, y, w, h] = look.box;
    const ink = painted("fill", look.ink);
    if (look.outline) {
      const [across, down] = [w / (look.room[2] || 1), h / (look.room[3] || 1)];
      const transform = `translate(${short(x)} ${short(y)}) scale(${across} ${down})`;
      this.put(this.base, { d: look.outline, transform, ...ink });
    } else {
      const place = { x: short(x), y: short(y + h * 0.75), "font-size": short(h * 0.7) };
      this.put(this.base, { ...place, "font-family": "pagereel-mono, monospace", ...ink });
    }
  }

  /** Only what has changed is told to the browser. */
  private put(target: SVGElement, attributes: Attributes): void {
    let told = this.told.get(target);
    if (!told) this.told.set(target, (told = {}));
    for (const name in attributes) {
      const value = attributes[name]!;
      if (told[name] === value) continue;
      told[name] = value;
      target.setAttribute(name, String(value));
    }
  }
}

function painted(name: "fill" | "stroke", ink: Rgba): Attributes {
  if (!ink[3]) return { [name]: "none" };
  return { [name]: opaque(ink), [`${name}-opacity`]: short(ink[3]) };
}

/** The points of the line, shortened for the head, and the head's corners; none without one. */
function arrow(points: Point[], head: number): [Point[], Point[]] {
  const [[x0, y0], [x1, y1]] = points.slice(-2) as [Point, Point];
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (!head || !length) return [points, []];
  const [dx, dy] = [(x1 - x0) / length, (y1 - y0) / length];
  const end: Point = [x1 - dx * head * 0.8, y1 - dy * head * 0.8];
  const [bx, by, half] = [x1 - dx * head, y1 - dy * head, head * 0.5];
  return [
    [...points.slice(0, -1), end],
    [
      [x1, y1],
      [bx - dy * half, by + dx * half],
      [bx + dy * half, by - dx * half],
    ],
  ];
}

function short(value: number): number {
  return Math.round(value * 1000) / 1000;
}
