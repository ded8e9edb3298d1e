import { foundSecrets, unfill } from '../../secrets/fill.ts';
import { placeholderOf, placeholdersIn, withoutPlaceholders } from '../../source/placeholders.ts';
import { digest, type FilledFile, filledFiles, readJournal, unfilledFiles } from '../../tree/manifest.ts';
import { isFilledPath, PUT_TARGETS } from '../../tree/paths.ts';
import { type File, type FilledSecret, type Tree, textOf } from '../../tree/tree.ts';
import type { Filling, SiteChange, Trees } from './change.ts';
import { missing } from './values.ts';

/* The secrets that the boot server, the iSCSI server and the tree need. */

/** Reports secrets that are newly needed, no longer needed, or have another value. Trees of earlier versions have no record of them. */
export function secretChanges({ before, after, filled }: Trees): SiteChange[] {
  const now = after.server?.secrets ?? [];
  const ofTargets = [before, after].flatMap(({ server }) => server?.target_secrets ?? []);
  const [needed, kept] = [namesIn(now), namesIn(before.server?.secrets ?? now)];
  const holder = filled?.isFilled ? 'the tree' : after.hasPods ? 'the pods' : 'the boot server';
  const changesOf = (what: string, names: readonly string[]) =>
    names.map(
      (name): SiteChange => ({ what, name, text: textFor(what, name, holder, ofTargets.includes(name)) }),
    );
  return [
    ...changesOf('secret-needed', missing(needed, kept)),
    ...changesOf('secret-unused', missing(kept, needed)),
    ...changesOf('secret-value', filled?.otherValues ?? []),
  ];
}

/** Returns the sorted names of secrets, each once, from a list with the syntax that each is substituted in (`token:yaml`). */
function namesIn(secrets: readonly string[]): string[] {
  return [...new Set(secrets.map((secret) => secret.replace(/:.*/, '')))].sort();
}

function textFor(what: string, name: string, holder: string, isOfTarget: boolean): string {
  const isOfTree = holder === 'the tree';
  if (what === 'secret-value') {
    // Machines fetch scripts at every boot; the targets are outside the tree.
    const effect = isOfTarget
      ? `machines log in with it from their next boot on and find no disk until ${PUT_TARGETS} has updated the iSCSI server`
      : 'machines get it when they are reinstalled; an installed system keeps the old value';
    return `the secret ${name} has another value${isOfTree ? `: ${effect}` : ''}`;
  }
  const isNew = what === 'secret-needed';
  const who = isOfTarget && !isOfTree ? `${holder} and the iSCSI server` : holder;
  const verb = isOfTree ? 'contains' : who === 'the boot server' ? 'needs' : 'need';
  return isNew ? `${who} ${verb} the new secret ${name}` : `${who} no longer ${verb} the secret ${name}`;
}

/** Reports that nginx' include of secrets must be updated or deleted: nginx returns 503 for unknown placeholders. */
export function fillChanges({ before, after: { server }, files, filled }: Trees): SiteChange[] {
  // A file named after the placeholders that nginx substitutes.
  if (!files.some(({ path }) => path.startsWith('nginx/fills-'))) return [];
  // nginx reads the new secrets with the new tree.
  if (!filled?.isFilled && server?.secrets_file !== undefined && server.secrets?.length !== 0)
    return [{ what: 'secrets', when: 'before', text: 'install the secrets again' }];
  const include = before.server?.secrets_file ?? 'the file that server.secrets names';
  return [{ what: 'secrets', text: `delete ${include}` }];
}

/** Two trees without secret values, safe to compare and print. */
export interface MarkedTrees {
  readonly before: Tree;
  readonly after: Tree;
  /** Undefined if neither tree contains secret values. */
  readonly filling: Filling | undefined;
  /** The paths of files with values at unknown positions: `before` contains nothing of them. */
  readonly unknown: ReadonlySet<string>;
  /** The sorted names of secrets with a new value, if both trees contain values. */
  readonly otherValues: readonly string[];
}

