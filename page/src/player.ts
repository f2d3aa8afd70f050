/** <pagereel-player>: a story to play, to step through, to ask, and to change. */

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { readAddress, writeAddress, type Address } from "./address";
import { Playhead, Schedule } from "./clock";
import { editPanel } from "./edit";
import { Explainer } from "./explain";
import { Gestures } from "./gestures";
import { icon } from "./icons";
import { Lanes } from "./lanes";
import { remember, remembered } from "./memory";
import { chapters, help, requestPanel, settings } from "./panels";
import { said } from "./said";
import { Screen } from "./screen";
import type { Stage } from "./stage";
import { steps, type Place, type Step, type Story } from "./story";
import { strip } from "./strip";
import { STYLE } from "./style/style";
import { top } from "./top";
import { Tour } from "./tour";
import { scrub, transport } from "./transport";
import { unpacked } from "./unpacking";
import { Version } from "./version";
import { Writing } from "./writing";

/** How long a word in passing stays, in milliseconds. */
const PASSING = 2500;

type PanelKind = "chapters" | "edit" | "settings" | "help";
type Panel = { kind: PanelKind } | { kind: "request"; id: string };

const PANEL_TITLES = {
  chapters: "Chapters",
  edit: "Try your own",
  settings: "Colours and link",
  help: "Help",
};

export class Player extends LitElement {
  static override styles = STYLE;
  static override properties = {
    story: { attribute: false },
    engine: {},
    index: { state: true },
    playing: { state: true },
    speed: { state: true },
    theme: {},
    panel: { state: true },
    toast: { state: true },
    peek: { state: true },
    narrow: { state: true },
    answers: { state: true },
  };

  /** The author's story; without one it is read from the document's `#story`. */
  declare story: Story | undefined;
  /** Where `engine.js` is; without one nothing can be changed. */
  declare engine: string | undefined;
  /** The step that is shown, or on its way. */
  declare index: number;
  declare playing: boolean;
  declare speed: number;
  declare theme: string;
  declare panel: Panel | undefined;
  /** A word in passing. */
  declare toast: TemplateResult | string | undefined;
  /** The time that the pointer is at, over the strip. */
  declare peek: number | undefined;
  declare narrow: boolean;
  /** The option chosen for the question of a beat; -1: none, it was only shown. */
  declare answers: Map<number, number>;

  readonly explainer = new Explainer(this);
  readonly version = new Version(this);
  readonly lanes = new Lanes(this);
  readonly writing = new Writing(this);
  readonly tour = new Tour(this);
  readonly screen = new Screen(this);
  private readonly gestures = new Gestures(this);
  steps: (Step & Place)[] = [];
  playhead!: Playhead;
  /** Whether the document is this story's own page: then it has its colours and its address. */
  isWholePage = false;
  private returnTo: HTMLElement | undefined;
  /** Whether it has been drawn: what opens later takes the focus. */
  private isOpen = false;

  constructor() {
    super();
    this.index = 0;
    this.speed = 1;
    this.playing = false;
    this.narrow = false;
    this.theme = remembered("theme") ?? "dark";
    this.answers = new Map();
  }

