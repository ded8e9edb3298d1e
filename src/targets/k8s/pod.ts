import { createHash } from 'node:crypto';
import { type CreateNodeOptions, Document, type ToStringOptions } from 'yaml';
import { marksOf } from '../../secrets/uses-of.ts';
import type { Site } from '../../site/model.ts';
import type { Kubernetes } from '../../site/model-server.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { copyWith, keyLocationOf, selfLocation } from '../../source/origin.ts';
import { OCI_SCRIPT, phsConfigPath, phsScriptPath, WWW } from '../../tree/paths.ts';
import { kubernetesName } from '../../values/identifiers.ts';
import { fillsFile } from '../nginx/nginx.ts';
import { listenersOf } from '../nginx/served.ts';
import { utf8In } from '../render-yaml.ts';
import type { Emitted } from '../target.ts';

/** Where things lie in a pod: what is read is mounted there, or is in its image. */
export const POD = {
  nginx: '/etc/harvgen/nginx',
  secrets: '/etc/harvgen/secrets',
  tls: '/etc/harvgen/tls',
  tree: '/srv/harvgen',
  /** What lies beside the tree, in folders as in URLs. */
  media: '/srv/media',
  /** The one folder that nginx writes to. */
  temporary: '/tmp',
} as const;

/** The file of the Secret that nginx includes. */
export const SECRETS_FILE = 'secrets.conf';

/** The user and group of nginx in the image. Source: https://github.com/nginx/docker-nginx-unprivileged. */
export const NGINX_USER = 101;

/** The names of a site's objects that others refer to, in its namespace. */
export function objectNames(site: Pick<Site, 'name'>) {
  const name = kubernetesName(site.name);
  return { name, nginx: `${name}-nginx`, secrets: `${name}-secrets`, tls: `${name}-tls` };
}

/** Says whether the namespace of a site's pods bears its own name: it is made with them, and goes with them. */
export function ownsNamespace(site: Pick<Site, 'name'>, { namespace }: Kubernetes): boolean {
  return namespace === objectNames(site).name;
}

/** Says what makes the pods: each node has one where a NodePort leads to the pods of the node that was asked. */
export function workloadKind({ service }: Kubernetes): 'Deployment' | 'DaemonSet' {
  return service === 'NodePort' ? 'DaemonSet' : 'Deployment';
}

/** Gives the path, in the tree, of a file of the kustomization. */
export function kubernetesPath(file: string): string {
  return `k8s/${file}`;
}

/** Gives a site as nginx in a pod sees it: the same, lying elsewhere. A pod fills secrets in, whatever the tree holds. */
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

/** Says whether nginx in a pod has secrets to fill in. */
export function needsSecret(site: Site): boolean {
  return marksOf(site).length > 0;
}

/** Gives the ports of a site that machines ask at, that of `server.url` first, each once, with that of the container that it leads to. */
export function podPorts(site: Site) {
  const listeners = listenersOf(site.server);
  const inside = containerPorts(listeners.map(({ port }) => port));
  return [...inside].map(([port, containerPort]) => {
    const isHttps = listeners.find((one) => one.port === port)?.isHttps ?? false;
    const scheme = isHttps ? 'https' : 'http';
    const name = port === (isHttps ? 443 : 80) ? scheme : `${scheme}-${port}`;
    return { name, port, containerPort, isHttps };
  });
}

/** Where kubelet asks whether a pod can hand out configurations, unless machines ask something else there. */
const READINESS_PORT = 8081;

/** Gives the port at which kubelet asks whether a pod is ready: none of those at which nginx listens for machines. */
export function readinessPort(taken: readonly number[]): number {
  let free = READINESS_PORT;
  while (taken.includes(free)) free += 1;
  return free;
}

/** A process without privileges listens at no port below. */
const FIRST_UNPRIVILEGED = 1024;

/** Gives, for each port that machines ask at, one of the container that needs no privileges: 8080 for 80. */
export function containerPorts(ports: readonly number[]): ReadonlyMap<number, number> {
  const taken = new Set(ports.filter((port) => port >= FIRST_UNPRIVILEGED));
  const inside = new Map<number, number>();
  for (const port of new Set(ports)) {
    let free = port < FIRST_UNPRIVILEGED ? port + 8000 : port;
    if (free !== port) while (taken.has(free)) free += FIRST_UNPRIVILEGED;
    taken.add(free);
    inside.set(port, free);
  }
  return inside;
}

/** What tells the pods of a site from all others: it never changes, since a Deployment's selector cannot. */
export function selectorLabels(site: Site): Record<string, string> {
  return { 'app.kubernetes.io/name': 'harvgen', 'app.kubernetes.io/instance': objectNames(site).name };
}

