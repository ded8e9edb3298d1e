import { posix } from 'node:path';
import {
  DHCP_ARCHITECTURES,
  GRUB_PROGRAMS,
  OWN_DHCP_SERVERS,
  PXELINUX,
} from '../../knowledge/boot-programs.ts';
import { interfacesOf, needsDnsmasq, needsTftp } from '../../plan/dhcp.ts';
import { ISCSI_PROGRAMS } from '../../plan/iscsi.ts';
import { objectNames, ownsNamespace, workloadKind } from '../../plan/kubernetes.ts';
import { servedImages } from '../../plan/linux-images.ts';
import {
  buildsOf,
  fetchesByHttps,
  grubProgramsOf,
  hasEmbedded,
  hasPxelinux,
  loaderKindOf,
  loadersOfKind,
  needsCa,
  needsImage,
  needsOwnIpxe,
} from '../../plan/programs.ts';
import { secretsOf } from '../../secrets/uses-of.ts';
import { installedReleases } from '../../site/clusters.ts';
import type { Node, Site } from '../../site/model.ts';
import { isOciNetwork, ociNodes } from '../../site/nodes.ts';
import { secretNames } from '../../source/placeholders.ts';
import {
  BESIDE_IN_WWW,
  CONMAN_CONF,
  COREDHCP,
  DHCPD,
  iscsiSecretsFile,
  KEA,
  loaderUrl,
  POWERMAN_CONF,
  PUT_GRUB,
  PUT_PXELINUX,
  PUT_TARGETS,
  REDFISH_DEVICE,
  unitName,
} from '../../tree/paths.ts';
import { shownUrl } from '../../values/urls.ts';
import { clusterFolders } from '../cluster/cluster.ts';
import { dnsFiles } from '../dns/dns.ts';
import { hasHostsFiles, hostsPath, optionsPath, TFTPD_HPA, XINETD_TFTP } from '../dnsmasq/dnsmasq.ts';
import { servedDisks, targetSecrets } from '../iscsi/iscsi.ts';
import { needsSecret } from '../k8s/pod.ts';
import { EGRESS_RULES, INGRESS_RULES, OCI_LAUNCH } from '../oci/oci.ts';
import { controlledNodes, IPMI_BOOT, ipmiNodes, REDFISH_BOOT } from '../ops/ops.ts';
import { diskUnit, sourceOf } from '../scripts/images.ts';
import { dnsmasqUnit } from '../systemd/systemd.ts';
import type { Target } from '../target.ts';
import { hostFacts } from './host-facts.ts';

/** The README of the output tree: its content, and the exact commands that deploy it. */
export const readme: Target = {
  name: 'readme',
  *emit(site, render) {
    const images = `${site.server.images.url}/`;
    const data = {
      site,
      nodes: site.nodes,
      knownBy,
      byIscsi,
      secrets: site.server.secrets === undefined ? [] : secretsOf(site),
      valueOf: (secret: string) => newValueOf(secret, site),
      include: site.server.secrets === undefined ? undefined : includeOf(site.server.secrets),
      // One dnsmasq serves TFTP, and DHCP unless another server does.
      dnsmasq: needsDnsmasq(site),
      tftp: needsTftp(site) ? tftpFacts(site) : undefined,
      packages: serverPackages(site),
      ...dhcpFacts(site),
      vips: site.clusters.filter(({ vipMode }) => vipMode === 'dhcp'),
      external: site.networks.filter(
        (network) => network.dhcp?.server === 'external' && !isOciNetwork(site, network),
      ),
      bonds: site.nodes.flatMap(bondOf),
      boot: bootFacts(site),
      oci: ociFacts(site),
      ops: opsFacts(site),
      iscsi: iscsiFacts(site),
      openPaths: openPaths(site),
      installs: installedReleases(site).length > 0,
      linux: servedImages(site),
      // As the inventory has it: below `server.images`, or by its URL.
      kernelOf: ({ linux }: Node) => {
        const kernel = linux?.kernel ?? '';
        return kernel.startsWith(images) ? kernel.slice(images.length) : shownUrl(kernel);
      },
      https: fetchesByHttps(site),
      needsCa: needsCa(site),
      ownIpxe: needsOwnIpxe(site),
      builds: buildsOf(site),
      grub: grubProgramsOf(site).length > 0 ? PUT_GRUB : undefined,
      grubBootFiles: otherBootFiles(site, (program) => program in GRUB_PROGRAMS),
      pxelinux: hasPxelinux(site) ? PUT_PXELINUX : undefined,
      pxelinuxBootFiles: otherBootFiles(site, (program) => program === PXELINUX),
      image: hasEmbedded(site) && needsImage(site),
      mayImage: hasEmbedded(site),
      architectures: DHCP_ARCHITECTURES,
      loaderUrl: loaderUrl(site, ''),
      // Older URLs as files are for plain web servers, and those need a tree with its secrets.
      plainServer: site.server.secrets === undefined && site.server.compat.length > 0,
      kept: BESIDE_IN_WWW.map((path) => `--filter='protect /${path}'`).join(' '),
      kubernetes: kubernetesFacts(site),
      objects: clusterFolders(site),
      ...hostFacts(site),
    };
    yield { path: 'README.md', content: render('readme/README.md', data) };
  },
};

