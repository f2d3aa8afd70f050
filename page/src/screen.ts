/** How a story is drawn here: in which canvas, in which colours, at which moment. */

import type { Moment } from "./clock";
import type { Player } from "./player";
import { framesOf, Stage, usual, type Frame } from "./stage";
import type { Canvas } from "./story";

/** A player narrower than this is laid out for a thumb. */
const NARROW = 700;
/** So is one that is higher than wide and narrower than this. */
const PORTRAIT = 900;

/** The canvas that draws one lane at a time. */
export const PHONE = "phone";

export class Screen {
  /** The name of the canvas that is drawn. */
  canvasName = "";
  stage!: Stage;
  private readonly framed = new WeakMap<Canvas, Frame[]>();
  private readonly resized = new ResizeObserver(() => this.fit());
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)");
  private readonly light = matchMedia("(prefers-color-scheme: light)");

  constructor(private readonly host: Player) {}

  /** Follow the player's size and the system's colours. */
  watch(): void {
    this.host.narrow = this.isNarrow;
    this.resized.observe(this.host);
    this.light.addEventListener("change", this.onScheme);
  }

  unwatch(): void {
    this.resized.disconnect();
    this.light.removeEventListener("change", this.onScheme);
  }

  /** Draw into an element from now on. */
  attach(svg: SVGSVGElement): void {
    this.stage = new Stage(svg);
    this.fit();
  }

  get isStill(): boolean {
    return this.still.matches;
  }

  get canvas(): Canvas {
    const { canvases } = this.host.now;
    return canvases[this.canvasName] ?? Object.values(canvases)[0]!;
  }

  draw({ index, share }: Moment): void {
    if (!this.stage) return;
    const { steps } = this.host;
    const picture = steps[index]!.picture;
    const before = index ? steps[index - 1]!.picture : picture;
    if (share >= 1 || picture !== before + 1) this.stage.still(picture);
    else if (this.isStill) this.stage.still(before);
    else this.stage.between(before, share);
    const { time, schedule } = this.host.playhead;
    const part = time / (schedule.total || 1);
    this.host.inner(".needle").style.transform = `translateX(${part * 100}%)`;
  }

  /** Take the canvas that is drawn largest here. */
  fit(): void {
    this.host.narrow = this.isNarrow;
    if (!this.stage) return;
    const room = this.host.inner(".figure").getBoundingClientRect();
    const tall = this.host.narrow ? Infinity : Math.max(room.height, 1);
    const scale = (name: string): number => {
      const [, , width, height] = usual(this.frames(name));
      return Math.min(room.width / width, tall / height);
    };
    // Where there is room for all lanes, one alone is not enough, however large.
    const all = Object.keys(this.host.now.canvases);
    const wide = all.filter((name) => name !== PHONE);
    const names = this.host.narrow || !wide.length ? all : wide;
    const name = names.reduce((best, next) => (scale(next) > scale(best) ? next : best));
    if (name !== this.canvasName) this.show(name);
    this.host.tour.settle();
  }

  /** Draw a canvas, in the colours of now. */
  show(name: string): void {
    this.canvasName = name;
    this.paint();
    if (!this.stage) return;
    const frames = this.frames(name);
    this.stage.load(this.canvas, frames, this.roles);
    const [, , width, height] = usual(frames);
    this.host.inner(".app").style.setProperty("--ratio", `${width} / ${height}`);
    this.host.explainer.leaveStep();
    const { playhead } = this.host;
    this.draw(playhead.schedule.at(playhead.time));
    this.host.requestUpdate();
  }

  /** The theme's colours, for all that is not the picture. */
  paint(): void {
    const { roles } = this;
    for (const [role, colour] of Object.entries(roles)) {
      if (/^[a-z]+$/.test(role)) this.host.style.setProperty(`--${role}`, colour);
    }
    if (this.host.isWholePage) paintPage(roles);
  }

  private get isNarrow(): boolean {
    const { clientWidth: width, clientHeight: height } = this.host;
    return width < NARROW || (width < PORTRAIT && height > 1.15 * width);
  }

  private frames(name: string): Frame[] {
    const { now, steps } = this.host;
    const canvas = now.canvases[name]!;
    let frames = this.framed.get(canvas);
    if (!frames) {
      const kinds: string[] = [];
      for (const { picture, beat } of steps) kinds[picture] ??= now.beats[beat]!.card;
      this.framed.set(canvas, (frames = framesOf(canvas, kinds)));
    }
    return frames;
  }

  private get roles(): Record<string, string> {
    const { now, theme } = this.host;
    const system = this.light.matches ? "light" : "dark";
    return now.themes[theme === "system" ? system : theme] ?? now.themes["dark"]!;
  }

  private readonly onScheme = (): void => {
    if (this.host.theme === "system") this.show(this.canvasName);
  };
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
