import type { Cluster, Exposed, Network, Nic, Node, Site } from '../site/model.ts';
import { hyphenMac } from '../values/identifiers.ts';

/** The document root: machines request the paths below it. */
export const WWW = 'www';

/**
 * The rsync filters for entries outside the tree that a web server without aliases needs in the document root: releases, iPXE
 * binaries, and the files from which machines boot Linux.
 */
export const BESIDE_IN_WWW = [`${WWW}/harvester/v*`, `${WWW}/loader`, `${WWW}/images`] as const;

/** Whether a path, from the top of a tree, matches one of these filters or is below a match. */
export function isBesideInWww(path: string): boolean {
  return /^www\/(?:harvester\/v[^/]*|loader|images)(?:\/|$)/.test(path);
}

/** The entry script, below the document root. */
export const BOOT_SCRIPT = 'boot.ipxe';

/** Returns the name of a node's files: the MAC that it boots from, as iPXE prints `${mac:hexhyp}`, or its IP address on that network. */
export function nodeKey({ bootNic }: Node): string {
  return bootNic.mac ? hyphenMac(bootNic.mac) : (bootNic.ip as string);
}

/** Returns the path of the node's own script, below the document root. */
export function scriptPath(node: Node): string {
  return `ipxe/${nodeKey(node)}.ipxe`;
}

/** The entry script under its name in oci-harvester, below the document root. */
export const OCI_SCRIPT = 'harvester/boot.php';

/** Returns the name of a machine's script by serial number, without extension, or undefined without a serial number. */
export function serialName({ serial }: Pick<Node, 'serial'>): string | undefined {
  return serial && `serial/${serial}`;
}

const NONE: readonly string[] = [];

/**
 * Returns the further paths of a node's script, below the document root. They contain the MACs of other NICs that may boot, and UUID
 * and serial number, if the inventory sets them.
 */
export function furtherScriptPaths(node: Node): readonly string[] {
  const macs = spareNics(node).flatMap(({ mac }) => (mac ? hyphenMac(mac) : []));
  if (!node.uuid && !node.serial && macs.length === 0) return NONE;
  return [...macs, node.uuid, serialName(node)].flatMap((name) => (name ? `ipxe/${name}.ipxe` : []));
}

/** The entry script of machines whose firmware loads GRUB, below the document root. */
export const GRUB_SCRIPT = 'grub/grub.cfg';

/**
 * Returns the paths of a node's own GRUB script, below the document root, under the names that vendors' GRUBs request. One for
 * each NIC that may boot: the firmware may use any, and GRUB finds no other NIC. Empty without a MAC.
 */
export function grubScriptPaths({ bootNics }: Pick<Node, 'bootNics'>): string[] {
  return bootNics.flatMap(({ mac }) => (mac ? `${GRUB_SCRIPT}-01-${hyphenMac(mac)}` : []));
}

/** Returns the path of the node's Harvester configuration, below the document root. */
export function configPath(node: Node): string {
  return `config/${nodeKey(node)}.yaml`;
}

/** The script that redirects a GRUB loaded by TFTP to the web server, in the TFTP directory. */
export const GRUB_TFTP = `tftp/${GRUB_SCRIPT}`;

/** The TFTP directory, with the files that PXELINUX and the iPXE loaded by it read. */
export const TFTP = 'tftp';

/** Returns the paths of a node's menus, below the TFTP directory: one for each NIC that may boot, since the firmware may use any. */
export function pxelinuxMenus({ bootNics }: Pick<Node, 'bootNics'>): string[] {
  return bootNics.flatMap(({ mac }) => (mac ? `pxelinux.cfg/01-${hyphenMac(mac)}` : []));
}

/**
 * Returns the path of the script for the iPXE that PXELINUX loads, below the TFTP directory. TFTP serves it to all clients, so it
 * has no secret.
 */
export function pxelinuxScript({ name }: Pick<Node, 'name'>): string {
  return `${name}.ipxe`;
}

/** The script that downloads the installation media and reports missing Linux files. */
export const FETCH_MEDIA = 'scripts/fetch-media.sh';

/** The script that copies GRUB to where firmware loads it. */
export const PUT_GRUB = 'scripts/put-grub.sh';

/** The script that copies PXELINUX and its files to where firmware loads them. */
export const PUT_PXELINUX = 'scripts/put-pxelinux.sh';

/** The script that creates and maintains images and disks on the iSCSI server. */
export const IMAGES = 'scripts/images.sh';

/** The files that cloud-init requests from its data source (NoCloud), in order. */
export const CLOUD_INIT_FILES = ['meta-data', 'user-data', 'vendor-data', 'network-config'] as const;

