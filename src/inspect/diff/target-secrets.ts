import { marksIn } from '../../source/marks.ts';
import { ISCSI } from '../../tree/paths.ts';
import { type File, type Tree, textOf } from '../../tree/tree.ts';
import type { FileChange } from './file-changes.ts';

/** Gives the names of the secrets that targets of the site's own hold: in one of two trees, or in both. */
export function targetSecretsOf(files: readonly FileChange[], after: Tree): Set<string> {
  return secretsIn([...ofTargets(after), ...files.filter(isOfTarget).map(({ before }) => before)]);
}

/** Gives the names of those that no target held before. */
export function newTargetSecrets(files: readonly FileChange[], after: Tree): string[] {
  const changed = new Set(files.map(({ path }) => path));
  const old = secretsIn([
    ...files.filter(isOfTarget).map(({ before }) => before),
    ...ofTargets(after, (path) => !changed.has(path)),
  ]);
  return [...secretsIn(ofTargets(after))].filter((name) => !old.has(name)).sort();
}

function ofTargets(tree: Tree, has: (path: string) => boolean = () => true): File[] {
  return [...tree].flatMap(([path, file]) => (isOfTarget({ path }) && has(path) ? [file] : []));
}

function isOfTarget({ path }: { readonly path: string }): boolean {
  return path.startsWith(`${ISCSI}/`);
}

/** Gives the names of the secrets that are marked in files. */
export function secretsIn(files: readonly (File | undefined)[]): Set<string> {
  const names = files.flatMap((file) => (file ? marksIn(textOf(file)).map(({ name }) => name) : []));
  return new Set(names);
}
