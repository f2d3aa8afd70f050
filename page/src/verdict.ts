/** How the lanes compare by the step that is shown: the model's own words and numbers. */

import { html, nothing, type TemplateResult } from "lit";
import type { Step, Story } from "./story";

export function verdict(story: Story, { verdict }: Step): TemplateResult | typeof nothing {
  if (!verdict) return nothing;
  return html`<section class="balance" aria-label="Verdict">
    <ul>
      ${verdict.said.map((text) => html`<li>${text}</li>`)}
    </ul>
    <table>
      <thead>
        <tr>
          <td></td>
          ${story.lanes.map(({ name, title }) => html`<th scope="col">${title || name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${verdict.rows.map(
          ([label, ...values]) =>
            html`<tr>
              <th scope="row">${label}</th>
              ${values.map((value) => html`<td>${value}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
