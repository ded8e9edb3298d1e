import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE } from '../../src/rehearse/machine.ts';
import type { Sandbox } from '../../src/rehearse/sandbox.ts';
import { quoteShell } from '../../src/values/quoting.ts';
import type { KubernetesObject } from '../support/kubernetes-schema.ts';

/** The only container of a Deployment's pod, run without a cluster. */
export interface Pod {
  /** Runs a command in the container, as its user. Returns its output. Throws if it fails. */
  run(argv: readonly string[]): Promise<string>;
  /** Starts the command of the Deployment, and waits until nginx serves. Throws with its log if it does not start. */
  start(): Promise<void>;
  /** Returns the whole log of nginx, including requests. */
  log(): Promise<string>;
  /** Returns the port of the container for a port of the Service. */
  portOf(port: number): number;
  /** Returns a port of the container by its name. */
  containerPort(name: string): number;
  stop(): Promise<void>;
}

/** The parts of a cluster that no object here describes. */
export interface Surroundings {
  /** Directories by their claims. */
  readonly claims?: Readonly<Record<string, string>>;
}

/**
 * Makes the pod of the Deployment, or DaemonSet, among objects, as kubelet does. Volumes come from the objects of its
 * namespace, at the mount paths of the container. The root file system is read-only. The pod has its user and no
 * capabilities. The image is the sandbox itself, which has nginx. Throws for every missing object, key or mount, for which a
 * cluster would wait.
 */
