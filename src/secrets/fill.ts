import type { Site } from '../site/model.ts';
import { encodeSecret, type PlacedMark, placeholdersIn } from '../source/marks.ts';
import { copyWith } from '../source/origin.ts';
import { isFilledPath } from '../tree/paths.ts';
import { type File, type FilledSecret, type Tree, textOf } from '../tree/tree.ts';
import type { SecretValues } from './source.ts';

/**
 * Puts the values of secrets where their marks stand in the nodes' configurations, and where these stand in the host's user-data, each
 * quoted for what it lands in; all
 * other files stay as they are, the site's description, which anybody may be shown, among them. A file that is filled says
 * so, and is confidential. In one pass: a value that looks like a mark stays what it is. Takes the value of every secret
 * that is marked; a tree without its manifest, which tells of what is filled in.
 */
export function fillSecrets(tree: Tree, values: SecretValues): Tree {
  const encode = ({ name, format }: PlacedMark) => encodeSecret(values.get(name) as string, format);
  return new Map(
    [...tree].map(([path, file]) => {
      // What no secret is asked for was written by the user so, in a key maybe.
      const marks = isFilledPath(path)
        ? placeholdersIn(textOf(file)).filter(({ name }) => values.has(name))
        : [];
      return [path, marks.length > 0 ? filled(file, marks, encode) : file];
    }),
  );
}

function filled(file: File, marks: readonly PlacedMark[], encode: (mark: PlacedMark) => string): File {
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

/** Puts the marks back where secrets are filled in. Undefined where the places are not such of this content. */
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

/** Gives the secrets that are filled into a file, with their bytes, for places of which `unfill` has given something. */
export function foundSecrets(content: Uint8Array, secrets: readonly FilledSecret[]) {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return secrets.map(({ start, length, mark }) => ({ mark, bytes: bytes.subarray(start, start + length) }));
}

/** Gives a site as it is when its tree holds the values of its secrets: nginx then fills nothing in. */
export function filledSite(site: Site): Site {
  return copyWith(site, { server: copyWith(site.server, { secrets: undefined }) });
}