  // ---- life ----

  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.story) {
      this.isWholePage = true;
      this.story = JSON.parse(document.getElementById("story")!.textContent!) as Story;
    }
    this.open(unpacked(this.story));
    this.readHash();
    this.screen.paint();
    this.screen.watch();
    if (this.isEditable && this.story.variants.length && !this.narrow) this.panel = { kind: "edit" };
    addEventListener("hashchange", this.onHash);
    addEventListener("keydown", this.gestures.onKey);
    document.addEventListener("fullscreenchange", this.onFull);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.playhead.dispose();
    this.screen.unwatch();
    removeEventListener("hashchange", this.onHash);
    removeEventListener("keydown", this.gestures.onKey);
    document.removeEventListener("fullscreenchange", this.onFull);
  }

  protected override firstUpdated(): void {
    this.screen.attach(this.inner<SVGSVGElement>(".picture"));
    const address = readAddress(this.isWholePage ? location.hash : "", this.now);
    const { settings, start, story, acts } = address;
    if (this.isEditable && (story || start || acts || settings.length)) void this.openLink(address);
    else if (this.isWholePage) this.toast = this.tour.offer();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("theme") && changed.get("theme") !== undefined) {
      this.screen.show(this.screen.canvasName);
    }
    if (changed.has("panel") && this.isOpen) this.onPanel();
    this.isOpen = true;
    this.writing.settle();
    this.explainer.settle();
    this.tour.settle();
  }

  /** An element of this player. */
  inner<E extends Element = HTMLElement>(selector: string): E {
    return this.renderRoot.querySelector<E>(selector)!;
  }

  /** What has the focus here. */
  focused(): HTMLElement | undefined {
    return (this.shadowRoot!.activeElement as HTMLElement | null) ?? undefined;
  }

  // ---- the story ----

  /** The story that is shown: the visitor's, or the author's. */
  get now(): Story {
    return this.version.story ?? this.story!;
  }

  get here(): Step & Place {
    return this.steps[this.index]!;
  }

  get stage(): Stage {
    return this.screen.stage;
  }

  get isEditable(): boolean {
    return !!this.engine && this.isWholePage && this.story!.editable && this.story!.settings.length > 0;
  }

  /** Show a story, where the last one was left. */
  open(story: Story): void {
    const before = this.steps.length ? this.here : { beat: 0, step: 0 };
    this.playhead?.dispose();
    this.steps = steps(story);
    this.playhead = new Playhead(
      new Schedule(this.steps),
      (moment) => this.screen.draw(moment),
      () => this.follow(),
      (index) => this.isHalt(index),
      () => this.screen.isStill,
    );
    this.playhead.speed = this.speed;
    this.playing = false;
    this.answers = new Map();
    this.index = this.playhead.set(this.indexOf(before));
    if (!this.stage) return;
    this.screen.canvasName = "";
    this.screen.fit();
    this.writeHash();
  }

  /** Show another story in the author's place, where the last one was left. */
  take(story: Story): void {
    this.story = unpacked(story);
    this.version.reset();
  }

  /** The step at a place, or the nearest one of its beat. */
  private indexOf({ beat, step }: Place): number {
    const found = this.steps.findLastIndex((at) => at.beat === beat && at.step <= step);
    return found < 0 ? this.steps.length - 1 : found;
  }

  /** Take over where the playhead is. */
  private follow(): void {
    const before = this.index;
    this.index = this.playhead.index;
    this.playing = this.playhead.playing;
    if (before === this.index || !this.stage) return;
    this.explainer.leaveStep();
    this.writeHash();
    const { beat, step } = this.here;
    const detail = { beat: beat + 1, step: step + 1 };
    this.dispatchEvent(new CustomEvent("pagereel-at", { detail }));
  }

  // ---- the address ----

  /** Play what a link has changed, and go where it leads: that may be past the author's end. */
  private async openLink(address: Address): Promise<void> {
    const { hash } = location;
    await this.version.take(address);
    const { place } = readAddress(hash, this.now);
    if (place) this.playhead.jump(this.playhead.set(this.indexOf(place)));
  }

  private readonly onHash = (): void => {
    if (!this.isWholePage) return;
    this.readHash();
    this.playhead.jump(this.index);
  };

  private readHash(): void {
    if (!this.isWholePage) return;
    const { place, theme } = readAddress(location.hash, this.now);
    if (theme === "system" || (theme && this.now.themes[theme])) this.theme = theme;
    if (place) this.index = this.playhead.set(this.indexOf(place));
  }

  private address(): string {
    const theme = new URLSearchParams(location.hash.slice(1)).get("theme") ?? undefined;
    return writeAddress({ place: this.here, theme, ...this.version.address });
  }

  private writeHash(): void {
    if (!this.isWholePage) return;
    try {
      history.replaceState(null, "", this.address());
    } catch {
      // A document without an address of its own, as in a sandbox, has no links to keep.
    }
  }

  async copyLink(): Promise<void> {
    try {
      await navigator.clipboard.writeText(location.href.replace(/#.*$/, "") + this.address());
      this.say("The link is copied.");
    } catch {
      this.writeHash();
      this.say("Copy the address of this page: it is the link.");
    }
  }

  /** Say something in passing. */
  say(text: string): void {
    this.toast = text;
    setTimeout(() => {
      if (this.toast === text) this.toast = undefined;
    }, PASSING);
  }

  // ---- moving ----

  go(place: Place): void {
    this.playhead.jump(this.indexOf(place));
    if (this.narrow) this.panel = undefined;
  }

  /** Show what the last of some shots of a beat does: move into it, and stay at its end. */
  showDone({ beat }: Place, shots: number): void {
    const first = this.steps.findIndex((step) => step.beat === beat && step.shot === shots);
    this.playhead.seek(this.playhead.schedule.start[first]!);
    this.lastBeat = beat;
    this.playhead.play();
  }

  /** Be at the end of what is being shown, if that is the visitor's own doing. */
  hurry(): void {
    const { playing, lastBeat: beat } = this;
    if (playing && beat !== undefined) this.playhead.jump(this.indexOf({ beat, step: Infinity }));
    this.playhead.pause();
  }

  toggle(): void {
    if (this.playhead.playing) return this.playhead.pause();
    if (this.isAsking) this.answers = new Map(this.answers).set(this.here.beat, -1);
    this.lastBeat = undefined;
    this.playhead.play();
  }

  toBeat(by: number): void {
    const { beat, step } = this.here;
    const to = by < 0 && step > 0 ? beat : beat + by;
    if (to < this.now.beats.length) this.go({ beat: Math.max(to, 0), step: 0 });
  }

  setSpeed(speed: number): void {
    this.speed = this.playhead.speed = speed;
  }

  /** Whether the step that is shown asks, and has no answer yet. */
  get isAsking(): boolean {
    return this.here.asking && !this.answers.has(this.here.beat);
  }

  /** Answer the beat's question (-1: only show it) and let the beat play out. */
  answer(option: number): void {
    const { beat } = this.here;
    this.answers = new Map(this.answers).set(beat, option);
    this.lastBeat = this.halted === this.index ? undefined : beat;
    this.playhead.play();
  }

  /** The question at which playing has stopped by itself. */
  private halted: number | undefined;
  /** The beat whose end playing does not pass. */
  private lastBeat: number | undefined;

  /** Where playing waits: at a question, and after an answer to one that was stepped to. */
  private isHalt(index: number): boolean {
    const { beat, asking } = this.steps[index]!;
    if (asking && !this.answers.has(beat)) {
      this.halted = index;
      return true;
    }
    return beat === this.lastBeat && this.steps[index + 1]?.beat !== beat;
  }

  escape(): void {
    if (this.tour.isOn) this.tour.go(undefined);
    else if (!this.explainer.escape()) this.panel = undefined;
  }

  private readonly onFull = (): void => this.requestUpdate();

  toggleFull(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void this.requestFullscreen();
  }

  // ---- panels and tour ----

  openPanel(panel: Panel): void {
    if (!this.panel) this.returnTo = this.focused();
    this.explainer.close();
    this.toast = undefined;
    this.panel = panel;
  }

  togglePanel(kind: PanelKind): void {
    if (this.panel?.kind === kind) this.panel = undefined;
    else this.openPanel({ kind });
  }

  /** Open what can be done to the state that is shown. */
  actHere(): void {
    this.playhead.pause();
    this.version.turnTo("act");
    this.openPanel({ kind: "edit" });
  }

  /** Whether what can be done here is open. */
  get isActing(): boolean {
    return this.panel?.kind === "edit" && this.version.editing.way === "act";
  }

  openRequest(id: string): void {
    this.openPanel({ kind: "request", id });
  }

  private chooseTheme(theme: string): void {
    this.theme = theme;
    remember("theme", theme);
  }

  startTour(): void {
    this.panel = undefined;
    this.toast = undefined;
    this.tour.go(0);
  }

  private onPanel(): void {
    if (this.panel) return this.inner(".panel h2").focus();
    this.returnTo?.focus();
    this.returnTo = undefined;
  }

  // ---- what is shown ----

  protected override render(): TemplateResult {
    return html`<div class="app ${this.narrow ? "narrow" : ""}">
      <div class="show">
        ${top(this)}
        <div class="figure">
          <svg
            class="picture"
            role="img"
            tabindex="0"
            aria-roledescription="picture"
            aria-label=${this.screen.canvas.alts[this.here.picture] ?? ""}
            @pointerdown=${(event: PointerEvent) => this.gestures.onDown(event)}
            @pointerup=${(event: PointerEvent) => this.gestures.onUp(event)}
            @pointermove=${(event: PointerEvent) => this.explainer.onMove(event)}
            @pointerleave=${() => this.explainer.onLeave()}
            @click=${(event: MouseEvent) => this.gestures.onClick(event)}
            @keydown=${(event: KeyboardEvent) => this.gestures.onPictureKey(event)}
          ></svg>
          ${this.explainer.renderFocus()}
        </div>
        <div class="dock ${this.isAsking ? "asking" : ""}">${said(this)} ${scrub(this, this.renderStrip())} ${transport(this)}</div>
      </div>
      ${this.renderPanel()} ${this.explainer.render()} ${this.tour.render()}
      <div role="status">
        ${this.toast && !this.tour.isOn ? html`<div class="toast">${this.toast}</div>` : nothing}
      </div>
    </div>`;
  }

  private stripped: { schedule: Schedule; broken: string; rows: TemplateResult } | undefined;

  private renderStrip(): TemplateResult {
    const { schedule } = this.playhead;
    const broken = [...this.version.broken].join();
    if (this.stripped?.schedule !== schedule || this.stripped.broken !== broken) {
      const rows = strip(this.now, this.steps, schedule, this.version.broken);
      this.stripped = { schedule, broken, rows };
    }
    return this.stripped.rows;
  }

  private renderPanel(): TemplateResult | typeof nothing {
    const panel = this.panel;
    if (!panel) return nothing;
    const title = panel.kind === "request" ? `Request ${panel.id}` : PANEL_TITLES[panel.kind];
    return html`<aside class="panel ${this.isActing ? "acting" : ""}" aria-label=${title}>
      <header>
        <h2 tabindex="-1">${title}</h2>
        <button class="plain" aria-label="Close" @click=${() => (this.panel = undefined)}>
          ${icon("close")}
        </button>
      </header>
      <div class="body" tabindex="0" role="group" aria-label=${title}>${this.panelBody(panel)}</div>
    </aside>`;
  }

  private panelBody(panel: Panel): TemplateResult {
    const go = (place: Place): void => this.go(place);
    switch (panel.kind) {
      case "chapters":
        return chapters(this.now, this.here, this.version.broken, go, (id) => this.openRequest(id));
      case "request":
        return requestPanel(this.now, this.steps, this.index, panel.id, go, (tag) =>
          this.explainer.focus(tag),
        );
      case "help":
        return help(() => this.startTour());
      case "settings":
        return settings(this.theme, (theme) => this.chooseTheme(theme), () => void this.copyLink());
      case "edit":
        return editPanel(this);
    }
  }
}

customElements.define("pagereel-player", Player);
