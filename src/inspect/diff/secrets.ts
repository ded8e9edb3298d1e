import { foundSecrets, unfill } from '../../secrets/fill.ts';
import { placeholderOf, placeholdersIn, withoutPlaceholders } from '../../source/marks.ts';
import { fillsPath } from '../../targets/nginx/nginx.ts';
import { digest, type FilledFile, filledFiles, readJournal, unfilledFiles } from '../../tree/manifest.ts';
import { ISCSI, isFilledPath, PUT_TARGETS } from '../../tree/paths.ts';
import { type File, type FilledSecret, type Tree, textOf } from '../../tree/tree.ts';
import type { Filling, SiteChange, Trees } from './change.ts';
import { capture } from './files.ts';
import { missing } from './values.ts';

/* Who needs which secrets. */

/** Says which secrets the boot server, its pods or the tree itself need now, need no more, or have with another value. */
export function secretChanges(trees: Trees): SiteChange[] {
  const { after, files, filled } = trees;
  const own = files.filter(({ path }) => isFilledPath(path));
  const old = secretsIn(own.map((file) => file.before));
  const now = secretsIn(own.map((file) => file.after));
  const [needed, unused] = [without(now, old), without(old, now)];
  // Another file may have had it all the time.
  const kept = needed.length + unused.length > 0 ? keptSecrets(trees, isFilledPath) : new Set<string>();
  const ofTargets = targetSecretsOf(trees);
  const holder = filled?.isFilled ? 'the tree' : after.hasPods ? 'the pods' : 'the boot server';
  const told = (what: string, names: readonly string[]) =>
    names.map((name): SiteChange => ({ what, name, text: textFor(what, name, holder, ofTargets.has(name)) }));
  return [
    ...told('secret-needed', without(needed, kept)),
    ...told('secret-unused', without(unused, kept)),
    ...told('secret-value', filled?.otherValues ?? []),
  ];
}

function textFor(what: string, name: string, holder: string, isOfTarget: boolean): string {
  const isOfTree = holder === 'the tree';
  if (what === 'secret-value')
    return `the secret ${name} has another value${isOfTree ? `: ${isOfTarget ? OF_TARGET : OF_CONFIG}` : ''}`;
  const isNew = what === 'secret-needed';
  if (isOfTree && isNew) return `the tree holds the new secret ${name}`;
  if (isOfTree) return `the tree does not hold the secret ${name} any more`;
  const who = isOfTarget ? `${holder} and the iSCSI server` : holder;
  const isOne = who === 'the boot server';
  if (isNew) return `${who} ${isOne ? 'needs' : 'need'} the new secret ${name}`;
  return `${who} ${isOne ? 'does' : 'do'} not need the secret ${name} any more`;
}

/** What another value comes to of a secret that a tree holds. A script is fetched at every boot, and what it logs in at is not the tree's. */
const OF_TARGET = `machines log in by it from their next boot on, and find no disk until ${PUT_TARGETS} has told the iSCSI server`;
const OF_CONFIG = 'machines get it when they are installed anew; an installed system keeps what it has';

/** Returns the names of the secrets that targets of the site's own hold: in one of two trees, or in both. */
export function targetSecretsOf({ files, tree }: Trees): Set<string> {
  const old = files.filter(({ path }) => isOfTarget(path)).map(({ before }) => before);
  return secretsIn([...old, ...[...tree].flatMap(([path, file]) => (isOfTarget(path) ? [file] : []))]);
}

/** Returns the names of those that no target held before. */
export function newTargetSecrets(trees: Trees): string[] {
  const own = trees.files.filter(({ path }) => isOfTarget(path));
  const old = secretsIn(own.map(({ before }) => before));
  const now = secretsIn(own.map(({ after }) => after));
  const kept = keptSecrets(trees, isOfTarget);
  return without(now, new Set([...old, ...kept]));
}

/** Says whether nginx' include of secrets is due or to be deleted: until then it answers 503 for marks it does not know. */
export function fillChanges({ files, tree }: Trees): SiteChange[] {
  // A file that is called by the marks which nginx fills in: src/targets/nginx/nginx.ts.
  const isStamp = (path: string) => path.startsWith('nginx/fills-');
  if (!files.some(({ path }) => isStamp(path))) return [];
  if ([...tree.keys()].some((path) => isStamp(path) && path !== fillsPath([])))
    return [{ what: 'secrets', text: 'put the secrets there again' }];
  // What follows where nginx is told to filter: other includes may stand before.
  const includes = files.flatMap(({ path, before }) =>
    /^nginx\/[^/]+\.conf$/.test(path)
      ? (capture(before, /sub_filter_once[\s\S]*?^ +include (\S+);$/m) ?? [])
      : [],
  );
  return [{ what: 'secrets', text: `delete ${includes[0] ?? 'the file of server.secrets'}` }];
}

const isOfTarget = (path: string) => path.startsWith(`${ISCSI}/`);

