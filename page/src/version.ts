/** The visitor's own version of the story: what he changed, played by the same model. */

import { packed, unpacked, type Address } from "./address";
import { changesOf, overrides, unchanged, type EditActions, type Editing } from "./edit";
import { Engine } from "./engine";
import type { Player } from "./player";
import type { Setting, Story, Variant } from "./story";

/** A storyboard that values are changed in. */
interface Base {
  text: string;
  /** Values that hold before the visitor's, as `--set` takes them. */
  set: string[];
  settings: Setting[];
  variants: Variant[];
}

export class Version implements EditActions {
  /** What came of the changes; undefined while the author's story is shown. */
  story: Story | undefined;
  /** The changed values that `story` has, as `--set` takes them. */
  settings: string[] = [];
  /** The text that the visitor wrote, as a link has it; empty for the author's. */
  link = "";
  editing: Editing = unchanged();
  /** The title of the variant that the visitor started from; empty for none. */
  start = "";
  private own: Base | undefined;
  /** The storyboard with the variant's values. */
  private started: Base | undefined;
  /** `story` as a storyboard's text, where values were changed. */
  private yaml: string | undefined;
  private engine: Engine | undefined;

  constructor(private readonly host: Player) {}

  /** Beats, from 1, of which a claim of the author is false now. */
  get broken(): Set<number> {
    return new Set(this.story ? this.editing.broken.map(({ beat }) => beat) : []);
  }

  /** What the form shows. */
  get form(): Setting[] {
    return this.base.settings;
  }

  /** The storyboard that is shown, as text. */
  get text(): string {
    return this.yaml ?? this.base.text;
  }

  /** What can be started from. */
  get variants(): Variant[] {
    return this.root.variants;
  }

  /** Take changes from a link and play them. */
  async take({ settings, story: link, start }: Address): Promise<void> {
    if (link) {
      try {
        this.tell({ isText: true, draft: await unpacked(link) });
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
    if (!settings.length) return;
    this.tell({ isText: false, changes: changesOf(settings) });
    await this.play();
  }

  change(key: string, value: string): void {
    const changes = new Map(this.editing.changes);
    const setting = this.form.find((known) => known.key === key);
    if (setting && String(setting.value ?? "") === value) changes.delete(key);
    else changes.set(key, value);
    this.tell({ changes });
  }

  write(draft: string): void {
    this.tell({ draft });
  }

  turnTo(isText: boolean): void {
    this.tell({ isText, draft: this.text, problems: [], failure: "" });
  }

  async play(): Promise<void> {
    const { isText, draft, changes } = this.editing;
    if (isText && draft !== this.text) return this.writeOwn(draft);
    if (!changes.size && !this.own && !this.started) return this.reset();
    const settings = overrides(changes, this.form);
    if (await this.played(this.base, settings)) this.show();
  }

  /** Play the visitor's own text from now on. */
  private async writeOwn(draft: string): Promise<void> {
    // A text has all values in it that were changed when its writer saw it.
    const set = this.yaml === undefined ? this.base.set : [];
    const story = await this.played({ ...this.base, text: draft, set }, []);
    if (!story) return;
    this.own = { text: draft, set, settings: story.settings, variants: story.variants };
    [this.started, this.start] = [undefined, ""];
    this.link = await packed(draft);
    this.tell({ changes: new Map() });
    this.show();
  }

  /** Play a variant, without the changes that were made before. */
  async startFrom(variant: Variant): Promise<void> {
    const base = { ...this.root, set: [...this.root.set, ...variant.set] };
    const story = await this.played(base, []);
    if (!story) return;
    this.started = { ...base, settings: story.settings };
    this.start = variant.title;
    this.tell({ changes: new Map() });
    this.show();
  }

  /** Show the story that was played last. */
  private show(): void {
    this.tell({ draft: this.text });
    this.host.open(this.story!);
    const detail = { settings: this.settings };
    this.host.dispatchEvent(new CustomEvent("pagereel-edit", { detail }));
  }

  /** Have a storyboard played; what came of it, unless it was a failure, which is told. */
  private async played(base: Base, settings: string[]): Promise<Story | undefined> {
    this.host.playhead.pause();
    this.tell({ problems: [], failure: "", progress: { text: "Loading the engine …", share: 0 } });
    const progress = (text: string, share: number): void => this.tell({ progress: { text, share } });
    try {
      this.engine ??= new Engine(this.host.engine);
      const { name } = this.host.story!;
      const set = [...base.set, ...settings];
      const request = { text: base.text, name, overrides: set, canvas: this.host.screen.canvasName };
      const answer = await this.engine.bake(request, progress);
      if ("problems" in answer) return void this.fail({ problems: answer.problems });
      [this.story, this.yaml, this.settings] = [answer.story, answer.yaml, settings];
      this.tell({ progress: undefined, broken: answer.broken, isOwn: true });
      return answer.story;
    } catch (problem) {
      return void this.fail({ failure: problem instanceof Error ? problem.message : String(problem) });
    }
  }

  reset(): void {
    this.story = this.own = this.started = this.yaml = undefined;
    [this.settings, this.link, this.start] = [[], "", ""];
    this.editing = { ...unchanged(), isText: this.editing.isText, draft: this.text };
    this.host.open(this.host.story!);
  }

  copy(): void {
    void this.host.copyLink();
  }

  save(): void {
    const link = document.createElement("a");
    link.href = `data:text/yaml;charset=utf-8,${encodeURIComponent(this.text)}`;
    link.download = `${this.host.story!.name || "storyboard"}.yaml`;
    link.click();
  }

  go(beat: number): void {
    this.host.go({ beat, step: 0 });
  }

  private get base(): Base {
    return this.started ?? this.root;
  }

  /** The storyboard as it was written, by the author or the visitor. */
  private get root(): Base {
    if (this.own) return this.own;
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
