/** The part of the address after `#`: where the visitor is, and what he changed. */

import type { Place, Story } from "./story";

export interface Address {
  place: Place | undefined;
  theme: string | undefined;
  /** The title of the variant that he started from; empty for the author's own setting. */
  start: string;
  /** Changed settings, each `key=value` as `--set` takes it. */
  settings: string[];
  /** What he did, as `actsSaid` tells it; empty for nothing. */
  acts: string;
  /** Whether the author's beats go on after that. */
  goesOn: boolean;
  /** A storyboard of his own, packed; empty for the author's. */
  story: string;
}

export function readAddress(hash: string, story: Story): Address {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  return {
    place: said.has("beat") ? place(said, story) : undefined,
    theme: said.get("theme") ?? undefined,
    start: said.get("start") ?? "",
    settings: said.getAll("set").filter((setting) => setting.includes("=")),
    acts: said.get("do") ?? "",
    goesOn: said.has("on"),
    story: said.get("story") ?? "",
  };
}

function place(said: URLSearchParams, story: Story): Place {
  const beat = within(Number(said.get("beat")), story.beats.length);
  const steps = story.beats[beat]!.steps;
  const shot = Number(said.get("shot"));
  if (shot) {
    const found = steps.findIndex((step) => step.shot === shot);
    return { beat, step: Math.max(found, 0) };
  }
  return { beat, step: within(Number(said.get("step") ?? 1), steps.length) };
}

function within(number: number, count: number): number {
  return Math.min(Math.max(Math.round(number) || 1, 1), count) - 1;
}

export function writeAddress({ place, theme, start, settings, acts, goesOn, story }: Address): string {
  const said = new URLSearchParams();
  if (place) {
    said.set("beat", `${place.beat + 1}`);
    said.set("step", `${place.step + 1}`);
  }
  if (theme) said.set("theme", theme);
  if (story) said.set("story", story);
  if (start) said.set("start", start);
  for (const setting of settings) said.append("set", setting);
  if (acts) said.set("do", acts);
  if (acts && goesOn) said.set("on", "1");
  return `#${said}`;
}

/** A text, short enough for an address. */
export async function packed(text: string): Promise<string> {
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  const letters = btoa(String.fromCharCode(...bytes));
  return letters.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The text again. Raises for what `packed` has not made. */
export async function unpacked(letters: string): Promise<string> {
  const binary = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  const text = await through(bytes, new DecompressionStream("deflate-raw"));
  return new TextDecoder("utf-8", { fatal: true }).decode(text);
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  way: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(way);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
