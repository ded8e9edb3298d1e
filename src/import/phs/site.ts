import { FIRST_RELEASE_WITHOUT_BIOS } from '../../knowledge/tables/harvester-hardware.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { hasPlace, type Place, placeOf } from '../../source/origin.ts';
import { isValueMap, type ValueMap } from '../../source/value.ts';
import { parseMac } from '../../values/mac.ts';
import { parseServerUrl } from '../../values/server-url.ts';
import { isAtLeast, type Version } from '../../values/version.ts';
import { headOf } from '../head.ts';
import type { ImportedSite, ImportNote, ImportWish } from '../kind.ts';
import { Notes } from '../notes.ts';
import { networkOf } from './addresses.ts';
import { checkConfig } from './check-config.ts';
import type { PhsCluster } from './clusters.ts';
import { hostNames } from './host-names.ts';
import { isoOf } from './iso.ts';
import { reportCluster, reportSharedAddresses } from './looks-wrong.ts';
import { type Machine, machineOf } from './machine.ts';
import { releaseFor } from './release.ts';
import { referToSecrets, Secrets } from './secrets.ts';
import type { PhsServer } from './server.ts';
import { type SharedList, siteYaml } from './site-yaml.ts';
import { plannedVip, type VipSaid, vipOf } from './vip.ts';

/** What a site is made of besides its cluster. */
interface Around {
  readonly name: string;
  /** The site of the file whose boot server is the next one. */
  readonly next: string | undefined;
  readonly server: PhsServer | undefined;
  readonly wish: ImportWish;
  /** What has been noted of the file as a whole. */
  readonly fileNotes: readonly ImportNote[];
}

/** Makes a site of a cluster. Reports what is wrong with it; gives undefined where there has been an error. */
export function siteOf(
  cluster: PhsCluster,
  { name, next, server, wish, fileNotes }: Around,
  report: Report,
): ImportedSite | undefined {
  const notes = new Notes();
  for (const { kind, of, text, at } of fileNotes) notes.add(kind, of, text, at);
  const release = releaseFor(cluster, wish.harvesterVersion, notes, report);
  const machines = cluster.nodes.map((node) => machineOf(node, release, notes, report));
  reportCluster(machines, cluster.label ? `the cluster ${cluster.label.value}` : 'a cluster', report);
  reportSharedAddresses(cluster.nodes, report);
  reportSharedAddresses(machines, report);
  const network = networkOf(machines, report);
  const planned = plannedVip(cluster, machines, release);
  const vip = vipOf(machines, planned, network, notes, report);
  const vipSaid = machines.find(({ mode }) => mode === 'create') ?? planned ?? {};
  judgeVipMode([...machines, vipSaid], notes, report);
  sayIsos(machines, { media: server?.media, release }, notes, report);
  for (const { config } of machines) checkConfig(config, release, report);
  if (report.failed || !server || !network || !vip) return undefined;
  if (cluster.label && cluster.label.value !== name)
    notes.add('changed', 'cluster', `the site of ${cluster.label.value} is called ${name}`, cluster.label.at);
  const secrets = new Secrets(notes);
  const token = tokenOf(machines, secrets, notes);
  for (const machine of machines) hidePassword(machine.config, secrets);
  for (const { config } of machines) referToSecrets(config, secrets);
  const dns = takeShared(machines, 'dns_nameservers', notes);
  const ntp = takeShared(machines, 'ntp_servers', notes);
  const names = hostNames(
    machines.map(({ hostname, macText }) => ({ hostname, mac: macText })),
    name,
    release,
    notes,
  );
  if (network.gateway === undefined)
    notes.add(
      'open',
      'networks.mgmt.gateway',
      'the installer wants a default route, and the file has no gateway',
    );
  sayOpen(machines, dns, notes);
  sayConsole(machines, notes);
  if (next !== undefined) sayNext(next, server, notes);
  sayFirmware(release, notes);
  const title = `A site that was made of a data file of phs (andrehofman/harvester-bootstrapserver): ${
    machines.length === 1 ? 'one node' : `${machines.length} nodes`
  } of Harvester ${release.text}. Comments say where values stood.`;
  const head = headOf(title, notes.sorted());
  const text = siteYaml({
    name,
    label: cluster.label,
    release,
    server,
    network,
    dns,
    ntp,
    vip,
    vipMode: vipSaid.vipMode?.value === 'none' ? undefined : vipSaid.vipMode,
    vipHwAddr: vipSaid.vipHwAddr,
    token,
    machines,
    names,
    head,
  });
  return {
    name,
    text,
    secrets: secrets.values,
    secretsAt: secrets.at,
    secretsToMake: secrets.toMake,
    notes: notes.sorted(),
  };
}

function judgeVipMode(said: readonly VipSaid[], notes: Notes, report: Report): void {
  for (const { vipMode, vipHwAddr } of said) {
    if (vipMode?.value === 'none')
      notes.add(
        'changed',
        'install.vip_mode',
        'none leaves the VIP to something outside of the cluster, such as a load balancer, and a site has no such thing: it is ' +
          'static, and the cluster answers at its VIP itself',
        vipMode.at,
      );
    else if (vipMode && vipMode.value !== 'static' && vipMode.value !== 'dhcp')
      report.error({
        code: 'phs-vip',
        message: 'A VIP is had in mode static or dhcp, and in no other.',
        at: vipMode.at,
        help: 'write one of these',
      });
    if (vipMode?.value === 'dhcp' && vipHwAddr && !parseMac(vipHwAddr.value))
      report.error({
        code: 'phs-vip',
        message: 'This is no MAC address that a DHCP server could reserve an address for.',
        at: vipHwAddr.at,
        help: 'write it in lower case and with colons: 52:54:00:12:34:56',
      });
  }
}

