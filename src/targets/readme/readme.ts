import { isIPv6 } from 'node:net';
import { basename, dirname } from 'node:path/posix';
import * as boot from '../../knowledge/boot-programs.ts';
import { PROVIDERS } from '../../knowledge/cloud-providers.ts';
import { systemDisk } from '../../plan/boot-order.ts';
import { interfacesOf, needsDnsmasq, needsTftp } from '../../plan/dhcp.ts';
import { ISCSI_PROGRAMS } from '../../plan/iscsi.ts';
import { objectNames, ownsNamespace, workloadKind } from '../../plan/kubernetes.ts';
import { servedImages } from '../../plan/linux-images.ts';
import * as programs from '../../plan/programs.ts';
import { secretsOf } from '../../secrets/uses-of.ts';
import { installedReleases } from '../../site/clusters.ts';
import type { Cluster, Node, Site } from '../../site/model.ts';
import type { CloudVm } from '../../site/model-host.ts';
import { isOciNetwork, ociNodes } from '../../site/nodes.ts';
import { secretNames } from '../../source/placeholders.ts';
import * as paths from '../../tree/paths.ts';
import { urlHost } from '../../values/addresses.ts';
import { shownUrl } from '../../values/urls.ts';
import { clusterFolders } from '../cluster/cluster.ts';
import { servedBy } from '../dhcp/servers.ts';
import { dnsFiles } from '../dns/dns.ts';
import { dnsmasqPath, hasHostsFiles, TFTPD_HPA, XINETD_TFTP } from '../dnsmasq/dnsmasq.ts';
import { servedDisks, targetSecrets } from '../iscsi/iscsi.ts';
import { needsSecret } from '../k8s/pod.ts';
import { EGRESS_RULES, INGRESS_RULES, OCI_LAUNCH } from '../oci/oci.ts';
import { controlledNodes, IPMI_BOOT, ipmiNodes, REDFISH_BOOT } from '../ops/ops.ts';
import { diskUnit, sourceOf } from '../scripts/images.ts';
import { reachablePorts, watchedNodes } from '../systemd/systemd.ts';
import type { Target } from '../target.ts';

