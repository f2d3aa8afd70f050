/** What the player itself says, and how the story's words become links to their meaning. */

import { html, type TemplateResult } from "lit";
import type { Happening, LaneMemory, Story } from "./story";

type Term = Story["glossary"][number];

/** A caption in which the first use of each term of the glossary opens its meaning. */
export function withTerms(
  text: string,
  glossary: Term[],
  open: (term: Term, at: Element) => void,
): (string | TemplateResult)[] {
  const byForm = new Map<string, Term>();
  for (const term of glossary) for (const form of term.forms) byForm.set(form.toLowerCase(), term);
  if (!byForm.size) return [text];
  const forms = [...byForm.keys()].sort((a, b) => b.length - a.length).map(escaped);
  const met = new Set<Term>();
  const found: (string | TemplateResult)[] = [];
  let done = 0;
  // What follows a term without a space stays on its line.
  const uses = text.matchAll(new RegExp(`(?<![\\w-])(${forms.join("|")})(?![\\w-])(\\S*)`, "gi"));
  for (const use of uses) {
    const [all, form, tail] = use as unknown as [string, string, string];
    const term = byForm.get(form.toLowerCase())!;
    if (met.has(term)) continue;
    met.add(term);
    const link = html`<button
      class="term"
      aria-haspopup="dialog"
      @click=${(event: Event) => open(term, event.currentTarget as Element)}
    >${form}</button>`;
    found.push(text.slice(done, use.index), html`<span class="whole">${link}${tail}</span>`);
    done = use.index + all.length;
  }
  return [...found, text.slice(done)];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

const WHY: Record<string, (request: string) => string> = {
  refused: (request) => `Why is ${request} refused?`,
  preempted: (request) => `Why is ${request} preempted?`,
  hit: (request) => `Why can ${request} reuse blocks?`,
  evicted: () => "Why is a cached block lost?",
  copied: (request) => `Why does ${request} copy a block?`,
  "out-of-memory": (request) => `Why does ${request} fail?`,
  "swapped-out": (request) => `Why is ${request} moved to the CPU?`,
  moved: (request) => `Why does ${request} move?`,
  shared: (request) => `Why can ${request} share a block?`,
  published: (request) => `Who can find ${request}’s block now?`,
  reserved: (request) => `Why so much for ${request}?`,
  taken: (request) => `Why these blocks for ${request}?`,
  freed: (request) => `Where do ${request}’s blocks go?`,
  admitted: (request) => `Why is ${request} admitted?`,
};

/** What a reader stumbles over. */
export const ODD = new Set([
  "refused",
  "preempted",
  "hit",
  "evicted",
  "copied",
  "out-of-memory",
  "swapped-out",
]);

export function why({ what, request }: Happening): string {
  return WHY[what]?.(request) ?? `Why: ${request}, ${what.replaceAll("-", " ")}?`;
}

const ORIGINS: Record<string, string> = {
  modelled: "Computed by the exact model of the memory, step by step. Nobody typed a number here.",
  measured: "Measured on a real engine and machine, and kept as a record.",
  quoted: "Taken from a published source.",
  recorded: "Recorded step by step from a run of the engine.",
};

export function origin(kind: string): string {
  return ORIGINS[kind.split(",")[0]!.split(" ")[0]!] ?? "";
}

export function memorySaid(title: string, memory: LaneMemory): string {
  const { stored, held, capacity } = memory;
  return `${title}: ${stored} stored, ${held} held of ${capacity}`;
}

const GROUPS: Record<string, string> = { memory: "Memory", model: "Model" };

/** The heading of a group of settings: `lane paged` by the lane's title. */
export function groupTitle(group: string, story: Story): string {
  if (group.startsWith("lane ")) {
    const name = group.slice(5);
    return `Lane: ${story.lanes.find((lane) => lane.name === name)?.title ?? name}`;
  }
  if (group.startsWith("request ")) return `Request ${group.slice(8)}`;
  return GROUPS[group] ?? group;
}

export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
