/** What a visitor has changed: as the form has it, as links have it, and as `--set` takes it. */

import type { Problem } from "./engine";
import type { Broken, Setting, Step, Story } from "./story";

/** How the visitor changes the story: by a form, by acting on what he sees, by its text. */
export type Way = "form" | "act" | "text";

/** A request of the visitor's own. */
export interface Added {
  prompt: string;
  output: string;
  /** The step before which it comes; -1: when he sends it. */
  arrival: number;
}

/** How the visitor's version stands. */
export interface Editing {
  way: Way;
  /** Changed values by key, as the form has them. */
  changes: Map<string, string>;
  /** Requests of his own, by id. */
  added: Map<string, Added>;
  /** The storyboard's text as he edits it. */
  draft: string;
  /** What the engine is doing, and how far it is; while it works. */
  progress: { text: string; share: number } | undefined;
  problems: Problem[];
  failure: string;
  broken: Broken[];
  /** Whether the story that is shown is the visitor's. */
  isOwn: boolean;
}

export function unchanged(): Editing {
  return {
    way: "form",
    changes: new Map(),
    added: new Map(),
    draft: "",
    progress: undefined,
    problems: [],
    failure: "",
    broken: [],
    isOwn: false,
  };
}

/** An item of a beat's `do`. */
export type Verb = string | Record<string, unknown>;

/** What the visitor does from a place on, which counts from 0: beat, shot, moments that are over. */
export interface Act {
  beat: number;
  shot: number;
  done: number;
  do: Verb[];
}

/** Acts as links and the engine have them. */
export function actsSaid(acts: Act[]): string {
  return acts.length
    ? JSON.stringify(acts.map((act) => [act.beat, act.shot, act.done, ...act.do]))
    : "";
}

/** Acts of a link; none where it is broken. */
export function actsOf(said: string): Act[] {
  try {
    const given = JSON.parse(said || "[]") as [number, number, number, ...Verb[]][];
    return given.map(([beat, shot, done, ...verbs]) => ({ beat, shot, done, do: verbs }));
  } catch {
    return [];
  }
}

/** These acts and one more verb, done at a step: after what was done last, if that is shown. */
export function andThen(
  acts: Act[],
  verb: Verb,
  here: Step & { beat: number },
  isEndOfBeat: boolean,
): Act[] {
  const last = acts.at(-1);
  if (last && isEndOfBeat && here.beat === last.beat + 1 && last.do.length < MOST_SHOTS) {
    return [...acts.slice(0, -1), { ...last, do: [...last.do, verb] }];
  }
  return [...acts, { beat: here.beat, shot: here.shot - 1, done: here.done, do: [verb] }];
}

/** Of one beat. */
const MOST_SHOTS = 20;

/** `--set` of all that was changed; text is quoted, so that YAML cannot mistake it. */
export function overrides({ changes, added }: Editing, settings: Setting[]): string[] {
  const kinds = new Map(settings.map(({ key, kind }) => [key, kind]));
  return [
    ...[...changes].map(
      ([key, value]) => `${key}=${kinds.get(key) === "text" ? JSON.stringify(value) : value}`,
    ),
    ...[...added].map(([id, { prompt, output, arrival }]) => {
      const comes = arrival < 0 ? { spare: true } : { arrival };
      return `requests.${id}=${JSON.stringify({ prompt, output, ...comes })}`;
    }),
  ];
}

/** The changes that a link tells. */
export function changesOf(said: string[]): Pick<Editing, "changes" | "added"> {
  const [changes, added] = [new Map<string, string>(), new Map<string, Added>()];
  for (const text of said) {
    const at = text.indexOf("=");
    const [key, value] = [text.slice(0, at), text.slice(at + 1)];
    const id = /^requests\.([^.]+)$/.exec(key)?.[1];
    try {
      if (id && value.startsWith("{")) {
        added.set(id, { prompt: "", output: "", arrival: -1, ...JSON.parse(value) });
      } else changes.set(key, value.startsWith('"') ? String(JSON.parse(value)) : value);
    } catch {
      changes.set(key, value); // the reader will say what is wrong
    }
  }
  return { changes, added };
}

/** A name for one more request: the first free letter. */
export function freshId(story: Story, added: Map<string, Added>): string {
  const taken = new Set([...story.requests.map(({ id }) => id), ...added.keys()]);
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  return letters.find((letter) => !taken.has(letter)) ?? `R${taken.size}`;
}
