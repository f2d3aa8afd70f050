/** How the player looks. Colours are the theme's roles, given by the story. */

import { css } from "lit";

export const STYLE = css`
  :host {
    display: block;
    height: var(--pagereel-height, 100dvh);
    font: 16px/1.5 pagereel-text, system-ui, sans-serif;
    color: var(--text);
    background: var(--background);
    --faint: color-mix(in srgb, var(--text) 8%, transparent);
    --raised: color-mix(in srgb, var(--card) 94%, var(--text));
    --shadow: 0 12px 40px rgb(0 0 0 / 0.35);
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before {
    box-sizing: border-box;
  }
  b,
  h1,
  h2,
  h3,
  legend,
  .number {
    font-family: pagereel-bold, system-ui, sans-serif;
    font-weight: 600;
  }
  h1,
  h2,
  h3,
  p,
  ol,
  ul,
  dl,
  dd,
  fieldset,
  pre {
    margin: 0;
    padding: 0;
    border: 0;
  }
  ol,
  ul {
    list-style: none;
  }
  .app {
    position: relative;
    display: grid;
    grid-template: minmax(0, 1fr) / minmax(0, 1fr) auto;
    height: 100%;
    overflow: hidden;
    background: var(--background);
  }
  .show {
    display: flex;
    flex-direction: column;
    min-height: 0;
    padding: 10px 32px 8px;
  }

  /* Buttons */
  button,
  select,
  input,
  textarea {
    font: inherit;
    color: inherit;
  }
  button {
    cursor: pointer;
  }
  button:disabled {
    cursor: default;
    opacity: 0.45;
  }
  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
  .plain,
  .quiet,
  .main {
    min-height: 44px;
    min-width: 44px;
    padding: 0 10px;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    border-radius: 10px;
    border: 1px solid transparent;
    background: none;
  }
  .plain {
    color: var(--muted);
  }
  .plain:hover,
  .plain[aria-expanded="true"] {
    color: var(--text);
    background: var(--faint);
  }
  .quiet {
    border-color: var(--edge);
    padding: 0 14px;
  }
  .quiet:hover {
    background: var(--faint);
  }
  .main {
    background: var(--accent);
    color: var(--background);
    font-family: pagereel-bold, system-ui, sans-serif;
    padding: 0 18px;
  }
  .main:hover {
    filter: brightness(1.08);
  }
  .link {
    min-height: 44px;
    padding: 0;
    border: 0;
    background: none;
    text-align: left;
    text-decoration: underline;
    text-decoration-color: var(--muted);
    text-underline-offset: 3px;
  }
  .icon {
    flex: none;
  }
  .muted {
    color: var(--muted);
  }
  .spring {
    flex: 1;
  }
  .row {
    display: flex;
    align-items: center;
    gap: 8px;
    flex-wrap: wrap;
  }

  /* The top */
  .top {
    display: flex;
    align-items: center;
    gap: 4px;
    margin-right: -10px;
  }
  .headline {
    min-width: 0;
    flex: 0 1 auto;
    margin-right: 14px;
  }
  .top > :not(.headline, .spring) {
    flex: none;
  }
  .headline h1 {
    font: 13px/1.4 pagereel-text, system-ui, sans-serif;
    color: var(--muted);
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .headline h2 {
    font-size: clamp(24px, 1.9vw, 36px);
    line-height: 1.25;
    text-wrap: balance;
  }
  .headline .number {
    color: var(--muted);
    margin-right: 0.25em;
  }
  .pill {
    min-height: 44px;
    padding: 0 4px;
    border: 0;
    background: none;
    flex: none;
  }
  .pill span,
  .tag {
    display: inline-block;
    padding: 1px 10px;
    border: 1px solid var(--edge);
    border-radius: 99px;
    font-size: 13px;
    color: var(--muted);
    white-space: nowrap;
  }
  .pill:hover span {
    color: var(--text);
    border-color: var(--muted);
  }
  .warn,
  .pill .warn {
    color: var(--warning);
    border-color: currentColor;
  }

  /* The picture */
  .figure {
    position: relative;
    flex: 1;
    min-height: 0;
    margin: 4px 0;
  }
  .picture {
    display: block;
    width: 100%;
    height: 100%;
    touch-action: pan-y pinch-zoom;
    border-radius: 12px;
  }
  .picture text {
    white-space: pre;
    font-kerning: normal;
    font-variant-ligatures: none;
    user-select: text;
  }
  .picture .rests {
    opacity: 0.16;
  }
  .picture .seen {
    outline: 3px solid var(--accent);
    outline-offset: 3px;
  }
  .chip {
    position: absolute;
    top: 0;
    left: 50%;
    transform: translateX(-50%);
    background: var(--raised);
    border-color: var(--edge);
    color: var(--text);
    box-shadow: var(--shadow);
  }

  /* What is said */
  .said {
    display: flex;
    align-items: center;
    gap: 6px 20px;
    min-height: 72px;
    margin: 8px 0 12px;
    padding: 0 0 0 16px;
    border-left: 4px solid var(--accent);
    border-radius: 2px;
  }
  .said > :first-child {
    flex: 1;
    min-width: 0;
  }
  .said > .row {
    flex: none;
    flex-direction: column;
    align-items: flex-end;
    gap: 0;
  }
  .caption,
  .ask {
    font-size: clamp(20px, 1.5vw, 28px);
    line-height: 1.5;
    max-width: 92ch;
    text-wrap: balance;
  }
  .whole {
    white-space: nowrap;
  }
  .term {
    white-space: normal;
    font: inherit;
    color: inherit;
    padding: 0;
    border: 0;
    background: none;
    text-decoration: underline dotted;
    text-decoration-color: var(--accent);
    text-decoration-thickness: 2px;
    text-underline-offset: 4px;
    position: relative;
  }
  .term::before {
    content: "";
    position: absolute;
    inset: -8px -3px;
  }
  .term:hover {
    text-decoration-style: solid;
  }
  .options {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .verdict {
    font-size: 16px;
    color: var(--muted);
  }
  .verdict b {
    color: var(--accent);
  }

  /* The strip and the scrubber */
  .scrub {
    position: relative;
    min-height: 44px;
    padding: 4px 0;
  }
  .lanes {
    display: flex;
    flex-direction: column;
    gap: 3px;
  }
  .lane {
    position: relative;
    height: var(--lane-height, 18px);
    background: color-mix(in srgb, var(--slot) 55%, transparent);
    border-radius: 3px;
    overflow: hidden;
  }
  .lane svg {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  .lane-name {
    position: absolute;
    z-index: 1;
    left: 6px;
    top: 50%;
    transform: translateY(-50%);
    padding: 0 5px;
    border-radius: 3px;
    font-size: 12px;
    line-height: 16px;
    color: var(--text);
    background: color-mix(in srgb, var(--background) 82%, transparent);
    pointer-events: none;
  }
  .held {
    fill: color-mix(in srgb, var(--muted) 38%, transparent);
  }
  .stored {
    fill: color-mix(in srgb, var(--text) 78%, transparent);
  }
  .beats {
    position: relative;
    height: 6px;
    margin-top: 2px;
  }
  .beats i {
    position: absolute;
    top: 0;
    height: 4px;
    border-radius: 2px;
    background: var(--edge);
  }
  .beats i.broken {
    background: var(--warning);
  }
  .scrub input {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    margin: 0;
    appearance: none;
    background: none;
    border-radius: 4px;
    cursor: pointer;
  }
  .scrub input::-webkit-slider-thumb {
    appearance: none;
    width: 3px;
    height: 100%;
  }
  .scrub input::-moz-range-thumb {
    opacity: 0;
  }
  .needle {
    position: absolute;
    top: 0;
    bottom: 0;
    left: 0;
    right: 0;
    pointer-events: none;
  }
  .needle::before {
    content: "";
    position: absolute;
    left: -1.5px;
    top: 0;
    bottom: 0;
    width: 3px;
    border-radius: 2px;
    background: var(--accent);
    box-shadow: 0 0 0 2px var(--background);
  }
  .peek {
    position: absolute;
    bottom: 100%;
    left: 0;
    margin-bottom: 6px;
    padding: 6px 10px;
    border-radius: 8px;
    border: 1px solid var(--edge);
    background: var(--raised);
    box-shadow: var(--shadow);
    font-size: 13px;
    line-height: 1.45;
    white-space: nowrap;
    pointer-events: none;
    z-index: 3;
  }

  /* The controls */
  .transport {
    display: flex;
    align-items: center;
    gap: 4px;
    margin: 2px -10px 0;
  }
  .transport .play {
    width: 52px;
    color: var(--text);
  }
  .transport select {
    min-height: 44px;
    min-width: 64px;
    padding: 0 8px;
    border: 1px solid transparent;
    border-radius: 10px;
    background: var(--background);
    color: var(--muted);
    text-align: center;
  }
  .transport select:hover {
    color: var(--text);
    border-color: var(--edge);
  }
  .where {
    padding: 0 10px;
    color: var(--muted);
    font-variant-numeric: tabular-nums;
    font-size: 15px;
    white-space: nowrap;
  }

  /* Panels */
  .panel {
    width: 392px;
    display: flex;
    flex-direction: column;
    min-height: 0;
    border-left: 1px solid var(--edge);
    background: var(--card);
  }
  .panel > header {
    display: flex;
    align-items: center;
    justify-content: space-between;
    padding: 10px 10px 6px 22px;
  }
  .panel h2 {
    font-size: 19px;
  }
  .panel h2:focus {
    outline: none;
  }
  .lane-facts {
    margin: 8px 0 14px;
  }
  .panel h3 {
    font-size: 15px;
    margin: 22px 0 8px;
  }
  .panel > .body {
    overflow-y: auto;
    padding: 4px 22px 24px;
    font-size: 15px;
  }
  .panel .quiet {
    margin-top: 12px;
  }
  .chapter {
    display: flex;
    align-items: center;
    gap: 12px;
    width: calc(100% + 20px);
    min-height: 44px;
    margin: 0 -10px;
    padding: 6px 10px;
    border: 0;
    border-radius: 10px;
    background: none;
    text-align: left;
    line-height: 1.35;
  }
  .chapter:hover {
    background: var(--faint);
  }
  .chapter[aria-current="step"] {
    background: color-mix(in srgb, var(--accent) 16%, transparent);
  }
  .chapter .number {
    flex: none;
    min-width: 20px;
    color: var(--muted);
  }
  .chapter .tag {
    margin-left: auto;
  }
  .facts,
  .keys {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 6px 14px;
  }
  .facts dt,
  .keys dd {
    color: var(--muted);
  }
  kbd {
    font: 13px pagereel-mono, monospace;
    padding: 1px 7px;
    border: 1px solid var(--edge);
    border-radius: 6px;
    white-space: nowrap;
  }
  .now .tag {
    margin-right: 6px;
    color: var(--text);
  }
  .history li {
    padding: 2px 0 8px 14px;
    border-left: 2px solid var(--edge);
  }
  .history .link {
    font-size: 13px;
    color: var(--muted);
  }
  .history p {
    margin-bottom: 4px;
  }
  .history .later > p {
    color: var(--muted);
  }
  .rule {
    margin: 8px 0;
    padding: 8px 12px;
    border-radius: 8px;
    background: var(--faint);
  }
  .rule cite {
    display: block;
    font-style: normal;
    font-size: 13px;
    color: var(--muted);
  }
  .legend li {
    display: flex;
    gap: 12px;
    align-items: center;
    margin: 8px 0;
  }
  .swatch {
    flex: none;
    width: 28px;
    height: 28px;
    border-radius: 6px;
    border: 1.5px solid var(--edge);
    background: var(--slot);
  }
  .swatch.solid {
    background: var(--accent);
  }
  .swatch.hatch {
    background: repeating-linear-gradient(135deg, var(--muted) 0 2px, transparent 2px 7px);
  }
  .swatch.dots {
    background: radial-gradient(circle, var(--muted) 1.8px, transparent 2px) 0 0 / 8px 8px;
  }

  /* Forms */
  legend {
    margin: 8px 0;
    font-size: 15px;
  }
  summary {
    min-height: 44px;
    padding: 10px 0;
    font-family: pagereel-bold, system-ui, sans-serif;
    cursor: pointer;
  }
  details {
    margin-top: 4px;
    border-top: 1px solid var(--edge);
  }
  .ways {
    display: flex;
    margin: 8px 0 10px;
  }
  .ways .quiet {
    flex: 1;
    margin: 0;
    color: var(--muted);
  }
  .ways .quiet:first-child {
    border-radius: 10px 0 0 10px;
  }
  .ways .quiet:last-child {
    border-radius: 0 10px 10px 0;
    border-left: 0;
  }
  .ways .quiet[aria-pressed="true"] {
    color: var(--text);
    background: var(--faint);
    font-family: pagereel-bold, system-ui, sans-serif;
  }
  form .writing textarea {
    font: 13px/1.55 pagereel-mono, monospace;
    field-sizing: fixed;
    min-height: 320px;
    tab-size: 2;
  }
  .foot .quiet {
    flex: 1;
    padding: 0 8px;
    white-space: nowrap;
  }
  form label {
    display: block;
    margin: 0 0 14px;
  }
  form label > span {
    display: block;
    color: var(--muted);
    margin-bottom: 2px;
  }
  form small {
    display: block;
    font-size: 13px;
    margin-top: 2px;
  }
  form select,
  form textarea,
  form input[type="number"] {
    width: 100%;
    min-height: 44px;
    padding: 8px 12px;
    border: 1px solid color-mix(in srgb, var(--edge) 60%, var(--muted));
    border-radius: 10px;
    background: var(--background);
  }
  form textarea {
    display: block;
    resize: vertical;
    field-sizing: content;
  }
  form label.bool,
  .choices label {
    display: flex;
    align-items: center;
    gap: 10px;
    min-height: 44px;
    margin: 0;
  }
  form label.bool input {
    order: -1;
  }
  input[type="checkbox"],
  input[type="radio"] {
    width: 20px;
    height: 20px;
    accent-color: var(--accent);
  }
  .changed {
    color: var(--accent);
  }
  .foot {
    position: sticky;
    bottom: -24px;
    margin: 8px -22px -24px;
    padding: 12px 22px 16px;
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    background: var(--card);
    border-top: 1px solid var(--edge);
  }
  .foot .quiet {
    margin: 0;
  }
  .foot .main {
    flex: 1 0 100%;
  }
  progress {
    width: 100%;
    height: 6px;
    accent-color: var(--accent);
  }
  .problem,
  .good {
    margin: 10px 0;
    padding: 10px 14px;
    border-radius: 10px;
    border: 1px solid var(--edge);
    overflow-wrap: anywhere;
  }
  .problem {
    border-color: var(--warning);
  }
  .problem pre {
    font: 13px/1.5 pagereel-mono, monospace;
    margin: 6px 0;
    overflow-x: auto;
  }

  /* Windows above everything */
  .popover {
    position: absolute;
    z-index: 6;
    width: max-content;
    max-width: min(360px, calc(100% - 20px));
    padding: 14px 18px;
    border-radius: 12px;
    border: 1px solid var(--edge);
    background: var(--raised);
    box-shadow: var(--shadow);
    font-size: 15px;
    overflow-wrap: anywhere;
  }
  .popover:focus {
    outline: none;
  }
  .hint {
    padding: 6px 12px;
    pointer-events: none;
  }
  .popover h3 {
    font-size: 16px;
    margin-right: 40px;
    margin-bottom: 4px;
  }
  .popover .close {
    position: absolute;
    top: 2px;
    right: 2px;
  }
  .popover .row {
    margin-top: 10px;
  }
  .tour h3 {
    margin-right: 0;
  }
  .tour .row {
    margin-top: 12px;
  }
  .ring {
    position: absolute;
    z-index: 5;
    border-radius: 14px;
    border: 2px solid var(--accent);
    box-shadow: 0 0 0 200vmax rgb(0 0 0 / 0.45);
    pointer-events: none;
    transition: all 0.25s;
  }
  .toast {
    position: absolute;
    z-index: 4;
    right: 24px;
    top: 66px;
    max-width: calc(100% - 24px);
    width: max-content;
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 6px 16px;
    min-height: 56px;
    border-radius: 14px;
    border: 1px solid var(--edge);
    background: var(--raised);
    box-shadow: var(--shadow);
    font-size: 15px;
  }
  .sr {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  /* Narrow: one column that scrolls, the controls stay at hand, panels rise from below */
  .narrow .show {
    overflow-y: auto;
    padding: 4px 14px 0;
  }
  .narrow.app {
    grid-template-columns: minmax(0, 1fr);
  }
  .narrow .figure {
    flex: none;
    aspect-ratio: var(--ratio);
    margin: 4px -8px;
  }
  .narrow .top {
    flex-wrap: wrap;
    column-gap: 0;
  }
  .narrow .headline {
    order: 1;
    flex: 1 0 100%;
  }
  .narrow .headline h1 {
    display: none;
  }
  .narrow .headline h2 {
    font-size: 20px;
  }
  .narrow .caption,
  .narrow .ask {
    font-size: 17px;
  }
  .narrow .said {
    display: block;
    min-height: 86px;
    margin: 4px 0 6px;
    padding: 2px 0 2px 12px;
  }
  .narrow .said > .row {
    flex-direction: row;
    align-items: center;
    gap: 0 4px;
  }
  .narrow .options {
    margin-top: 6px;
  }
  .narrow .dock {
    position: sticky;
    bottom: 0;
    margin: auto -14px 0;
    padding: 2px 14px 6px;
    background: var(--background);
    border-top: 1px solid var(--edge);
  }
  .narrow .transport {
    justify-content: space-between;
    gap: 0;
  }
  .narrow .transport .spring,
  .narrow .where {
    display: none;
  }
  .narrow .panel {
    position: absolute;
    z-index: 5;
    inset: auto 0 0;
    width: auto;
    max-height: 78%;
    border: 1px solid var(--edge);
    border-width: 1px 0 0;
    border-radius: 18px 18px 0 0;
    box-shadow: 0 -12px 40px rgb(0 0 0 / 0.4);
  }
  .narrow .toast {
    right: 12px;
    top: 52px;
  }

  @media (prefers-reduced-motion: reduce) {
    * {
      transition: none !important;
    }
  }
  @media print {
    .dock,
    .top,
    .toast,
    .panel {
      display: none;
    }
  }
`;
