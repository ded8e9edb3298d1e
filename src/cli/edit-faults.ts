import { lockSite, SaveError } from '../edit/save.ts';
import { EditRefusal } from '../edit/yaml-text.ts';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { displayPath, formatPlace } from '../source/diagnostics/text.ts';
import { printDiagnostics } from './console.ts';

const NOTHING_SAVED = 'nothing was saved';

/** Shows why an inventory cannot be edited, or not so. Gives the exit code. */
export function failEdit(diagnostics: readonly Diagnostic[]): number {
  printDiagnostics(diagnostics, `: ${NOTHING_SAVED}`);
  return 1;
}

/** Says which error kept an edit from being saved; throws one that is a fault of harvgen. Gives the exit code. */
export function failEditBy(error: unknown): number {
  if (error instanceof EditRefusal) say(`${formatPlace(error.at, process.cwd())} ${error.message}`);
  else if (error instanceof SaveError) say(error.message);
  else throw error;
  say(NOTHING_SAVED);
  return 1;
}

/** Edits a site while others are kept from it; waits for somebody else who does. Gives the exit code. */
export async function editing(site: string, edit: () => Promise<number>): Promise<number> {
  let release: (() => void) | undefined;
  try {
    const folder = process.cwd();
    release = await lockSite(site, folder, (holder) =>
      say(`${displayPath(site, folder)} is being edited by ${holder}: waiting for it`),
    );
    return await edit();
  } catch (error) {
    return failEditBy(error);
  } finally {
    release?.();
  }
}

function say(message: string): void {
  process.stderr.write(`harvgen: ${message}\n`);
}

/**
 * Gives what is found now, and was not before an edit. Places have moved: what is said, and of which file, tells.
 */
export function newDiagnostics(now: readonly Diagnostic[], before: readonly Diagnostic[]): Diagnostic[] {
  const said = ({ code, message, at }: Diagnostic) => [code, message, at.source.file].join('\0');
  const known = new Map<string, number>();
  for (const one of before) known.set(said(one), (known.get(said(one)) ?? 0) + 1);
  return now.filter((one) => {
    const left = known.get(said(one)) ?? 0;
    known.set(said(one), left - 1);
    return left <= 0;
  });
}