/**
 * The labels of every object of a site. Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/.
 */
export function commonLabels(site: Site): Record<string, string> {
  return {
    ...selectorLabels(site),
    'app.kubernetes.io/component': 'boot-server',
    'app.kubernetes.io/managed-by': 'harvgen',
  };
}

/** An object of Kubernetes, or a kustomization; what is undefined in it is left out. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [key: string]: unknown;
}

/** Makes an object in the site's namespace, of a type such as `apps/v1/Deployment`; of the name that is given, or the site's own. */
export function objectOf(
  site: Site,
  type: string,
  contents: object,
  said: { readonly name?: string; readonly annotations?: object | undefined } = {},
): Manifest {
  const [, apiVersion = '', kind = ''] = /^(.*)\/(.*)$/.exec(type) ?? [];
  const namespace = site.server.kubernetes?.namespace;
  const { name = objectNames(site).name, annotations } = said;
  const metadata = { name, namespace, labels: commonLabels(site), annotations };
  return { apiVersion, kind, metadata, ...contents };
}

/** kubectl reads YAML 1.1: what is a number or a truth value there is quoted. */
const OPTIONS: CreateNodeOptions & ToStringOptions & { version: '1.1' } = {
  version: '1.1',
  lineWidth: 0,
  aliasDuplicateObjects: false,
};

/** Renders an object as YAML, its keys in their order, with a comment above. */
export function renderManifest(manifest: Manifest, comment: string): string {
  const document = new Document(manifest, OPTIONS);
  document.commentBefore = ` ${comment}`;
  return document.toString(OPTIONS);
}

/** A part of the tree as a ConfigMap: texts, and other files in base64, by key; and the path of each key in the tree. */
export type TreePart = ReturnType<typeof partOf>;

/** What a ConfigMap takes of the tree, in bytes: `kubectl apply` writes it into an annotation of 256 KiB, with backslashes. */
const PART = 128 * 1024;

type TreeFile = Pick<Emitted, 'path' | 'content'>;

/** A part ends after about one file in so many, by its path: a file that comes or goes moves the ends next to it alone. */
const FILES = 32;

/**
 * Gives the tree in parts for ConfigMaps, each called by a digest of what it holds: pods that are not replaced yet, or are
 * taken back, find what they had. A longer file is a part of its own.
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
  const file = `tree-${hex(files[0]?.path ?? '')}.yaml`;
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

/** Gives the key of a path in a ConfigMap: `__` for a slash, and in hexadecimal what a key cannot have. No two have one key. */
export function configMapKey(path: string): string {
  const key = path.replace(/[^A-Za-z0-9.-]/gu, (character) =>
    character === '/' ? '__' : Buffer.from(character).toString('hex').replace(/../g, '_$&'),
  );
  if (key.length <= LONGEST) return key;
  const digest = createHash('sha256').update(path).digest('hex');
  return `${key.slice(0, LONGEST - digest.length - 2)}_.${digest}`;
}

/** Gives what pods serve of what the targets have made: the document root, and the file that names the marks to fill. */
export function servedTree(site: Site, made: readonly Emitted[]): readonly TreeFile[] {
  // nginx answers by the files that it has anyway for those of an older name.
  const names = site.nodes.flatMap((node) => [phsScriptPath(node), phsConfigPath(node)]);
  const older = new Set([...names, OCI_SCRIPT].map((path) => `${WWW}/${path}`));
  const served = made.filter(({ path }) => path.startsWith(`${WWW}/`) && !older.has(path));
  // Each is asked for its content once: it may be made for that.
  const files = [...served, fillsFile(site, marksOf(site))].map(({ path, content }) => ({ path, content }));
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
  const at = keyLocationOf(site.server, 'kubernetes');
  const code = 'kubernetes-too-large';
  for (const { path, size } of files) {
    if (size <= MOST_OF_FILE) continue;
    const own = site.files.find((file) => file.path === path);
    const message = `${path} is too large for a ConfigMap, which holds 1 MiB.`;
    report.error({ code, message, at: own ? selfLocation(own) : at, help: HELP });
  }
  const all = files.reduce((sum, { size }) => sum + size, 0);
  if (files.length <= MOST_FILES && all <= MOST_OF_ALL) return;
  const message = `The tree has ${files.length} files, and ${Math.ceil(all / 1024 / 1024)} MiB, for pods to serve: in ConfigMaps no more than ${MOST_FILES} and 16 MiB.`;
  report.error({ code, message, at, help: HELP });
}
