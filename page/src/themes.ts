/** The colours that a reader can choose: the name of each, and what it is called. */
export const THEMES: [string, string][] = [
  ["dark", "Dark"],
  ["light", "Light"],
  ["print", "Print"],
  ["system", "As the system"],
];