/** The README of the output tree: its content, and the exact commands that deploy it. */
export const readme: Target = {
  name: 'readme',
  *emit(site, render) {
    const { secrets, compat } = site.server;
    const images = `${site.server.images.url}/`;
    const data = {
      site,
      nodes: site.nodes,
      knownBy,
      byIscsi,
      secrets: secrets === undefined ? [] : secretsOf(site),
      valueOf: (secret: string) => newValueOf(secret, site),
      include: secrets === undefined ? undefined : { directory: dirname(secrets), file: basename(secrets) },
      // One dnsmasq serves TFTP, and DHCP unless another server does.
      dnsmasq: needsDnsmasq(site),
      tftp: needsTftp(site) ? tftpFacts(site) : undefined,
      packages: serverPackages(site),
      ...dhcpFacts(site),
      vips: site.clusters.filter(({ vipMode }) => vipMode === 'dhcp'),
      external: servedBy(site, 'external').filter((network) => !isOciNetwork(site, network)),
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
      https: programs.fetchesByHttps(site),
      needsCa: programs.needsCa(site),
      ownIpxe: programs.needsOwnIpxe(site),
      builds: programs.buildsOf(site),
      grub: programs.grubProgramsOf(site).length > 0 ? paths.PUT_GRUB : undefined,
      grubBootFiles: otherBootFiles(site, (program) => program in boot.GRUB_PROGRAMS),
      pxelinux: programs.hasPxelinux(site) ? paths.PUT_PXELINUX : undefined,
      pxelinuxBootFiles: otherBootFiles(site, (program) => program === boot.PXELINUX),
      image: programs.hasEmbedded(site) && programs.needsImage(site),
      mayImage: programs.hasEmbedded(site),
      architectures: boot.DHCP_ARCHITECTURES,
      loaderUrl: paths.loaderUrl(site, ''),
      // Older URLs as files are for plain web servers, and those need a tree with its secrets.
      plainServer: secrets === undefined && compat.length > 0,
      kept: paths.BESIDE_IN_WWW.map((path) => `--filter='protect /${path}'`).join(' '),
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

/** Returns the NICs that may boot whose IP address an external DHCP server assigns: firmware can use any of them. */
function bondOf({ name, bootNic, bootNics }: Node) {
  const macs = bootNics.flatMap(({ mac }) => mac ?? []);
  const isExternal = bootNic.network.dhcp?.server === 'external';
  return isExternal && macs.length > 1 ? [{ name, ip: bootNic.ip, macs }] : [];
}

/** Returns the order in which people switch on the machines that install Harvester; undefined if scripts start them all. */
function bootFacts(site: Site) {
  const nodes = site.nodes.filter(({ os, domain, oci }) => os === 'harvester' && !domain && !oci);
  if (nodes.length === 0) return undefined;
  const creates = nodes.filter(({ mode }) => mode === 'create').map(({ name }) => name);
  const image = programs.hasEmbedded(site) && programs.needsImage(site);
  return { creates, joins: creates.length < nodes.length, image };
}

/** Returns the Debian packages for the boot server; scripts and DHCP servers other than dnsmasq name their own. */
function serverPackages(site: Site): readonly string[] {
  const tftp = needsTftp(site) ? tftpFacts(site).packages : [];
  const ipxe = needsTftp(site) && !programs.needsOwnIpxe(site) ? ['ipxe'] : [];
  return ['nginx-light', ...(needsDnsmasq(site) ? ['dnsmasq'] : []), ...tftp, ...ipxe, 'curl', 'rsync'];
}

/** Returns the TFTP server, its directory in the tree, its Debian packages, and its setup commands (none for dnsmasq). */
function tftpFacts(site: Site) {
  const { root, tftpServer: server } = site.server;
  const unit = paths.unitName(site, 'tftp');
  // Debian's package starts in.tftpd by itself, and only one program can use the port.
  const alone = 'systemctl disable --now tftpd-hpa || true';
  const put = (file: string, to: string) => `install -m 0644 ${file} ${to}`;
  const units = put(`${root}/systemd/${unit}.socket ${root}/systemd/${unit}.service`, '/etc/systemd/system/');
  const enable = `systemctl enable ${unit}.socket && systemctl stop ${unit}.service && systemctl restart ${unit}.socket`;
  const hpa = [put(`${root}/${TFTPD_HPA}`, '/etc/default/tftpd-hpa'), 'systemctl restart tftpd-hpa'];
  const xinetd = [alone, put(`${root}/${XINETD_TFTP}`, '/etc/xinetd.d/tftp'), 'systemctl restart xinetd'];
  const setups: Readonly<Record<typeof server, readonly [string | undefined, string[], string[]]>> = {
    dnsmasq: [undefined, [], []],
    'tftpd-hpa': ['tftpd', ['tftpd-hpa'], hpa],
    xinetd: ['xinetd', ['tftpd-hpa', 'xinetd'], xinetd],
    systemd: ['systemd', ['tftpd-hpa'], [alone, units, 'systemctl daemon-reload', enable]],
  };
  const [folder, packages, commands] = setups[server];
  return { server, folder, packages, commands };
}

/** Returns the boot files that an external DHCP server must send to nodes with another boot loader than iPXE, by architecture. */
function otherBootFiles(site: Site, isMeant: (program: string) => boolean) {
  return site.nodes.flatMap((node) => {
    const kind = programs.loaderKindOf(node);
    if (node.bootNic.network.dhcp?.server !== 'external' || kind === 'ipxe') return [];
    return programs
      .loadersOfKind(site, kind)
      .filter(({ program }) => isMeant(program))
      .map(({ codes, file }) => ({ node: node.name, codes: codes.join(', '), file }));
  });
}

/** The configuration of each DHCP server with a package of its own, where it is installed, and the command that tests it. */
const CONFIGS = {
  isc: { path: paths.DHCPD, to: '/etc/dhcp/dhcpd.conf', test: 'dhcpd -t -cf' },
  kea: { path: paths.KEA, to: '/etc/kea/kea-dhcp4.conf', test: 'kea-dhcp4 -t' },
  coredhcp: { path: paths.COREDHCP.config, to: '/etc/coredhcp/config.yml', test: undefined },
} as const;

function dhcpFacts(site: Site) {
  const dhcpServers = (['isc', 'kea', 'coredhcp'] as const).flatMap((key) => {
    const networks = servedBy(site, key);
    const facts = { ...boot.OWN_DHCP_SERVERS[key], ...CONFIGS[key] };
    return networks.length === 0 ? [] : [{ key, ...facts, networks, interfaces: interfacesOf(networks) }];
  });
  const ownDnsmasq = site.host ? paths.unitName(site, 'dnsmasq') : 'dnsmasq';
  const dhcpUnit = servedBy(site, 'dnsmasq').length > 0 ? ownDnsmasq : undefined;
  const isOchami = site.server.compat.includes('ochami');
  return {
    dhcpServers,
    dhcpUnit,
    dhcpUnits: [...(dhcpUnit === undefined ? [] : [dhcpUnit]), ...dhcpServers.map(({ unit }) => unit)],
    coresmd: isOchami && servedBy(site, 'coredhcp').length > 0 ? paths.COREDHCP.coresmd : undefined,
    // On networks of dnsmasq, and on those of an external server.
    hostsFiles: servedBy(site, 'dnsmasq').some(hasHostsFiles),
    listed: servedBy(site, 'external').filter(hasHostsFiles),
  };
}

function iscsiFacts(site: Site) {
  const disks = servedDisks(site);
  if (disks.length === 0 && site.images.length === 0) return undefined;
  const { address, driver, store } = site.server.iscsi;
  const isPool = store.kind === 'rbd';
  const secrets = site.server.secrets === undefined ? [] : targetSecrets(site);
  const unit = diskUnit(site);
  const names = disks.map(({ node }) => node.name);
  const limited = (what: string, names: readonly string[]) =>
    names.length > 12 ? `${names.length} ${what}` : names.join(', ');
  return {
    address,
    disks,
    machines: limited('machines', names),
    program: ISCSI_PROGRAMS[driver],
    // The tree is already there.
    isBootServer: address === site.server.host && !site.server.kubernetes,
    secrets,
    values: limited('values', secrets),
    secretsFile: paths.iscsiSecretsFile(site.name),
    put: paths.PUT_TARGETS,
    sources: [...new Set(site.images.flatMap((image) => sourceOf(image, site) ?? []))].sort(),
    copied: site.images.flatMap(({ name, snapshotOf }) => (snapshotOf ? { name, node: snapshotOf } : [])),
    service: { tgt: 'tgt', lio: 'rtslib-fb-targetctl' }[driver],
    unit,
    // Of put-targets.sh and images.sh.
    packages: [
      { tgt: 'tgt', lio: 'targetcli-fb' }[driver],
      ...(isPool ? [...(driver === 'tgt' ? ['tgt-rbd'] : []), 'ceph-common'] : []),
      'qemu-utils',
      ...(unit ? ['qemu-system-common'] : []),
    ],
    where: isPool ? `the Ceph pool ${store.pool}` : store.folder,
  };
}

function kubernetesFacts(site: Site) {
  const { kubernetes } = site.server;
  if (!kubernetes) return undefined;
  const { name, secrets, tls } = objectNames(site);
  const workload = `${workloadKind(kubernetes).toLowerCase()}/${name}`;
  // Even if the tree contains secret values, the pods do not: their Secret provides them.
  const secret = needsSecret(site) ? secrets : undefined;
  const hasContainerfile = site.server.secrets !== undefined;
  const owns = ownsNamespace(site, kubernetes);
  const certificate = site.server.tls && tls;
  return { ...kubernetes, name, workload, ownsNamespace: owns, secret, tls: certificate, hasContainerfile };
}

function ociFacts(site: Site) {
  const nodes = ociNodes(site);
  const [first] = nodes;
  if (!first) return undefined;
  const { name, cluster } = nodes.find(({ mode, cluster }) => mode === 'create' && cluster) ?? first;
  // In a cluster that exists, another node has the VIP.
  const vip = cluster?.exists ? undefined : cluster?.vip;
  const files = { launch: OCI_LAUNCH, ingress: INGRESS_RULES, egress: EGRESS_RULES };
  const isOpen = nodes.some(({ oci }) => oci.allow.length > 0);
  return { ...files, subnet: first.oci.subnet, region: first.oci.region, creates: name, vip, isOpen };
}

function opsFacts(site: Site) {
  const nodes = controlledNodes(site);
  const [first] = nodes;
  if (!first) return undefined;
  const scripts = [
    { by: 'Redfish', script: REDFISH_BOOT, nodes: nodes.filter(({ protocol }) => protocol !== 'ipmi') },
    { by: 'IPMI', script: IPMI_BOOT, nodes: ipmiNodes(nodes) },
  ];
  const boots = scripts.flatMap(({ by, script, nodes: [first] }) =>
    first ? [{ by, script, first: first.node.name }] : [],
  );
  return { powerman: paths.POWERMAN_CONF, conman: paths.CONMAN_CONF, first: first.node.name, boots };
}

/** Returns the files of a tree with secrets that other users than root and nginx must read: of dnsmasq, CoreDNS and powermand. */
function openPaths(site: Site): string[] {
  if (site.server.secrets !== undefined) return [];
  const byRedfish = controlledNodes(site).some(({ protocol }) => protocol === 'redfish');
  return [
    ...(site.networks.some(hasHostsFiles) ? [dnsmasqPath(site, 'hosts'), dnsmasqPath(site, 'options')] : []),
    ...Array.from(dnsFiles(site), ({ path }) => path),
    ...(byRedfish ? [paths.REDFISH_DEVICE, REDFISH_BOOT] : []),
  ];
}

/** Returns a short description of the node's iSCSI disk, or an empty string. */
function byIscsi({ os, iscsi }: Node): string {
  if (!iscsi) return '';
  if (os === 'harvester') return ', on an iSCSI disk';
  return iscsi.image ? `an iSCSI disk of ${iscsi.image.name}` : `an iSCSI disk on ${iscsi.address}`;
}

/** Returns the identifiers of a machine: the boot MAC or else its IP address, and the identifiers of its firmware. */
function knownBy({ bootNic, uuid, serial }: Node): string {
  const ofFirmware = [...(uuid ? [`UUID ${uuid}`] : []), ...(serial ? [`serial number ${serial}`] : [])];
  return [bootNic.mac ?? 'its IP address', ...ofFirmware].join(', ');
}

/** Returns the data of a libvirt host. Without a host, there are neither machines nor clusters in it. */
function hostFacts(site: Site) {
  const { host, server, clusters } = site;
  const { provider } = host?.cloud ?? {};
  return {
    // The IP address in the URL is on the machines' network, which other hosts cannot reach.
    // If the host's address is unknown, the operator replaces this name in the commands.
    reach: host ? (host.address ?? 'HOST') : server.host,
    // rsync and ssh write an IPv6 address differently: both accept a name of ssh's configuration.
    alias: isIPv6(host?.address ?? '') ? `harvgen-${site.name}` : undefined,
    isReachKnown: !host || host.address !== undefined,
    // Of a cloud VM, which `tofu` creates from the tree.
    cloud:
      provider && server.secrets !== undefined ? cloudFacts(provider, host?.disks.length ?? 0) : undefined,
    machines: site.nodes.flatMap(machineOf),
    clusters: host ? clusters.map((cluster) => reached(cluster, site)) : [],
    openPorts: reachablePorts(site).map(({ port }) => port),
    watchdog: host && watchedNodes(site).length > 0 ? paths.unitName(site, 'watchdog') : undefined,
  };
}

function cloudFacts(provider: CloudVm['provider'], disks: number) {
  const { title, login } = PROVIDERS[provider];
  const namesDisks = provider === 'aws' && disks > 0;
  return { title, login, namesDisks, sudo: provider === 'digitalocean' ? '' : 'sudo' };
}

function machineOf(node: Node) {
  const { name, mode, domain, facts } = node;
  if (!domain) return [];
  const { vcpus, memory: mebibytes, autostart } = domain;
  const disks = domain.disks.map(({ device, file }, index) => {
    return { size: facts.vm?.disks?.[index]?.size ?? '', device, file };
  });
  const memory = mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`;
  const system = systemDisk(node)?.file ?? '';
  return { name, mode, vcpus, memory, autostart, system, console: paths.consoleLog(node), disks };
}

const CLOSED: ReadonlySet<string | undefined> = new Set(['nat', 'isolated']);

function reached({ name, vip, members }: Cluster, site: Site) {
  const { host, clusters } = site;
  const exposed = reachablePorts(site).filter(({ cluster }) => cluster.name === name);
  const api = exposed.find(({ to }) => to === 6443);
  const isApiKnown = (api?.address ?? host?.address) !== undefined;
  return {
    name,
    vip,
    // The option of the scripts that selects one of several clusters.
    flags: clusters.length > 1 ? ` --cluster ${name}` : '',
    to: exposed.map(({ port, to, address = host?.address }) => {
      // The URL of the dashboard, if the host's address is known.
      const url = address && `https://${urlHost(address)}${port === 443 ? '' : `:${port}`}`;
      return { port, vipPort: to, url: to === 443 ? url : undefined };
    }),
    // Whether only the host can reach the network of the VIP.
    inside: members.every(({ bootNic }) => CLOSED.has(bootNic.network.libvirt?.forward)),
    // Whether people elsewhere reach Kubernetes by one of them.
    api: api !== undefined,
    // Without an address in the inventory, the script cannot know it.
    apiAddress: api && !isApiKnown ? `${host?.cloud ? '${SERVER#*@}' : 'HOST'}:${api.port}` : undefined,
  };
}