export async function openPod(
  sandbox: Sandbox,
  objects: readonly KubernetesObject[],
  { claims = {} }: Surroundings = {},
): Promise<Pod> {
  const find = (kind: string, name?: string, namespace?: string) => {
    const found = objects.filter(
      (one) =>
        one.kind === kind &&
        (name === undefined || one.metadata.name === name) &&
        (namespace === undefined || one.metadata.namespace === namespace),
    );
    if (found.length !== 1 || !found[0])
      throw new Error(
        `there are ${found.length} of ${kind} ${name ?? ''} in ${namespace ?? 'all namespaces'}`,
      );
    return found[0];
  };
  const deployment = find(objects.some(({ kind }) => kind === 'DaemonSet') ? 'DaemonSet' : 'Deployment');
  const { namespace } = deployment.metadata;
  const { spec } = deployment.spec.template;
  const [container] = spec.containers;
  const { runAsUser, runAsGroup, fsGroup } = spec.securityContext;
  const home = await mkdtemp(join(sandbox.folder, 'pod-'));
  const log = join(home, 'log');

  /** Returns the files of a ConfigMap or Secret, with their paths. */
  function filesOf(
    kind: 'ConfigMap' | 'Secret',
    name: string,
    items?: readonly { key: string; path: string }[],
  ) {
    const { data = {}, binaryData = {}, stringData } = find(kind, name, namespace);
    if (stringData) throw new Error('stringData of a Secret is not supported here');
    const contents = new Map<string, Buffer>([
      ...Object.entries<string>(data).map(
        ([key, text]) => [key, Buffer.from(text, kind === 'Secret' ? 'base64' : 'utf8')] as const,
      ),
      ...Object.entries<string>(binaryData).map(([key, text]) => [key, Buffer.from(text, 'base64')] as const),
    ]);
    return (items ?? [...contents.keys()].map((key) => ({ key, path: key }))).map(({ key, path }) => {
      const content = contents.get(key);
      if (!content) throw new Error(`${kind} ${name} has no key ${key}`);
      return { path, content };
    });
  }

  // biome-ignore lint/suspicious/noExplicitAny: a volume is of any kind
  async function makeVolume(volume: any): Promise<string | undefined> {
    const { name, configMap, secret, projected, persistentVolumeClaim, emptyDir, ...other } = volume;
    if (Object.keys(other).length > 0) throw new Error(`a volume of ${Object.keys(other)}`);
    if (emptyDir) return undefined;
    if (persistentVolumeClaim) {
      const folder = claims[persistentVolumeClaim.claimName];
      if (!folder) throw new Error(`there is no claim ${persistentVolumeClaim.claimName}`);
      return folder;
    }
    const files = [
      ...(configMap ? filesOf('ConfigMap', configMap.name, configMap.items) : []),
      ...(secret ? filesOf('Secret', secret.secretName, secret.items) : []),
      // biome-ignore lint/suspicious/noExplicitAny: so is each of its sources
      ...(projected?.sources ?? []).flatMap((source: any) => {
        if (Object.keys(source).join() !== 'configMap') throw new Error(`a source of ${Object.keys(source)}`);
        return filesOf('ConfigMap', source.configMap.name, source.configMap.items);
      }),
    ];
    const { defaultMode } = configMap ?? secret ?? projected;
    const folder = join(home, 'volumes', name);
    await fill(folder, files, { mode: defaultMode, group: fsGroup });
    return folder;
  }

  // A user that reopens /dev/stdout needs write access.
  await writeFile(log, '', { mode: 0o666 });
  await chmod(log, 0o666);
  const folders = new Map<string, string | undefined>();
  for (const volume of spec.volumes) {
    if (folders.has(volume.name)) throw new Error(`there are two volumes ${volume.name}`);
    folders.set(volume.name, await makeVolume(volume));
  }
  const mounts: string[] = [];
  for (const { name, mountPath, readOnly } of container.volumeMounts) {
    if (!folders.has(name)) throw new Error(`there is no volume ${name}`);
    const folder = folders.get(name);
    await sandbox.run(['mkdir', '-p', mountPath]);
    mounts.push(
      folder === undefined
        ? `mount -t tmpfs -o mode=1777 tmpfs ${quoteShell(mountPath)}`
        : `mount --bind ${quoteShell(folder)} ${quoteShell(mountPath)}`,
      ...(readOnly ? [`mount -o remount,bind,ro ${quoteShell(mountPath)}`] : []),
    );
  }
  // The sandbox's own writable directories are mounted over others.
  const readOnly = container.securityContext.readOnlyRootFilesystem
    ? ['for top in /etc /run /srv /var /; do mount -o remount,bind,ro $top; done']
    : [];
  const drops = container.securityContext.capabilities.drop.includes('ALL')
    ? ['--bounding-set', '-all', '--inh-caps', '-all']
    : [];
  const rights = container.securityContext.allowPrivilegeEscalation === false ? ['--no-new-privs'] : [];
  const user = [`--reuid=${runAsUser}`, `--regid=${runAsGroup}`, `--groups=${fsGroup}`];
  // /tmp is mounted last of all, and hides everything outside of the container's mounts.
  const script = ['set -e', ...mounts.filter((one) => !one.includes('tmpfs')), ...readOnly]
    .concat(mounts.filter((one) => one.includes('tmpfs')))
    .concat(`exec setpriv ${[...user, ...drops, ...rights].join(' ')} -- "$@"`)
    .join('\n');
  const inside = (argv: readonly string[]) => [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'env',
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    'sh',
    '-c',
    script,
    'sh',
    ...argv,
  ];

  let running: ChildProcess | undefined;
  const pod: Pod = {
    run: (argv) => sandbox.run(inside(argv)),
    async start() {
      const file = openSync(log, 'a');
      const child = sandbox.spawn(inside(container.command), { stdio: ['ignore', file, file] });
      closeSync(file);
      running = child;
      const end = Date.now() + PATIENCE;
      while (!/start worker process /.test(await pod.log())) {
        if (child.exitCode !== null || Date.now() > end)
          throw new Error(`the pod did not start:\n${await pod.log()}`);
        await sleep(50);
      }
    },
    log: () => readFile(log, 'utf8'),
    portOf(port) {
      const { spec: service } = find('Service', undefined, namespace);
      const { labels } = deployment.spec.template.metadata;
      for (const [key, value] of Object.entries(service.selector))
        if (labels[key] !== value) throw new Error(`the Service does not select the pod: ${key}`);
      const target = service.ports.find((one: { port: number }) => one.port === port)?.targetPort;
      return pod.containerPort(target);
    },
    containerPort(name) {
      const found = container.ports.find((port: { name: string }) => port.name === name);
      if (!found) throw new Error(`the container has no port ${name}`);
      return found.containerPort;
    },
    async stop() {
      if (running) await sandbox.stop(running);
      running = undefined;
    },
  };
  return pod;
}

/** Fills a volume as kubelet does: files in their own directory, and links to them through another link. */
async function fill(
  folder: string,
  files: readonly { readonly path: string; readonly content: Buffer }[],
  { mode, group }: { readonly mode: number; readonly group: number },
): Promise<void> {
  const real = join(folder, '..2026_11_22');
  await mkdir(real, { recursive: true });
  for (const { path, content } of files) {
    if (path.startsWith('/') || path.split('/').includes('..') || path.startsWith('..'))
      throw new Error(`${path} leads out of the volume`);
    const file = join(real, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content, { flag: 'wx', mode });
    await chmod(file, mode);
    await chown(file, 0, group);
  }
  await symlink('..2026_11_22', join(folder, '..data'));
  for (const top of new Set(files.map(({ path }) => path.split('/')[0] ?? '')))
    await symlink(`..data/${top}`, join(folder, top));
  await chmod(folder, 0o755);
}
