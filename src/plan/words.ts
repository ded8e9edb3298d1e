/** The longest value that a line of words shows whole: all of it is in the diff below. */
const LONGEST = 72;

/** Says what a value was and is. */
export function turn(before: unknown, after: unknown): string {
  return `${valueText(before)} → ${valueText(after)}`;
}

/** Writes a value for a line of words: text without quotes, unless it would be taken for something else. */
export function valueText(value: unknown): string {
  if (value === undefined) return 'not set';
  const isPlain = typeof value === 'string' && /^[A-Za-z0-9/][\w.:/@+-]*$/.test(value) && !isOther(value);
  const text = isPlain ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** Whether a text without its quotes is a value of another type. */
function isOther(text: string): boolean {
  return !Number.isNaN(Number(text)) || /^(true|false|null|yes|no|on|off)$/i.test(text);
}
