import { NGINX_UNPRIVILEGED } from '../knowledge/hosts.ts';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import { inherit, isBroken, markBroken } from '../source/origin.ts';
import { ipv4Number } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { kubernetesName } from '../values/identifiers.ts';
import { parseServerUrl } from '../values/urls.ts';
import { entries, read, valueOr, withOrigins } from './from-inventory.ts';
import type {
  FileStore,
  IscsiServer,
  Kubernetes,
  KubernetesIngress,
  MediaSource,
  RbdStore,
  Server,
  Sign,
  Tls,
} from './model-server.ts';

/** Resolves the boot server of an inventory, with defaults; undefined if it is broken. */
export function resolveServer(inventory: Draft<SiteInventory>): Draft<Server> | undefined {
  const { server, site } = inventory;
  if (!server) return undefined;
  const url = read(server.url, withoutSlash);
  const address = read(url, parseServerUrl);
  return withOrigins<Draft<Server>>(
    {
      url,
      host: address?.host,
      port: address?.port,
      root: server.root ?? `/srv/harvgen/${site}`,
      media: resolveMedia(server.media ?? '/srv/harvgen/media', url, 'harvester'),
      images: resolveMedia(server.images ?? '/srv/harvgen/images', url, 'images'),
      // An iPXE that verifies signatures contains the site's own entry script, so sites cannot share it.
      tftp: server.tftp ?? (server.sign ? `/srv/harvgen/tftp/${site}` : '/srv/harvgen/tftp'),
      tftpServer: valueOr(server, 'tftp_server', 'dnsmasq'),
      dns: server.dns,
      iscsi: resolveIscsiServer(server, site, address?.host),
      tls: resolveTls(server.tls, url),
      secrets: server.secrets ?? `/etc/nginx/harvgen/${site}.secrets.conf`,
      ports: entries(server.ports),
      next: read(server.next, withoutSlash),
      compat: entries(server.compat),
      allow: entries(server.allow),
      allowScripts: entries(server.allow_scripts),
      sign: read(server.sign, (sign) =>
        withOrigins<Draft<Sign>>(
          { signer: sign.signer, path: sign.path ?? `/srv/harvgen/signatures/${site}` },
          sign,
        ),
      ),
      kubernetes: resolveKubernetes(server.kubernetes, site),
    },
    server,
    { host: 'url', port: 'url' },
  );
}

function resolveTls(
  tls: Draft<SiteInventory['server']['tls']>,
  serverUrl: string | undefined,
): Draft<Tls> | undefined {
  if (!tls) return undefined;
  const otherwise = isBroken(tls, 'url') ? undefined : read(serverUrl, byHttps);
  const url = read(tls.url ?? otherwise, withoutSlash);
  const address = read(url, parseServerUrl);
  return withOrigins<Draft<Tls>>(
    { certificate: tls.certificate, key: tls.key, url, host: address?.host, port: address?.port },
    tls,
    { host: 'url', port: 'url' },
  );
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, '');
}

/** Returns the URL of the same host by https, at the default port; https URLs stay unchanged. */
function byHttps(url: string): string {
  return url.replace(/^http:\/\/([^:]+).*$/, 'https://$1');
}

/** Returns the source of media: a directory that nginx serves as the given directory of its URL, or the URL of another server. */
function resolveMedia(media: string, url: string | undefined, folder: string): Draft<MediaSource> {
  const plain = media.replace(/(?<!\/)\/+$/, '');
  return plain.startsWith('/')
    ? { url: read(url, (text) => `${text}/${folder}`), path: plain }
    : { url: plain };
}

type ServerInventory = NonNullable<Draft<SiteInventory>['server']>;
type IscsiInventory = NonNullable<ServerInventory['iscsi']>;

/** The top-level domain is reserved for private use (ICANN, July 2024), so no public name can conflict. */
const IQN = 'iqn.2024-07.internal.harvgen';

