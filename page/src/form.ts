/** The form: every value that can be changed, requests that can come and stay away. */

import { html, nothing, type TemplateResult } from "lit";
import { freshId } from "./editing";
import type { Setting, Story } from "./story";
import type { Version } from "./version";
import { groupTitle } from "./words";

export function form(story: Story, version: Version): TemplateResult {
  const groups = grouped(version.form);
  const requests = [...groups].filter(([group]) => group.startsWith("request "));
  const others = [...groups].filter(([group]) => !group.startsWith("request "));
  return html`${others.map(
      ([group, members]) =>
        html`<details ?open=${group === "memory"}>
          <summary>${groupTitle(group, story)}</summary>
          ${members.map((setting) => field(setting, version))}
          ${group === "memory" ? blocks(members, version) : nothing}
        </details>`,
    )}
    ${requests.map(([group, members]) => request(group.slice(8), members, version))}
    ${[...version.editing.added.keys()].map((id) => ownRequest(id, version))}
    <button type="button" class="quiet wide" @click=${() => add(story, version)}>
      Add a request
    </button>`;
}

function add(story: Story, version: Version): void {
  const id = freshId(story, version.editing.added);
  version.add(id, { prompt: "Tell me a story", output: " once upon a time", arrival: 1 });
}

function grouped(settings: Setting[]): Map<string, Setting[]> {
  const groups = new Map<string, Setting[]>();
  for (const setting of settings) {
    groups.set(setting.group, [...(groups.get(setting.group) ?? []), setting]);
  }
  return groups;
}

/** Memory can be told in blocks as well as in slots. */
function blocks(members: Setting[], version: Version): TemplateResult | typeof nothing {
  const now = (key: string): number => {
    const given = members.find((setting) => setting.key === key)?.value;
    return Number(version.editing.changes.get(key) ?? given ?? 0);
  };
  const [slots, size] = [now("slots"), now("block_size")];
  if (!slots || !size) return nothing;
  const told = (event: Event): void => {
    const count = Number((event.target as HTMLInputElement).value);
    if (count) version.change("slots", String(count * size));
  };
  return html`<label class="int">
    <span>Blocks</span>
    <input type="number" min="1" step="1" .value=${String(+(slots / size).toFixed(2))} @change=${told} />
    <small class="muted">The same memory, counted in blocks of ${size} slots.</small>
  </label>`;
}

/** One of the author's requests; it can stay away. */
function request(id: string, members: Setting[], version: Version): TemplateResult {
  const key = `requests.${id}.spare`;
  const isAway = version.editing.changes.get(key) === "true";
  return html`<details ?open=${!isAway && members.length < 4 && id === "A"}>
    <summary>Request ${id}${isAway ? html`<b class="changed"> · stays away</b>` : nothing}</summary>
    ${isAway ? nothing : members.map((setting) => field(setting, version))}
    <button
      type="button"
      class="quiet"
      @click=${() => version.change(key, isAway ? "" : "true")}
    >
      ${isAway ? `Bring ${id} back` : `Remove ${id}`}
    </button>
  </details>`;
}

/** One of the visitor's. */
function ownRequest(id: string, version: Version): TemplateResult {
  const now = version.editing.added.get(id)!;
  const told =
    (key: "prompt" | "output" | "arrival") =>
    (event: Event): void => {
      const { value } = event.target as HTMLInputElement;
      version.add(id, { ...now, [key]: key === "arrival" ? (value === "" ? -1 : Number(value)) : value });
    };
  return html`<details open>
    <summary>Request ${id}<b class="changed"> · yours</b></summary>
    <label class="text"><span>Prompt</span>
      <textarea rows="2" .value=${now.prompt} @input=${told("prompt")}></textarea></label>
    <label class="text"><span>Answer</span>
      <textarea rows="2" .value=${now.output} @input=${told("output")}></textarea></label>
    <label class="int"><span>Arrives at</span>
      <input
        type="number"
        min="0"
        step="1"
        .value=${now.arrival < 0 ? "" : String(now.arrival)}
        @input=${told("arrival")}
      />
      <small class="muted">The step before which it joins the queue. Empty: when you send it.</small>
    </label>
    <button type="button" class="quiet" @click=${() => version.add(id, undefined)}>
      Remove ${id}
    </button>
  </details>`;
}

function field(setting: Setting, version: Version): TemplateResult {
  const { key, label, about, kind } = setting;
  const changed = version.editing.changes.get(key);
  const given = setting.value === null ? "" : String(setting.value);
  const value = changed ?? given;
  const told = (event: Event): void => version.change(key, (event.target as HTMLInputElement).value);
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
        version.change(key, String((event.target as HTMLInputElement).checked));
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
