/** The visitor's own version of the story: what he changed, played by the same model. */

import { packed, unpacked } from "./address";
import { changesOf, overrides, unchanged, type EditActions, type Editing } from "./edit";
import { Engine } from "./engine";
import type { Player } from "./player";
import type { Setting, Story } from "./story";

/** A storyboard that values are changed in. */
interface Base {
  text: string;
  /** Values that hold before the visitor's, as `--set` takes them. */
  set: string[];
  settings: Setting[];
}

export class Version implements EditActions {
  /** What came of the changes; undefined while the author's story is shown. */
  story: Story | undefined;
  /** The changed values that `story` has, as `--set` takes them. */
  settings: string[] = [];
  /** The text that the visitor wrote, as a link has it; empty for the author's. */
  link = "";
  editing: Editing = unchanged();
  private own: Base | undefined;
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

  /** Take changes from a link and play them. */
  async take(settings: string[], link: string): Promise<void> {
    if (link) {
      try {
        this.tell({ isText: true, draft: await unpacked(link) });
      } catch {
        return this.fail({ failure: "This link is broken: the storyboard in it cannot be read." });
      }
      await this.play();
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
    const isWritten = isText && draft !== this.text;
    if (!isWritten && !changes.size && !this.own) return this.reset();
    const base = isWritten ? this.written(draft) : this.base;
    const settings = isWritten ? [] : overrides(changes, base.settings);
    this.host.playhead.pause();
    this.tell({ problems: [], failure: "", progress: { text: "Loading the engine …", share: 0 } });
    const progress = (text: string, share: number): void => this.tell({ progress: { text, share } });
    try {
      this.engine ??= new Engine(this.host.engine);
      const { name } = this.host.story!;
      const set = [...base.set, ...settings];
      const request = { text: base.text, name, overrides: set, canvas: this.host.screen.canvasName };
      const answer = await this.engine.bake(request, progress);
      if ("problems" in answer) return this.fail({ problems: answer.problems });
      if (isWritten) {
        this.own = { ...base, settings: answer.story.settings };
        this.link = await packed(base.text);
        this.tell({ changes: new Map() });
      }
      [this.story, this.yaml, this.settings] = [answer.story, answer.yaml, settings];
      this.tell({ progress: undefined, broken: answer.broken, isOwn: true, draft: this.text });
      this.host.open(answer.story);
      this.host.dispatchEvent(new CustomEvent("pagereel-edit", { detail: { settings } }));
    } catch (problem) {
      this.fail({ failure: problem instanceof Error ? problem.message : String(problem) });
    }
  }

  reset(): void {
    [this.story, this.own, this.yaml, this.settings, this.link] = [undefined, undefined, undefined, [], ""];
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
    if (this.own) return this.own;
    const { set = [], settings } = this.host.story!;
    return { text: document.getElementById("yaml")?.textContent?.trimStart() ?? "", set, settings };
  }

  /** A text has all values in it that were changed when its writer saw it. */
  private written(text: string): Base {
    return { ...this.base, text, set: this.yaml === undefined ? this.base.set : [] };
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
