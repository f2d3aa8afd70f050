/** The panel of what a visitor can change, and what came of it. */

import { html, nothing, type TemplateResult } from "lit";
import { acting } from "./act";
import type { Way } from "./editing";
import { form } from "./form";
import type { Player } from "./player";
import { tasks } from "./tasks";
import { verdict } from "./verdict";
import type { Version } from "./version";
import { count } from "./words";

const WAYS: [Way, string][] = [
  ["form", "Form"],
  ["act", "From here"],
  ["text", "YAML"],
];

export function editPanel(player: Player): TemplateResult {
  const { version, now } = player;
  const { editing } = version;
  const isBusy = editing.progress !== undefined;
  return html`<form
    @submit=${(event: Event) => {
      event.preventDefault();
      void version.play();
    }}
  >
    ${player.narrow && player.isActing ? outcome(player) : about(player)}
    <div class="ways" role="group" aria-label="How to change it">
      ${WAYS.map(
        ([way, title]) =>
          html`<button
            type="button"
            class="quiet"
            aria-pressed=${editing.way === way}
            @click=${() => version.turnTo(way)}
          >
            ${title}
          </button>`,
      )}
    </div>
    ${editing.way === "text" ? player.writing.render() : editing.way === "act" ? acting(player) : form(now, version)}
    <div class="foot">
      ${editing.way === "act"
        ? nothing
        : html`<button class="main" ?disabled=${isBusy}>Play my version</button>`}
      <button
        type="button"
        class="quiet"
        ?disabled=${isBusy || !version.canUndo}
        @click=${() => version.undo()}
      >
        Undo
      </button>
      <button
        type="button"
        class="quiet"
        ?disabled=${isBusy || (!editing.isOwn && !editing.changes.size && !editing.added.size)}
        @click=${() => version.reset()}
      >
        Reset
      </button>
      <button type="button" class="quiet" @click=${() => version.copy()}>Copy link</button>
      <button type="button" class="quiet" @click=${() => version.save()}>Save YAML</button>
    </div>
  </form>`;
}

/** What this is, what to start from and to try, and what came of it. */
function about(player: Player): TemplateResult {
  const { version, now, here } = player;
  return html`<p class="muted">
      The same model plays your version, here in your browser. Nothing leaves this page.
    </p>
    ${starting(version, version.editing.progress !== undefined)} ${tasks(version)}
    ${outcome(player)} ${verdict(now, here)}`;
}

/** Other requests and settings to begin with. */
function starting(version: Version, isBusy: boolean): TemplateResult | typeof nothing {
  const { variants } = version;
  const chosen = version.now.start;
  if (!variants.length) return nothing;
  const choose = (event: Event): void => {
    const variant = variants[(event.target as HTMLSelectElement).selectedIndex - 1];
    if (variant) void version.startFrom(variant);
    else version.reset();
  };
  const about = variants.find(({ title }) => title === chosen)?.about;
  return html`<label>
    <span>Start from</span>
    <select ?disabled=${isBusy} @change=${choose}>
      ${["The first example", ...variants.map(({ title }) => title)].map(
        (title, i) => html`<option .selected=${i ? title === chosen : !chosen}>${title}</option>`,
      )}
    </select>
    ${about ? html`<small>${about}</small>` : nothing}
  </label>`;
}

function outcome(player: Player): TemplateResult {
  const { version, now: story } = player;
  const { editing } = version;
  const { progress, problems, failure, broken } = editing;
  return html`<div role="status">
      ${progress
        ? html`<p class="progress">${progress.text}</p>
            <progress max="1" .value=${progress.share} aria-label="Progress"></progress>`
        : nothing}
    </div>
    <div role="alert">
      ${failure ? html`<p class="problem">${failure}</p>` : nothing}
      ${problems.map(
        ({ message, line, remedy, excerpt }) =>
          html`<div class="problem">
            <p>
              ${line
                ? editing.way === "text"
                  ? html`<button
                      type="button"
                      class="link"
                      @click=${() => player.writing.toLine(line)}
                    >
                      Line ${line}
                    </button> `
                  : html`<b>Line ${line}.</b> `
                : nothing}${message}
            </p>
            ${excerpt ? html`<pre>${excerpt}</pre>` : nothing}
            ${remedy ? html`<p class="muted">${remedy}</p>` : nothing}
          </div>`,
      )}
    </div>
    ${editing.isOwn && !progress && !problems.length && !failure
      ? broken.length
        ? html`<div class="problem">
            <p>
              This is your version. ${count(broken.length, "claim")} of the author no longer
              ${broken.length === 1 ? "holds" : "hold"}; the numbers in the captions are yours.
            </p>
            <ul>
              ${broken.map(
                ({ beat, text, claim }) =>
                  html`<li>
                    <button type="button" class="link" @click=${() => version.go(beat - 1)}>
                      Beat ${beat}: ${story.beats[beat - 1]?.title}
                    </button>
                    <span class="muted">${text || claim}</span>
                  </li>`,
              )}
            </ul>
          </div>`
        : version.variants.length
          ? nothing
          : html`<p class="good">
              This is your version. Every claim of the author ${version.now.acts.length ? "up to here " : ""}still
              holds.
            </p>`
      : nothing}`;
}

