import { resolve } from 'node:path';
import { lockSite, SaveError } from '../edit/save.ts';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { displayPath, formatLocation } from '../source/diagnostics/text.ts';
import { EditRefusal } from '../source/text-edit/yaml-text.ts';
import { printDiagnostics, printMessage } from './console.ts';

const NOTHING_SAVED = 'nothing was saved';

/** Prints why an inventory cannot be edited. Returns the exit code. */
export function failEdit(diagnostics: readonly Diagnostic[]): number {
  printDiagnostics(diagnostics, `: ${NOTHING_SAVED}`);
  return 1;
}

/** Prints the error that stopped an edit; rethrows errors of harvgen itself. Returns the exit code. */
export function failEditBy(error: unknown): number {
  if (error instanceof EditRefusal)
    printMessage(`${formatLocation(error.at, process.cwd())} ${error.message}`);
  else if (error instanceof SaveError) printMessage(error.message);
  else throw error;
  printMessage(NOTHING_SAVED);
  return 1;
}

/** Edits a site under its lock; waits for another process that holds it. Returns the exit code. */
export async function editing(site: string, edit: () => Promise<number>): Promise<number> {
  let release: (() => void) | undefined;
  try {
    const folder = process.cwd();
    release = await lockSite(site, folder, (holder) =>
      printMessage(`${displayPath(site, folder)} is being edited by ${holder}: waiting for it`),
    );
    return await edit();
  } catch (error) {
    return failEditBy(error);
  } finally {
    release?.();
  }
}

/** Edits several sites under their locks, in one order for all processes. Returns the exit code. */
export async function editingAll(sites: readonly string[], edit: () => Promise<number>): Promise<number> {
  const [last, ...others] = [...sites].sort((a, b) => (resolve(a) < resolve(b) ? 1 : -1));
  return last === undefined ? await edit() : await editingAll(others, () => editing(last, edit));
}
