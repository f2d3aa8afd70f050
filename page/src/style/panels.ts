/** What opens at the side, and its forms. */

import { css } from "lit";

export const PANELS = css`
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
  .ways .quiet:not(:first-child, :last-child) {
    border-radius: 0;
    border-left: 0;
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
  .panel .wide {
    width: 100%;
  }
  .tasks {
    margin: 12px 0;
  }
  .tasks li {
    display: flex;
    gap: 10px;
    padding: 6px 0;
    line-height: 1.4;
  }
  .tasks .icon {
    color: var(--muted);
  }
  .tasks .done .icon {
    color: var(--accent);
  }
  .at:focus {
    outline: none;
  }
  .at {
    margin: 4px 0 10px;
  }
  .panel .row .quiet {
    margin: 0;
  }
  .actors {
    margin: 12px 0;
  }
  .actors li {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 12px;
    padding: 8px 0;
    border-top: 1px solid var(--edge);
  }
  .actors p {
    min-width: 5.5em;
    flex: 1 0 auto;
    max-width: 100%;
  }
  .actors small {
    display: inline;
    margin: 0;
  }
  .panel pre {
    margin: 2px 0 10px;
    padding: 10px 14px;
    border-radius: 8px;
    background: var(--background);
    font: 13px/1.6 pagereel-mono, monospace;
    overflow-x: auto;
  }
  form > p + label {
    margin-top: 10px;
  }
  .balance {
    margin: 14px 0;
  }
  .balance li {
    padding-left: 12px;
    margin-bottom: 6px;
    border-left: 3px solid var(--accent);
  }
  .balance table {
    width: 100%;
    margin-top: 12px;
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  .balance th,
  .balance td {
    padding: 4px 0 4px 8px;
    border-bottom: 1px solid var(--edge);
    text-align: right;
    font-weight: normal;
  }
  .balance th[scope="row"] {
    padding-left: 0;
    text-align: left;
    color: var(--muted);
  }
  .balance thead th {
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
`;
