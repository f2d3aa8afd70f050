/** The visitor's own version of the story: what he changed and did, played by the same model. */

import { packed, unpacked, type Address } from "./address";
import {
  actsOf,
  actsSaid,
  andThen,
  changesOf,
  overrides,
  unchanged,
  type Act,
  type Added,
  type Editing,
  type Verb,
  type Way,
} from "./editing";
import { Engine, type Answer } from "./engine";
import type { Player } from "./player";
import type { Canvas, Place, Setting, Story, Task, Variant } from "./story";

/** A storyboard that values are changed in. */
interface Base {
  text: string;
  /** Values that hold before the visitor's, as `--set` takes them. */
  set: string[];
  settings: Setting[];
  variants: Variant[];
}

/** All that makes a version: to be gone back to. */
interface Kept {
  /** What came of it; undefined while the author's story is shown. */
  story: Story | undefined;
  /** It as a storyboard's text, where something was changed. */
  yaml: string | undefined;
  /** The same without what it says in vain. */
  sound: string | undefined;
  /** The changed values that `story` has, as `--set` takes them. */
  settings: string[];
  /** What the visitor did, and whether the author's beats go on after that. */
  acts: Act[];
  goesOn: boolean;
  /** The text that the visitor wrote, as a link has it; empty for the author's. */
  link: string;
  /** The title of the variant that the visitor started from; empty for none. */
  start: string;
  own: Base | undefined;
  /** The storyboard with the variant's values. */
  started: Base | undefined;
}

const AUTHORS: Kept = {
  story: undefined,
  yaml: undefined,
  sound: undefined,
  settings: [],
  acts: [],
  goesOn: false,
  link: "",
  start: "",
  own: undefined,
  started: undefined,
};

export class Version {
  now: Kept = AUTHORS;
  editing: Editing = unchanged();
  private readonly past: { kept: Kept; editing: Editing; place: Place }[] = [];
  private engine: Engine | undefined;

  constructor(private readonly host: Player) {}

  get story(): Story | undefined {
    return this.now.story;
  }

  /** Beats, from 1, of which a claim of the author is false now. */
  get broken(): Set<number> {
    return new Set(this.story ? this.editing.broken.map(({ beat }) => beat) : []);
  }

  /** What the form shows: the options of the kinds that lanes have by now. */
  get form(): Setting[] {
    const said = new Map(this.base.settings.map((setting) => [setting.key, setting]));
    const shown = this.story?.settings ?? this.base.settings;
    return shown
      .filter(({ group }) => !this.editing.added.has(group.replace("request ", "")))
      .map((setting) => ({ ...setting, value: said.get(setting.key)?.value ?? setting.value }));
  }

  /** The storyboard that is shown, as text. */
  get text(): string {
    return this.now.yaml ?? this.base.text;
  }

  /** What can be started from. */
  get variants(): Variant[] {
    return this.root.variants;
  }

  /** Whether anything is to be seen that the author has not made. */
  get isChanged(): boolean {
    const { settings, link, start, acts } = this.now;
    return !!(settings.length || link || start || acts.length);
  }

