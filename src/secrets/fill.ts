import { markOf, marksIn, type PlacedMark } from '../source/marks.ts';
import { encodeSecret } from '../source/secret-format.ts';
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
  const encoded = new Map<string, string>();
  const encode = (mark: PlacedMark): string => {
    const key = markOf(mark);
    const known = encoded.get(key) ?? encodeSecret(values.get(mark.name) as string, mark.format);
    encoded.set(key, known);
    return known;
  };
  return new Map(
    [...tree].map(([path, file]) => {
      // What no secret is asked for was written by the user so, in a key maybe.
      const marks = isFilledPath(path) ? marksIn(textOf(file)).filter(({ name }) => values.has(name)) : [];
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
