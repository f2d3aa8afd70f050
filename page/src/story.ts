/** The baked story, as Python writes it: rows of plain data, pictures, motions, beats. */

export type Point = [number, number];

/** One shape. Colours are roles; a theme says what they look like. */
export interface Row {
  /** Key: what the shape stands for, all through the story. */
  k: string;
  /** Box of a rectangle or formula: x, y, width, height. */
  b?: [number, number, number, number];
  /** Fill of a rectangle; ink of text and formulas. */
  f?: string;
  /** Stroke. */
  s?: string;
  /** Width of the line. */
  l?: number;
  /** Radius of the corners. */
  r?: number;
  /** Pattern, and its ink. */
  p?: "hatch" | "dots" | "cross";
  pi?: string;
  x?: number;
  y?: number | string;
  /** Text. */
  t?: string;
  /** Size of the type. */
  z?: number;
  /** Face, if not `text`. */
  e?: string;
  a?: "middle" | "end";
  /** Points of a path. */
  d?: Point[];
  /** Length of the arrow head. */
  h?: number;
  /** Whether the path is one cubic curve. */
  c?: 1;
  /** Outline of a formula, in coordinates of its box. */
  o2?: string;
  /** Opacity below 1. */
  o?: number;
  /** What it means. */
  n?: string;
  /** What focus can name it by. */
  g?: string[];
}

/** Row before (-1: none), row after (-1: none), start and end in thousandths; place in drawing order. */
export type TrackRow = [number, number, number, number, number?];

export interface Canvas {
  size: [number, number];
  rows: Row[];
  pictures: number[][];
  motions: TrackRow[][];
  alts: string[];
}

export interface Happening {
  request: string;
  sequence?: string;
  what: string;
  text: string;
  rule?: string;
  source?: string;
  /** Ids of the blocks that it happened to. */
  blocks?: number[];
}

/** Slots of one lane: the six parts add up to its capacity. */
export interface LaneMemory {
  stored: number;
  reserved: number;
  internal: number;
  external: number;
  cached: number;
  free: number;
  held: number;
  capacity: number;
  running: number;
  waiting: number;
  /** Those that have arrived. */
  requests: Record<string, RequestMemory>;
}

export interface RequestMemory {
  phase: string;
  computed: number;
  sampled: number;
  /** Slots. */
  held: number;
  /** Ids of its blocks, in order; null for what is out of its window. */
  table?: (number | null)[];
  /** First slot and number of slots of its region. */
  at?: [number, number];
}

export interface Step {
  picture: number;
  seconds: number;
  rest: number;
  say: string;
  asking: boolean;
  number: number;
  half?: string;
  shot: number;
  /** Moments of the shot that are over. */
  done: number;
  origin: string;
  source: string;
  memory: Record<string, LaneMemory>;
  happened: Record<string, Happening[]>;
  /** How the lanes compare, in stories with variants. */
  verdict?: Verdict;
}

export interface Verdict {
  /** A label, and a value a lane. */
  rows: string[][];
  /** Sentences. */
  said: string[];
}

/** What a visitor can start from in place of the author's requests and settings. */
export interface Variant {
  title: string;
  about: string;
  /** What it changes, as `--set` takes it. */
  set: string[];
}

export interface Question {
  ask: string;
  options: { text: string; right: boolean }[];
}

export interface Beat {
  title: string;
  card: string;
  steps: Step[];
  question?: Question;
}

export interface Setting {
  /** As `--set` takes it: `block_size`, `requests.A.prompt`. */
  key: string;
  label: string;
  about?: string;
  /** `memory`, `model`, `lane NAME` or `request ID`. */
  group: string;
  kind: "int" | "number" | "choice" | "text" | "bool";
  value: string | number | boolean | null;
  choices?: (string | number)[];
  least?: number;
  most?: number;
}

/** A verb that can be done to a request. */
export interface Deed {
  verb: string;
  label: string;
  about: string;
  /** One of which a request must be in, in one of the lanes. */
  phases: string[];
  /** Those that obey it. */
  lanes: string[];
  /** From and to of the number that goes with it. */
  counts?: [number, number];
}

/** Something to try, and whether it is done. */
export interface Task {
  text: string;
  /** From 1. */
  beat: number;
  done: boolean;
  /** How many changes are enough. */
  changes?: number;
}

/** A claim of the author that an edit has made false; beats count from 1. */
export interface Broken {
  beat: number;
  claim: string;
  text: string;
}

export interface Story {
  format: number;
  title: string;
  subtitle: string;
  about: string;
  name: string;
  editable: boolean;
  canvases: Record<string, Canvas>;
  beats: Beat[];
  themes: Record<string, Record<string, string>>;
  glossary: { term: string; forms: string[]; text: string }[];
  lanes: {
    name: string;
    title: string;
    kind: string;
    summary?: string;
    /** What it models, such as `vLLM 0.32.0`. */
    system?: string;
    options?: Record<string, unknown>;
  }[];
  /** Text, or the number of its nameless tokens. */
  requests: { id: string; prompt: string | number; output: string | number; arrival?: number }[];
  settings: Setting[];
  deeds: Deed[];
  tasks: Task[];
  variants: Variant[];
  /** Values that the page was made with, as `--set` takes them. */
  set?: string[];
}

/** Where a step stands: its beat and its place there, both from 0. */
export interface Place {
  beat: number;
  step: number;
}

/** All steps in order, each with its place. */
export function steps(story: Story): (Step & Place)[] {
  return story.beats.flatMap((beat, b) =>
    beat.steps.map((step, s) => ({ ...step, beat: b, step: s })),
  );
}
