/** What is said under the picture: the caption, a question and its answers, and why. */

import { html, nothing, type TemplateResult } from "lit";
import { askable, reason } from "./panels";
import type { Player } from "./player";
import type { Story } from "./story";
import { verdict as verdictOf } from "./verdict";
import { sentence, why, withTerms } from "./words";

export function said(player: Player): TemplateResult {
  const { asking, beat, say } = player.here;
  const { question } = player.now.beats[beat]!;
  if (player.isAsking && question) {
    return html`<div class="said">
      <p class="ask" id="ask">${question.ask}</p>
      <div class="options" role="group" aria-labelledby="ask">
        ${question.options.map(
          ({ text }, i) =>
            html`<button class="quiet" @click=${() => player.answer(i)}>${text}</button>`,
        )}
        <button class="plain" @click=${() => player.answer(-1)}>Show me</button>
      </div>
    </div>`;
  }
  const explain = ({ term, text }: Story["glossary"][number], at: Element): void =>
    player.explainer.open(sentence(term), at, html`<p>${text}</p>`);
  return html`<div class="said">
    <div>
      ${verdict(player)}
      <p class="caption" aria-live=${player.playing ? "off" : "polite"}>
        ${withTerms(asking ? (question?.ask ?? "") : say, player.now.glossary, explain)}
      </p>
    </div>
    ${questions(player)}
  </div>`;
}

/** What can be asked of this step, and whether the author's claim still holds. */
function questions(player: Player): TemplateResult | typeof nothing {
  const items = askable(player.steps, player.index);
  const isBroken = player.version.broken.has(player.here.beat + 1);
  const compared = player.here.verdict;
  const { card } = player.now.beats[player.here.beat]!;
  const canAct = player.isEditable && card === "lanes" && player.now.deeds.length > 0;
  const lanes = player.lanes.render();
  if (!items.length && !isBroken && !compared && !canAct && lanes === nothing) return nothing;
  const compare = (event: Event): void =>
    player.explainer.open(
      "Verdict",
      event.currentTarget as Element,
      html`${verdictOf(player.now, player.here)}`,
    );
  return html`<div class="row">
    ${compared && player.panel?.kind !== "edit"
      ? html`<button class="pill" aria-haspopup="dialog" @click=${compare}>
          <span>Verdict</span>
        </button>`
      : nothing}
    ${items.map((item) => {
      const answer = (event: Event): void =>
        player.explainer.open(
          why(item),
          event.currentTarget as Element,
          reason(item, (id) => player.openRequest(id)),
        );
      return html`<button class="pill" aria-haspopup="dialog" @click=${answer}>
        <span>${why(item)}</span>
      </button>`;
    })}
    ${lanes}
    ${canAct && !player.isActing
      ? html`<button class="pill" aria-label="Act from here" @click=${() => player.actHere()}>
          <span>${player.narrow ? "Act" : "Act from here"}</span>
        </button>`
      : nothing}
    ${isBroken
      ? html`<button class="pill" @click=${() => player.openPanel({ kind: "edit" })}>
          <span class="warn">A claim of the author is not true of your version</span>
        </button>`
      : nothing}
  </div>`;
}

/** What the visitor answered, once it is seen. */
function verdict(player: Player): TemplateResult | typeof nothing {
  const { beat, asking } = player.here;
  const { question } = player.now.beats[beat]!;
  const chosen = player.answers.get(beat) ?? -1;
  const isOver = !asking && player.steps[player.index + 1]?.beat !== beat;
  if (!question || chosen < 0 || !isOver) return nothing;
  const { text, right } = question.options[chosen]!;
  return html`<p class="verdict">
    ${right ? html`<b>Right:</b> ${text}` : html`You said “${text}”. It came out otherwise.`}
  </p>`;
}
