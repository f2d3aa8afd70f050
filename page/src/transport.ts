/** The scrubber over memory, and the buttons that play and step. */

import { html, nothing, type TemplateResult } from "lit";
import { icon, type Sign } from "./icons";
import type { Player } from "./player";
import type { Place } from "./story";
import { memorySaid } from "./words";

const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4];

export function scrub(player: Player, rows: TemplateResult): TemplateResult {
  const { schedule } = player.playhead;
  const seek = (event: Event): void =>
    player.playhead.seek(Number((event.target as HTMLInputElement).value));
  const peekAt = (event: PointerEvent): void => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    player.peek = share * schedule.total;
  };
  return html`<div
    class="scrub"
    @pointermove=${peekAt}
    @pointerleave=${() => (player.peek = undefined)}
  >
    ${peek(player)} ${rows}
    <div class="needle"></div>
    <input
      type="range"
      min="0"
      max=${schedule.total}
      step="any"
      aria-label="Where you are"
      aria-valuetext=${placeSaid(player, player.here)}
      .value=${String(schedule.settled[player.index])}
      @input=${seek}
    />
  </div>`;
}

/** What memory holds where the pointer is. */
function peek(player: Player): TemplateResult | typeof nothing {
  if (player.peek === undefined) return nothing;
  const { schedule } = player.playhead;
  const step = player.steps[schedule.at(player.peek).index]!;
  const share = player.peek / (schedule.total || 1);
  const style = `left:${share * 100}%;transform:translateX(${-share * 100}%)`;
  return html`<div class="peek" style=${style} aria-hidden="true">
    <b>${placeSaid(player, step)}</b>
    ${player.now.lanes.map(({ name, title }) => {
      const memory = step.memory[name];
      return memory ? html`<div class="muted">${memorySaid(title || name, memory)}</div>` : nothing;
    })}
  </div>`;
}

function placeSaid(player: Player, { beat }: Place): string {
  return `${beat + 1}. ${player.now.beats[beat]!.title}`;
}

export function transport(player: Player): TemplateResult {
  const { beat, step } = player.here;
  const { beats } = player.now;
  const all = beats[beat]!.steps.length;
  const isFirst = player.index === 0;
  const isLast = player.index === player.steps.length - 1;
  const { playhead } = player;
  const choose = (event: Event): void =>
    player.setSpeed(Number((event.target as HTMLSelectElement).value));
  return html`<div class="transport" role="group" aria-label="Playing">
    ${button("previousBeat", "Previous beat", () => player.toBeat(-1), isFirst)}
    ${button("back", "One step back", () => playhead.back(), isFirst)}
    ${player.playing
      ? button("pause", "Pause", () => player.toggle())
      : button("play", "Play", () => player.toggle())}
    ${button("forward", "One step forward", () => playhead.forward(), isLast)}
    ${button("nextBeat", "Next beat", () => player.toBeat(1), beat === beats.length - 1)}
    <span class="where">
      Beat ${beat + 1} of ${beats.length}${all > 1 ? `, step ${step + 1} of ${all}` : ""}
    </span>
    <span class="spring"></span>
    <select aria-label="Speed" @change=${choose}>
      ${SPEEDS.map(
        (speed) => html`<option value=${speed} ?selected=${speed === player.speed}>${speed}×</option>`,
      )}
    </select>
    ${fullScreen(player)}
  </div>`;
}

function fullScreen(player: Player): TemplateResult | typeof nothing {
  if (!document.fullscreenEnabled) return nothing;
  return document.fullscreenElement?.isSameNode(player)
    ? button("leave", "Leave full screen", () => player.toggleFull())
    : button("full", "Full screen", () => player.toggleFull());
}

function button(sign: Sign, label: string, act: () => void, disabled = false): TemplateResult {
  const kind = sign === "play" || sign === "pause" ? "play" : "";
  return html`<button
    class="plain ${kind}"
    aria-label=${label}
    title=${label}
    ?disabled=${disabled}
    @click=${act}
  >
    ${icon(sign)}
  </button>`;
}
