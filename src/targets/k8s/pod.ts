import { createHash } from 'node:crypto';
import { type CreateNodeOptions, Document, type ToStringOptions } from 'yaml';
import { objectNames } from '../../plan/kubernetes.ts';
import { placeholdersOf } from '../../secrets/uses-of.ts';
import type { Site } from '../../site/model.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { copyWith, keyLocationOf, selfLocation } from '../../source/origin.ts';
import { OCI_SCRIPT, phsConfigPath, phsScriptPath, WWW } from '../../tree/paths.ts';
import { fillsFile } from '../nginx/nginx.ts';
import { utf8In } from '../render-yaml.ts';
import type { Emitted } from '../target.ts';

/** The paths in a pod: they are mounted there, or are in its image. */
export const POD = {
  nginx: '/etc/harvgen/nginx',
  secrets: '/etc/harvgen/secrets',
  tls: '/etc/harvgen/tls',
  tree: '/srv/harvgen',
  /** The files outside the tree, in the directories of their URLs. */
  media: '/srv/media',
  /** The only directory that nginx writes to. */
  temporary: '/tmp',
} as const;

/** The file of the Secret that nginx includes. */
export const SECRETS_FILE = 'secrets.conf';

/** The user and group of nginx in the image. Source: https://github.com/nginx/docker-nginx-unprivileged. */
export const NGINX_USER = 101;

/** Returns the path, in the tree, of a file of the kustomization. */
export function kubernetesPath(file: string): string {
  return `k8s/${file}`;
}

/** Returns a site with the paths inside a pod. In a pod, nginx substitutes secrets even if the tree contains values. */
export function podSite(site: Site): Site {
  const { media, images, tls, sign } = site.server;
  const server = copyWith(site.server, {
    root: POD.tree,
    media: media.path === undefined ? media : copyWith(media, { path: `${POD.media}/harvester` }),
    images: images.path === undefined ? images : copyWith(images, { path: `${POD.media}/images` }),
    tftp: `${POD.media}/loader`,
    secrets: `${POD.secrets}/${SECRETS_FILE}`,
    ...(tls && { tls: copyWith(tls, { certificate: `${POD.tls}/tls.crt`, key: `${POD.tls}/tls.key` }) }),
    ...(sign && { sign: copyWith(sign, { path: `${POD.media}/sign` }) }),
  });
  return copyWith(site, { server });
}

/** Whether nginx in a pod has secrets to substitute. */
export function needsSecret(site: Site): boolean {
  return placeholdersOf(site).length > 0;
}

/** Returns a port for kubelet's readiness probe that nginx does not use for machines. */
export function readinessPort(taken: readonly number[]): number {
  let free = 8081;
  while (taken.includes(free)) free += 1;
  return free;
}

/** The labels that select the pods of a site. They never change, because the selector of a Deployment is immutable. */
export function selectorLabels(site: Site): Record<string, string> {
  return { 'app.kubernetes.io/name': 'harvgen', 'app.kubernetes.io/instance': objectNames(site).name };
}

/** The labels of every object of a site. Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/. */
export function commonLabels(site: Site): Record<string, string> {
  return {
    ...selectorLabels(site),
    'app.kubernetes.io/component': 'boot-server',
    'app.kubernetes.io/managed-by': 'harvgen',
  };
}

/** An object of Kubernetes, or a kustomization. Undefined values are omitted. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [key: string]: unknown;
}

/** Returns an object in the site's namespace, of a type such as `apps/v1/Deployment`; its default name is that of the site. */
export function objectOf(
  site: Site,
  type: string,
  contents: object,
  options: { readonly name?: string; readonly annotations?: object | undefined } = {},
): Manifest {
  const [, apiVersion = '', kind = ''] = /^(.*)\/(.*)$/.exec(type) ?? [];
  const namespace = site.server.kubernetes?.namespace;
  const { name = objectNames(site).name, annotations } = options;
  const metadata = { name, namespace, labels: commonLabels(site), annotations };
  return { apiVersion, kind, metadata, ...contents };
}

/** kubectl reads YAML 1.1: strings that it would read as numbers or booleans are quoted. */
export const OPTIONS: CreateNodeOptions & ToStringOptions & { version: '1.1' } = {
  version: '1.1',
  lineWidth: 0,
  aliasDuplicateObjects: false,
};

/** Renders an object as YAML, with its keys in order, and a comment above. */
export function renderManifest(manifest: Manifest, comment: string): string {
  const document = new Document(manifest, OPTIONS);
  document.commentBefore = ` ${comment}`;
  return document.toString(OPTIONS);
}

/** A part of the tree as a ConfigMap: texts, other files in base64, and the path of each key in the tree. */
export type TreePart = ReturnType<typeof partOf>;

