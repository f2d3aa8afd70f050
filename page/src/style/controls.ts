/** The strip of memory over time, the scrubber on it, and the buttons below. */

import { css } from "lit";

export const CONTROLS = css`
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
`;
