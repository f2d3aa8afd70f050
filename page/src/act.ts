/** What the visitor can do to the state that he sees: the verbs that these lanes obey. */

import { html, nothing, type TemplateResult } from "lit";
import { freshId, type Verb } from "./editing";
import type { Player } from "./player";
import type { Deed } from "./story";
import { count } from "./words";

const ABSENT = "absent";

export function acting(player: Player): TemplateResult {
  const { version, here, now } = player;
  const act = (verb: Verb): void => void version.act(verb);
  return html`<p class="at" tabindex="-1">
      After <b>beat ${here.beat + 1}, step ${here.step + 1}</b>${cutSaid(player)}
    </p>
    <div class="row">
      ${[1, 4].map(
        (steps) =>
          html`<button
            type="button"
            class="quiet"
            @click=${() => act(steps === 1 ? "step" : { step: steps })}
          >
            ${steps === 1 ? "One step" : `${steps} steps`}
          </button>`,
      )}
    </div>
    ${goingOn(player)}
    <ul class="actors">
      ${now.requests.map(({ id }) => actor(player, id, act))}
    </ul>
    ${fresh(player)} ${done(player)}`;
}

/** What becomes of the author's later beats. */
function cutSaid({ version, here, story }: Player): string {
  const later = story!.beats.length - here.beat - 1;
  if (version.now.acts.length || later <= 0) return ".";
  return `. The author’s ${count(later, "later beat")} will be cut; they can come back after what you do.`;
}

/** One request: where it is in each lane, and what can be done to it there. */
function actor(
  player: Player,
  id: string,
  act: (verb: Verb) => void,
): TemplateResult {
  const phases = phasesOf(player, id);
  const deeds = player.now.deeds.filter((deed) =>
    deed.lanes.some((lane) => deed.phases.includes(phases.get(lane)!)),
  );
  return html`<li>
    <p>
      <b>${id}</b>
      <span class="muted">${phasesSaid(player, phases)}</span>
    </p>
    <div class="row">
      ${deeds.flatMap((deed) =>
        verbs(deed, id).map(
          ([label, verb]) =>
            html`<button
              type="button"
              class="quiet"
              title="${deed.about}${only(player, deed)}"
              aria-label="${label}: ${id}${only(player, deed)}"
              @click=${() => act(verb)}
            >
              ${label}
            </button>`,
        ),
      )}
    </div>
  </li>`;
}

/** Where a request, or the first of its sequences that is alive, stands in each lane. */
function phasesOf({ here, now }: Player, id: string): Map<string, string> {
  const isMine = new RegExp(`^${id}(\\.?\\d+)?$`);
  const others = new Set(now.requests.map((request) => request.id).filter((name) => name !== id));
  return new Map(
    now.lanes.map(({ name }): [string, string] => {
      const found = Object.entries(here.memory[name]?.requests ?? {})
        .filter(([holder]) => isMine.test(holder) && !others.has(holder))
        .map(([, { phase }]) => phase);
      const alive = found.find((phase) => phase !== "finished" && phase !== "aborted");
      return [name, alive ?? found[0] ?? ABSENT];
    }),
  );
}

const SAID: Record<string, string> = {
  [ABSENT]: "has not come",
  waiting: "waits",
  running: "runs",
  preempted: "waits again",
  swapped: "is on the CPU",
  finished: "is done",
  aborted: "has given up",
};

function phasesSaid({ now }: Player, phases: Map<string, string>): string {
  const kinds = new Set(phases.values());
  const said = (phase: string): string => SAID[phase] ?? phase;
  if (kinds.size === 1) return said([...kinds][0]!);
  return now.lanes.map(({ name, title }) => `${title || name}: ${said(phases.get(name)!)}`).join(" · ");
}

/** The buttons of a deed: one, or one for each of its numbers. */
function verbs({ verb, label, counts }: Deed, id: string): [string, Verb][] {
  if (!counts) return [[label, { [verb]: id }]];
  const [from, to] = counts;
  return Array.from({ length: to - from + 1 }, (_, i): [string, Verb] => [
    `${label.replace("Send as", `${from + i}`)}`,
    { [verb]: { [id]: from + i } },
  ]);
}

/** The lanes that obey, where others do not. */
function only({ now }: Player, deed: Deed): string {
  if (deed.lanes.length === now.lanes.length) return "";
  const titles = now.lanes.filter(({ name }) => deed.lanes.includes(name)).map((l) => l.title || l.name);
  return ` Only in ${titles.join(", ")}.`;
}

/** A request that the visitor thinks of and sends. */
function fresh(player: Player): TemplateResult {
  const { version, now } = player;
  const id = freshId(now, version.editing.added);
  const send = (event: Event): void => {
    const box = (event.currentTarget as Element).closest("details")!;
    const [prompt, output] = [...box.querySelectorAll("textarea")].map(({ value }) => value);
    void version.send(id, { prompt: prompt!, output: output! });
  };
  return html`<details>
    <summary>A new request</summary>
    <label class="text"><span>Prompt of ${id}</span><textarea rows="2">Tell me a story</textarea></label>
    <label class="text"><span>Answer</span><textarea rows="2"> once upon a time</textarea></label>
    <button type="button" class="quiet" @click=${send}>Send ${id}</button>
  </details>`;
}

/** What he has done, as a storyboard has it. */
function done({ version }: Player): TemplateResult | typeof nothing {
  const { acts } = version.now;
  if (!acts.length) return nothing;
  return html`<h3>What you did</h3>
    ${acts.map(
      ({ beat, do: verbs }) =>
        html`<p class="muted">After beat ${beat + 1}</p>
          <pre tabindex="0">${verbs.map((verb) => `- ${yaml(verb)}`).join("\n")}</pre>`,
    )}`;
}

/** Whether the author's later beats are cut, or come after what was done. */
function goingOn({ version, story }: Player): TemplateResult | typeof nothing {
  const { acts, goesOn } = version.now;
  const cut = story!.beats.length - (acts[0]?.beat ?? 0) - 1;
  if (!acts.length || cut <= 0) return nothing;
  const told = (event: Event): void =>
    void version.goOn((event.target as HTMLInputElement).checked);
  return html`<label class="bool">
    <input type="checkbox" .checked=${goesOn} @change=${told} />
    <span>Then go on with the author’s ${count(cut, "later beat")}</span>
  </label>`;
}

function yaml(verb: Verb): string {
  if (typeof verb === "string") return verb;
  const [[key, value]] = Object.entries(verb) as [[string, unknown]];
  if (typeof value !== "object" || value === null) return `${key}: ${String(value)}`;
  const [[id, number]] = Object.entries(value) as [[string, unknown]];
  return `${key}: {${id}: ${String(number)}}`;
}
