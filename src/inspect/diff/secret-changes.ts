import { isFilledPath, PUT_TARGETS } from '../../tree/paths.ts';
import type { Tree } from '../../tree/tree.ts';
import type { SiteChange } from './change.ts';
import type { FileChange } from './file-changes.ts';
import type { FilledChange } from './plan.ts';
import { hasPods } from './plan-kubernetes.ts';
import { secretsIn, targetSecretsOf } from './target-secrets.ts';

/**
 * Says which secrets the boot server, or its pods, need that they did not, and which no file needs any more; of a tree that holds
 * the values itself, what it holds, and which has another value.
 */
export function secretChanges(
  files: readonly FileChange[],
  after: Tree,
  filled?: FilledChange,
): SiteChange[] {
  const isOf = ({ path }: FileChange) => isFilledPath(path);
  const old = secretsIn(files.filter(isOf).map((file) => file.before));
  const now = secretsIn(files.filter(isOf).map((file) => file.after));
  const [needed, unused] = [without(now, old), without(old, now)];
  // Another file may have had it all the time.
  const changed = new Set(files.map(({ path }) => path));
  const isAny = needed.length + unused.length > 0;
  const kept = secretsIn(
    [...after].map(([path, file]) => (isAny && isFilledPath(path) && !changed.has(path) ? file : undefined)),
  );
  const words = filled?.isFilled ? OF_TREE : hasPods(after) ? OF_PODS : OF_SERVER;
  const ofTargets = targetSecretsOf(files, after);
  const change = (what: keyof typeof words, name: string): SiteChange => ({
    what,
    name,
    text: words[what](name, ofTargets.has(name)),
  });
  return [
    ...without(needed, kept).map((name) => change('secret-needed', name)),
    ...without(unused, kept).map((name) => change('secret-unused', name)),
    ...(filled?.otherValues ?? []).map((name) => change('secret-value', name)),
  ];
}

/** What is said of a secret, by its name, and by whether a target holds it, too. */
type Words = Readonly<
  Record<'secret-needed' | 'secret-unused' | 'secret-value', (name: string, isOfTarget: boolean) => string>
>;

const OF_SERVER: Words = {
  'secret-needed': (name, isOfTarget) =>
    `the boot server ${isOfTarget ? 'and the iSCSI server need' : 'needs'} the new secret ${name}`,
  'secret-unused': (name, isOfTarget) =>
    `the boot server ${isOfTarget ? 'and the iSCSI server do' : 'does'} not need the secret ${name} any more`,
  'secret-value': (name) => `the secret ${name} has another value`,
};

const OF_PODS: Words = {
  'secret-needed': (name, isOfTarget) =>
    `the pods ${isOfTarget ? 'and the iSCSI server ' : ''}need the new secret ${name}`,
  'secret-unused': (name, isOfTarget) =>
    `the pods ${isOfTarget ? 'and the iSCSI server ' : ''}do not need the secret ${name} any more`,
  'secret-value': OF_SERVER['secret-value'],
};

const OF_TREE: Words = {
  'secret-needed': (name) => `the tree holds the new secret ${name}`,
  'secret-unused': (name) => `the tree does not hold the secret ${name} any more`,
  // A script is fetched at every boot, and what it logs in at is not the tree's.
  'secret-value': (name, isOfTarget) =>
    isOfTarget
      ? `the secret ${name} has another value: machines log in by it from their next boot on, and find no disk until ${PUT_TARGETS} has told the iSCSI server`
      : `the secret ${name} has another value: machines get it when they are installed anew; an installed system keeps what it has`,
};

function without(names: Iterable<string>, others: ReadonlySet<string>): string[] {
  return [...names].filter((name) => !others.has(name)).sort();
}
