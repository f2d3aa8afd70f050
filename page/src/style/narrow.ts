/** One column that scrolls, controls at hand, panels from below; less motion; print. */

import { css } from "lit";
import { HEARD } from "./heard";

export const NARROW = css`
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
  /* Heard, not seen: the page's title says it, and there is no room. */
  .narrow .headline h1 {
    ${HEARD}
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
    max-width: none;
    justify-content: flex-start;
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
  .narrow .dock.asking {
    position: static;
  }
  .narrow select.pill {
    max-width: 150px;
    font-size: 13px;
    color: var(--muted);
    background: none;
    border: 0;
  }
  .narrow .panel.acting {
    max-height: 52%;
  }
  .narrow .acting .foot {
    position: static;
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