/** Returns a line's value for a new secret, with a command that the shell replaces; an unknown value is left to the user. */
function newValueOf(secret: string, { clusters }: Site): string {
  const joined = clusters.find(({ exists, token }) => exists && secretNames(token).includes(secret));
  if (joined) return `   # add the token of the running cluster ${joined.name}`;
  if (/token$/.test(secret)) return '$(openssl rand -hex 32)';
  return /password$/.test(secret) ? '$(openssl rand -base64 18)' : '   # add the value';
}

function includeOf(path: string) {
  return { directory: posix.dirname(path), file: posix.basename(path) };
}

/** Returns the NICs of a bond whose IP address an external DHCP server assigns: firmware can use any of them. */
function bondOf({ name, bootNic, bond }: Node) {
  const macs = bond.flatMap(({ mac }) => mac ?? []);
  if (bootNic.network.dhcp?.server !== 'external' || macs.length < 2) return [];
  return [{ name, ip: bootNic.ip, macs }];
}

/** Returns the order in which people switch on the machines that install Harvester; undefined if scripts start them all. */
function bootFacts(site: Site) {
  const nodes = site.nodes.filter(({ os, domain, oci }) => os === 'harvester' && !domain && !oci);
  if (nodes.length === 0) return undefined;
  const creates = nodes.filter(({ mode }) => mode === 'create').map(({ name }) => name);
  return { creates, joins: creates.length < nodes.length, image: hasEmbedded(site) && needsImage(site) };
}

/** Returns the Debian packages for the boot server; scripts and DHCP servers other than dnsmasq name their own. */
function serverPackages(site: Site): readonly string[] {
  const tftp = needsTftp(site) ? tftpFacts(site).packages : [];
  const ipxe = needsTftp(site) && !needsOwnIpxe(site) ? ['ipxe'] : [];
  return ['nginx-light', ...(needsDnsmasq(site) ? ['dnsmasq'] : []), ...tftp, ...ipxe, 'curl', 'rsync'];
}

/** Returns the TFTP server, its directory in the tree, its Debian packages, and its setup commands (none for dnsmasq). */
function tftpFacts(site: Site) {
  const { root, tftpServer: server } = site.server;
  const unit = unitName(site, 'tftp');
  // Debian's package starts in.tftpd by itself, and only one program can use the port.
  const alone = 'systemctl disable --now tftpd-hpa || true';
  const install = 'install -m 0644';
  const [folder, packages, ...commands] = {
    dnsmasq: [undefined, []] as const,
    'tftpd-hpa': [
      'tftpd',
      ['tftpd-hpa'],
      `${install} ${root}/${TFTPD_HPA} /etc/default/tftpd-hpa`,
      'systemctl restart tftpd-hpa',
    ] as const,
    xinetd: [
      'xinetd',
      ['tftpd-hpa', 'xinetd'],
      alone,
      `${install} ${root}/${XINETD_TFTP} /etc/xinetd.d/tftp`,
      'systemctl restart xinetd',
    ] as const,
    systemd: [
      'systemd',
      ['tftpd-hpa'],
      alone,
      `${install} ${root}/systemd/${unit}.socket ${root}/systemd/${unit}.service /etc/systemd/system/`,
      'systemctl daemon-reload',
      `systemctl enable ${unit}.socket && systemctl stop ${unit}.service && systemctl restart ${unit}.socket`,
    ] as const,
  }[server];
  return { server, folder, packages, commands };
}

