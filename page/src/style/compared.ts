/** Two stories side by side; one above the other where it is narrow. */

import { css } from "lit";

export const COMPARED = css`
  :host {
    height: auto;
    min-height: 100dvh;
  }
  .app {
    display: block;
    overflow: visible;
    max-width: 1500px;
    margin: 0 auto;
    padding: 10px 24px 0;
  }
  h1 {
    font-size: 15px;
    color: var(--muted);
  }
  h2 {
    font-size: 23px;
    line-height: 1.3;
  }
  h2 .number {
    color: var(--muted);
  }
  .halves {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr));
    gap: 16px 28px;
    margin-top: 10px;
  }
  .half {
    min-width: 0;
  }
  .half h3 {
    font-size: 17px;
    padding-bottom: 4px;
    border-bottom: 2px solid var(--accent);
    overflow-wrap: anywhere;
  }
  .rests .picture {
    opacity: 0.25;
  }
  .picture {
    display: block;
    width: 100%;
    height: min(64dvh, 760px);
  }
  text {
    white-space: pre;
    font-kerning: normal;
    font-variant-ligatures: none;
  }
  .caption {
    min-height: 3em;
    padding-left: 12px;
    border-left: 3px solid var(--accent);
  }
  .warn {
    color: var(--warning);
  }
  .readings {
    margin-top: 14px;
    overflow-x: auto;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 6px 16px 6px 0;
    border-bottom: 1px solid var(--edge);
    text-align: left;
    vertical-align: top;
    font-weight: 400;
  }
  th[scope="col"],
  td {
    font-family: pagereel-bold, system-ui, sans-serif;
  }
  small {
    display: block;
    color: var(--muted);
    font-size: 14px;
  }
  .equal th,
  .equal td {
    color: var(--muted);
  }
  details {
    margin: 12px 0;
  }
  summary {
    min-height: 44px;
    display: list-item;
    line-height: 44px;
    cursor: pointer;
  }
  dl {
    display: grid;
    grid-template-columns: 2fr 1fr 1fr;
    gap: 4px 16px;
  }
  .dock {
    overflow-x: clip;
    position: sticky;
    bottom: 0;
    margin: 12px -24px 0;
    padding: 6px 24px 4px;
    background: var(--background);
    border-top: 1px solid var(--edge);
  }
  .dock .beats {
    height: 36px;
    margin: 0;
  }
  .dock .beats i {
    top: 16px;
  }
  @media (max-width: 700px) {
    .app {
      padding: 8px 14px 0;
    }
    .dock {
      margin: 12px -14px 0;
      padding: 4px 14px;
    }
    .transport {
      gap: 0;
    }
    .where {
      display: none;
    }
    .picture {
      height: auto;
      max-height: 70dvh;
    }
    h2 {
      font-size: 20px;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    * {
      transition: none !important;
    }
  }
`;
