import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import { inherit, isBroken, markBroken } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { ipv4Number } from '../values/ipv4.ts';
import { build, saidOr } from './build.ts';
import type { FileStore, IscsiServer, RbdStore } from './model.ts';

type ServerInventory = NonNullable<Draft<SiteInventory>['server']>;
type IscsiInventory = NonNullable<ServerInventory['iscsi']>;

/** The top-level domain is reserved for private use (ICANN, July 2024): nobody's name can be mistaken for it. */
const IQN = 'iqn.2024-07.internal.harvgen';

/** The folder of images and disks, or of what images in Ceph are made of, unless said. */
export const DISKS_FOLDER = '/srv/harvgen/disks';

/** The port of iSCSI (RFC 7143, 14). */
export const ISCSI_PORT = 3260;

/** Makes the iSCSI server of an inventory, with what it does not say filled in: it may be the boot server, at the given host. */
export function resolveIscsiServer(
  server: ServerInventory,
  site: string | undefined,
  host: string | undefined,
): Draft<IscsiServer> {
  const iscsi = server.iscsi ?? build<IscsiInventory>({}, server);
  const own = host !== undefined && ipv4Number(host) !== undefined ? host : undefined;
  const isUnknown = isBroken(iscsi, 'address') || isBroken(server, 'iscsi');
  const result = build<Draft<IscsiServer>>(
    {
      address: iscsi.address ?? (isUnknown ? undefined : own),
      port: saidOr(iscsi, 'port', ISCSI_PORT),
      driver: saidOr(iscsi, 'driver', 'tgt'),
      iqn: saidOr(iscsi, 'iqn', IQN),
      suffix: iscsi.suffix,
      writeCache: saidOr(iscsi, 'write_cache', false),
      store: iscsi.rbd ? rbdStore(iscsi, iscsi.rbd, site) : fileStore(iscsi, site),
    },
    iscsi,
    { writeCache: 'write_cache', store: 'rbd' },
  );
  // What is said of the other kind of store than it has, for a rule to say so.
  for (const key of ['files', 'format', 'snapshot']) inherit(result, key, iscsi);
  // Whose URL is at fault may have the address in it.
  if (isBroken(server, 'iscsi') || (iscsi.address === undefined && host === undefined))
    markBroken(result, 'address');
  return result;
}

function fileStore(iscsi: IscsiInventory, site: string | undefined): Draft<FileStore> {
  return build<Draft<FileStore>>(
    {
      kind: 'files',
      prefix: saidOr(iscsi, 'prefix', `${site}-`),
      folder: saidOr(iscsi, 'files', DISKS_FOLDER),
      format: saidOr(iscsi, 'format', 'raw'),
    },
    iscsi,
    { folder: 'files' },
  );
}

function rbdStore(
  iscsi: IscsiInventory,
  rbd: NonNullable<IscsiInventory['rbd']>,
  site: string | undefined,
): Draft<RbdStore> {
  const store = build<Draft<RbdStore>>(
    {
      kind: 'rbd',
      prefix: saidOr(iscsi, 'prefix', `${site}-`),
      pool: rbd.pool,
      id: saidOr(rbd, 'id', 'admin'),
      conf: saidOr(rbd, 'conf', '/etc/ceph/ceph.conf'),
      keyring: rbd.keyring,
      snapshot: saidOr(iscsi, 'snapshot', 'harvgen'),
    },
    rbd,
  );
  for (const key of ['prefix', 'snapshot']) inherit(store, key, iscsi);
  return store;
}
