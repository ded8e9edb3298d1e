import { DHCP_ARCHITECTURES } from '../../knowledge/boot-programs.ts';
import { needsDnsmasq, needsTftp, networkFacts, proxied, stagesOf, tftpAddress } from '../../plan/dhcp.ts';
import type { Network, Site } from '../../site/model.ts';
import { unitName } from '../../tree/paths.ts';
import { quoteDnsmasq } from '../../values/quoting.ts';
import { namesPath } from '../dns/dns.ts';
import { type Emitted, type Render, sandboxOf, type Target } from '../target.ts';

/** DHCP by dnsmasq for the networks that set it as their server, TFTP for these and for networks with external DHCP, and DNS. */
export const dnsmasq: Target = {
  name: 'dnsmasq',
  *emit(site, render) {
    const networks = site.networks.filter((network) => network.dhcp?.server === 'dnsmasq');
    yield* hostsFiles(site, render);
    if (!needsDnsmasq(site)) return;
    const { dns, host } = site.server;
    // The dnsmasq of a libvirt network serves DNS there.
    const asking = site.networks.filter((one) => dns === 'dnsmasq' && !one.libvirt && one.dns.includes(host));
    const answered = [...networks, ...proxied(site)];
    const served = [...new Set([...answered, ...asking])];
    // Clients of networks without an interface, and nodes with DNS servers of their own, reach DNS by the IP address. DHCP needs all
    // interfaces then.
    const isLimited = served.length > 0 && answered.every((network) => network.interface !== undefined);
    const interfaces = isLimited ? [...new Set(served.flatMap((network) => network.interface ?? []))] : [];
    const address = isLimited && dns === 'dnsmasq' ? host : undefined;
    // libvirt runs its own dnsmasq on each of these bridges. A dnsmasq that listens on all interfaces would fail to start,
    // because the ports are in use there.
    const bridges = site.networks.flatMap(({ libvirt, dhcp }) =>
      libvirt && dhcp?.server !== 'dnsmasq' ? libvirt.bridge : [],
    );
    const leased = networks.map((network) => networkData(site, network));
    const data = {
      site,
      networks: leased,
      interfaces,
      ...(networks.some(({ dhcp }) => dhcp?.hostsFiles) && listFiles(site)),
      // By default firmware uses the DHCP server for TFTP.
      tftp: site.server.tftpServer === 'dnsmasq' ? undefined : tftpAddress(site),
      address,
      excepted: isLimited ? [] : bridges,
      serves: [
        ...(networks.length > 0 ? ['DHCP'] : []),
        ...(proxied(site).length > 0 ? ['proxyDHCP'] : []),
        ...(site.server.tftpServer === 'dnsmasq' ? ['TFTP'] : []),
        ...(dns === 'dnsmasq' ? ['DNS'] : []),
      ].join(' and '),
      ...(dns === 'dnsmasq' && {
        namesFile: `${site.server.root}/${namesPath(site)}`,
        domains: [...new Set(site.networks.flatMap(({ domain }) => domain ?? []))],
      }),
      ...stagesOf(site, networks),
      ...leasesOf(leased),
      proxy: proxyLines(site),
    };
    yield { path: dnsmasqPath(site), content: render('dnsmasq/site.dnsmasq', data) };
  },
};

/**
 * Returns the lines that add the boot file to the answers of other DHCP servers. Firmware takes it from a menu with one entry of its
 * architecture. With one that iPXE also gets, iPXE loads itself again (ipxe/ipxe#908). dnsmasq answers `PXEClient` only, so UEFI HTTP
 * boot gets none. Source: dnsmasq 2.90, src/rfc2131.c (CONTEXT_PROXY, pxe_uefi_workaround); dnsmasq(8), pxe-service.
 */
function proxyLines(site: Site): string[] {
  const networks = proxied(site);
  if (networks.length === 0) return [];
  const { loaders, others, bootUrl } = stagesOf(site, networks);
  const server = site.server.tftpServer === 'dnsmasq' ? undefined : tftpAddress(site);
  const ofTag = (network: Network) => `${site.name}-${network.name}`;
  const services = loaders.flatMap(({ name, file, tag, notFor }) =>
    DHCP_ARCHITECTURES.flatMap(({ name: other, code, transport }) => {
      if (other !== name || transport !== 'tftp') return [];
      const tags = ['!ipxe', ...notFor.map((tag) => `!${tag}`), ...(tag ? [tag] : [])];
      return { tags, values: [code, tag ?? 'iPXE', file, ...(server ? [server] : [])] };
    }),
  );
  return networks.flatMap((network) => {
    const entry = `tag:${ofTag(network)},`;
    return [
      '',
      `# Network ${network.name}: another server leases IP addresses, and this one adds the boot file (proxyDHCP).`,
      ...(network === networks[0] ? ['dhcp-userclass=set:ipxe,iPXE'] : []),
      ...(network === networks[0] ? others : []).flatMap(({ tag, macs }) =>
        macs.map((mac) => `dhcp-mac=set:${tag},${mac}`),
      ),
      `dhcp-range=set:${ofTag(network)},${network.subnet.network},proxy,${network.subnet.mask}`,
      ...services.map(
        ({ tags, values }) =>
          `pxe-service=${entry}${tags.map((tag) => `tag:${tag},`).join('')}${values.map((value) => quoteDnsmasq(String(value))).join()}`,
      ),
      `dhcp-boot=${entry}tag:ipxe,${quoteDnsmasq(bootUrl)}`,
    ];
  });
}