/** The default directory of images and disks, or of the sources of images in Ceph. */
export const DISKS_FOLDER = '/srv/harvgen/disks';

/** The port of iSCSI (RFC 7143, 14). */
export const ISCSI_PORT = 3260;

/** Resolves the iSCSI server of an inventory, with defaults; by default it is the boot server, at the given host. */
function resolveIscsiServer(
  server: ServerInventory,
  site: string | undefined,
  host: string | undefined,
): Draft<IscsiServer> {
  const iscsi = server.iscsi ?? withOrigins<IscsiInventory>({}, server);
  const own = host !== undefined && ipv4Number(host) !== undefined ? host : undefined;
  const isUnknown = isBroken(iscsi, 'address') || isBroken(server, 'iscsi');
  const result = withOrigins<Draft<IscsiServer>>(
    {
      address: iscsi.address ?? (isUnknown ? undefined : own),
      port: valueOr(iscsi, 'port', ISCSI_PORT),
      driver: valueOr(iscsi, 'driver', 'tgt'),
      iqn: valueOr(iscsi, 'iqn', IQN),
      suffix: iscsi.suffix,
      writeCache: valueOr(iscsi, 'write_cache', false),
      store: iscsi.rbd ? rbdStore(iscsi, iscsi.rbd, site) : fileStore(iscsi, site),
    },
    iscsi,
    { store: 'rbd' },
  );
  // Keys for the other type of store, so that a rule can report them.
  for (const key of ['files', 'format', 'snapshot']) inherit(result, key, iscsi);
  // An invalid URL may contain the IP address.
  if (isBroken(server, 'iscsi') || (iscsi.address === undefined && host === undefined))
    markBroken(result, 'address');
  return result;
}

function fileStore(iscsi: IscsiInventory, site: string | undefined): Draft<FileStore> {
  return withOrigins<Draft<FileStore>>(
    {
      kind: 'files',
      prefix: valueOr(iscsi, 'prefix', `${site}-`),
      folder: valueOr(iscsi, 'files', DISKS_FOLDER),
      format: valueOr(iscsi, 'format', 'raw'),
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
  const store = withOrigins<Draft<RbdStore>>(
    {
      kind: 'rbd',
      prefix: valueOr(iscsi, 'prefix', `${site}-`),
      pool: rbd.pool,
      id: valueOr(rbd, 'id', 'admin'),
      conf: valueOr(rbd, 'conf', '/etc/ceph/ceph.conf'),
      keyring: rbd.keyring,
      snapshot: valueOr(iscsi, 'snapshot', 'harvgen'),
    },
    rbd,
  );
  for (const key of ['prefix', 'snapshot']) inherit(store, key, iscsi);
  return store;
}

/** Resolves the Kubernetes deployment of a site's tree, with defaults; undefined without one. */
function resolveKubernetes(
  kubernetes: Draft<SiteInventory['server']['kubernetes']>,
  site: string | undefined,
): Draft<Kubernetes> | undefined {
  if (!kubernetes) return undefined;
  const isBehind = kubernetes.ingress !== undefined || isBroken(kubernetes, 'ingress');
  return withOrigins<Draft<Kubernetes>>(
    {
      namespace: kubernetes.namespace ?? read(site, kubernetesName),
      image: kubernetes.image,
      nginxImage: kubernetes.nginx_image ?? NGINX_UNPRIVILEGED,
      replicas: kubernetes.replicas,
      service: valueOr(kubernetes, 'service', isBehind ? 'ClusterIP' : 'LoadBalancer'),
      nodePort: kubernetes.node_port,
      ingress: read(kubernetes.ingress, (ingress) =>
        withOrigins<Draft<KubernetesIngress>>(
          { class: ingress.class, namespace: ingress.namespace, proxies: entries(ingress.proxies) },
          ingress,
        ),
      ),
      mediaClaim: kubernetes.media_claim,
    },
    kubernetes,
  );
}
