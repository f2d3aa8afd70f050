/** Colours of a theme, and what lies between two of them. */

/** Red, green, blue (0 to 255) and opacity (0 to 1). */
export type Rgba = readonly [number, number, number, number];

export const CLEAR: Rgba = [0, 0, 0, 0];

/** A colour as a style sheet writes it: `#rrggbb`, `rgb(...)` or `rgba(...)`. */
export function parse(css: string): Rgba {
  if (css.startsWith("#")) {
    const value = parseInt(css.slice(1), 16);
    return [value >> 16, (value >> 8) & 255, value & 255, 1];
  }
  const [r = 0, g = 0, b = 0, a = 1] = (css.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b, a];
}

/** Between two colours; what is clear takes the other's colour and fades. */
export function mixInk(a: Rgba, b: Rgba, share: number): Rgba {
  const first = a[3] === 0 ? faded(b, 0) : a;
  const second = b[3] === 0 ? faded(a, 0) : b;
  return [0, 1, 2, 3].map((i) => first[i]! + (second[i]! - first[i]!) * share) as unknown as Rgba;
}

export function faded([r, g, b]: Rgba, opacity: number): Rgba {
  return [r, g, b, opacity];
}

/** Without its opacity, as an attribute. */
export function opaque([r, g, b]: Rgba): string {
  return `rgb(${tenth(r)},${tenth(g)},${tenth(b)})`;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
