import type { Exposed, Network, Node, Site } from '../site/model.ts';
import { hyphenMac } from '../values/identifiers.ts';

/** The document root: paths below it are what a machine fetches. */
export const WWW = 'www';

/**
 * What lies beside the tree, and which a web server without aliases has to have in the document root: releases, iPXE's
 * programs, and what machines boot Linux from. As rsync's filters have it.
 */
export const BESIDE_IN_WWW = [`${WWW}/harvester/v*`, `${WWW}/loader`, `${WWW}/images`] as const;

/** Says whether a path, from the top of a tree, is one of these or lies in one. */
export function isBesideInWww(path: string): boolean {
  return /^www\/(?:harvester\/v[^/]*|loader|images)(?:\/|$)/.test(path);
}

/** The first script, below the document root. */
export const BOOT_SCRIPT = 'boot.ipxe';

/** What names a node's files: the MAC that it boots from, as iPXE prints `${mac:hexhyp}`, or its address without one. */
export function nodeKey({ bootNic, ip }: Node): string {
  return bootNic.mac ? hyphenMac(bootNic.mac) : ip;
}

/** The node's own script, below the document root. */
export function scriptPath(node: Node): string {
  return `ipxe/${nodeKey(node)}.ipxe`;
}

/** The first script by the name that it had at oci-harvester, below the document root. */
export const OCI_SCRIPT = 'harvester/boot.php';

/** What the script of a machine is called, without its ending, by a serial number; undefined without one. */
export function serialName({ serial }: Pick<Node, 'serial'>): string | undefined {
  return serial && `serial/${serial}`;
}

const NONE: readonly string[] = [];

/** The same script by what firmware says of the machine, where the inventory does, below the document root. */
export function furtherScriptPaths(node: Node): readonly string[] {
  if (!node.uuid && !node.serial) return NONE;
  return [node.uuid, serialName(node)].flatMap((name) => (name ? `ipxe/${name}.ipxe` : []));
}

/** The first script of machines whose firmware loads GRUB, below the document root. */
export const GRUB_SCRIPT = 'grub/grub.cfg';

/**
 * A node's own script for GRUB, below the document root, by the names that vendors' GRUBs look for: any NIC of its management
 * network may be the one that its firmware boots from, and GRUB knows of no other. None without a MAC.
 */
export function grubScriptPaths({ bond }: Pick<Node, 'bond'>): string[] {
  return bond.flatMap(({ mac }) => (mac ? `${GRUB_SCRIPT}-01-${hyphenMac(mac)}` : []));
}

/** The node's Harvester configuration, below the document root. */
export function configPath(node: Node): string {
  return `config/${nodeKey(node)}.yaml`;
}

/** What leads a GRUB that was loaded by TFTP on to the web server: files of the TFTP server's folder. */
export const GRUB_TFTP = `tftp/${GRUB_SCRIPT}`;

/** What PXELINUX and the iPXE that it loads read: files of the TFTP server's folder. */
export const TFTP = 'tftp';

/** A node's menu, below that folder: any NIC of its management network may be the one that its firmware boots from. None without a MAC. */
export function pxelinuxMenus({ bond }: Pick<Node, 'bond'>): string[] {
  return bond.flatMap(({ mac }) => (mac ? `pxelinux.cfg/01-${hyphenMac(mac)}` : []));
}

/** The script of the iPXE that PXELINUX loads, below that folder. TFTP hands it to anybody: it has the node's name, and no secret. */
export function pxelinuxScript({ name }: Pick<Node, 'name'>): string {
  return `${name}.ipxe`;
}

/** What fetches Harvester's files, and says which of Linux are missing. */
export const FETCH_MEDIA = 'scripts/fetch-media.sh';

/** What puts GRUB where firmware loads it. */
export const PUT_GRUB = 'scripts/put-grub.sh';

/** What puts PXELINUX, and what it reads, where firmware loads it. */
export const PUT_PXELINUX = 'scripts/put-pxelinux.sh';

/** What makes and tends images and disks on the iSCSI server. */
export const IMAGES = 'scripts/images.sh';

/** The files that cloud-init looks for where its data lies (NoCloud), in the order in which it fetches them. */
export const CLOUD_INIT_FILES = ['meta-data', 'user-data', 'vendor-data', 'network-config'] as const;

/** The folder of a node that boots Linux in which cloud-init finds its data, below the document root, with a slash at its end. */
export function cloudInitPath(node: Node): string {
  return `cloud-init/${nodeKey(node)}/`;
}

/** Gives the URL of that folder, as `ds=nocloud-net;s=` takes it: by https, where nginx has a certificate. */
export function cloudInitUrl(site: Pick<Site, 'server'>, node: Node): string {
  return `${site.server.tls?.url ?? site.server.url}/${cloudInitPath(node)}`;
}

/** The script to build into an iPXE image. */
export function embedPath({ name }: Site): string {
  return `embed/${name}.ipxe`;
}

/** What builds iPXE images with that script in them. */
export const BUILD_IPXE = 'scripts/build-ipxe-iso.sh';

/** The node's own script by the name that phs had for it, below the document root: `server.compat`. */
export function phsScriptPath(node: Node): string {
  return `ipxe/${node.bootNic.mac}`;
}

