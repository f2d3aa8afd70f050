/** The small window that explains what was pointed at, and where it stands. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "./icons";

export interface Popover {
  /** What it says. */
  body: TemplateResult | string;
  title: string;
  /** What it points at, in the window's coordinates. */
  at: DOMRect;
  /** A pinned one stays until it is closed; another follows the pointer or the focus. */
  pinned: boolean;
}

export function popover(shown: Popover | undefined, close: () => void): TemplateResult | typeof nothing {
  if (!shown) return nothing;
  if (!shown.pinned) return html`<div class="popover hint" role="tooltip">${shown.body}</div>`;
  return html`<div class="popover" role="dialog" aria-label=${shown.title} tabindex="-1">
    <button class="plain close" aria-label="Close" @click=${close}>${icon("close")}</button>
    <h3>${shown.title}</h3>
    ${shown.body}
  </div>`;
}

const GAP = 10;

/** Below what it explains, or above where there is no room; always inside the frame. */
export function place(box: HTMLElement, at: DOMRect, frame: DOMRect): void {
  const { width, height } = box.getBoundingClientRect();
  const middle = at.left + at.width / 2 - width / 2;
  const left = Math.min(Math.max(middle, frame.left + GAP), frame.right - width - GAP);
  const isBelow = at.bottom + GAP + height <= frame.bottom - GAP;
  const above = at.top - GAP - height;
  const top = isBelow ? at.bottom + GAP : Math.max(above, frame.top + GAP);
  box.style.left = `${left - frame.left}px`;
  box.style.top = `${top - frame.top}px`;
}
