/** What is kept from visit to visit. A browser may forbid it, as from a file: then it forgets. */

export function remembered(name: string): string | undefined {
  try {
    return localStorage.getItem(`pagereel-${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`pagereel-${name}`, value);
  } catch {
    // Forgotten.
  }
}
