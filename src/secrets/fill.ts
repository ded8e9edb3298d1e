import type { Site } from '../site/model.ts';
import { copyWith } from '../source/origin.ts';
import { encodeSecret, type LocatedPlaceholder, placeholdersIn } from '../source/placeholders.ts';
import { isFilledPath } from '../tree/paths.ts';
import { type File, type FilledSecret, type Tree, textOf } from '../tree/tree.ts';
import type { SecretValues } from './source.ts';

/**
 * Substitutes the values of secrets for their placeholders in the nodes' configurations and in the host's user-data, each quoted for its
 * context. All other files stay unchanged, including the site's description, which anyone may read. Marks a changed file as confidential
 * and records the substitutions in it. Works in one pass: a value that looks like a placeholder stays unchanged. Requires the value of
 * every secret that has a placeholder, and a tree without its manifest, which lists the substitutions.
 */
export function fillSecrets(tree: Tree, values: SecretValues): Tree {
  const encode = ({ name, format }: LocatedPlaceholder) => encodeSecret(values.get(name) as string, format);
  return new Map(
    [...tree].map(([path, file]) => {
      // A placeholder of an unknown secret is text by the user, for example in a key.
      const marks = isFilledPath(path)
        ? placeholdersIn(textOf(file)).filter(({ name }) => values.has(name))
        : [];
      return [path, marks.length > 0 ? filled(file, marks, encode) : file];
    }),
  );
}

function filled(
  file: File,
  marks: readonly LocatedPlaceholder[],
  encode: (mark: LocatedPlaceholder) => string,
): File {
  const text = textOf(file);
  const secrets: FilledSecret[] = [];
  let content = '';
  let bytes = 0;
  let end = 0;
  for (const mark of marks) {
    const between = text.slice(end, mark.start);
    const value = encode(mark);
    const start = bytes + Buffer.byteLength(between);
    const length = Buffer.byteLength(value);
    secrets.push({ start, length, mark: text.slice(mark.start, mark.end) });
    content += between + value;
    bytes = start + length;
    end = mark.end;
  }
  return { ...file, content: content + text.slice(end), confidential: true, secrets };
}

/** Restores the placeholders of substituted secrets. Returns undefined if the positions do not fit the content. */
export function unfill(content: Uint8Array, secrets: readonly FilledSecret[]): Buffer | undefined {
  const pieces: Uint8Array[] = [];
  let end = 0;
  for (const { start, length, mark } of secrets) {
    if (start < end || length < 0 || start + length > content.length) return undefined;
    pieces.push(content.subarray(end, start), Buffer.from(mark));
    end = start + length;
  }
  return Buffer.concat([...pieces, content.subarray(end)]);
}

/** Returns the secrets in a file with their bytes, for positions that `unfill` accepts. */
export function foundSecrets(content: Uint8Array, secrets: readonly FilledSecret[]) {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return secrets.map(({ start, length, mark }) => ({ mark, bytes: bytes.subarray(start, start + length) }));
}

/** Returns a site for a tree that contains the values of its secrets: nginx then substitutes nothing. */
export function filledSite(site: Site): Site {
  const server = copyWith(site.server, { secrets: undefined, unfilledSecrets: site.server.secrets });
  return copyWith(site, { server });
}
