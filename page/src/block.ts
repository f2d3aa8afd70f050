/** What can be said of one block of a paged pool: whose it is, and how it came to be that. */

import { html, nothing, type TemplateResult } from "lit";
import type { Mark } from "./marks";
import type { Player } from "./player";

const ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split(" ");
/** So many of the latest things that happened to it. */
const LATEST = 3;

/** More about the block that a shape belongs to; nothing if it belongs to none. */
export function aboutBlock(player: Player, mark: Mark): TemplateResult | typeof nothing {
  const tags = mark.row.g ?? [];
  const block = Number(/^block (\d+)$/.exec(tags.find((tag) => /^block \d+$/.test(tag)) ?? "")?.[1]);
  const lane = player.now.lanes.find(({ name }) => tags.includes(`lane ${name}`))?.name;
  if (Number.isNaN(block) || lane === undefined) return nothing;
  return html`<p>Block ${block}: ${holders(player, lane, block)}.</p>
    ${history(player, lane, block)}`;
}

function holders(player: Player, lane: string, block: number): string {
  const { requests } = player.here.memory[lane]!;
  const places = Object.entries(requests).flatMap(([id, { table }]) => {
    const place = table?.indexOf(block) ?? -1;
    return place < 0 ? [] : [`${ORDINALS[place] ?? `number ${place + 1}`} in the table of ${id}`];
  });
  return places.length ? places.join(", ") : "in no table";
}

/** The latest that happened to it, each leading to its step. */
function history(player: Player, lane: string, block: number): TemplateResult {
  const found = player.steps.slice(0, player.index + 1).flatMap((step) =>
    (step.happened[lane] ?? [])
      .filter(({ blocks }) => blocks?.includes(block))
      .map((item) => ({ step, item })),
  );
  return html`<ul class="history">
    ${found.slice(-LATEST).map(
      ({ step, item }) =>
        html`<li>
          <button class="link" @click=${() => player.explainer.leaveFor(step)}>
            Step ${step.number}
          </button>
          <p>${item.text}</p>
        </li>`,
    )}
  </ul>`;
}