/** The node's Harvester configuration by the name that phs had for it, below the document root. */
export function phsConfigPath(node: Node): string {
  return `config/${node.bootNic.mac}`;
}

/** The signature of what lies at a path below the document root, below it too. It lies beside the tree. */
export function signaturePath(path: string): string {
  return `sign/${path}.sig`;
}

/** What OpenCHAMI's cloud-init server answered, below the document root: nginx hands it out by the caller's address. */
export const OCHAMI_CLOUD_INIT = 'cloud-init/ochami';

/** A node's script, by any name: its own, or the one that phs had for it, a MAC with colons. */
const SCRIPT_PATH = new RegExp(`^${WWW}/ipxe/(?:.*\\.ipxe|[0-9a-f]{2}(?::[0-9a-f]{2}){5})$`, 's');

/** What the iSCSI server reads. */
export const ISCSI = 'iscsi';

/** Gives the file on the iSCSI server that holds the values of secrets in it, for root alone to read. */
export function iscsiSecretsFile(site: string): string {
  return `/etc/harvgen/${site}.iscsi`;
}

/** What brings it there. */
export const PUT_TARGETS = 'scripts/put-targets.sh';

const OCHAMI_FILLED = new RegExp(`^${WWW}/${OCHAMI_CLOUD_INIT}/(?:meta-data|groups)/`);

/** Gives the URL of a node's Harvester configuration: by https, where nginx has a certificate. */
export function configUrl(site: Site, node: Node): string {
  return `${site.server.tls?.url ?? site.server.url}/${configPath(node)}`;
}

/** Gives the URL of one of iPXE's own programs: always by http, since firmware that boots by HTTP trusts no certificate. */
export function loaderUrl(site: Site, loader: string): string {
  return `${site.server.url.replace(/^https:\/\/([^:]+).*/, 'http://$1')}/loader/${loader}`;
}

/** Gives the URL of a path below the document root. */
export function urlOf(site: Site, path: string): string {
  return `${site.server.url}/${path}`;
}

/** What makes a machine the site's libvirt host. */
export const HOST_SETUP = 'scripts/host-setup.sh';

/** The user-data of a fresh machine that is to be the site's libvirt host. It holds the configurations of the nodes. */
export const USER_DATA = 'host/user-data';

/** Says whether a path of the tree is that of a node's configuration: by its own name, or by phs's, a MAC with colons. */
export function isConfigPath(path: string): boolean {
  return /^www\/config\/(?:.*\.yaml|[0-9a-f]{2}(?::[0-9a-f]{2}){5})$/s.test(path);
}

const CLOUD_INIT_PATH = new RegExp(`^${WWW}/cloud-init/[^/]+/(?:${CLOUD_INIT_FILES.join('|')})$`);

/**
 * Says whether a path of the tree is that of a file that secrets are filled into: a configuration, what cloud-init finds, the
 * script of a node that logs in at an iSCSI target, what that target reads, or what holds these.
 */
export function isFilledPath(path: string): boolean {
  return (
    isConfigPath(path) ||
    CLOUD_INIT_PATH.test(path) ||
    SCRIPT_PATH.test(path) ||
    OCHAMI_FILLED.test(path) ||
    path.startsWith(`${ISCSI}/`) ||
    path === USER_DATA
  );
}

/** The networks that libvirt makes on the host, in the inventory's order. */
export function libvirtNetworks(site: Site): Network[] {
  return site.networks.filter(({ libvirt }) => libvirt);
}

/** The path, in the tree, of a network that libvirt makes: the first has the plain name. */
export function networkPath(site: Site, network: Network): string {
  return network === libvirtNetworks(site)[0]
    ? 'libvirt/network.xml'
    : `libvirt/networks/${network.name}.xml`;
}

/** The path, in the tree, of a node's libvirt domain. */
export function domainPath({ name }: { readonly name: string }): string {
  return `libvirt/domains/${name}.xml`;
}

/**
 * Where libvirt logs the serial console of a domain: beside QEMU's own log, `<domain>.log`. The name has an underscore, so
 * that it is no other node's log: no host name has one.
 */
export function consoleLog({ name }: { readonly name: string }): string {
  return `/var/log/libvirt/qemu/${name}_console.log`;
}

/** The name of one of the site's systemd units, without its ending. They lie in `systemd/` of the tree. */
export function unitName(site: Site, what: string): string {
  return `harvgen-${site.name}-${what}`;
}

/** The name of the systemd unit of an exposed port, without its ending. */
export function exposeUnit(site: Site, exposed: Exposed): string {
  return unitName(site, exposeName(exposed));
}

/** What names an exposed port among those of its host: one port may lead elsewhere from each of the host's addresses. */
export function exposeName({ port, address }: Pick<Exposed, 'port' | 'address'>): string {
  return address === undefined ? `expose-${port}` : `expose-${address}-${port}`;
}

/** The folder on the host where it keeps what its scripts have put up for a site. */
export function stateFolder({ name }: Site): string {
  return `/var/lib/harvgen/${name}`;
}

/** Where the site's own dnsmasq on the host keeps who has which address. */
export function leasesFile(site: Site): string {
  return `${stateFolder(site)}/dnsmasq.leases`;
}