/** Returns the boot files that an external DHCP server must send to nodes with another boot loader than iPXE, by architecture. */
function otherBootFiles(site: Site, isMeant: (program: string) => boolean) {
  const nodes = site.nodes.filter(
    (node) => node.bootNic.network.dhcp?.server === 'external' && loaderKindOf(node) !== 'ipxe',
  );
  return nodes.flatMap((node) => {
    const loaders = loadersOfKind(site, loaderKindOf(node)).filter(({ program }) => isMeant(program));
    return loaders.map(({ codes, file }) => ({ node: node.name, codes: codes.join(', '), file }));
  });
}

const CONFIGS = {
  isc: { path: DHCPD, to: '/etc/dhcp/dhcpd.conf', test: 'dhcpd -t -cf' },
  kea: { path: KEA, to: '/etc/kea/kea-dhcp4.conf', test: 'kea-dhcp4 -t' },
  coredhcp: { path: COREDHCP.config, to: '/etc/coredhcp/config.yml', test: undefined },
} as const;

function dhcpFacts(site: Site) {
  const servedBy = (server: string) => site.networks.filter(({ dhcp }) => dhcp?.server === server);
  const servers = (['isc', 'kea', 'coredhcp'] as const).flatMap((key) => {
    const networks = servedBy(key);
    if (networks.length === 0) return [];
    return { key, ...OWN_DHCP_SERVERS[key], ...CONFIGS[key], networks, interfaces: interfacesOf(networks) };
  });
  const ownDnsmasq = site.host ? dnsmasqUnit(site) : 'dnsmasq';
  const dhcpUnit = servedBy('dnsmasq').length > 0 ? ownDnsmasq : undefined;
  const asOchami = site.server.compat.includes('ochami');
  return {
    dhcpServers: servers,
    dhcpUnit,
    dhcpUnits: [...(dhcpUnit === undefined ? [] : [dhcpUnit]), ...servers.map(({ unit }) => unit)],
    coresmd: asOchami && servedBy('coredhcp').length > 0 ? COREDHCP.coresmd : undefined,
    // On networks of dnsmasq, and on those of an external server.
    hostsFiles: servedBy('dnsmasq').some(hasHostsFiles),
    listed: servedBy('external').filter(hasHostsFiles),
  };
}

function iscsiFacts(site: Site) {
  const disks = servedDisks(site);
  if (disks.length === 0 && site.images.length === 0) return undefined;
  const { address, driver, store } = site.server.iscsi;
  const secrets = site.server.secrets === undefined ? [] : targetSecrets(site);
  const names = disks.map(({ node }) => node.name);
  return {
    address,
    disks,
    machines: joinLimited('machines', names),
    program: ISCSI_PROGRAMS[driver],
    // The tree is already there.
    isBootServer: address === site.server.host && !site.server.kubernetes,
    secrets,
    values: joinLimited('values', secrets),
    secretsFile: iscsiSecretsFile(site.name),
    put: PUT_TARGETS,
    sources: [...new Set(site.images.flatMap((image) => sourceOf(image, site) ?? []))].sort(),
    copied: site.images.flatMap(({ name, snapshotOf }) => (snapshotOf ? { name, node: snapshotOf } : [])),
    service: { tgt: 'tgt', lio: 'rtslib-fb-targetctl' }[driver],
    unit: diskUnit(site),
    packages: packagesFor(site),
    where: store.kind === 'rbd' ? `the Ceph pool ${store.pool}` : store.folder,
  };
}

