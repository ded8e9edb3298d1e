/** Colour is for terminals alone, and not for those who do not want it (no-color.org). */
export function inColor(stream: NodeJS.WriteStream): boolean {
  return Boolean(stream.isTTY) && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
}
