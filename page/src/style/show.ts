/** What is looked at and read: the top row, the picture, what is said of it. */

import { css } from "lit";

export const SHOW = css`
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
    min-height: 88px;
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
    flex: 0 1 auto;
    max-width: 46%;
    justify-content: flex-end;
    gap: 0 8px;
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
`;
