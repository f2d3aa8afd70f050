/** The visitor's own version of the story: what he changed, played by the same model. */

import { changesOf, overrides, unchanged, type EditActions, type Editing } from "./edit";
import { Engine } from "./engine";
import type { Player } from "./player";
import type { Story } from "./story";

export class Version implements EditActions {
  /** What came of the changes; undefined while the author's story is shown. */
  story: Story | undefined;
  /** The changes that `story` has, as `--set` takes them. */
  settings: string[] = [];
  editing: Editing = unchanged();
  private yaml: string | undefined;
  private engine: Engine | undefined;

  constructor(private readonly host: Player) {}

  /** Beats, from 1, of which a claim of the author is false now. */
  get broken(): Set<number> {
    return new Set(this.story ? this.editing.broken.map(({ beat }) => beat) : []);
  }

  /** Take changes from a link; nothing is played yet. */
  take(settings: string[]): void {
    this.tell({ changes: changesOf(settings) });
  }

  change(key: string, value: string): void {
    const changes = new Map(this.editing.changes);
    const setting = this.host.story!.settings.find((known) => known.key === key);
    if (setting && String(setting.value ?? "") === value) changes.delete(key);
    else changes.set(key, value);
    this.tell({ changes });
  }

  async play(): Promise<void> {
    const settings = overrides(this.editing.changes, this.host.story!.settings);
    if (!settings.length) return this.reset();
    this.host.playhead.pause();
    this.tell({ problems: [], failure: "", progress: { text: "Loading the engine …", share: 0 } });
    const progress = (text: string, share: number): void => this.tell({ progress: { text, share } });
    try {
      this.engine ??= new Engine(this.host.engine);
      const text = document.getElementById("yaml")?.textContent ?? "";
      const { name, set = [] } = this.host.story!;
      const canvas = this.host.canvasName;
      const request = { text, name, overrides: [...set, ...settings], canvas };
      const answer = await this.engine.bake(request, progress);
      if ("problems" in answer) return this.fail({ problems: answer.problems });
      [this.story, this.yaml, this.settings] = [answer.story, answer.yaml, settings];
      this.tell({ progress: undefined, broken: answer.broken, isOwn: true });
      this.host.open(answer.story);
      this.host.dispatchEvent(new CustomEvent("pagereel-edit", { detail: { settings } }));
    } catch (problem) {
      this.fail({ failure: problem instanceof Error ? problem.message : String(problem) });
    }
  }

  reset(): void {
    [this.story, this.yaml, this.settings] = [undefined, undefined, []];
    this.editing = unchanged();
    this.host.open(this.host.story!);
  }

  copy(): void {
    void this.host.copyLink();
  }

  /** The storyboard as a file: the author's text with the visitor's changes. */
  save(): void {
    const original = document.getElementById("yaml")?.textContent ?? "";
    const noted = this.settings.map((setting) => `# --set ${setting}\n`).join("");
    const text = this.yaml ?? noted + original;
    const link = document.createElement("a");
    link.href = `data:text/yaml;charset=utf-8,${encodeURIComponent(text)}`;
    link.download = `${this.host.story!.name || "storyboard"}.yaml`;
    link.click();
  }

  go(beat: number): void {
    this.host.go({ beat, step: 0 });
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
