/** Keys and swipes, and what they do. */

import type { Player } from "./player";

/** A swipe is at least so many pixels long. */
const SWIPE = 48;
/** A click so soon after a swipe, in milliseconds, is part of it. */
const SWIPED = 300;

export class Gestures {
  private from: { x: number; y: number } | undefined;
  private swiped = 0;

  constructor(private readonly host: Player) {}

  readonly onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.composedPath()[0] as HTMLElement;
    const isOurs = this.host.isWholePage && target === document.body && this.isInView;
    if (!isOurs && !event.composedPath().includes(this.host)) return;
    if (event.key === "Escape") return this.host.escape();
    if (target.matches("textarea, select, input[type=number], input[type=text], [contenteditable]")) return;
    if (this.host.explainer.onKey(event)) return event.preventDefault();
    if (target.matches("input[type=radio]") && event.key.startsWith("Arrow")) return;
    if (event.key === " " && target.matches("button, a, input, summary")) return;
    const act = this.keys[event.key];
    if (!act) return;
    event.preventDefault();
    act(event.shiftKey);
  };

  /** Whether it is what a reader looks at, and not the text below it. */
  private get isInView(): boolean {
    return this.host.getBoundingClientRect().bottom > innerHeight / 2;
  }

  private readonly keys: Record<string, (shift: boolean) => void> = {
    ArrowRight: (shift) => (shift ? this.host.toBeat(1) : this.host.playhead.forward()),
    ArrowLeft: (shift) => (shift ? this.host.toBeat(-1) : this.host.playhead.back()),
    PageDown: () => this.host.toBeat(1),
    PageUp: () => this.host.toBeat(-1),
    " ": () => this.host.toggle(),
    Home: () => this.host.playhead.jump(0),
    End: () => this.host.playhead.jump(this.host.steps.length - 1),
    "?": () => this.host.togglePanel("help"),
    c: () => this.host.togglePanel("chapters"),
    e: () => this.host.explainer.explore(),
    f: () => this.host.toggleFull(),
  };

  /** Enter goes into the picture. */
  onPictureKey(event: KeyboardEvent): void {
    if (event.target !== event.currentTarget || event.key !== "Enter") return;
    event.preventDefault();
    this.host.explainer.explore();
  }

  onDown(event: PointerEvent): void {
    this.from = event.pointerType === "mouse" ? undefined : { x: event.clientX, y: event.clientY };
  }

  onUp(event: PointerEvent): void {
    const start = this.from;
    this.from = undefined;
    if (!start) return;
    const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
    if (Math.abs(dx) < SWIPE || Math.abs(dx) < 2 * Math.abs(dy)) return;
    this.swiped = event.timeStamp;
    if (dx < 0) this.host.playhead.forward();
    else this.host.playhead.back();
  }

  onClick(event: MouseEvent): void {
    if (event.timeStamp - this.swiped > SWIPED) this.host.explainer.onClick(event);
  }
}
