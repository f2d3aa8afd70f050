/** A first visit's tour, on the controls themselves. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "./icons";
import type { Player } from "./player";
import { place } from "./popover";
import { remember, remembered } from "./memory";

interface Stop {
  /** The control that it shows. */
  at: string;
  title: string;
  text: string;
}

const STOPS: Stop[] = [
  {
    at: ".figure",
    title: "The picture",
    text: "The same requests run in every lane, in step. Point at a part, or tap it, to learn what it is.",
  },
  {
    at: ".transport",
    title: "Step by step",
    text: "Go forward or back one step at a time, or let it play. Arrow keys and a swipe do the same.",
  },
  {
    at: ".scrub",
    title: "Memory over time",
    text: "Each row is one lane: bright is stored, dim is held without use. Drag to go anywhere.",
  },
  {
    at: ".said",
    title: "What just happened",
    text: "Underlined words open their meaning. Where something was refused, ask why.",
  },
  {
    at: ".change",
    title: "Your own version",
    text: "Change the prompts, the block size or the memory. The same model then plays your version, in your browser.",
  },
];

export class Tour {
  private stop: number | undefined;

  constructor(private readonly host: Player) {}

  get isOn(): boolean {
    return this.stop !== undefined;
  }

  /** On a first visit, the offer. */
  offer(): TemplateResult | undefined {
    if (remembered("toured")) return undefined;
    return html`New here?
      <button class="quiet" @click=${() => this.host.startTour()}>Take the tour</button>
      <button class="plain" aria-label="No thanks" @click=${() => this.decline()}>
        ${icon("close")}
      </button>`;
  }

  decline(): void {
    remember("toured", "1");
    this.host.toast = undefined;
  }

  go(stop: number | undefined): void {
    this.stop = stop;
    if (stop === undefined) remember("toured", "1");
    else this.host.inner(this.stops[stop]!.at).scrollIntoView({ block: "nearest" });
    this.host.requestUpdate();
  }

  render(): TemplateResult | typeof nothing {
    const { stop } = this;
    if (stop === undefined) return nothing;
    const stops = this.stops;
    const { title, text } = stops[stop]!;
    const isLast = stop === stops.length - 1;
    return html`<div class="ring"></div>
      <div class="popover tour" role="dialog" aria-label="Tour: ${title}" tabindex="-1">
        <h3>${title}</h3>
        <p>${text}</p>
        <div class="row">
          <span class="muted">${stop + 1} of ${stops.length}</span>
          <span class="spring"></span>
          ${isLast
            ? nothing
            : html`<button class="plain" @click=${() => this.go(undefined)}>Skip</button>`}
          <button class="main" @click=${() => this.go(isLast ? undefined : stop + 1)}>
            ${isLast ? "Done" : "Next"}
          </button>
        </div>
      </div>`;
  }

  /** After the card is in the document: ring the control and stand beside it. */
  settle(): void {
    const [ring, card] = [this.host.inner(".ring"), this.host.inner(".tour")];
    if (this.stop === undefined || !ring || !card) return;
    const at = this.host.inner(this.stops[this.stop]!.at).getBoundingClientRect();
    const frame = this.host.getBoundingClientRect();
    ring.style.left = `${at.left - frame.left - 6}px`;
    ring.style.top = `${at.top - frame.top - 4}px`;
    ring.style.width = `${at.width + 12}px`;
    ring.style.height = `${at.height + 8}px`;
    place(card, at, frame);
    if (!card.matches(":focus-within")) card.focus({ preventScroll: true });
  }

  /** Those whose control is there. */
  private get stops(): Stop[] {
    return STOPS.filter(({ at }) => this.host.inner(at));
  }
}
