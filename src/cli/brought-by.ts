import type { Diagnostic } from '../source/diagnostics/diagnostic.ts';

/**
 * Gives what is found now, and was not before an edit. Places have moved: what is said, and of which file, tells.
 */
export function broughtBy(now: readonly Diagnostic[], before: readonly Diagnostic[]): Diagnostic[] {
  const said = ({ code, message, at }: Diagnostic) => [code, message, at.source.file].join('\0');
  const known = new Map<string, number>();
  for (const one of before) known.set(said(one), (known.get(said(one)) ?? 0) + 1);
  return now.filter((one) => {
    const left = known.get(said(one)) ?? 0;
    known.set(said(one), left - 1);
    return left <= 0;
  });
}