/** The configuration of cloud-init for systems on disks, below the document root. */
export const CLOUD_INIT_SEED = 'cloud-init/datasource.cfg';

/** Returns the NICs from which the firmware of a Linux node may boot instead: they share the reservation of the boot NIC. */
export function spareNics({ linux, bootNics, bootNic }: Node): readonly Nic[] {
  // Rules pass nodes with errors, whose parts can be missing.
  if (!linux || !bootNic.network?.dhcp || !bootNic.mac) return [];
  return bootNics.filter((nic) => nic !== bootNic && nic?.mac);
}

/** Returns the cloud-init directory of a node, below the document root, with a trailing slash: one for each NIC that may boot. */
export function cloudInitPath(node: Node, { mac }: Nic = node.bootNic): string {
  return `cloud-init/${mac ? hyphenMac(mac) : nodeKey(node)}/`;
}

/** Returns the path of the file that exists if a node's network configuration depends on the NIC that booted. */
export function anyNicPath(node: Node): string {
  return `${cloudInitPath(node)}any-nic`;
}

/** Returns the URL of a node's cloud-init directory, as in `ds=nocloud-net;s=`: with https if nginx has a certificate. */
export function cloudInitUrl(site: Pick<Site, 'server'>, node: Node, nic?: Nic): string {
  return `${site.server.tls?.url ?? site.server.url}/${cloudInitPath(node, nic)}`;
}

/** Returns the path of the script to embed in an iPXE image. */
export function embedPath({ name }: Site): string {
  return `embed/${name}.ipxe`;
}

/** The script that builds iPXE images with the embedded script. */
export const BUILD_IPXE = 'scripts/build-ipxe-iso.sh';

/** Returns the node's own script under its name in phs, below the document root: `server.compat`. */
export function phsScriptPath(node: Node): string {
  return `ipxe/${node.bootNic.mac}`;
}

/** Returns the node's Harvester configuration under its name in phs, below the document root. */
export function phsConfigPath(node: Node): string {
  return `config/${node.bootNic.mac}`;
}

/** Returns the path of the signature of a file, both below the document root. Signatures are stored outside the tree. */
export function signaturePath(path: string): string {
  return `sign/${path}.sig`;
}

/** The data of OpenCHAMI's cloud-init server, below the document root: nginx serves it by the client's IP address. */
export const OCHAMI_CLOUD_INIT = 'cloud-init/ochami';

/** A node's script under either name: its own, or its name in phs, a MAC with colons. */
const SCRIPT_PATH = new RegExp(`^${WWW}/ipxe/(?:.*\\.ipxe|[0-9a-f]{2}(?::[0-9a-f]{2}){5})$`, 's');

/** The script that prints what a cluster runs. */
export const DUMP_CLUSTER = 'scripts/dump-cluster.sh';

/** The directory with the files that the iSCSI server reads. */
export const ISCSI = 'iscsi';

/** Returns the file on the iSCSI server with the values of secrets, readable only by root. */
export function iscsiSecretsFile(site: string): string {
  return `/etc/harvgen/${site}.iscsi`;
}

/** The script that copies the targets to the iSCSI server. */
export const PUT_TARGETS = 'scripts/put-targets.sh';

const OCHAMI_FILLED = new RegExp(`^${WWW}/${OCHAMI_CLOUD_INIT}/groups/`);

/**
 * Returns the directory with the Kubernetes objects of a cluster, for kustomize. The only cluster of a site, in its short form, has
 * the site's own name.
 */
export function clusterFolder({ name, clusters }: Pick<Site, 'name' | 'clusters'>, cluster: Cluster): string {
  return `cluster${clusters.length === 1 && cluster.name === name ? '' : `/${cluster.name}`}`;
}

/** Returns the directory with the objects of a cluster that contain secrets, or lose them: nothing applies it unattended. */
export function clusterSecretsFolder(site: Pick<Site, 'name' | 'clusters'>, cluster: Cluster): string {
  return clusterFolder(site, cluster).replace('cluster', 'cluster-secrets');
}

/** Whether a path of the tree is an object of a cluster, or one of the scripts for it: no server needs these. */
export function isClusterPath(path: string): boolean {
  return /^(?:cluster(?:-secrets)?\/|scripts\/(?:apply|dump)-cluster\.sh$)/.test(path);
}

/** Returns the URL of a node's Harvester configuration: with https if nginx has a certificate. */
export function configUrl(site: Site, node: Node): string {
  return `${site.server.tls?.url ?? site.server.url}/${configPath(node)}`;
}

