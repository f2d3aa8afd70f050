/** <pagereel-diff>: two stories in step, and what differs between them at every moment. */

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Playhead, Schedule, type Moment } from "./clock";
import { icon, type Sign } from "./icons";
import { remember, remembered } from "./memory";
import { framesOf, Stage } from "./stage";
import { steps, type Broken, type Canvas, type Place, type Step, type Story } from "./story";
import { COMPARED } from "./style/compared";
import { CONTROLS } from "./style/controls";
import { GROUND } from "./style/ground";
import { THEMES } from "./themes";
import { unpacked } from "./unpacking";
import { count } from "./words";

type Value = string | number | boolean | null;

interface Difference {
  sides: { name: string; story: Story; broken: Broken[] }[];
  settings: { group: string; label: string; values: Value[] }[];
  /** How many lanes are on both sides. */
  lanes: number;
  /** Of each matched beat its title on both sides; null where a side has none. */
  beats: (string | null)[][];
  /** Each moment: its matched beat, and the step of either side. */
  stops: [number, number, number][];
  readings: { lane: string; name: string; unit: string; meaning: string }[];
  /** At each moment, of each reading its value on both sides. */
  values: Value[][][];
}

interface Half {
  name: string;
  story: Story;
  steps: (Step & Place)[];
  canvas: Canvas;
  stage?: Stage;
}

class Comparison extends LitElement {
  static override styles = [GROUND, CONTROLS, COMPARED];
  static override properties = {
    index: { state: true },
    playing: { state: true },
    theme: { state: true },
    isAll: { state: true },
  };