const joinLimited = (what: string, names: readonly string[]) =>
  names.length > 12 ? `${names.length} ${what}` : names.join(', ');

/** Returns the Debian packages for put-targets.sh and images.sh. */
function packagesFor(site: Site): string[] {
  const { driver, store } = site.server.iscsi;
  const serving = { tgt: ['tgt'], lio: ['targetcli-fb'] }[driver];
  return [
    ...serving,
    ...(store.kind === 'rbd' ? [...(driver === 'tgt' ? ['tgt-rbd'] : []), 'ceph-common'] : []),
    'qemu-utils',
    ...(diskUnit(site) ? ['qemu-system-common'] : []),
  ];
}

function kubernetesFacts(site: Site) {
  const { kubernetes } = site.server;
  if (!kubernetes) return undefined;
  const { name, secrets, tls } = objectNames(site);
  return {
    ...kubernetes,
    name,
    workload: `${workloadKind(kubernetes).toLowerCase()}/${name}`,
    ownsNamespace: ownsNamespace(site, kubernetes),
    // Even if the tree contains secret values, the pods do not: their Secret provides them.
    secret: needsSecret(site) ? secrets : undefined,
    tls: site.server.tls && tls,
    hasContainerfile: site.server.secrets !== undefined,
  };
}

function ociFacts(site: Site) {
  const nodes = ociNodes(site);
  const [first] = nodes;
  if (!first) return undefined;
  const creates = nodes.find(({ mode, cluster }) => mode === 'create' && cluster) ?? first;
  return {
    launch: OCI_LAUNCH,
    ingress: INGRESS_RULES,
    egress: EGRESS_RULES,
    subnet: first.oci.subnet,
    region: first.oci.region,
    creates: creates.name,
    // In a cluster that exists, another node has the VIP.
    vip: creates.cluster?.exists ? undefined : creates.cluster?.vip,
    isOpen: nodes.some(({ oci }) => oci.allow.length > 0),
  };
}

function opsFacts(site: Site) {
  const nodes = controlledNodes(site);
  const [first] = nodes;
  if (!first) return undefined;
  const [byIpmi] = ipmiNodes(nodes);
  const byRedfish = nodes.find(({ protocol }) => protocol !== 'ipmi');
  return {
    powerman: POWERMAN_CONF,
    conman: CONMAN_CONF,
    first: first.node.name,
    boots: [
      ...(byRedfish ? [{ by: 'Redfish', script: REDFISH_BOOT, first: byRedfish.node.name }] : []),
      ...(byIpmi ? [{ by: 'IPMI', script: IPMI_BOOT, first: byIpmi.node.name }] : []),
    ],
  };
}

/** Returns the files of a tree with secrets that other users than root and nginx must read: of dnsmasq, CoreDNS and powermand. */
function openPaths(site: Site): string[] {
  if (site.server.secrets !== undefined) return [];
  const lists = [
    ...(site.networks.some(hasHostsFiles) ? [hostsPath(site), optionsPath(site)] : []),
    ...Array.from(dnsFiles(site), ({ path }) => path),
  ];
  const byRedfish = controlledNodes(site).some(({ protocol }) => protocol === 'redfish');
  return [...lists, ...(byRedfish ? [REDFISH_DEVICE, REDFISH_BOOT] : [])];
}

/** Returns a short description of the node's iSCSI disk, or an empty string. */
function byIscsi({ os, iscsi }: Node): string {
  if (!iscsi) return '';
  if (os === 'harvester') return ', on an iSCSI disk';
  return iscsi.image ? `an iSCSI disk of ${iscsi.image.name}` : `an iSCSI disk on ${iscsi.address}`;
}

/** Returns the identifiers of a machine: the boot MAC or else its IP address, and the identifiers of its firmware. */
export function knownBy({ bootNic, uuid, serial }: Node): string {
  return [
    bootNic.mac ?? 'its IP address',
    ...(uuid ? [`UUID ${uuid}`] : []),
    ...(serial ? [`serial number ${serial}`] : []),
  ].join(', ');
}
