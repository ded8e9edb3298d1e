/** The longest value that a line of words shows whole: all of it is in the patch. */
export const LONGEST = 72;

/** How much is shown before the place that matters. */
const LEAD = 24;

/** Gives the part of a JSON text around a place, with an ellipsis where it is cut; a short text whole. */
export function excerpt(text: string, at = 0): string {
  if (text.length <= LONGEST) return text;
  const start = boundary(text, Math.max(0, Math.min(at - LEAD, text.length - LONGEST)));
  const end = boundary(text, start + LONGEST);
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
}

/** Gives both ends of a JSON text, which tell SSH keys apart: they begin alike, and end with whose they are. */
export function ends(text: string): string {
  if (text.length <= LONGEST) return text;
  const head = text.slice(0, boundary(text, LEAD));
  return `${head}…${text.slice(boundary(text, text.length - (LONGEST - LEAD)))}`;
}

/** Gives how many characters two texts have in common at their beginning. */
export function sharedLength(a: string, b: string): number {
  const least = Math.min(a.length, b.length);
  let length = 0;
  while (length < least && a[length] === b[length]) length += 1;
  return length;
}

/** Gives the place at or before another at which no escape and no character is cut in two. */
function boundary(text: string, at: number): number {
  const [, slashes = '', rest = ''] =
    /(\\*)(u[0-9a-f]{0,3})?$/.exec(text.slice(Math.max(0, at - LEAD), at)) ?? [];
  if (slashes.length % 2 === 1 && at < text.length) return at - rest.length - 1;
  return /[\udc00-\udfff]/.test(text[at] ?? '') && /[\ud800-\udbff]/.test(text[at - 1] ?? '') ? at - 1 : at;
}
