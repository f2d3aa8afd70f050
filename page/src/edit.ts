/** The form of what a visitor can change, and what came of it. */

import { html, nothing, type TemplateResult } from "lit";
import type { Broken, Setting, Story, Variant } from "./story";
import type { Problem } from "./engine";
import { count, groupTitle } from "./words";

/** How the visitor's version stands. */
export interface Editing {
  /** Changed values by key, as the form has them. */
  changes: Map<string, string>;
  /** Whether the storyboard's text is edited, and not the form; and that text. */
  isText: boolean;
  draft: string;
  /** What the engine is doing, and how far it is; while it works. */
  progress: { text: string; share: number } | undefined;
  problems: Problem[];
  failure: string;
  broken: Broken[];
  /** Whether the story that is shown is the visitor's. */
  isOwn: boolean;
}

export function unchanged(): Editing {
  return {
    changes: new Map(),
    isText: false,
    draft: "",
    progress: undefined,
    problems: [],
    failure: "",
    broken: [],
    isOwn: false,
  };
}

export interface EditActions {
  change(key: string, value: string): void;
  write(draft: string): void;
  turnTo(isText: boolean): void;
  play(): void | Promise<void>;
  startFrom(variant: Variant): void | Promise<void>;
  reset(): void;
  copy(): void;
  save(): void;
  go(beat: number): void;
}

/** `--set` of each changed value; text is quoted, so that YAML cannot mistake it. */
export function overrides(changes: Map<string, string>, settings: Setting[]): string[] {
  return [...changes].map(([key, value]) => {
    const setting = settings.find((known) => known.key === key);
    return `${key}=${setting?.kind === "text" ? JSON.stringify(value) : value}`;
  });
}

/** The values of a link, as the form has them. */
export function changesOf(said: string[]): Map<string, string> {
  return new Map(
    said.map((text): [string, string] => {
      const at = text.indexOf("=");
      const value = text.slice(at + 1);
      return [text.slice(0, at), value.startsWith('"') ? String(JSON.parse(value)) : value];
    }),
  );
}

/** What there is to start from, and the title of what was chosen. */
export interface Starts {
  variants: Variant[];
  chosen: string;
}

/** `story` is what is shown; `settings` are the form's; `verdict` stands above the form. */
export function editPanel(
  story: Story,
  settings: Setting[],
  starts: Starts,
  editing: Editing,
  act: EditActions,
  verdict: TemplateResult | typeof nothing,
): TemplateResult {
  const isBusy = editing.progress !== undefined;
  const way = (isText: boolean, title: string): TemplateResult =>
    html`<button
      type="button"
      class="quiet"
      aria-pressed=${editing.isText === isText}
      @click=${() => act.turnTo(isText)}
    >
      ${title}
    </button>`;
  return html`<form
    @submit=${(event: Event) => {
      event.preventDefault();
      void act.play();
    }}
  >
    <p class="muted">
      The same model plays your version, here in your browser. Nothing leaves this page.
    </p>
    ${starting(starts, isBusy, act)} ${outcome(story, editing, act, !starts.variants.length)} ${verdict}
    <div class="ways" role="group" aria-label="How to change it">
      ${way(false, "Form")}${way(true, "Storyboard")}
    </div>
    ${editing.isText ? writing(editing, act) : form(story, settings, editing, act)}
    <div class="foot">
      <button class="main" ?disabled=${isBusy}>Play my version</button>
      <button
        type="button"
        class="quiet"
        ?disabled=${isBusy || (!editing.isOwn && !editing.changes.size)}
        @click=${() => act.reset()}
      >
        Reset
      </button>
      <button type="button" class="quiet" @click=${() => act.copy()}>Copy link</button>
      <button type="button" class="quiet" @click=${() => act.save()}>Save YAML</button>
    </div>
  </form>`;
}

/** Other requests and settings to begin with. */
function starting(
  { variants, chosen }: Starts,
  isBusy: boolean,
  act: EditActions,
): TemplateResult | typeof nothing {
  if (!variants.length) return nothing;
  const choose = (event: Event): void => {
    const variant = variants[(event.target as HTMLSelectElement).selectedIndex - 1];
    if (variant) void act.startFrom(variant);
    else act.reset();
  };
  const about = variants.find(({ title }) => title === chosen)?.about;
  return html`<label>
      <span>Start from</span>
      <select ?disabled=${isBusy} @change=${choose}>
        ${["The first example", ...variants.map(({ title }) => title)].map(
          (title, i) =>
            html`<option .selected=${i ? title === chosen : !chosen}>${title}</option>`,
        )}
      </select>
      ${about ? html`<small>${about}</small>` : nothing}
    </label>`;
}

