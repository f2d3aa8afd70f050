/** What a part of the picture means: by pointer, by touch, and by keyboard. */

import { html, nothing, type TemplateResult } from "lit";
import { aboutBlock } from "./block";
import { icon } from "./icons";
import type { Mark } from "./marks";
import type { Player } from "./player";
import { place, popover, type Popover } from "./popover";
import type { Place } from "./story";
import { sentence } from "./words";

const DIRECTIONS: Record<string, [number, number]> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

export class Explainer {
  /** What the rest of the picture dims for: a tag, as `request A`. */
  focusTag: string | undefined;
  private shown: Popover | undefined;
  private explored: Mark | undefined;
  private returnTo: HTMLElement | undefined;

  constructor(private readonly host: Player) {}

  // ---- the small window ----

  /** Explain something, until it is closed. */
  open(title: string, at: Element, body: TemplateResult): void {
    this.returnTo ??= this.host.focused();
    this.show({ title, body, at: at.getBoundingClientRect(), pinned: true });
  }

  close(): void {
    this.show(undefined);
    this.returnTo?.focus();
    this.returnTo = undefined;
  }

  /** Close the window and go to a step that it names. */
  leaveFor(step: Place): void {
    this.close();
    this.host.go(step);
  }

  /** What is shown may be gone. */
  leaveStep(): void {
    this.unexplore();
    if (!this.shown?.pinned) this.show(undefined);
  }

  /** Close the innermost thing that is open; false if there was none. */
  escape(): boolean {
    if (this.shown?.pinned) this.close();
    else if (this.explored) this.unexplore(true);
    else if (this.focusTag) this.focus(undefined);
    else return false;
    return true;
  }

  render(): TemplateResult | typeof nothing {
    return popover(this.shown, () => this.close());
  }

  /** After the window is in the document: put it where it belongs. */
  settle(): void {
    const box = this.host.inner(".popover:not(.tour)");
    if (!this.shown || !box) return;
    place(box, this.shown.at, this.host.getBoundingClientRect());
    if (this.shown.pinned && !box.matches(":focus-within")) box.focus({ preventScroll: true });
  }

  private show(shown: Popover | undefined): void {
    if (this.shown === shown) return;
    this.shown = shown;
    this.host.requestUpdate();
  }

  // ---- pointer and touch ----

  onMove(event: PointerEvent): void {
    if (event.pointerType !== "mouse" || this.shown?.pinned || event.buttons) return;
    const mark = this.markAt(event.clientX, event.clientY);
    if (mark?.row.n !== this.shown?.body || !mark) this.show(mark && hint(mark));
  }

  onLeave(): void {
    if (!this.shown?.pinned && !this.explored) this.show(undefined);
  }

  onClick(event: MouseEvent): void {
    if (!(getSelection()?.isCollapsed ?? true)) return;
    const mark = this.markAt(event.clientX, event.clientY);
    if (mark) this.pin(mark);
    else this.close();
  }

  /** The innermost shape with a meaning at a point of the window. */
  private markAt(x: number, y: number): Mark | undefined {
    for (const node of this.host.shadowRoot!.elementsFromPoint(x, y)) {
      const mark = node instanceof SVGElement ? this.host.stage.find(node) : undefined;
      if (mark?.row.n) return mark;
    }
    return undefined;
  }

