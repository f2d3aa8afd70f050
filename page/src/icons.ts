/** The signs on buttons: strokes of one weight, drawn here. */

import { html, svg, type TemplateResult } from "lit";

const SIGNS = {
  play: svg`<path d="M8 5.5v13l10.5-6.5z" fill="currentColor" stroke-linejoin="round"/>`,
  pause: svg`<path d="M9 6v12M15 6v12" stroke-width="3"/>`,
  forward: svg`<path d="M9 5.5 15.5 12 9 18.5"/>`,
  back: svg`<path d="M15 5.5 8.5 12l6.5 6.5"/>`,
  nextBeat: svg`<path d="m6 5.5 6.5 6.5L6 18.5M17 5.5v13"/>`,
  previousBeat: svg`<path d="M18 5.5 11.5 12l6.5 6.5M7 5.5v13"/>`,
  chapters: svg`<path d="M9.5 6.5H20M9.5 12H20M9.5 17.5H20"/><path d="M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01" stroke-width="2.6"/>`,
  edit: svg`<path d="M4 8h9M17 8h3M4 16h3M11 16h9"/><circle cx="15" cy="8" r="2"/><circle cx="9" cy="16" r="2"/>`,
  settings: svg`<circle cx="12" cy="12" r="8"/><path d="M12 4v16a8 8 0 0 0 0-16z" fill="currentColor"/>`,
  help: svg`<path d="M9 9.2a3 3 0 1 1 4.4 2.7c-1 .6-1.4 1.1-1.4 2.3"/><path d="M12 17.6h.01" stroke-width="2.4"/>`,
  full: svg`<path d="M4.5 9V4.5H9M15 4.5h4.5V9M19.5 15v4.5H15M9 19.5H4.5V15"/>`,
  leave: svg`<path d="M9 4.5V9H4.5M19.5 9H15V4.5M15 19.5V15h4.5M4.5 15H9v4.5"/>`,
  done: svg`<circle cx="12" cy="12" r="8.5" fill="currentColor" stroke="none"/><path d="m8.2 12.2 2.6 2.6 5-5.4" stroke="var(--card)" stroke-width="2"/>`,
  open: svg`<circle cx="12" cy="12" r="8"/>`,
  act: svg`<path d="M12 4v7M8.5 7.5 12 4l3.5 3.5"/><path d="M5 13v4.5a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V13"/>`,
  close: svg`<path d="m6.5 6.5 11 11M17.5 6.5l-11 11"/>`,
  explore: svg`<circle cx="12" cy="12" r="3"/><path d="M12 3.5v4M12 16.5v4M3.5 12h4M16.5 12h4"/>`,
} as const;

export type Sign = keyof typeof SIGNS;

export function icon(sign: Sign): TemplateResult {
  return html`<svg
    class="icon"
    viewBox="0 0 24 24"
    width="24"
    height="24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.8"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${SIGNS[sign]}
  </svg>`;
}