/** Returns the URL of an iPXE binary: always with http, since firmware that boots over HTTP trusts no certificate. */
export function loaderUrl(site: Site, loader: string): string {
  return `${site.server.url.replace(/^https:\/\/([^:]+).*/, 'http://$1')}/loader/${loader}`;
}

/** Returns the URL of a path below the document root. */
export function urlOf(site: Site, path: string): string {
  return `${site.server.url}/${path}`;
}

/** The script that sets up a machine as the site's libvirt host. */
export const HOST_SETUP = 'scripts/host-setup.sh';

/** The whole user-data of a new machine for the site's libvirt host. It contains the configurations of the nodes. */
export const USER_DATA = 'host/cloud-config';

/** The user-data with nothing but the URL of the whole one, for providers that accept no more. */
export const USER_DATA_INCLUDE = 'host/user-data';

/** The description of the cloud VM that is the site's host, for OpenTofu and Terraform. */
export const CLOUD_MAIN = 'cloud/main.tf.json';

/** Whether a path of the tree is a node's configuration: under its own name, or its name in phs, a MAC with colons. */
export function isConfigPath(path: string): boolean {
  return /^www\/config\/(?:.*\.yaml|[0-9a-f]{2}(?::[0-9a-f]{2}){5})$/s.test(path);
}

const CLOUD_INIT_PATH = new RegExp(`^${WWW}/cloud-init/[^/]+/(?:${CLOUD_INIT_FILES.join('|')})$`);

/**
 * Whether secrets are substituted in the file at a path of the tree. These files are configurations, cloud-init files, the scripts
 * and the targets of nodes that log in to an iSCSI server, and files that embed these.
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

/** Returns the networks that libvirt creates on the host, in the order of the inventory. */
export function libvirtNetworks(site: Site): Network[] {
  return site.networks.filter(({ libvirt }) => libvirt);
}

/** Returns the path in the tree of a network that libvirt creates: the first one has the plain name. */
export function networkPath(site: Site, network: Network): string {
  return network === libvirtNetworks(site)[0]
    ? 'libvirt/network.xml'
    : `libvirt/networks/${network.name}.xml`;
}

/** Returns the path in the tree of a node's libvirt domain. */
export function domainPath({ name }: { readonly name: string }): string {
  return `libvirt/domains/${name}.xml`;
}

/**
 * Returns the file to which libvirt logs the serial console of a domain: beside QEMU's own log, `<domain>.log`. Host names have
 * no underscore, so the name cannot be that of another node's log.
 */
export function consoleLog({ name }: { readonly name: string }): string {
  return `/var/log/libvirt/qemu/${name}_console.log`;
}

/** Returns the name of one of the site's systemd units, without extension. Units are in `systemd/` of the tree. */
export function unitName(site: Site, what: string): string {
  return `harvgen-${site.name}-${what}`;
}

/** Returns the name of the systemd unit of an exposed port, without extension. */
export function exposeUnit(site: Site, exposed: Exposed): string {
  return unitName(site, exposeName(exposed));
}

/** Returns the name of an exposed port, unique on its host: one port may be forwarded differently for each IP address of the host. */
export function exposeName({ port, address }: Pick<Exposed, 'port' | 'address'>): string {
  return address === undefined ? `expose-${port}` : `expose-${address}-${port}`;
}

/** Returns the directory on the host with the state of the site's scripts. */
export function stateFolder({ name }: Site): string {
  return `/var/lib/harvgen/${name}`;
}

/** Returns the file on the host with the leases of the site's own dnsmasq. */
export function leasesFile(site: Site): string {
  return `${stateFolder(site)}/dnsmasq.leases`;
}

/** The script that applies the objects of a cluster. */
export const APPLY_CLUSTER = 'scripts/apply-cluster.sh';

/** The path of ISC dhcpd's configuration in the output tree. */
export const DHCPD = 'dhcpd/dhcpd.conf';

/** The path of the Kea DHCPv4 server's configuration in the output tree. */
export const KEA = 'kea/kea-dhcp4.conf';

/** The paths of coredhcp's files in the output tree: its configuration, the reservations, and the variant for OpenCHAMI. */
export const COREDHCP = {
  config: 'coredhcp/config.yaml',
  hosts: 'coredhcp/hosts',
  coresmd: 'coredhcp/coresmd.yaml',
} as const;

/** Files for powermand, conmand and operators, for the machines' BMCs. */
export const POWERMAN_CONF = 'ops/powerman.conf';

export const CONMAN_CONF = 'ops/conman.conf';

/** The interface of powermand to the script. */
export const REDFISH_DEVICE = 'ops/redfish.dev';