function keptSecrets({ files, tree }: Trees, isOf: (path: string) => boolean): Set<string> {
  const changed = new Set(files.map(({ path }) => path));
  return secretsIn([...tree].flatMap(([path, file]) => (isOf(path) && !changed.has(path) ? [file] : [])));
}

function secretsIn(files: readonly (File | undefined)[]): Set<string> {
  return new Set(files.flatMap((file) => (file ? placeholdersIn(textOf(file)).map(({ name }) => name) : [])));
}

function without(names: Iterable<string>, others: ReadonlySet<string>): string[] {
  return [...names].filter((name) => !others.has(name)).sort();
}

/** Two trees as they may be compared and shown: without the value of any secret. */
export interface MarkedTrees {
  readonly before: Tree;
  readonly after: Tree;
  /** Undefined where secrets are filled into neither of the two. */
  readonly filling: Filling | undefined;
  /** The paths of files in which values may stand, and nobody knows where: nothing of what they held is in `before`. */
  readonly unknown: ReadonlySet<string>;
  /** The names of secrets that have another value than before, sorted; of two filled trees alone. */
  readonly otherValues: readonly string[];
}

/**
 * Puts marks back in place of the values of secrets, by the tree itself or the manifest of a folder. A configuration that no
 * build wrote counts as what a build would make of it, unless its marks stand in it. Takes what `filesBefore` gives.
 */
export function restorePlaceholders(folder: string, before: Tree, after: Tree): MarkedTrees {
  const filled = filledFiles(folder);
  const placesIn = placesBy(folder, filled);
  const [old, now] = [new Map<string, Buffer>(), new Map<string, Buffer>()];
  const markedAfter = mapTree(after, (file) => marked(file, file.secrets, now) ?? file);
  const unknown = new Set<string>();
  // A manifest that knows of values is not to be shown, since its digests are of what holds them.
  let isFilledBefore = filled.size > 0;
  const markedBefore = mapTree(before, (file, path) => {
    const places = file.secrets ?? placesIn(path, file, markedAfter.get(path)); // one that stays has its own
    if (places === 'none') return file;
    if (places === 'unknown') unknown.add(path);
    else isFilledBefore = true;
    const shown = typeof places === 'string' ? undefined : marked(file, places, old);
    return shown ?? markedAfter.get(path) ?? NOTHING;
  });
  const isFilledAfter = [...after.values()].some(({ secrets }) => secrets);
  const filling = fillingOf(before.size === 0 ? isFilledAfter : isFilledBefore, isFilledAfter);
  const others = [...old].filter(([mark, value]) => now.get(mark)?.equals(value) === false);
  const names = others.flatMap(([mark]) => placeholdersIn(mark).map(({ name }) => name));
  const otherValues = [...new Set(names)].sort();
  return { before: markedBefore, after: markedAfter, filling, unknown, otherValues };
}

/** Where secrets stand in a file, if any do; `untold` says that some do somewhere. Its mode or an old manifest say nothing. */
type Places = readonly FilledSecret[] | 'none' | 'untold' | 'unknown';

function placesBy(folder: string, filledBy: ReadonlyMap<string, FilledFile>) {
  const unfilledBy = unfilledFiles(folder);
  const journal = readJournal(folder);
  return (path: string, file: File, unfilled: File | undefined): Places => {
    if (!isFilledPath(path)) return 'none';
    const there = digest(file.content);
    const filled = filledBy.get(path);
    if (filled?.digest === there) return filled.secrets;
    if (journal.get(path)?.some((one) => typeof one !== 'string' && one.filled === there)) return 'untold';
    if (unfilledBy.get(path)?.has(there)) return 'none';
    return unfilled && hasItsMarks(textOf(file), textOf(unfilled)) ? 'none' : 'unknown';
  };
}

function hasItsMarks(text: string, unfilled: string): boolean {
  if (withoutPlaceholders(text) === withoutPlaceholders(unfilled)) return true;
  const wanted = placeholdersIn(unfilled).map(placeholderOf);
  return wanted.length > 0 && missing(wanted, placeholdersIn(text).map(placeholderOf)).length === 0;
}

const NOTHING: File = { content: '' };

function fillingOf(before: boolean, after: boolean): Filling | undefined {
  if (before) return after ? 'filled' : 'to-mark';
  return after ? 'to-fill' : undefined;
}

function mapTree(tree: Tree, give: (file: File, path: string) => File): Tree {
  return new Map([...tree].map(([path, file]) => [path, give(file, path)]));
}

/** A file with marks at some places, whose values are noted; undefined where there are no places, or none of this file. */
function marked(
  file: File,
  places: readonly FilledSecret[] | undefined,
  values: Map<string, Buffer>,
): File | undefined {
  if (!places) return undefined;
  const bytes = Buffer.from(file.content);
  const content = unfill(bytes, places);
  if (!content) return undefined;
  for (const { mark, bytes: value } of foundSecrets(bytes, places))
    if (!values.has(mark)) values.set(mark, value);
  const { secrets: _, ...rest } = file;
  return { ...rest, content };
}
