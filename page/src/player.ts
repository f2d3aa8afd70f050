/** <pagereel-player>: a story to play, to step through, to ask, and to change. */

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { readAddress, writeAddress } from "./address";
import { Playhead, Schedule, type Moment } from "./clock";
import { editPanel } from "./edit";
import { Explainer } from "./explain";
import { icon, type Sign } from "./icons";
import { remember, remembered } from "./memory";
import { chapters, help, requestPanel, settings } from "./panels";
import { said } from "./said";
import { framesOf, Stage, usual, type Frame } from "./stage";
import { steps, type Canvas, type Place, type Step, type Story } from "./story";
import { strip } from "./strip";
import { STYLE } from "./style";
import { Tour } from "./tour";
import { scrub, transport } from "./transport";
import { Version } from "./version";
import { count, origin, sentence } from "./words";

/** A player narrower than this is laid out for a thumb. */
const NARROW = 700;
/** So is one that is higher than wide and narrower than this. */
const PORTRAIT = 900;
/** A swipe is at least so many pixels long. */
const SWIPE = 48;
/** A click so soon after a swipe, in milliseconds, is part of it. */
const SWIPED = 300;

type Panel = { kind: "chapters" | "edit" | "settings" | "help" } | { kind: "request"; id: string };

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
    theme: { state: true },
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
  private readonly tour = new Tour(this);
  steps: (Step & Place)[] = [];
  playhead!: Playhead;
  stage!: Stage;
  canvasName = "";
  /** Whether the document is this story's own page. */
  private isWholePage = false;
  private returnTo: HTMLElement | undefined;
  private readonly resized = new ResizeObserver(() => this.fit());
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)");
  private readonly light = matchMedia("(prefers-color-scheme: light)");

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
    this.narrow = this.isNarrow;
    this.open(this.story);
    this.readHash();
    this.paint();
    addEventListener("hashchange", this.onHash);
    addEventListener("keydown", this.onKey);
    document.addEventListener("fullscreenchange", this.onFull);
    this.light.addEventListener("change", this.onScheme);
    this.resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.playhead.dispose();
    removeEventListener("hashchange", this.onHash);
    removeEventListener("keydown", this.onKey);
    document.removeEventListener("fullscreenchange", this.onFull);
    this.light.removeEventListener("change", this.onScheme);
    this.resized.disconnect();
  }

  protected override firstUpdated(): void {
    this.stage = new Stage(this.inner<SVGSVGElement>(".picture"));
    this.fit();
    const { settings, story } = readAddress(location.hash, this.now);
    if (this.isEditable && (story || settings.length)) void this.version.take(settings, story);
    else this.toast = this.tour.offer();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("theme") && changed.get("theme") !== undefined) this.reload();
    if (changed.has("panel") && this.stage) this.onPanel();
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

  private get isEditable(): boolean {
    return !!this.engine && this.story!.editable && this.story!.settings.length > 0;
  }

  /** Show a story, where the last one was left. */
  open(story: Story): void {
    const before = this.steps.length ? this.here : { beat: 0, step: 0 };
    this.playhead?.dispose();
    this.steps = steps(story);
    this.playhead = new Playhead(
      new Schedule(this.steps),
      (moment) => this.draw(moment),
      () => this.follow(),
      (index) => this.isHalt(index),
      () => this.still.matches,
    );
    this.playhead.speed = this.speed;
    this.playing = false;
    this.answers = new Map();
    this.index = this.playhead.set(this.indexOf(before));
    if (!this.stage) return;
    this.canvasName = "";
    this.fit();
    this.writeHash();
  }

  /** The step at a place, or the nearest one of its beat. */
  private indexOf({ beat, step }: Place): number {
    const found = this.steps.findLastIndex((at) => at.beat === beat && at.step <= step);
    return found < 0 ? this.steps.length - 1 : found;
  }

  private draw({ index, share }: Moment): void {
    if (!this.stage) return;
    const picture = this.steps[index]!.picture;
    const before = index ? this.steps[index - 1]!.picture : picture;
    if (share >= 1 || picture !== before + 1) this.stage.still(picture);
    else if (this.still.matches) this.stage.still(before);
    else this.stage.between(before, share);
    const { time, schedule } = this.playhead;
    const part = time / (schedule.total || 1);
    this.inner(".needle").style.transform = `translateX(${part * 100}%)`;
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

  // ---- canvas and colours ----

  /** Take the canvas that is drawn largest here. */
  private fit(): void {
    this.narrow = this.isNarrow;
    if (!this.stage) return;
    const room = this.inner(".figure").getBoundingClientRect();
    const tall = this.narrow ? Infinity : Math.max(room.height, 1);
    const scale = (name: string): number => {
      const [, , width, height] = usual(this.frames(name));
      return Math.min(room.width / width, tall / height);
    };
    const names = Object.keys(this.now.canvases);
    const name = names.reduce((best, next) => (scale(next) > scale(best) ? next : best));
    if (name !== this.canvasName) {
      this.canvasName = name;
      this.reload();
    }
    this.tour.settle();
  }

  private get isNarrow(): boolean {
    const { clientWidth: width, clientHeight: height } = this;
    return width < NARROW || (width < PORTRAIT && height > 1.15 * width);
  }

  private readonly framed = new WeakMap<Canvas, Frame[]>();

  private frames(name: string): Frame[] {
    const canvas = this.now.canvases[name]!;
    let frames = this.framed.get(canvas);
    if (!frames) {
      const kinds: string[] = [];
      for (const { picture, beat } of this.steps) kinds[picture] ??= this.now.beats[beat]!.card;
      this.framed.set(canvas, (frames = framesOf(canvas, kinds)));
    }
    return frames;
  }

  private get canvas(): Canvas {
    return this.now.canvases[this.canvasName] ?? Object.values(this.now.canvases)[0]!;
  }

  private get roles(): Record<string, string> {
    const { themes } = this.now;
    const system = this.light.matches ? "light" : "dark";
    return themes[this.theme === "system" ? system : this.theme] ?? themes["dark"]!;
  }

  /** The theme's colours, for all that is not the picture. */
  private paint(): void {
    const { roles } = this;
    for (const [role, colour] of Object.entries(roles)) {
      if (/^[a-z]+$/.test(role)) this.style.setProperty(`--${role}`, colour);
    }
    if (this.isWholePage) paintPage(roles);
  }

  /** Draw again, in another canvas or other colours. */
  private reload(): void {
    if (!this.stage) return;
    this.paint();
    const frames = this.frames(this.canvasName);
    this.stage.load(this.canvas, frames, this.roles);
    const [, , width, height] = usual(frames);
    this.inner(".app").style.setProperty("--ratio", `${width} / ${height}`);
    this.explainer.leaveStep();
    this.draw(this.playhead.schedule.at(this.playhead.time));
    this.requestUpdate();
  }

  private chooseTheme(theme: string): void {
    this.theme = theme;
    remember("theme", theme);
  }

  private readonly onScheme = (): void => {
    if (this.theme === "system") this.reload();
  };

  // ---- the address ----

  private readonly onHash = (): void => {
    this.readHash();
    this.playhead.jump(this.index);
  };

  private readHash(): void {
    const { place, theme } = readAddress(location.hash, this.now);
    if (theme === "system" || (theme && this.now.themes[theme])) this.theme = theme;
    if (place) this.index = this.playhead.set(this.indexOf(place));
  }

  private address(): string {
    const theme = new URLSearchParams(location.hash.slice(1)).get("theme") ?? undefined;
    const { settings, link: story } = this.version;
    return writeAddress({ place: this.here, theme, settings, story });
  }

  private writeHash(): void {
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

  private say(text: string): void {
    this.toast = text;
    setTimeout(() => {
      if (this.toast === text) this.toast = undefined;
    }, 2500);
  }

  // ---- moving ----

  go(place: Place): void {
    this.playhead.jump(this.indexOf(place));
    if (this.narrow) this.panel = undefined;
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

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.composedPath()[0] as HTMLElement;
    if (!event.composedPath().includes(this) && target !== document.body) return;
    if (event.key === "Escape") return this.escape();
    if (target.matches("textarea, select, input[type=number], input[type=text]")) return;
    if (this.explainer.onKey(event)) return event.preventDefault();
    if (target.matches("input[type=radio]") && event.key.startsWith("Arrow")) return;
    if (event.key === " " && target.matches("button, a, input")) return;
    const act = this.keys[event.key];
    if (!act) return;
    event.preventDefault();
    act(event.shiftKey);
  };

  private readonly keys: Record<string, (shift: boolean) => void> = {
    ArrowRight: (shift) => (shift ? this.toBeat(1) : this.playhead.forward()),
    ArrowLeft: (shift) => (shift ? this.toBeat(-1) : this.playhead.back()),
    PageDown: () => this.toBeat(1),
    PageUp: () => this.toBeat(-1),
    " ": () => this.toggle(),
    Home: () => this.playhead.jump(0),
    End: () => this.playhead.jump(this.steps.length - 1),
    "?": () => this.togglePanel("help"),
    c: () => this.togglePanel("chapters"),
    e: () => this.explainer.explore(),
    f: () => this.toggleFull(),
  };

  private escape(): void {
    if (this.tour.isOn) this.tour.go(undefined);
    else if (!this.explainer.escape()) this.panel = undefined;
  }

  private swipe: { x: number; y: number } | undefined;
  private swiped = 0;

  private onDown(event: PointerEvent): void {
    this.swipe = event.pointerType === "mouse" ? undefined : { x: event.clientX, y: event.clientY };
  }

  private onUp(event: PointerEvent): void {
    const start = this.swipe;
    this.swipe = undefined;
    if (!start) return;
    const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
    if (Math.abs(dx) < SWIPE || Math.abs(dx) < 2 * Math.abs(dy)) return;
    this.swiped = event.timeStamp;
    if (dx < 0) this.playhead.forward();
    else this.playhead.back();
  }

  private onClick(event: MouseEvent): void {
    if (event.timeStamp - this.swiped > SWIPED) this.explainer.onClick(event);
  }

  private onPictureKey(event: KeyboardEvent): void {
    if (event.target !== event.currentTarget || event.key !== "Enter") return;
    event.preventDefault();
    this.explainer.explore();
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

  private togglePanel(kind: "chapters" | "edit" | "settings" | "help"): void {
    if (this.panel?.kind === kind) this.panel = undefined;
    else this.openPanel({ kind });
  }

  openRequest(id: string): void {
    this.openPanel({ kind: "request", id });
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
        ${this.renderTop()}
        <div class="figure">
          <svg
            class="picture"
            role="img"
            tabindex="0"
            aria-roledescription="picture"
            aria-label=${this.canvas.alts[this.here.picture] ?? ""}
            @pointerdown=${this.onDown}
            @pointerup=${this.onUp}
            @pointermove=${(event: PointerEvent) => this.explainer.onMove(event)}
            @pointerleave=${() => this.explainer.onLeave()}
            @click=${this.onClick}
            @keydown=${this.onPictureKey}
          ></svg>
          ${this.explainer.renderFocus()}
        </div>
        <div class="dock">${said(this)} ${scrub(this, this.renderStrip())} ${transport(this)}</div>
      </div>
      ${this.renderPanel()} ${this.explainer.render()} ${this.tour.render()}
      <div role="status">
        ${this.toast && !this.tour.isOn ? html`<div class="toast">${this.toast}</div>` : nothing}
      </div>
    </div>`;
  }

  private renderTop(): TemplateResult {
    const { settings: changed, link } = this.version;
    const openEdit = (): void => this.togglePanel("edit");
    return html`<div class="top">
      <div class="headline">
        <h1>${this.now.title}</h1>
        <h2>
          <span class="number">${this.here.beat + 1}</span> ${this.now.beats[this.here.beat]!.title}
        </h2>
      </div>
      ${this.renderOrigin()} <span class="spring"></span>
      ${changed.length || link
        ? html`<button class="pill" @click=${openEdit}>
            <span class=${this.version.broken.size ? "warn" : ""}>
              Yours: ${changed.length ? count(changed.length, "change") : "rewritten"}
            </span>
          </button>`
        : nothing}
      ${this.isEditable
        ? html`<button
            class="plain change"
            aria-expanded=${this.panel?.kind === "edit"}
            aria-label="Try your own"
            @click=${openEdit}
          >
            ${icon("edit")}${this.narrow ? nothing : "Try your own"}
          </button>`
        : nothing}
      ${this.panelButton("chapters", "Chapters and requests")}
      ${this.panelButton("settings", "Colours and link")} ${this.panelButton("help", "Help")}
    </div>`;
  }

  private panelButton(kind: "chapters" | "settings" | "help", label: string): TemplateResult {
    const sign: Sign = kind;
    return html`<button
      class="plain"
      aria-label=${label}
      title=${label}
      aria-expanded=${this.panel?.kind === kind}
      @click=${() => this.togglePanel(kind)}
    >
      ${icon(sign)}
    </button>`;
  }

  /** Where the numbers come from, at a tap. */
  private renderOrigin(): TemplateResult {
    const { origin: kind, source } = this.here;
    const explain = (event: Event): void =>
      this.explainer.open(
        sentence(kind),
        event.currentTarget as Element,
        html`<p>${origin(kind)}</p>
          ${source ? html`<p class="muted">${sentence(source)}</p>` : nothing}`,
      );
    return html`<button
      class="pill"
      aria-haspopup="dialog"
      aria-label="Where the numbers come from: ${kind}"
      @click=${explain}
    >
      <span>${kind}</span>
    </button>`;
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
    return html`<aside class="panel" aria-label=${title}>
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
        return editPanel(this.now, this.version.form, this.version.editing, this.version);
    }
  }
}

/** What stands around the player on its own page takes the theme as well. */
function paintPage(roles: Record<string, string>): void {
  const { style } = document.documentElement;
  style.setProperty("--ground", roles["background"]!);
  style.setProperty("--link", roles["accent"]!);
  for (const role of ["card", "text", "muted", "edge"]) {
    style.setProperty(`--${role}`, roles[role]!);
  }
}

customElements.define("pagereel-player", Player);
