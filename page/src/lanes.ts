/** On a phone one lane is drawn at a time: which, the visitor can say. */

import { html, nothing, type TemplateResult } from "lit";
import type { Player } from "./player";
import { PHONE } from "./screen";
import type { Canvas, Story } from "./story";

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
    const told = (event: Event): void => void this.choose((event.target as HTMLSelectElement).value);
    return html`<select
        class="pill"
        aria-label="Which lane is shown"
        ?disabled=${!!this.progress}
        @change=${told}
      >
        <option value="" ?selected=${!this.chosen}>Lane: as told</option>
        ${now.lanes.map(
          ({ name, title }) =>
            html`<option value=${name} ?selected=${this.chosen === name}>${title || name}</option>`,
        )}
      </select>
      ${this.progress ? html`<span class="muted" role="status">${this.progress}</span>` : nothing}`;
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