/** Maximum size of a part in bytes: `kubectl apply` copies a ConfigMap, with escapes, into an annotation of 256 KiB. */
const PART = 128 * 1024;

type TreeFile = Pick<Emitted, 'path' | 'content'>;

/** Average number of files per part. Digests of paths end a part, so that an added or removed file affects only nearby parts. */
const FILES = 32;

/**
 * Returns the tree in parts for ConfigMaps, each named after a digest of its content: pods that are not replaced yet, or that
 * are rolled back, keep their files. A larger file is a separate part.
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

function sha256(content: string | Uint8Array, length = 16): string {
  return createHash('sha256').update(content).digest('hex').slice(0, length);
}

/** Returns the size of a file in a ConfigMap, in bytes. */
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
  const digest = sha256(files.map(({ path, content }) => `${path}\0${sha256(content)}\n`).join(''));
  const name = `${objectNames(site).name}-tree-${digest}`;
  // The name depends on the first path, so that git sees the same file when only its content changes.
  const file = `tree-${sha256(files[0]?.path ?? '')}.yaml`;
  return { name, file, data, binaryData, items };
}

/** Returns the text of bytes; undefined if they are not UTF-8, or if YAML would have to escape the text. */
function textIn(content: string | Uint8Array): string | undefined {
  const text = utf8In(content);
  return text === undefined || ESCAPED.test(text) ? undefined : text;
}

/** Characters that YAML must escape or changes: carriage returns, and all that are not printable. */
const ESCAPED = /[^\P{C}\n\t]|[\u2028\u2029]/u;

/** Source: Kubernetes, IsConfigMapKey (k8s.io/apimachinery/pkg/util/validation). */
const LONGEST = 253;

/** Returns the key of a path in a ConfigMap, with `__` for a slash and hexadecimal codes for invalid characters. It is unique. */
export function configMapKey(path: string): string {
  const key = path.replace(/[^A-Za-z0-9.-]/gu, (character) =>
    character === '/' ? '__' : Buffer.from(character).toString('hex').replace(/../g, '_$&'),
  );
  if (key.length <= LONGEST) return key;
  const digest = sha256(path, 64);
  return `${key.slice(0, LONGEST - digest.length - 2)}_.${digest}`;
}

/** Returns the files that pods serve: the document root, and the file that lists the placeholders. */
export function servedTree(site: Site, made: readonly Emitted[]): readonly TreeFile[] {
  // nginx answers requests for older names with the current files.
  const names = site.nodes.flatMap((node) => [phsScriptPath(node), phsConfigPath(node)]);
  const older = new Set([...names, OCI_SCRIPT].map((path) => `${WWW}/${path}`));
  const served = made.filter(({ path }) => path.startsWith(`${WWW}/`) && !older.has(path));
  // Reads each content only once: it may be generated on access.
  return [...served, fillsFile(site, placeholdersOf(site))]
    .map(({ path, content }) => ({ path, content }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A ConfigMap can contain 1 MiB, including keys and labels. Source: Kubernetes, MaxSecretSize. */
const MOST_OF_FILE = 1000 * 1024;

/** The Deployment lists each file, and etcd rejects objects of more than 1.5 MiB. */
const MOST_FILES = 4000;

/** Every node with a pod, and the API server, store all files, for which they are not designed. */
const MOST_OF_ALL = 16 * 1024 * 1024;

/** Reports files of a site's tree that are too large for ConfigMaps. */
export function checkKubernetesSize(site: Site, made: readonly Emitted[], report: Report): void {
  const { kubernetes } = site.server;
  if (!kubernetes || kubernetes.image !== undefined) return;
  const atServer = keyLocationOf(site.server, 'kubernetes');
  const tooLarge = (message: string, at = atServer) => {
    const help = 'build an image of the tree, and set it: `server: {kubernetes: {image: …}}`';
    report.error({ code: 'kubernetes-too-large', message, at, help });
  };
  const sizes = servedTree(site, made).map((file) => ({ path: file.path, size: sizeOf(file) }));
  for (const { path, size } of sizes) {
    if (size <= MOST_OF_FILE) continue;
    const own = site.files.find((file) => file.path === path);
    tooLarge(
      `${path} is too large for a ConfigMap of 1 MiB: pods cannot serve it.`,
      own && selfLocation(own),
    );
  }
  const all = sizes.reduce((sum, { size }) => sum + size, 0);
  if (sizes.length > MOST_FILES || all > MOST_OF_ALL)
    tooLarge(
      `The tree has ${sizes.length} files with ${Math.ceil(all / 1024 / 1024)} MiB for pods to serve: ConfigMaps must not exceed ${MOST_FILES} files and 16 MiB.`,
    );
}
