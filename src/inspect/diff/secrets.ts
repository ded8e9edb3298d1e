import { marksIn } from '../../source/marks.ts';
import { fillsPath } from '../../targets/nginx/fills.ts';
import { ISCSI, isFilledPath, PUT_TARGETS } from '../../tree/paths.ts';
import { type File, textOf } from '../../tree/tree.ts';
import type { SiteChange, Trees } from './change.ts';
import { capture } from './files.ts';

/* Who needs which secrets. */

/**
 * Says which secrets the boot server, or its pods, need that they did not, and which no file needs any more; of a tree that holds
 * the values itself, what it holds, and which has another value.
 */
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

/**
 * Says whether the include that fills secrets in is to be made anew on the boot server, or deleted: nginx answers 503 for
 * marks that it does not know, be it a known secret in another format, until then.
 */
export function fillChanges({ files, tree }: Trees): SiteChange[] {
  // A file that is called by the marks which nginx fills in: src/targets/nginx/fill-stamp.ts.
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

function isOfTarget(path: string): boolean {
  return path.startsWith(`${ISCSI}/`);
}

/** The names of the secrets that are marked in files that stay. */
function keptSecrets({ files, tree }: Trees, isOf: (path: string) => boolean): Set<string> {
  const changed = new Set(files.map(({ path }) => path));
  return secretsIn([...tree].flatMap(([path, file]) => (isOf(path) && !changed.has(path) ? [file] : [])));
}

/** The names of the secrets that are marked in files. */
function secretsIn(files: readonly (File | undefined)[]): Set<string> {
  return new Set(files.flatMap((file) => (file ? marksIn(textOf(file)).map(({ name }) => name) : [])));
}

function without(names: Iterable<string>, others: ReadonlySet<string>): string[] {
  return [...names].filter((name) => !others.has(name)).sort();
}
