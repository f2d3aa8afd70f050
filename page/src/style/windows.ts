/** Small windows above everything: explanations, the tour, words in passing. */

import { css } from "lit";
import { HEARD } from "./heard";

export const WINDOWS = css`
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
  .popover .history li {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 12px;
    align-items: center;
    padding-bottom: 0;
  }
  .popover .history p {
    margin: 0;
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
    ${HEARD}
  }
`;
