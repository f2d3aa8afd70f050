/** What opens at the side: chapters and requests, one request, settings, help. */

import { html, nothing, type TemplateResult } from "lit";
import type { Happening, Place, Step, Story } from "./story";
import { THEMES } from "./themes";
import { ODD, why } from "./words";

type Steps = (Step & Place)[];

export function chapters(
  story: Story,
  here: Place,
  broken: Set<number>,
  go: (place: Place) => void,
  open: (request: string) => void,
): TemplateResult {
  return html`<ol class="chapters">
      ${story.beats.map(
        (beat, i) =>
          html`<li>
            <button
              class="chapter"
              aria-current=${i === here.beat ? "step" : "false"}
              @click=${() => go({ beat: i, step: 0 })}
            >
              <span class="number">${i + 1}</span>
              <span>${beat.title}</span>
              ${beat.question ? html`<span class="tag">question</span>` : nothing}
              ${broken.has(i + 1) ? html`<span class="tag warn">claim broken</span>` : nothing}
            </button>
          </li>`,
      )}
    </ol>
    <h3>Lanes</h3>
    ${story.lanes.map(
      ({ name, title, system, summary, options }) =>
        html`<p class="lane-facts">
          <b>${title || name}</b>${system ? html` <span class="tag">${system}</span>` : nothing}
          <br />${summary}
          ${Object.entries(options ?? {}).map(
            ([option, value]) => html`<br /><span class="muted">${option}: ${String(value)}</span>`,
          )}
        </p>`,
    )}
    ${story.requests.length
      ? html`<h3>Requests</h3>
          <ul class="chapters">
            ${story.requests.map(
              ({ id, prompt }) =>
                html`<li>
                  <button class="chapter" @click=${() => open(id)}>
                    <span class="number">${id}</span>
                    <span>${words(prompt)}</span>
                  </button>
                </li>`,
            )}
          </ul>`
      : nothing}`;
}

function words(text: string | number): string {
  return typeof text === "number" ? `${text} tokens` : text;
}

/** Everything about one request: its words, what it holds now, and what happened to it. */
export function requestPanel(
  story: Story,
  steps: Steps,
  index: number,
  id: string,
  go: (place: Place) => void,
  focus: (tag: string) => void,
): TemplateResult {
  const request = story.requests.find((known) => known.id === id);
  if (!request) return html`<p>There is no request ${id} in this version.</p>`;
  return html`<dl class="facts">
      <dt>Prompt</dt>
      <dd>${words(request.prompt)}</dd>
      <dt>Answer</dt>
      <dd>${words(request.output)}</dd>
    </dl>
    <button class="quiet" @click=${() => focus(`request ${id}`)}>Show only ${id} in the picture</button>
    ${story.lanes.map(({ name, title }) => {
      const now = steps[index]!.memory[name]?.requests[id];
      return html`<h3>${title || name}</h3>
        ${now
          ? html`<p class="now">
              <span class="tag">${now.phase}</span>
              ${now.held} slots held${now.table?.length ? `, blocks ${now.table.map((block) => block ?? "–").join(", ")}` : ""}${now.at
                ? `, slots ${now.at[0]} to ${now.at[0] + now.at[1] - 1}`
                : ""}
            </p>`
          : html`<p class="now muted">Has not arrived yet.</p>`}
        <ol class="history">
          ${history(steps, name, id).map(
            ([at, items]) =>
              html`<li class=${at > index ? "later" : ""}>
                <button class="link" @click=${() => go(steps[at]!)}>${label(steps[at]!)}</button>
                ${items.map((item) => html`<p>${item.text}</p>`)}
              </li>`,
          )}
        </ol>`;
    })}`;
}

function label(step: Step & Place): string {
  return step.number ? `Step ${step.number} · beat ${step.beat + 1}` : `Beat ${step.beat + 1}`;
}

function history(steps: Steps, lane: string, id: string): [number, Happening[]][] {
  return steps.flatMap((step, at): [number, Happening[]][] => {
    const mine = (step.happened[lane] ?? []).filter((item) => item.request === id);
    return mine.length ? [[at, mine]] : [];
  });
}

/** What an answer to "Why?" says: what happened, the rule, and where the rule stands. */
export function reason(item: Happening, open: (request: string) => void): TemplateResult {
  return html`<p>${item.text}</p>
    <p class="rule">${item.rule}</p>
    ${item.source ? html`<p class="muted">Source: ${item.source}</p>` : nothing}
    <button class="quiet" @click=${() => open(item.request)}>All about ${item.request}</button>`;
}

const MOST_ASKED = 2;

/** What happened in the engine step that is shown and can be asked about: what is odd, or else
 * one of the usual. */
export function askable(steps: Steps, index: number): Happening[] {
  const here = steps[index]!;
  if (here.asking) return [];
  const found = new Map<string, Happening>();
  for (let at = index; at >= 0; at--) {
    const step = steps[at]!;
    if (step.beat !== here.beat || step.number !== here.number || step.asking) break;
    for (const items of Object.values(step.happened)) {
      for (const item of items) if (item.rule) found.set(why(item), item);
    }
  }
  const all = [...found.values()];
  const odd = all.filter(({ what }) => ODD.has(what)).slice(0, MOST_ASKED);
  return odd.length ? odd : all.slice(0, 1);
}

const KEYS: [string, string][] = [
  ["→ ←", "one step forward, back"],
  ["Shift + → ←", "next beat, previous beat"],
  ["Space", "play, pause"],
  ["Home, End", "first, last step"],
  ["E", "go through the parts of the picture with the arrow keys"],
  ["C", "chapters and requests"],
  ["F", "full screen"],
  ["?", "this help"],
  ["Esc", "close, leave"],
];

export function help(startTour: () => void): TemplateResult {
  return html`<p>
      The same requests run through every lane, in step. Nothing here is drawn by hand: an exact
      model computes each block and each number.
    </p>
    <h3>How memory is drawn</h3>
    <ul class="legend">
      <li><span class="swatch solid"></span>Stored: keys and values of a token. Bright ones were just written.</li>
      <li><span class="swatch hatch"></span>Reserved: set aside for tokens to come.</li>
      <li><span class="swatch dots"></span>Held without use, and never to be used.</li>
      <li><span class="swatch"></span>Free.</li>
    </ul>
    <p class="muted">A colour belongs to a request all through the story; its letter says so too.</p>
    <h3>Keys</h3>
    <dl class="keys">
      ${KEYS.map(([key, does]) => html`<dt><kbd>${key}</kbd></dt><dd>${does}</dd>`)}
    </dl>
    <p class="muted">On a phone: swipe to step, tap a part to learn what it is.</p>
    <button class="quiet" @click=${startTour}>Take the tour</button>`;
}

export function settings(
  theme: string,
  choose: (theme: string) => void,
  copy: () => void,
): TemplateResult {
  return html`<fieldset class="choices">
      <legend>Colours</legend>
      ${THEMES.map(
        ([name, title]) =>
          html`<label>
            <input
              type="radio"
              name="theme"
              .checked=${theme === name}
              @change=${() => choose(name)}
            />${title}</label
          >`,
      )}
    </fieldset>
    <h3>Share</h3>
    <button class="quiet" @click=${copy}>Copy a link to this step</button>`;
}