/**
 * Replaces the values of secrets with placeholders, from the positions in the tree or in the manifest. Treats a configuration
 * that no build wrote as equal to the new one, unless it contains its placeholders. Takes the result of `filesBefore`.
 */
export function restorePlaceholders(folder: string, before: Tree, after: Tree): MarkedTrees {
  const filled = filledFiles(folder);
  const positionsIn = positionsBy(folder, filled);
  const [old, now] = [new Map<string, Buffer>(), new Map<string, Buffer>()];
  const markedAfter = mapTree(after, (file) => marked(file, file.secrets, now) ?? file);
  const unknown = new Set<string>();
  // A manifest with values is hidden, because its digests cover files with values.
  let isFilledBefore = filled.size > 0;
  const markedBefore = mapTree(before, (file, path) => {
    const positions = file.secrets ?? positionsIn(path, file, markedAfter.get(path)); // an unchanged file has its own
    if (positions === 'none') return file;
    if (positions === 'unknown') unknown.add(path);
    else isFilledBefore = true;
    const shown = typeof positions === 'string' ? undefined : marked(file, positions, old);
    return shown ?? markedAfter.get(path) ?? { content: '' };
  });
  const isFilled = [...after.values()].some(({ secrets }) => secrets);
  const wasFilled = before.size === 0 ? isFilled : isFilledBefore;
  const filling = wasFilled ? (isFilled ? 'filled' : 'to-mark') : isFilled ? 'to-fill' : undefined;
  const others = [...old].filter(([mark, value]) => now.get(mark)?.equals(value) === false);
  const names = others.flatMap(([mark]) => placeholdersIn(mark).map(({ name }) => name));
  const otherValues = [...new Set(names)].sort();
  return { before: markedBefore, after: markedAfter, filling, unknown, otherValues };
}

/** The positions of secrets in a file; `filled`: a build substituted some. Modes and old manifests do not show them. */
type Positions = readonly FilledSecret[] | 'none' | 'filled' | 'unknown';

function positionsBy(folder: string, filledBy: ReadonlyMap<string, FilledFile>) {
  const unfilledBy = unfilledFiles(folder);
  const journal = readJournal(folder);
  return (path: string, file: File, unfilled: File | undefined): Positions => {
    if (!isFilledPath(path)) return 'none';
    const there = digest(file.content);
    const filled = filledBy.get(path);
    if (filled?.digest === there) return filled.secrets;
    if (journal.get(path)?.some((entry) => typeof entry !== 'string' && entry.filled === there))
      return 'filled';
    if (unfilledBy.get(path)?.has(there)) return 'none';
    const [text, marked] = [file, unfilled ?? { content: '' }].map(textOf) as [string, string];
    const [found, wanted] = [text, marked].map((one) => placeholdersIn(one).map(placeholderOf));
    const hasAll = wanted && wanted.length > 0 && missing(wanted, found ?? []).length === 0;
    const isSame = withoutPlaceholders(text) === withoutPlaceholders(marked);
    return unfilled && (isSame || hasAll) ? 'none' : 'unknown';
  };
}

function mapTree(tree: Tree, replace: (file: File, path: string) => File): Tree {
  return new Map([...tree].map(([path, file]) => [path, replace(file, path)]));
}

/** Returns a file with placeholders at some positions, and records their values; undefined without positions that fit. */
function marked(file: File, positions: readonly FilledSecret[] | undefined, values: Map<string, Buffer>) {
  if (!positions) return undefined;
  const bytes = Buffer.from(file.content);
  const content = unfill(bytes, positions);
  if (!content) return undefined;
  for (const { mark, bytes: value } of foundSecrets(bytes, positions))
    if (!values.has(mark)) values.set(mark, value);
  const { secrets: _, ...rest } = file;
  return { ...rest, content };
}
