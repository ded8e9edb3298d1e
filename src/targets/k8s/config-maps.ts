import { createHash } from 'node:crypto';
import { marksOf } from '../../secrets/config-marks.ts';
import type { Site } from '../../site/model.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { keyPlaceOf, selfPlace } from '../../source/origin.ts';
import { OCI_SCRIPT, phsConfigPath, phsScriptPath, WWW } from '../../tree/paths.ts';
import { fillsFile } from '../nginx/fills.ts';
import { utf8In } from '../render-yaml.ts';
import type { Emitted } from '../target.ts';
import { objectNames } from './pod.ts';

/** A part of the tree as a ConfigMap: texts, and other files in base64, by key; and the path of each key in the tree. */
export type TreePart = ReturnType<typeof partOf>;

/**
 * How much of the tree is put into one ConfigMap. One holds 1 MiB; what `kubectl apply` writes of it into an annotation may
 * have 256 KiB, and is longer than the files by the backslashes before quotes and ends of lines.
 */
const PART = 128 * 1024;

/** What names of files of parts begin with. */
const PART_FILE = 'tree-';

type TreeFile = Pick<Emitted, 'path' | 'content'>;

/**
 * A part ends after about one file in so many, told by the file's path: so a file that comes or goes moves the ends next to
 * it at most, and all other parts stay what they are.
 */
const FILES = 32;

/**
 * Gives the tree in parts that a ConfigMap can hold, in the order of the files. A longer file is a part of its own. Each is
 * called by a digest of all that it holds, so that another tree has other ones beside these: pods that are not replaced yet,
 * or are taken back to, find what they had.
 */
export function treeParts(site: Site, files: readonly TreeFile[]): TreePart[] {
  const parts: TreeFile[][] = [];
  let room = 0;
  for (const file of files) {
    const size = sizeOf(file);
    if (size > room || parts.length === 0) {
      parts.push([]);
      room = PART;
    }
    parts.at(-1)?.push(file);
    const isLast = createHash('sha256').update(file.path).digest().readUInt32BE() % FILES === 0;
    room = isLast ? -1 : room - size;
  }
  return parts.map((part) => partOf(site, part));
}

/** Gives 64 bits of a digest. */
function hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

/** Gives how much room a file takes in a ConfigMap, in bytes. */
export function sizeOf({ content }: TreeFile): number {
  const bytes = Buffer.byteLength(content);
  return textIn(content) === undefined ? Math.ceil(bytes / 3) * 4 : bytes;
}

function partOf(site: Site, files: readonly TreeFile[]) {
  const data: Record<string, string> = {};
  const binaryData: Record<string, string> = {};
  const items = files.map(({ path, content }) => {
    const key = configMapKey(path);
    const text = textIn(content);
    if (text === undefined) binaryData[key] = Buffer.from(content).toString('base64');
    else data[key] = text;
    return { key, path };
  });
  const digest = hex(files.map(({ path, content }) => `${path}\0${hex(content)}\n`).join(''));
  const name = `${objectNames(site).name}-tree-${digest}`;
  // By the first path, so that it stays the same file for git while what it holds changes.
  const file = `${PART_FILE}${hex(files[0]?.path ?? '')}.yaml`;
  return { name, file, data, binaryData, items };
}

/** Gives the text that bytes are; undefined where they are none, or a text that YAML would have to escape. */
function textIn(content: string | Uint8Array): string | undefined {
  const text = utf8In(content);
  return text === undefined || UNTOLD.test(text) ? undefined : text;
}

/** What would not come out of YAML as it went in, or only by escapes: carriage returns, and all that is not printed. */
const UNTOLD = /[^\P{C}\n\t]|[\u2028\u2029]/u;

/** Source: Kubernetes, IsConfigMapKey (k8s.io/apimachinery/pkg/util/validation). */
const LONGEST = 253;

/**
 * Gives the key that stands for a path in a ConfigMap, where a key has letters, digits, `-`, `_` and `.` alone: `__` for a
 * slash, and the hexadecimal code of each byte of what else it cannot have. No two paths have one key.
 */
export function configMapKey(path: string): string {
  const key = path.replace(/[^A-Za-z0-9.-]/gu, (character) =>
    character === '/' ? '__' : Buffer.from(character).toString('hex').replace(/../g, '_$&'),
  );
  if (key.length <= LONGEST) return key;
  const digest = createHash('sha256').update(path).digest('hex');
  return `${key.slice(0, LONGEST - digest.length - 2)}_.${digest}`;
}

/**
 * Gives what pods serve of a tree, sorted: its document root, and the file that says which secrets nginx is to fill in. Takes
 * what the targets have made, in which marks stand.
 */
export function servedTree(
  site: Site,
  made: readonly Emitted[],
): readonly Pick<Emitted, 'path' | 'content'>[] {
  const marks = marksOf(site);
  // nginx answers by the files that it has anyway for those of an older name.
  const names = site.nodes.flatMap((node) => [phsScriptPath(node), phsConfigPath(node)]);
  const older = new Set([...names, OCI_SCRIPT].map((path) => `${WWW}/${path}`));
  const served = made.filter(({ path }) => path.startsWith(`${WWW}/`) && !older.has(path));
  const fills = fillsFile(site, marks);
  // Each is asked for its content once: it may be made for that.
  const files = [...served, fills].map(({ path, content }) => ({ path, content }));
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What a ConfigMap holds is 1 MiB, of which keys, labels and the rest take some. Source: Kubernetes, MaxSecretSize. */
const MOST_OF_FILE = 1000 * 1024;

/** The Deployment lists each file, and etcd takes no object of more than 1.5 MiB. */
const MOST_FILES = 4000;

/** Every pod's node has it all, and the API server too: that is what it is not made for. */
const MOST_OF_ALL = 16 * 1024 * 1024;

const HELP = 'build an image of the tree, and say it: `server: {kubernetes: {image: …}}`';

/** Reports what of a site's tree is too large for ConfigMaps. Takes what the targets have made. */
export function checkKubernetesSize(site: Site, made: readonly Emitted[], report: Report): void {
  const { kubernetes } = site.server;
  if (!kubernetes || kubernetes.image !== undefined) return;
  const files = servedTree(site, made).map((file) => ({ ...file, size: sizeOf(file) }));
  const at = keyPlaceOf(site.server, 'kubernetes');
  const code = 'kubernetes-too-large';
  for (const { path, size } of files) {
    if (size <= MOST_OF_FILE) continue;
    const own = site.files.find((file) => file.path === path);
    const message = `${path} is too large for a ConfigMap, which holds 1 MiB.`;
    report.error({ code, message, at: own ? selfPlace(own) : at, help: HELP });
  }
  const all = files.reduce((sum, { size }) => sum + size, 0);
  if (files.length <= MOST_FILES && all <= MOST_OF_ALL) return;
  const message = `The tree has ${files.length} files, and ${Math.ceil(all / 1024 / 1024)} MiB, for pods to serve: in ConfigMaps no more than ${MOST_FILES} and 16 MiB.`;
  report.error({ code, message, at, help: HELP });
}
