/** The row above the picture: title, where the numbers come from, and what opens at the side. */

import { html, nothing, type TemplateResult } from "lit";
import { icon, type Sign } from "./icons";
import type { Player } from "./player";
import { count, origin, sentence } from "./words";

export function top(player: Player): TemplateResult {
  const { beat } = player.here;
  return html`<div class="top">
    <div class="headline">
      <h1>${player.now.title}</h1>
      <h2><span class="number">${beat + 1}</span> ${player.now.beats[beat]!.title}</h2>
    </div>
    ${originTag(player)} <span class="spring"></span> ${editing(player)}
    ${opener(player, "chapters", "Chapters and requests")}
    ${opener(player, "settings", "Colours and link")} ${opener(player, "help", "Help")}
  </div>`;
}

/** Where the numbers come from, at a tap. */
function originTag(player: Player): TemplateResult {
  const { origin: kind, source } = player.here;
  const explain = (event: Event): void =>
    player.explainer.open(
      sentence(kind),
      event.currentTarget as Element,
      html`<p>${origin(kind)}</p>
        ${source ? html`<p class="muted">${sentence(source)}</p>` : nothing}`,
    );
  return html`<button
    class="pill"
    aria-haspopup="dialog"
    aria-label="Where the numbers come from: ${kind}"
    @click=${explain}
  >
    <span>${kind}</span>
  </button>`;
}

/** The way to a version of one's own, and whether it is shown. */
function editing(player: Player): TemplateResult | typeof nothing {
  if (!player.isEditable) return nothing;
  const { version } = player;
  const { start, settings, acts } = version.now;
  const isOpen = player.panel?.kind === "edit";
  const open = (): void => player.togglePanel("edit");
  const changes = settings.length ? count(settings.length, "change") : "";
  const deeds = acts.length ? "your own steps" : "";
  const what = [start, changes, deeds].filter(Boolean).join(", ") || "rewritten";
  return html`${version.isChanged
      ? html`<button class="pill" @click=${open}>
          <span class=${version.broken.size ? "warn" : ""}>Yours${player.narrow ? "" : `: ${what}`}</span>
        </button>`
      : nothing}
    <button class="plain change" aria-expanded=${isOpen} aria-label="Try your own" @click=${open}>
      ${icon("edit")}${player.narrow ? nothing : "Try your own"}
    </button>`;
}

function opener(
  player: Player,
  kind: "chapters" | "settings" | "help",
  label: string,
): TemplateResult {
  const sign: Sign = kind;
  return html`<button
    class="plain"
    aria-label=${label}
    title=${label}
    aria-expanded=${player.panel?.kind === kind}
    @click=${() => player.togglePanel(kind)}
  >
    ${icon(sign)}
  </button>`;
}
