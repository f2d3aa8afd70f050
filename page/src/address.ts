/** The part of the address after `#`: where the visitor is, and what he changed. */

import type { Place, Story } from "./story";

export interface Address {
  place: Place | undefined;
  theme: string | undefined;
  /** Changed settings, each `key=value` as `--set` takes it. */
  settings: string[];
}

export function readAddress(hash: string, story: Story): Address {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  return {
    place: said.has("beat") ? place(said, story) : undefined,
    theme: said.get("theme") ?? undefined,
    settings: said.getAll("set").filter((setting) => setting.includes("=")),
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

export function writeAddress({ place, theme, settings }: Address): string {
  const said = new URLSearchParams();
  if (place) {
    said.set("beat", `${place.beat + 1}`);
    said.set("step", `${place.step + 1}`);
  }
  if (theme) said.set("theme", theme);
  for (const setting of settings) said.append("set", setting);
  return `#${said}`;
}
