/** Writes what one of OpenCHAMI's services answers, as they write it: on one line. */
export function json(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