  /** Explain a shape, with all that can be asked about it; an answer to a question is taken. */
  private pin(mark: Mark): void {
    const option = /^question\/\d+\/(\d+)$/.exec(mark.row.k);
    if (option && this.host.isAsking) return this.host.answer(Number(option[1]));
    const tags = mark.row.g ?? [];
    const { requests, lanes } = this.host.now;
    const mine = requests.filter(({ id }) => tags.includes(`request ${id}`));
    const there = lanes.filter(({ name }) => tags.includes(`lane ${name}`));
    const only = (tag: string, title: string): TemplateResult =>
      html`<button class="quiet" @click=${() => this.focusFromWindow(tag)}>Only ${title}</button>`;
    this.open(
      sentence(mark.row.n!),
      mark.root,
      html`${there.map(({ title, name }) => html`<p class="muted">Lane: ${title || name}</p>`)}
        ${aboutBlock(this.host, mark)}
        <div class="row">
          ${mine.map(
            ({ id }) =>
              html`<button class="quiet" @click=${() => this.host.openRequest(id)}>
                  All about ${id}</button
                >${mine.length === 1 ? only(`request ${id}`, id) : nothing}`,
          )}
          ${there.map(({ name, title }) => only(`lane ${name}`, title || name))}
        </div>`,
    );
  }

  // ---- focus ----

  /** Dim all that has tags, and not this one. */
  focus(tag: string | undefined): void {
    this.focusTag = tag;
    this.host.stage.focus(tag ? (row) => row.g!.includes(tag) : undefined);
    this.host.requestUpdate();
  }

  renderFocus(): TemplateResult | typeof nothing {
    if (!this.focusTag) return nothing;
    return html`<button class="quiet chip" @click=${() => this.focus(undefined)}>
      Only ${this.focusTag} ${icon("close")}
    </button>`;
  }

  private focusFromWindow(tag: string): void {
    this.focus(tag);
    this.close();
  }

  // ---- keyboard ----

  /** Go to a part of the picture; without one, to the first. */
  explore(mark: Mark | undefined = this.host.stage.noted()[0]): void {
    if (!mark) return;
    if (!this.explored) this.returnTo = this.host.inner(".picture");
    this.unexplore();
    this.explored = mark;
    const { root } = mark;
    root.setAttribute("role", "img");
    root.setAttribute("aria-label", mark.row.n!);
    root.setAttribute("tabindex", "-1");
    root.classList.add("seen");
    this.host.inner(".picture").setAttribute("role", "group"); // its parts are heard now
    root.focus({ preventScroll: true });
    this.show(hint(mark));
  }

  /** A key while a part of the picture is explored; false if it means nothing there. */
  onKey(event: KeyboardEvent): boolean {
    if (!this.explored || this.shown?.pinned) return false;
    const marks = this.host.stage.noted();
    const direction = DIRECTIONS[event.key];
    if (direction && !event.shiftKey) this.explore(nearest(this.explored, marks, direction));
    else if (event.key === "Home") this.explore(marks[0]);
    else if (event.key === "End") this.explore(marks.at(-1));
    else if (event.key === "Enter" || event.key === " ") this.pin(this.explored);
    else return false;
    return true;
  }

  private unexplore(isLeaving = false): void {
    const root = this.explored?.root;
    this.explored = undefined;
    for (const name of ["role", "aria-label", "tabindex"]) root?.removeAttribute(name);
    root?.classList.remove("seen");
    if (root) this.host.inner(".picture").setAttribute("role", "img");
    if (isLeaving) this.close();
  }
}

function hint(mark: Mark): Popover {
  return { title: "", body: mark.row.n!, at: mark.root.getBoundingClientRect(), pinned: false };
}

/** The nearest shape in a direction: what lies aside counts more than what lies ahead. */
function nearest(from: Mark, marks: Mark[], [dx, dy]: [number, number]): Mark {
  const [x, y] = centre(from);
  let [best, least] = [from, Infinity];
  for (const mark of marks) {
    const [ax, ay] = centre(mark);
    const ahead = (ax - x) * dx + (ay - y) * dy;
    const distance = ahead + 3 * (Math.abs((ax - x) * dy) + Math.abs((ay - y) * dx));
    if (ahead > 1 && distance < least) [best, least] = [mark, distance];
  }
  return best;
}

function centre(mark: Mark): [number, number] {
  const { left, top, width, height } = mark.root.getBoundingClientRect();
  return [left + width / 2, top + height / 2];
}
