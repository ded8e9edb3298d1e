import type { Host, Node, Server } from '../site/model.ts';
import { placeOf, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { plainPath } from '../values/plain-path.ts';
import type { Finding, Rule } from './rule.ts';

export const serverPaths: Rule = {
  code: 'server-paths',
  severity: 'error',
  what: "The tree, the media, the images of Linux, iPXE's programs, the secrets, the certificate, the signatures, disks by iSCSI and disk images lie beside each other on the boot server, none in another; media and programs may lie on a data disk of the host.",
  why: 'A deployment deletes what is in the folder of the tree and not of the tree; what the media folder holds is served to anybody; and a data disk that is mounted hides what lies there already.',
  essential: true,
  check({ server, host, nodes = [] }, report) {
    if (!server) return;
    const bootsLinux = nodes.some((node) => node?.os === 'linux');
    const folders = [
      { key: 'root', what: 'the tree', path: server.root },
      { key: 'media', what: "Harvester's files", path: server.media?.path },
      {
        key: 'images',
        what: 'what machines boot Linux from',
        path: bootsLinux ? server.images?.path : undefined,
      },
      { key: 'tftp', what: "iPXE's programs", path: server.tftp },
      { key: 'secrets', what: 'the secrets', path: server.secrets },
      { key: 'sign', what: 'the signatures', path: server.sign?.path },
      { key: 'iscsi', what: 'disks by iSCSI', path: disksFolder(server, nodes) },
    ] as const;
    for (const key of ['certificate', 'key'] as const) {
      const path = server.tls?.[key];
      const outer = folders.find((folder) => folder.key !== 'secrets' && isWithin(path, folder.path));
      if (!outer || !server.tls) continue;
      report({
        message: `${path}, for the certificate${key === 'key' ? "'s key" : ''}, lies within ${outer.path}, for ${outer.what}: ${consequence(outer.key)}.`,
        at: placeOf(server.tls, key),
        help: 'keep it elsewhere, such as below /etc/ssl',
      });
    }
    if (server.root && !/^\/[^/]+\/+[^/]+/.test(server.root)) {
      report({
        message: `The tree cannot lie in ${server.root}: a deployment deletes everything else that is in its folder.`,
        at: placeOf(server, 'root'),
        help: 'give it a folder of its own, such as /srv/harvgen/plant',
      });
      return;
    }
    for (const inner of folders) {
      const outer = folders.find(({ key, path }) => key !== inner.key && isWithin(inner.path, path));
      if (!outer) continue;
      report({
        message: `${inner.path}, for ${inner.what}, lies within ${outer.path}, for ${outer.what}: ${consequence(outer.key)}.`,
        at: placeOf(server, inner.key),
        help: `choose folders beside each other with ${keyOf(inner.key)} and ${keyOf(outer.key)}, or rename the site`,
      });
    }
    if (host) checkHost(host, server, folders, report);
  },
};

interface Folder {
  readonly key: 'root' | 'media' | 'images' | 'tftp' | 'secrets' | 'sign' | 'iscsi';
  readonly what: string;
  readonly path: string | undefined;
}

/** Images may lie in none of the folders, and what is put there before the data disks are mounted on none of these. */
function checkHost(
  host: Draft<Host>,
  server: Draft<Server>,
  folders: readonly Folder[],
  report: (finding: Finding) => void,
): void {
  const outer = folders.find(({ key, path }) => key !== 'secrets' && isWithin(host.images, path));
  if (outer) {
    report({
      message: `${host.images}, for disk images, lies within ${outer.path}, for ${outer.what}: ${consequence(outer.key)}.`,
      at: placeOf(host, 'images'),
      help: `choose folders beside each other with host.images and ${keyOf(outer.key)}`,
    });
    return;
  }
  for (const disk of host.disks ?? []) {
    for (const { key, what, path } of folders) {
      if (!disk?.mount) continue;
      // The host fetches these itself, onto the disk.
      const isLater = key === 'media' || key === 'images' || key === 'tftp' || key === 'iscsi';
      if (isWithin(disk.mount, path)) {
        report({
          message: `${disk.mount}, for images on ${disk.name}, lies within ${path}, for ${what}: ${consequence(key)}.`,
          at: selfPlace(disk),
          related: [{ message: `${keyOf(key)} is set at`, at: placeOf(server, key) }],
          help: `choose another folder with ${keyOf(key)}`,
        });
      } else if (!isLater && isWithin(path, disk.mount)) {
        report({
          message: `${path}, for ${what}, lies within ${disk.mount}, where ${disk.name} is mounted by a script of the tree: what is there before that is hidden then.`,
          at: placeOf(server, key),
          related: [{ message: `${disk.name} is defined at`, at: selfPlace(disk) }],
          help: `choose another folder with ${keyOf(key)}`,
        });
      }
    }
  }
}

/** Where disks by iSCSI lie, if they are files on the boot server. */
function disksFolder(
  { iscsi, host }: Draft<Server>,
  nodes: readonly (Draft<Node> | undefined)[],
): string | undefined {
  const isHere = iscsi?.address !== undefined && iscsi.address === host;
  if (!isHere || iscsi.store?.kind !== 'files') return undefined;
  return nodes.some((node) => node?.iscsi?.disk !== undefined) ? iscsi.store.folder : undefined;
}

function keyOf(key: string): string {
  if (key === 'iscsi') return 'server.iscsi.files';
  return key === 'sign' ? 'server.sign.path' : `server.${key}`;
}

function isWithin(inner: string | undefined, outer: string | undefined): boolean {
  if (!inner || !outer) return false;
  return `${plainPath(inner)}/`.startsWith(`${plainPath(outer)}/`);
}

function consequence(outer: string): string {
  return outer === 'root' ? 'a deployment would delete it' : 'anybody could fetch it';
}