  /** How many things were changed and done. */
  get count(): number {
    return this.now.settings.length + this.now.acts.reduce((all, act) => all + act.do.length, 0);
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  /** The author's tasks, as they stand. */
  get tasks(): Task[] {
    const here = new Map((this.story?.tasks ?? []).map((task) => [task.text, task.done]));
    return this.host.story!.tasks.map((task) => ({ ...task, done: here.get(task.text) ?? false }));
  }

  /** What a link has to tell besides the place. */
  get address(): Omit<Address, "place" | "theme"> {
    const { settings, start, link: story, acts, goesOn } = this.now;
    return { settings, start, story, acts: actsSaid(acts), goesOn };
  }

  /** Take changes from a link and play them. */
  async take({ settings, story: link, start, acts, goesOn }: Address): Promise<void> {
    if (link) {
      try {
        this.tell({ way: "text", draft: await unpacked(link) });
      } catch {
        return this.fail({ failure: "This link is broken: the storyboard in it cannot be read." });
      }
      await this.play();
    }
    if (start) {
      const variant = this.variants.find(({ title }) => title === start);
      if (!variant) return this.fail({ failure: `There is nothing called “${start}” to start from.` });
      await this.startFrom(variant);
    }
    if (!settings.length && !acts) return;
    this.tell({ way: acts ? "act" : "form", ...changesOf(settings) });
    await this.replay({ settings, acts: actsOf(acts), goesOn });
  }

  change(key: string, value: string): void {
    const changes = new Map(this.editing.changes);
    const given = this.base.settings.find((known) => known.key === key);
    if (given ? String(given.value ?? "") === value : !value) changes.delete(key);
    else changes.set(key, value);
    const lane = /^(lanes\..+)\.kind$/.exec(key)?.[1];
    for (const other of lane ? [...changes.keys()] : []) {
      // What another kind was set to means nothing to this one.
      if (other.startsWith(`${lane}.`) && other !== key) changes.delete(other);
    }
    this.tell({ changes });
  }

  /** Have a request of the visitor's own, or none of this name any more. */
  add(id: string, request: Added | undefined): void {
    const added = new Map(this.editing.added);
    if (request) added.set(id, request);
    else added.delete(id);
    this.tell({ added });
  }

  write(draft: string): void {
    this.tell({ draft });
  }

  turnTo(way: Way): void {
    this.tell({ way, draft: this.text, problems: [], failure: "" });
  }

  async play(): Promise<void> {
    const { way, draft } = this.editing;
    if (way === "text" && draft !== this.text) return this.writeOwn(draft);
    const settings = overrides(this.editing, this.form);
    const { acts, own, started } = this.now;
    if (!settings.length && !acts.length && !own && !started) return this.reset();
    await this.replay({ settings });
  }

  /** Do something at the step that is shown; the author's later beats are cut or go on. */
  async act(verb: Verb): Promise<void> {
    if (this.editing.progress) return;
    this.host.hurry();
    const button = this.host.focused();
    const label = button?.ariaLabel;
    const { here, steps, index } = this.host;
    const acts = andThen(this.now.acts, verb, here, steps[index + 1]?.beat !== here.beat);
    const settings = overrides(this.editing, this.form);
    if (!(await this.replay({ acts, settings }))) return;
    const last = acts.at(-1)!;
    this.host.showDone({ beat: last.beat + 1, step: 0 }, last.do.length);
    await this.host.updateComplete;
    // A button that is gone or stands for something else must not keep the focus.
    if (label && (!button.isConnected || button.ariaLabel !== label)) this.host.inner(".at")?.focus();
  }

  /** Send a request of the visitor's own, here. */
  async send(id: string, request: Omit<Added, "arrival">): Promise<void> {
    this.add(id, { ...request, arrival: -1 });
    await this.act({ admit: id });
    if (this.editing.problems.length) this.add(id, undefined);
  }

  /** Have the author's beats go on after what was done, or have them cut. */
  async goOn(goesOn: boolean): Promise<void> {
    if (!this.editing.progress) await this.replay({ goesOn });
  }

  undo(): void {
    const last = this.past.pop();
    if (!last) return;
    const { way } = this.editing;
    this.now = last.kept;
    this.editing = { ...last.editing, way, problems: [], failure: "", progress: undefined };
    this.tell({ draft: this.text });
    this.host.open(this.story ?? this.host.story!);
    this.host.go(last.place);
  }

  /** Play the same storyboard with other changes or acts; false if that cannot be. */
  private async replay(change: Partial<Pick<Kept, "settings" | "acts" | "goesOn">>): Promise<boolean> {
    const next = { ...this.now, ...change };
    if (!(await this.played(this.base, next))) return false;
    this.show();
    return true;
  }

  /** Play the visitor's own text from now on. */
  private async writeOwn(draft: string): Promise<void> {
    // A text has all values in it that were changed when its writer saw it.
    const set = this.now.yaml === undefined ? this.base.set : [];
    const own = { ...this.base, text: draft, set };
    const story = await this.played(own, { ...AUTHORS, own, link: await packed(draft) });
    if (!story) return;
    Object.assign(own, { settings: story.settings, variants: story.variants });
    this.tell({ changes: new Map(), added: new Map() });
    this.show();
  }

  /** Play a variant, without the changes that were made before. */
  async startFrom(variant: Variant): Promise<void> {
    const { own, link } = this.now;
    const started = { ...this.root, set: [...this.root.set, ...variant.set] };
    const next = { ...AUTHORS, own, link, started, start: variant.title };
    const story = await this.played(started, next);
    if (!story) return;
    started.settings = story.settings;
    this.tell({ changes: new Map(), added: new Map() });
    this.show();
  }

  /** Show the story that was played last. */
  private show(): void {
    this.tell({ draft: this.text });
    this.host.open(this.story!);
    const detail = { settings: this.now.settings };
    this.host.dispatchEvent(new CustomEvent("pagereel-edit", { detail }));
  }

  /** Have a storyboard played, and keep what came of it, unless it was a failure, which is told. */
  private async played(base: Base, next: Kept): Promise<Story | undefined> {
    this.host.playhead.pause();
    this.tell({ problems: [], failure: "", progress: { text: "Loading the engine …", share: 0 } });
    const progress = (text: string, share: number): void => this.tell({ progress: { text, share } });
    const before = { kept: this.now, editing: this.editing, place: this.host.here };
    const done = new Set(this.tasks.filter((task) => task.done).map(({ text }) => text));
    try {
      const answer = await this.ask(base, next, this.host.lanes.chosen, progress);
      if ("problems" in answer) return void this.fail({ problems: answer.problems });
      const { story, yaml, sound } = answer;
      this.past.push(before);
      this.now = { ...next, story, yaml, sound };
      this.tell({ progress: undefined, broken: answer.broken, isOwn: true });
      const fresh = this.tasks.find((task) => task.done && !done.has(task.text));
      if (fresh) this.host.say(`Done: ${fresh.text}`);
      return story;
    } catch (problem) {
      return void this.fail({ failure: problem instanceof Error ? problem.message : String(problem) });
    }
  }

  private ask(
    base: Base,
    { settings, acts, goesOn }: Kept,
    lane: string,
    progress: (text: string, share: number) => void,
  ): Promise<Answer> {
    this.engine ??= new Engine(this.host.engine);
    const request = {
      text: base.text,
      name: this.host.story!.name,
      overrides: [...base.set, ...settings],
      acts: actsSaid(acts) || "[]",
      goesOn,
      canvas: this.host.screen.canvasName,
      lane,
    };
    return this.engine.bake(request, progress);
  }

  /** The pictures of what is shown, with a lane in front. Raises where that cannot be had. */
  async pictures(lane: string, progress: (text: string) => void): Promise<Canvas> {
    const answer = await this.ask(this.base, this.now, lane, progress);
    const canvas = "story" in answer && Object.values(answer.story.canvases)[0];
    if (!canvas) throw new Error("These pictures could not be made.");
    return canvas;
  }

  reset(): void {
    this.now = AUTHORS;
    this.past.length = 0;
    this.editing = { ...unchanged(), way: this.editing.way, draft: this.text };
    this.host.open(this.host.story!);
  }

  copy(): void {
    void this.host.copyLink();
  }

  save(): void {
    const link = document.createElement("a");
    const text = this.now.sound ?? this.text;
    link.href = `data:text/yaml;charset=utf-8,${encodeURIComponent(text)}`;
    link.download = `${this.host.story!.name || "storyboard"}.yaml`;
    link.click();
  }

  go(beat: number): void {
    this.host.go({ beat, step: 0 });
  }

  private get base(): Base {
    return this.now.started ?? this.root;
  }

  /** The storyboard as it was written, by the author or the visitor. */
  private get root(): Base {
    if (this.now.own) return this.now.own;
    const { set = [], settings, variants } = this.host.story!;
    const text = document.getElementById("yaml")?.textContent?.trimStart() ?? "";
    return { text, set, settings, variants };
  }

  private fail(why: Partial<Editing>): void {
    this.tell({ progress: undefined, ...why });
    this.host.openPanel({ kind: "edit" });
  }

  private tell(change: Partial<Editing>): void {
    this.editing = { ...this.editing, ...change };
    this.host.requestUpdate();
    if ("progress" in change) this.host.inner(".panel .body")?.scrollTo({ top: 0 });
  }
}