  /** The moment that is shown. */
  declare index: number;
  declare playing: boolean;
  declare theme: string;
  /** Whether readings that are equal here are listed as well. */
  declare isAll: boolean;
  private told!: Difference;
  private halves!: Half[];
  private playhead!: Playhead;
  private readonly light = matchMedia("(prefers-color-scheme: light)");
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)");

  constructor() {
    super();
    this.index = 0;
    this.playing = this.isAll = false;
    this.theme = remembered("theme") ?? "dark";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.told = JSON.parse(document.getElementById("difference")!.textContent!) as Difference;
    this.halves = this.told.sides.map(({ name, story }) => {
      unpacked(story);
      return { name, story, steps: steps(story), canvas: Object.values(story.canvases)[0]! };
    });
    const schedule = new Schedule(this.told.stops.map((_, at) => this.timed(at)));
    this.playhead = new Playhead(
      schedule,
      (moment) => this.draw(moment),
      () => this.follow(),
      () => false,
      () => this.still.matches,
    );
    const beat = Number(new URLSearchParams(location.hash.slice(1)).get("beat")) - 1;
    this.index = this.playhead.set(Math.max(this.told.stops.findIndex(([at]) => at === beat), 0));
    addEventListener("keydown", this.onKey);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.playhead.dispose();
    removeEventListener("keydown", this.onKey);
  }

  protected override firstUpdated(): void {
    const pictures = this.renderRoot.querySelectorAll<SVGSVGElement>(".picture");
    this.halves.forEach((half, side) => (half.stage = new Stage(pictures[side]!)));
    this.paint();
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has("theme") && changed.get("theme") !== undefined) this.paint();
  }

  /** How long the moment takes: as long as the side that needs more. */
  private timed(at: number): Step {
    const here = this.halves.map(({ steps }, side) => steps[this.told.stops[at]![side + 1]!]!);
    const most = (part: "seconds" | "rest"): number => Math.max(...here.map((step) => step[part]));
    return { ...here[0]!, seconds: most("seconds"), rest: most("rest") };
  }

  private draw({ index, share }: Moment): void {
    const [now, before] = [this.told.stops[index]!, this.told.stops[Math.max(index - 1, 0)]!];
    this.halves.forEach(({ stage, steps }, side) => {
      const [from, to] = [before, now].map((stop) => steps[stop[side + 1]!]!.picture) as [number, number];
      if (share < 1 && to === from + 1 && !this.still.matches) stage?.between(from, share);
      else stage?.still(share < 1 && to !== from ? from : to);
    });
    const part = this.playhead.time / (this.playhead.schedule.total || 1);
    const needle = this.renderRoot.querySelector<HTMLElement>(".needle");
    if (needle) needle.style.transform = `translateX(${part * 100}%)`;
  }

  private follow(): void {
    this.index = this.playhead.index;
    this.playing = this.playhead.playing;
    try {
      history.replaceState(null, "", `#beat=${this.beat + 1}`);
    } catch {
      // A document without an address of its own has none to keep.
    }
  }

  /** The colours of the theme, for the pictures and for all around them. */
  private paint(): void {
    const theme = this.theme === "system" ? (this.light.matches ? "light" : "dark") : this.theme;
    document.documentElement.dataset["theme"] = theme;
    for (const { story, canvas, steps, stage } of this.halves) {
      const roles = story.themes[theme] ?? story.themes["dark"]!;
      for (const [role, colour] of Object.entries(roles)) {
        if (/^[a-z]+$/.test(role)) this.style.setProperty(`--${role}`, colour);
      }
      const kinds: string[] = [];
      for (const { picture, beat } of steps) kinds[picture] ??= story.beats[beat]!.card;
      stage?.load(canvas, framesOf(canvas, kinds), roles);
    }
    this.draw(this.playhead.schedule.at(this.playhead.time));
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0] as HTMLElement;
    if (target.matches("select, .readings") || (event.key === " " && target.matches("button, input"))) return;
    const { playhead } = this;
    const acts: Record<string, () => void> = {
      ArrowRight: () => (event.shiftKey ? this.toBeat(1) : playhead.forward()),
      ArrowLeft: () => (event.shiftKey ? this.toBeat(-1) : playhead.back()),
      " ": () => this.toggle(),
      Home: () => playhead.jump(0),
      End: () => playhead.jump(this.told.stops.length - 1),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]!();
  };

  private get beat(): number {
    return this.told.stops[this.index]![0];
  }

  private toBeat(by: number): void {
    const isInside = this.told.stops[this.index - 1]?.[0] === this.beat;
    const wanted = by < 0 && isInside ? this.beat : this.beat + by;
    const found = this.told.stops.findIndex(([beat]) => beat === wanted);
    if (found >= 0) this.playhead.jump(found);
  }

  private toggle(): void {
    if (this.playhead.playing) this.playhead.pause();
    else this.playhead.play();
  }

  // ---- what is shown ----

  protected override render(): TemplateResult {
    const { beats } = this.told;
    const [left, right] = beats[this.beat]! as [string | null, string | null];
    const title = left === right || right === null ? left : left === null ? right : `${left} / ${right}`;
    return html`<div class="app">
      <header>
        <h1>${this.heading}</h1>
        <h2><span class="number">${this.beat + 1}</span> ${title}</h2>
      </header>
      <div class="halves">${this.halves.map((half, side) => this.renderHalf(half, side))}</div>
      ${this.renderReadings()} ${this.renderSettings()} ${this.renderDock()}
    </div>`;
  }

  private get heading(): string {
    const titles = new Set(this.halves.map(({ story }) => story.title));
    return [...titles].join(" and ");
  }

  private renderHalf({ name, steps, canvas, story }: Half, side: number): TemplateResult {
    const step = steps[this.told.stops[this.index]![side + 1]!]!;
    const said = step.asking ? (story.beats[step.beat]!.question?.ask ?? "") : step.say;
    const isThere = this.told.beats[this.beat]![side] !== null;
    const { broken } = this.told.sides[side]!;
    const unmet = isThere ? broken.filter(({ beat }) => beat === step.beat + 1) : [];
    return html`<section class="half ${isThere ? "" : "rests"}" aria-label=${name}>
      <h3>${name}</h3>
      <svg class="picture" role="img" aria-label=${canvas.alts[step.picture] ?? ""}></svg>
      <p class="caption" aria-live=${this.playing ? "off" : "polite"}>
        ${isThere ? said : "This story has no such beat."}
      </p>
      ${unmet.map(({ claim }) => html`<p class="warn">The author's claim does not hold here: ${claim}</p>`)}
    </section>`;
  }

  private renderReadings(): TemplateResult {
    const values = this.told.values[this.index]!;
    const rows = this.told.readings.map((reading, i) => ({ reading, pair: values[i]! }));
    const differing = rows.filter(({ pair }) => pair[0] !== pair[1]);
    const shown = this.isAll ? rows : differing;
    const equal = rows.length - differing.length;
    return html`<section class="readings" tabindex="0" role="group" aria-label="What differs">
      <p role="status">
        ${this.differ(differing.length)}
        ${equal
          ? html`<button class="link" aria-pressed=${this.isAll} @click=${() => (this.isAll = !this.isAll)}>
              ${this.isAll ? "Only those" : `And ${equal} that ${equal === 1 ? "is" : "are"} equal here`}
            </button>`
          : nothing}
      </p>
      ${shown.length
        ? html`<table>
            <thead>
              <tr>
                <th scope="col">Reading</th>
                ${this.halves.map(({ name }) => html`<th scope="col">${name}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${shown.map(
                ({ reading: { lane, name, unit, meaning }, pair }) =>
                  html`<tr class=${pair[0] === pair[1] ? "equal" : ""}>
                    <th scope="row">
                      ${lane}: ${name.replaceAll("_", " ")}
                      <small>${meaning}${unit ? `, in ${unit}` : ""}</small>
                    </th>
                    ${pair.map((value) => html`<td>${shownValue(value)}</td>`)}
                  </tr>`,
              )}
            </tbody>
          </table>`
        : nothing}
    </section>`;
  }

  private differ(many: number): string {
    if (!this.told.lanes) return "No lane of one name is on both sides, so there is nothing to compare.";
    if (!many) return "No reading differs here.";
    return `${count(many, "reading")} ${many === 1 ? "differs" : "differ"} here.`;
  }

  private renderSettings(): TemplateResult | typeof nothing {
    const { settings } = this.told;
    if (!settings.length) return nothing;
    return html`<details>
      <summary>${count(settings.length, "setting")} ${settings.length === 1 ? "differs" : "differ"}</summary>
      <dl>
        ${settings.map(
          ({ group, label, values }) =>
            html`<dt>${group}: ${label}</dt>
              ${values.map((value) => html`<dd>${shownValue(value)}</dd>`)}`,
        )}
      </dl>
    </details>`;
  }

  private renderDock(): TemplateResult {
    const { playhead } = this;
    const { schedule } = playhead;
    const { beats, stops } = this.told;
    const across = (time: number): number => (time / (schedule.total || 1)) * 100;
    const begins = beats.map((_, beat) => across(schedule.start[stops.findIndex(([at]) => at === beat)]!));
    const last = stops.length - 1;
    return html`<div class="dock">
      <div class="scrub">
        <div class="beats" aria-hidden="true">
          ${begins.map((x, beat) => {
            const width = `calc(${(begins[beat + 1] ?? 100) - x}% - 2px)`;
            return html`<i style="left:${x}%;width:${width}"></i>`;
          })}
        </div>
        <div class="needle"></div>
        <input
          type="range"
          min="0"
          max=${schedule.total}
          step="any"
          aria-label="Where both are"
          aria-valuetext="Beat ${this.beat + 1} of ${beats.length}"
          .value=${String(schedule.settled[this.index])}
          @input=${(event: Event) => playhead.seek(Number((event.target as HTMLInputElement).value))}
        />
      </div>
      <div class="transport" role="group" aria-label="Playing">
        ${button("previousBeat", "Previous beat", () => this.toBeat(-1), this.index === 0)}
        ${button("back", "One step back", () => playhead.back(), this.index === 0)}
        ${this.playing
          ? button("pause", "Pause", () => this.toggle())
          : button("play", "Play", () => this.toggle())}
        ${button("forward", "One step forward", () => playhead.forward(), this.index === last)}
        ${button("nextBeat", "Next beat", () => this.toBeat(1), this.beat === beats.length - 1)}
        <span class="where">Beat ${this.beat + 1} of ${beats.length}</span>
        <span class="spring"></span>
        <select aria-label="Colours" @change=${(event: Event) => this.choose(event)}>
          ${THEMES.map(
            ([name, title]) =>
              html`<option value=${name} ?selected=${name === this.theme}>${title}</option>`,
          )}
        </select>
      </div>
    </div>`;
  }

  private choose(event: Event): void {
    this.theme = (event.target as HTMLSelectElement).value;
    remember("theme", this.theme);
  }
}

function shownValue(value: Value): string {
  if (value === null) return "–";
  return typeof value === "number" ? value.toLocaleString("en") : String(value);
}

function button(sign: Sign, label: string, act: () => void, disabled = false): TemplateResult {
  return html`<button class="plain" aria-label=${label} title=${label} ?disabled=${disabled} @click=${act}>
    ${icon(sign)}
  </button>`;
}

customElements.define("pagereel-diff", Comparison);