function sayIsos(
  machines: readonly Machine[],
  how: Parameters<typeof isoOf>[2],
  notes: Notes,
  report: Report,
): void {
  for (const { isoUrl, version, config } of machines) {
    if (!isoUrl) continue;
    const iso = isoOf(isoUrl, version, how, notes, report);
    if (iso === undefined) continue;
    const { install } = config;
    if (isValueMap(install)) install.iso_url = iso;
  }
}

function tokenOf(machines: readonly Machine[], secrets: Secrets, notes: Notes): string {
  const creates = machines.find(({ mode, token }) => mode === 'create' && token);
  const token = (creates ?? machines.find((machine) => machine.token))?.token;
  if (token) return secrets.reference('cluster_token', token);
  secrets.toMake.set('cluster_token', 'openssl rand -hex 32');
  notes.add('open', 'token', 'the file has none: make the secret cluster_token, by `openssl rand -hex 32`');
  return '${secret:cluster_token}';
}

function hidePassword({ os }: ValueMap, secrets: Secrets): void {
  if (!isValueMap(os) || typeof os.password !== 'string' || os.password === '') return;
  os.password = secrets.reference('node_password', { value: os.password, at: placeOf(os, 'password') });
}

/**
 * Takes a list out of the configurations where all that say it say it alike: then it is the network's. What stands twice
 * counts once; who has none gets it, too.
 */
function takeShared(machines: readonly Machine[], key: string, notes: Notes): SharedList | undefined {
  const lists = machines.flatMap(({ config: { os } }) => {
    const list = isValueMap(os) ? os[key] : undefined;
    return isValueMap(os) && Array.isArray(list)
      ? [{ os, list: list as string[], at: placeOf(os, key) }]
      : [];
  });
  for (const { list, at } of lists) {
    const distinct = [...new Set(list)];
    if (distinct.length === list.length) continue;
    const text = `what stands in it twice stands there once: ${distinct.join(', ')}`;
    notes.add('changed', `os.${key}`, text, at);
    list.splice(0, list.length, ...distinct);
  }
  const [first] = lists;
  if (!first || first.list.length === 0 || lists.some(({ list }) => list.join(' ') !== first.list.join(' ')))
    return undefined;
  for (const { config, macText } of machines) {
    const { os } = config;
    if (isValueMap(os) && os[key] !== undefined) delete os[key];
    else notes.add('changed', macText.value, `it has no os.${key}: it has those of the others`, macText.at);
    if (isValueMap(os) && Object.keys(os).length === 0) delete config.os;
  }
  return { values: [...first.list], from: lists.map(({ at }): Place => at) };
}

function sayOpen(machines: readonly Machine[], dns: SharedList | undefined, notes: Notes): void {
  const lacksDns = machines.find(
    ({ config: { os } }) => !(isValueMap(os) && hasPlace(os, 'dns_nameservers') && os.dns_nameservers),
  );
  if (!dns && lacksDns)
    notes.add(
      'open',
      'networks.mgmt.dns',
      'the installer wants DNS servers where addresses are static, and the file has none',
    );
  for (const { macText, nicName, config } of machines) {
    if (!nicName)
      notes.add(
        'open',
        macText.value,
        'the file does not name its NIC, which the installer needs: give nics with a name',
        macText.at,
      );
    if (!isValueMap(config.install) || config.install.device === undefined)
      notes.add(
        'open',
        macText.value,
        'the file does not say which disk it is installed to: add config.install.device',
        macText.at,
      );
  }
  notes.add(
    'open',
    'server.allow_scripts',
    'boot images that give machines an address of their own (set net0/ip …) fetch their script by that, which is no ' +
      "node's: list it there",
  );
}

/** phs boots every machine with `console=ttyS0 console=tty1`. Source: its main.go. */
function sayConsole(machines: readonly Machine[], notes: Notes): void {
  const silent = machines.filter(({ config: { install } }) => !(isValueMap(install) && install.tty));
  if (silent.length > 0)
    notes.add(
      'open',
      'config.install.tty',
      'phs started the installer with console=ttyS0 console=tty1, and the site with one console, tty1: for machines that ' +
        'are watched over a serial line say tty: ttyS0 below defaults.config.install, or below a node',
    );
}

/** nginx has one site at a port: what one phs answered for several is answered by one after the other. */
function sayNext(name: string, { url, next, urlFrom }: PhsServer, notes: Notes): void {
  if (next !== undefined)
    notes.add(
      'changed',
      'server',
      `nginx has one site at a port, and phs had several: ${url} sends the machines of ${name} on to ${next}, as server.next ` +
        `says. Let firewalls pass port ${parseServerUrl(next)?.port} too. ` +
        'Where each site has a boot server of its own, give each its server.url, and take next away',
      urlFrom?.at,
    );
}

function sayFirmware(release: Version, notes: Notes): void {
  if (isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS))
    notes.add(
      'open',
      'firmware',
      `whether machines boot by UEFI the file does not say, and Harvester ${release.text} refuses BIOS: set them to UEFI, or ` +
        'give --harvester-version v1.7.1 and say firmware: bios',
    );
}
