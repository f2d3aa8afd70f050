/** The frame, type, and buttons. Colours are the theme’s roles, given by the story. */

import { css } from "lit";

export const GROUND = css`
  :host {
    display: block;
    height: var(--pagereel-height, 100dvh);
    font: 16px/1.5 pagereel-text, system-ui, sans-serif;
    font-synthesis: none;
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
`;
