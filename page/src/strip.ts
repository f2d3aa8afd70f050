/** Memory over time, a lane a row, on the same axis as the scrubber; beats are its segments. */

import { html, svg, type TemplateResult } from "lit";
import type { Schedule } from "./clock";
import type { Place, Step, Story } from "./story";

const WIDE = 1000;

/** The rows of all lanes. Stored slots are solid, held ones hatched, of each lane's capacity. */
export function strip(
  story: Story,
  steps: (Step & Place)[],
  schedule: Schedule,
  broken: Set<number>,
): TemplateResult {
  const across = (time: number): number => (time / (schedule.total || 1)) * WIDE;
  const begins = steps.flatMap((step, i) =>
    step.step === 0 ? [{ beat: step.beat, x: across(schedule.start[i]!) }] : [],
  );
  const area = (lane: string, part: "stored" | "held"): string => {
    let path = "M0 100";
    steps.forEach((step, i) => {
      const memory = step.memory[lane];
      const height = memory ? 100 - (memory[part] / (memory.capacity || 1)) * 100 : 100;
      const [from, to] = [schedule.start[i]!, schedule.end[i]!];
      path += `L${across(from).toFixed(2)} ${height.toFixed(2)}L${across(to).toFixed(2)} ${height.toFixed(2)}`;
    });
    return `${path}L${WIDE} 100Z`;
  };
  const lanes = story.lanes.filter((lane) => steps.some((step) => step.memory[lane.name]));
  return html`<div class="lanes" aria-hidden="true">
    ${lanes.map(
      ({ name, title }) =>
        html`<div class="lane">
          <span class="lane-name">${title || name}</span>
          <svg viewBox="0 0 ${WIDE} 100" preserveAspectRatio="none">
            ${svg`<path class="held" d=${area(name, "held")} /><path class="stored" d=${area(name, "stored")} />`}
          </svg>
        </div>`,
    )}
    <div class="beats">
      ${begins.map(
        ({ beat, x }, i) =>
          html`<i
            class=${broken.has(beat + 1) ? "broken" : ""}
            style="left:${x / 10}%;width:calc(${((begins[i + 1]?.x ?? WIDE) - x) / 10}% - 2px)"
          ></i>`,
      )}
    </div>
  </div>`;
}