/** Returns the path in the output tree of dnsmasq's configuration, or of its lists: the reservations and the DHCP options. */
export function dnsmasqPath({ name }: Site, kind: 'conf' | 'hosts' | 'options' = 'conf'): string {
  return `dnsmasq/${name}.${kind}`;
}

/** The lists that dnsmasq reads again on SIGHUP. For a network with an external dnsmasq they contain the boot files, too. */
function* hostsFiles(site: Site, render: Render): Iterable<Emitted> {
  const networks = site.networks.filter(hasHostsFiles).map((network) => ({
    ...networkData(site, network),
    lease: network.dhcp?.lease,
    boots: network.dhcp?.server === 'external',
  }));
  if (networks.length === 0) return;
  const elsewhere = site.networks.filter(
    (network) => hasHostsFiles(network) && network.dhcp?.server === 'external',
  );
  const data = {
    site,
    networks,
    ...listFiles(site),
    ...leasesOf(networks.filter(({ boots }) => boots)),
    stages: elsewhere.length > 0 ? stagesOf(site, elsewhere) : undefined,
    tftp: tftpAddress(site),
  };
  yield { path: dnsmasqPath(site, 'hosts'), content: render('dnsmasq/hosts.dnsmasq', data) };
  yield { path: dnsmasqPath(site, 'options'), content: render('dnsmasq/options.dnsmasq', data) };
}

/** dnsmasq's default number of leases. It refuses further clients, also those with a reservation. Source: dnsmasq(8), dhcp-lease-max. */
const DEFAULT_LEASES = 1000;

/**
 * Returns the number of leases that networks need, or 0 if the default suffices. It is a power of two, so that few changes need a restart.
 * With more reservations than the default, dnsmasq keeps no file of leases, because it writes the whole file after each lease.
 */
function leasesOf(networks: readonly ReturnType<typeof networkData>[]) {
  const reserved = networks.flatMap(({ reservations }) => reservations.flatMap(({ macs }) => macs));
  const pools = networks.flatMap(({ dhcp }) => dhcp?.pool ?? []);
  const leases = pools.reduce((sum, { first, last }) => sum + last - first + 1, reserved.length);
  return {
    leaseMax: leases > DEFAULT_LEASES ? 2 ** Math.ceil(Math.log2(leases)) : 0,
    withoutFile: reserved.length > DEFAULT_LEASES,
  };
}

function listFiles(site: Site) {
  const pathOf = (kind: 'hosts' | 'options') => `${site.server.root}/${dnsmasqPath(site, kind)}`;
  return { hostsFile: pathOf('hosts'), optionsFile: pathOf('options') };
}

/** Whether the reservations of a network are in lists that dnsmasq reads again. */
export function hasHostsFiles({ dhcp }: Network): boolean {
  return Boolean(dhcp?.hostsFiles) && (dhcp?.server === 'dnsmasq' || dhcp?.server === 'external');
}

function networkData(site: Site, network: Network) {
  return { ...network, tag: `${site.name}-${network.name}`, ...networkFacts(site, network) };
}

/** The paths of other TFTP servers' configurations in the output tree: Debian's tftpd-hpa, and xinetd. */
export const TFTPD_HPA = 'tftpd/tftpd-hpa';
export const XINETD_TFTP = 'xinetd/tftp';

/** The configuration of tftpd-hpa, which serves boot loaders by TFTP in place of dnsmasq: standalone, by xinetd or by systemd. */
export const tftp: Target = {
  name: 'tftp',
  *emit(site, render) {
    if (!needsTftp(site)) return;
    const unit = unitName(site, 'tftp');
    const data = { site, unit };
    const { tftpServer } = site.server;
    if (tftpServer === 'tftpd-hpa') yield { path: TFTPD_HPA, content: render('tftp/tftpd-hpa.sh', data) };
    if (tftpServer === 'xinetd') yield { path: XINETD_TFTP, content: render('tftp/tftp.xinetd', data) };
    if (tftpServer !== 'systemd') return;
    yield { path: `systemd/${unit}.socket`, content: render('tftp/socket.systemd', data) };
    const sandbox = sandboxOf(render, 'AF_INET AF_INET6 AF_UNIX', ['ProtectProc', 'chroot']);
    const service = render('tftp/service.systemd', { ...data, sandbox });
    yield { path: `systemd/${unit}.service`, content: service };
  },
};
