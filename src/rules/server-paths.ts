import { placeOf } from '../origin.ts';
import { plainPath } from '../site/plain-path.ts';
import type { Rule } from './rule.ts';

export const serverPaths: Rule = {
  code: 'server-paths',
  severity: 'error',
  what: "The tree, the media, iPXE's programs, the secrets, the certificate and the signatures lie beside each other on the boot server, none in another.",
  why: 'A deployment deletes what is in the folder of the tree and not of the tree; and what the media folder holds is served to anybody.',
  essential: true,
  check({ server }, report) {
    if (!server) return;
    const folders = [
      { key: 'root', what: 'the tree', path: server.root },
      { key: 'media', what: "Harvester's files", path: server.media?.path },
      { key: 'tftp', what: "iPXE's programs", path: server.tftp },
      { key: 'secrets', what: 'the secrets', path: server.secrets },
      { key: 'sign', what: 'the signatures', path: server.sign?.path },
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
  },
};

function keyOf(key: string): string {
  return key === 'sign' ? 'server.sign.path' : `server.${key}`;
}

function isWithin(inner: string | undefined, outer: string | undefined): boolean {
  if (!inner || !outer) return false;
  return `${plainPath(inner)}/`.startsWith(`${plainPath(outer)}/`);
}

function consequence(outer: string): string {
  return outer === 'root' ? 'a deployment would delete it' : 'anybody could fetch it';
}
