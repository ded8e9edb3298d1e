/** Gives seconds as Go's time.ParseDuration reads them. */
export function goDuration(seconds: number): string {
  return seconds % 3600 === 0 ? `${seconds / 3600}h` : `${seconds}s`;
}