function form(
  story: Story,
  settings: Setting[],
  editing: Editing,
  act: EditActions,
): TemplateResult[] {
  return [...grouped(settings)].map(
    ([group, members]) =>
      html`<details ?open=${isFirst(group)}>
        <summary>${groupTitle(group, story)}</summary>
        ${members.map((setting) => field(setting, editing.changes.get(setting.key), act))}
      </details>`,
  );
}

/** The whole storyboard as its text. */
function writing(editing: Editing, act: EditActions): TemplateResult {
  return html`<label class="writing">
    <span>Storyboard, in YAML</span>
    <textarea
      rows="24"
      spellcheck="false"
      autocapitalize="off"
      wrap="off"
      .value=${editing.draft}
      @input=${(event: Event) => act.write((event.target as HTMLTextAreaElement).value)}
    ></textarea>
  </label>`;
}

/** Put the caret of the text beside a button into a line, counted from 1. */
function toLine(event: Event, line: number): void {
  const form = (event.currentTarget as Element).closest("form")!;
  const text = form.querySelector<HTMLTextAreaElement>(".writing textarea");
  if (!text) return;
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  text.scrollTop = ((line - 4) / lines.length) * text.scrollHeight;
}

/** What most visitors want to change stands open. */
function isFirst(group: string): boolean {
  return group === "memory" || group.startsWith("request ");
}

function grouped(settings: Setting[]): Map<string, Setting[]> {
  const groups = new Map<string, Setting[]>();
  for (const setting of settings) {
    groups.set(setting.group, [...(groups.get(setting.group) ?? []), setting]);
  }
  return groups;
}

function outcome(
  story: Story,
  editing: Editing,
  act: EditActions,
  hasClaims: boolean,
): TemplateResult {
  const { progress, problems, failure, broken } = editing;
  return html`<div role="status">
      ${progress
        ? html`<p class="progress">${progress.text}</p>
            <progress max="1" .value=${progress.share} aria-label="Progress"></progress>`
        : nothing}
    </div>
    <div role="alert">
      ${failure ? html`<p class="problem">${failure}</p>` : nothing}
      ${problems.map(
        ({ message, line, remedy, excerpt }) =>
          html`<div class="problem">
            <p>
              ${line
                ? editing.isText
                  ? html`<button
                      type="button"
                      class="link"
                      @click=${(event: Event) => toLine(event, line)}
                    >
                      Line ${line}
                    </button> `
                  : html`<b>Line ${line}.</b> `
                : nothing}${message}
            </p>
            ${excerpt ? html`<pre>${excerpt}</pre>` : nothing}
            ${remedy ? html`<p class="muted">${remedy}</p>` : nothing}
          </div>`,
      )}
    </div>
    ${editing.isOwn && !progress && !problems.length && !failure
      ? broken.length
        ? html`<div class="problem">
            <p>
              This is your version. ${count(broken.length, "claim")} of the author no longer
              ${broken.length === 1 ? "holds" : "hold"}; the numbers in the captions are yours.
            </p>
            <ul>
              ${broken.map(
                ({ beat, text, claim }) =>
                  html`<li>
                    <button type="button" class="link" @click=${() => act.go(beat - 1)}>
                      Beat ${beat}: ${story.beats[beat - 1]?.title}
                    </button>
                    <span class="muted">${text || claim}</span>
                  </li>`,
              )}
            </ul>
          </div>`
        : hasClaims
          ? html`<p class="good">This is your version. Every claim of the author still holds.</p>`
          : nothing
      : nothing}`;
}

function field(setting: Setting, changed: string | undefined, act: EditActions): TemplateResult {
  const { key, label, about, kind } = setting;
  const given = setting.value === null ? "" : String(setting.value);
  const value = changed ?? given;
  const told = (event: Event): void => act.change(key, (event.target as HTMLInputElement).value);
  const input = (): TemplateResult => {
    if (setting.choices) {
      return html`<select @change=${told}>
        ${setting.choices.map(
          (choice) =>
            html`<option value=${choice} ?selected=${String(choice) === value}>${choice}</option>`,
        )}
      </select>`;
    }
    if (kind === "bool") {
      const flip = (event: Event): void =>
        act.change(key, String((event.target as HTMLInputElement).checked));
      return html`<input type="checkbox" .checked=${value === "true"} @change=${flip} />`;
    }
    if (kind === "text") {
      return html`<textarea rows="2" .value=${value} @input=${told}></textarea>`;
    }
    return html`<input
      type="number"
      .value=${value}
      min=${setting.least ?? nothing}
      max=${setting.most ?? nothing}
      step=${kind === "int" ? 1 : "any"}
      @input=${told}
    />`;
  };
  return html`<label class=${kind}>
    <span>${label}${changed !== undefined && changed !== given ? html`<b class="changed"> · changed</b>` : nothing}</span>
    ${input()}
    ${about ? html`<small class="muted">${about}</small>` : nothing}
  </label>`;
}
