/** What the visitor is invited to try, and which of it he has done. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "./icons";
import type { Task } from "./story";
import type { Version } from "./version";
import { count } from "./words";

export function tasks(version: Version): TemplateResult | typeof nothing {
  const all = version.tasks;
  if (!all.length) return nothing;
  return html`<section class="tasks" aria-label="Things to try">
    <ul>
      ${all.map(
        (task) =>
          html`<li class=${task.done ? "done" : ""}>
            ${task.done ? icon("done") : icon("open")}
            <span>${task.text} <span class="muted">${state(task, version)}</span></span>
          </li>`,
      )}
    </ul>
  </section>`;
}

function state(task: Task, version: Version): TemplateResult | string {
  if (!task.done) return html`<span class="sr">Not done yet.</span>`;
  const most = task.changes;
  if (!most || version.now.link || version.count <= most) return "Done.";
  return `Done, with ${count(version.count, "change")}. ${most === 1 ? "One is" : `${most} are`} enough.`;
}
