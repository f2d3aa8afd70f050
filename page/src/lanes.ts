/** On a phone one lane is drawn at a time: which, the visitor can say. */

import { html, nothing, type TemplateResult } from "lit";
import type { Player } from "./player";
import type { Canvas, Story } from "./story";

const PHONE = "phone";

export class Lanes {
  /** The lane that is drawn; empty: the one that acts, as the author tells it. */
  chosen = "";
  /** Pictures that were made already, by lane; and of which story. */
  private readonly made = new Map<string, Canvas>();
  private story: Story | undefined;
  private progress = "";

  constructor(private readonly host: Player) {}

  render(): TemplateResult | typeof nothing {
    const { narrow, now, screen, isEditable } = this.host;
    if (!narrow || !isEditable || now.lanes.length < 2 || screen.canvasName !== PHONE) return nothing;
    const choices = [["", "As told"], ...now.lanes.map(({ name, title }) => [name, title || name])];
    return html`<div class="ways lanes-shown" role="group" aria-label="Which lane is shown">
        ${choices.map(
          ([name, title]) =>
            html`<button
              class="quiet"
              aria-pressed=${this.chosen === name}
              ?disabled=${!!this.progress}
              @click=${() => void this.choose(name!)}
            >
              ${title}
            </button>`,
        )}
      </div>
      <p class="muted" role="status">${this.progress || nothing}</p>`;
  }

  private async choose(lane: string): Promise<void> {
    const { now, screen, version } = this.host;
    if (this.story !== now) this.made.clear();
    this.story = now;
    this.made.set(this.chosen, now.canvases[PHONE]!);
    try {
      const canvas = this.made.get(lane) ?? (await version.pictures(lane, (text) => this.tell(text)));
      this.made.set(lane, canvas);
      if (this.host.now !== now) return;
      this.chosen = lane;
      now.canvases[PHONE] = canvas;
      screen.show(PHONE);
    } catch (problem) {
      this.host.say(problem instanceof Error ? problem.message : String(problem));
    }
    this.tell("");
  }

  private tell(progress: string): void {
    this.progress = progress;
    this.host.requestUpdate();
  }
}
