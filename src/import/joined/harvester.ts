import { OLDEST_RELEASE, standingOf } from '../../knowledge/harvester.ts';
import { selfLocation } from '../../source/origin.ts';
import { contains, ipv4Number } from '../../values/addresses.ts';
import { isPlainUrl } from '../../values/urls.ts';
import { isAtLeast, parseVersion, type Version } from '../../values/version.ts';
import { dropIfEmpty, emptyMap, joinUrlOf, mapIn, setIn, takeText, textAt } from '../model/config-values.ts';
import type { Gathered, GatheredVip, Sourced } from '../model/gathered.ts';
import type { ImportSettings } from '../model/import-format.ts';
import { isInstaller, MEDIA_DERIVED, mediaOf, mediumOf } from '../model/kernel-params.ts';
import type { Findings, Notes } from '../model/notes.ts';
import { referToSecrets, type Secrets } from '../model/secrets.ts';
import { calledAs, type Machine } from './machine.ts';
import { checkConfigs } from './modern-config.ts';
import type { JoinedNetwork } from './networks.ts';
import { splitCommon } from './shared-config.ts';
import { NOT_FOUND, noted, OPEN, sourced, sourcedAt } from './write-site.ts';

/** The Harvester cluster of an imported site, as contents of the inventory. */
export type HarvesterPlan = NonNullable<ReturnType<typeof harvesterPlan>>;

/** The release of a cluster, and the server of its media if that is not the boot server. */
type Release = ReturnType<typeof releaseOf>;

/** Returns the release of a cluster: the requested one, otherwise that in the URLs of its media. */
export function releaseOf(gathered: readonly Gathered[], { harvesterVersion }: ImportSettings, notes: Notes) {
  const installers = gathered.flatMap(({ boots = [] }) => boots.filter(isInstaller));
  const configs = gathered.flatMap(({ machines }) => machines.flatMap(({ harvester }) => harvester ?? []));
  const installs = configs.map(({ config }) => mapIn(config, 'install'));
  const ofConfigs = installs.flatMap(
    (install) => textAt(install, 'iso_url') ?? textAt(install, 'isourl') ?? [],
  );
  const used = [
    ...installers.flatMap(mediaOf),
    ...ofConfigs.map((iso) => ({ ...iso, of: 'install.iso_url' })),
  ];
  const running = gathered.flatMap(({ release }) => release ?? []);
  const named = [
    ...running.map(({ value, at }) => ({ base: undefined, text: value, at, version: parseVersion(value) })),
    ...[...used, ...configs.flatMap(({ media = [] }) => media)].flatMap(({ value, at }) => {
      const medium = mediumOf(value);
      return medium ? [{ ...medium, at }] : [];
    }),
  ];
  const standing = (version: Version) =>
    isAtLeast(version, OLDEST_RELEASE) ? standingOf(version) !== 'impossible' && 'known' : 'old';
  const known = named.find(({ version }) => version && standing(version) === 'known');
  const version = harvesterVersion ?? known?.version;
  const media = named.find(({ base, at }) => base !== undefined && used.some((one) => one.at === at));
  const addNotes = () => {
    const option = 'or add --harvester-version';
    const missing = `not found in the files read: set the release that the machines install, ${option}`;
    if (!version && named.length === 0) notes.open('harvester.version', missing);
    for (const { text, at, version: own } of named) {
      const why = own && standing(own) === 'old' ? `older than ${OLDEST_RELEASE}` : 'never released';
      if (!version)
        notes.open(
          'harvester.version',
          `${text}, which is in the files, is ${why}: set another, ${option}`,
          at,
        );
      else if ((own?.text ?? text) !== version.text)
        notes.changed(
          'release',
          `${text} becomes ${version.text}${harvesterVersion ? '' : '; add --harvester-version for another'}`,
          at,
        );
    }
    for (const { of, value, at } of used) {
      const { base, folder } = mediumOf(value) ?? {};
      const path = `${folder}/${version?.text ?? 'VERSION'}/`;
      const why = `nodes request the media in ${path}, named as those of releases.rancher.com: move them there, and set server.media: ${folder}; or let scripts/fetch-media.sh of the output tree download them to the boot server`;
      if (of && !media && folder !== undefined && isPlainUrl(folder)) notes.open(of, why, at);
      else if (of && base === undefined) notes.changed(of, MEDIA_DERIVED, at);
    }
  };
  return {
    /** Undefined if no file names one that exists. */
    version,
    /** Where its text is. */
    at: known?.version?.text === version?.text ? known?.at : undefined,
    media: media && { value: media.base ?? '', at: media.at },
    /** Whether a file is of a running cluster. */
    isRunning: running.length > 0,
    /** Adds the notes on the release and its media, for a site that installs Harvester. */
    addNotes,
  };
}

/**
 * Returns the Harvester cluster of machines; undefined without any. Takes the values with keys of their own in a site from
 * the configurations, and replaces secrets with references. Reports values that the release rejects.
 */
export function harvesterPlan(
  machines: readonly Machine[],
  vips: readonly GatheredVip[],
  { version, at, media, isRunning, addNotes }: Release,
  { secrets, hasOthers }: { readonly secrets: Secrets; readonly hasOthers: boolean },
  findings: Findings,
) {
  const { notes, report } = findings;
  const [first] = machines;
  if (!first) return undefined;
  addNotes();
  const nodes = machines.map((machine) => nodeOf(machine));
  for (const os of nodes.map(({ config }) => mapIn(config, 'os'))) {
    const password = takeText(os, 'password');
    if (password) os.password = secrets.reference('node_password', password);
  }
  if (!report.failed) checkConfigs(nodes, version, report);
  noteDefaults(nodes, version, notes);
  const creating = nodes.find(({ mode }) => mode?.value === 'create');
  const joins = !creating && nodes.some(({ mode }) => mode);
  const setting = [creating, ...nodes].find((node) => node?.vip);
  const [reserved] = vips;
  const joined = nodes.flatMap(({ serverUrl }) => {
    const host = joinUrlOf(serverUrl)?.host ?? '';
    return serverUrl && ipv4Number(host) !== undefined ? [{ value: host, at: serverUrl.at }] : [];
  });
  const vip = setting?.vip ?? reserved?.ip ?? joined[0];
  const mode = setting ? setting.vipMode : reserved?.mac && { value: 'dhcp', at: reserved.at };
  const mac = setting?.vipHwAddr ?? reserved?.mac;
  const token = creating?.token ?? nodes.find((node) => node.token)?.token;
  noteCluster({ nodes, creating, vip: vip?.value, token: token?.value }, notes);
  if (creating) reportOtherClusters(creating, nodes, findings);
  const isByDhcp = mode?.value === 'dhcp' && mac !== undefined;
  if (mode && mode.value !== 'static' && !isByDhcp)
    notes.changed(
      'install.vip_mode',
      'a VIP is static, or by DHCP with a MAC address: it is now static',
      mode.at,
    );
  if (!token && (joins || isRunning)) {
    const todo =
      'not found in the files read: set the secret cluster_token to the token of the running cluster';
    notes.open('token', todo);
  } else if (!token) {
    secrets.make(
      'cluster_token',
      'openssl rand -hex 32',
      'token',
      'not found in the files read: generate the secret cluster_token',
    );
  }
  for (const { config } of nodes) referToSecrets(config, secrets);
  // A Linux node cannot have a configuration of Harvester.
  const split = (part: 'config' | 'boot') =>
    splitCommon(
      nodes.map((node) => node[part]),
      !hasOthers,
    );
  const [configs, boots] = [split('config'), split('boot')];
  return {
    version: version ? sourcedAt(version.text, [at]) : noted(OPEN, NOT_FOUND),
    media: sourced(media),
    vip,
    cluster: {
      exists: joins ? true : undefined,
      vip: sourced(vip) ?? noted(OPEN, 'a free IP address in the subnet of the nodes'),
      vip_mode: isByDhcp ? sourced(mode) : undefined,
      vip_hw_addr: isByDhcp ? sourced({ ...mac, value: mac.value.toLowerCase() }) : undefined,
      token: token
        ? sourcedAt(
            secrets.reference('cluster_token', token),
            nodes.map((node) => node.token?.at),
          )
        : '${secret:cluster_token}',
    },
    /** The configuration of all nodes, and the consoles and arguments of their installers. */
    config: configs.common,
    boot: boots.common,
    nodes: new Map(
      nodes.map(({ machine, mode, role }, index) => {
        // Without any configuration, one node has to create the cluster.
        const creates = mode?.value === 'create' || (index === 0 && nodes.every((one) => !one.mode));
        const content = {
          mode: creates ? (sourced(mode) ?? 'create') : undefined,
          role: role && role.value !== 'default' ? sourced(role) : undefined,
          config: configs.rests[index],
          boot: boots.rests[index],
        };
        return [machine, content];
      }),
    ),
  };
}

/** Takes the values with keys of their own in a site from the configuration of a machine. */
function nodeOf(machine: Machine) {
  const config = machine.harvester?.config ?? emptyMap(machine.at);
  const install = mapIn(config, 'install');
  takeText(config, 'scheme_version');
  takeText(install, 'iso_url');
  const node = {
    machine,
    config,
    boot: machine.harvester?.boot ?? emptyMap(machine.at),
    mode: takeText(install, 'mode'),
    role: takeText(install, 'role'),
    token: takeText(config, 'token'),
    serverUrl: takeText(config, 'server_url'),
    vip: takeText(install, 'vip'),
    vipMode: takeText(install, 'vip_mode'),
    vipHwAddr: takeText(install, 'vip_hw_addr'),
  };
  const { iso } = machine.harvester ?? {};
  if (iso) setIn(config, ['install', 'iso_url'], iso.value, iso.at);
  const device = textAt(install, 'device');
  // The installer rejects virtual machines without skipchecks, which `vm` sets.
  if (device && /^\/dev\/vd[a-z]$/.test(device.value)) machine.vm ??= {};
  dropIfEmpty(config, 'os');
  dropIfEmpty(config, 'install');
  return node;
}

type Node = ReturnType<typeof nodeOf>;

function noteCluster(
  {
    nodes,
    creating,
    vip,
    token,
  }: { nodes: readonly Node[]; creating: Node | undefined } & Record<'vip' | 'token', string | undefined>,
  notes: Notes,
): void {
  if (vip === undefined) notes.open('cluster.vip', 'the VIP was not found in the files read');
  const [first] = nodes;
  const why = 'no node that creates the cluster found in the files read: it is this one (mode: create)';
  const todo =
    'no node that creates the cluster found in the files read: the nodes join the one at the VIP. For a new cluster, set mode: create for one of ' +
    'them, and remove exists';
  if (!creating && nodes.some(({ mode }) => mode)) notes.open('cluster.exists', todo, first?.mode?.at);
  else if (!creating && first) notes.changed(calledAs(first.machine), why, first.machine.at);
  for (const { token: own, mode, serverUrl, machine, config } of nodes) {
    if (mode && !/^(?:create|join)$/.test(mode.value))
      notes.changed('install.mode', 'a node creates or joins its cluster: this one joins', mode.at);
    if (own && own.value !== token)
      notes.changed('token', 'it differs from that of the other nodes, which the site uses for all', own.at);
    const { host, port = '443' } = joinUrlOf(serverUrl) ?? {};
    if (serverUrl && (host !== vip || port !== '443'))
      notes.changed(
        'server_url',
        `nodes join at https://${vip ?? 'VIP'}:443, the VIP of the cluster`,
        serverUrl.at,
      );
    const [install, os] = [mapIn(config, 'install'), mapIn(config, 'os')];
    if (install.device === undefined)
      notes.open(
        calledAs(machine),
        'its installation disk was not found in the files read: add config.install.device',
        machine.at,
      );
    if (os.password === undefined && os.ssh_authorized_keys === undefined)
      notes.open(
        calledAs(machine),
        'its password was not found in the files read: add config.os.password, or ssh_authorized_keys',
        machine.at,
      );
  }
}

/** Adds notes on the values that a site adds to configurations without them, if the installer has others. */
function noteDefaults(nodes: readonly Node[], version: Version | undefined, notes: Notes): void {
  const bondless = nodes.find(
    ({ config }) => !mapIn(mapIn(config, 'install'), 'management_interface').bond_options,
  );
  const mode =
    'mode: active-backup is added, and before v1.6.0 the installer itself has balance-tlb: to keep that, set bond_options: {mode: balance-tlb, miimon: "100"} in config.install.management_interface';
  if (bondless && version && !isAtLeast(version, 'v1.6.0'))
    notes.changed('bond_options', mode, selfLocation(bondless.config));
  const count = nodes.filter(({ role }) => role?.value !== 'witness').length;
  const creating = nodes.find((node) => node.mode?.value === 'create');
  const replicas = `${count} is added, the number of nodes that store volumes, and the installer itself has 3: to keep that, set config.install.harvester.storage_class.replica_count: 3`;
  const storage = mapIn(mapIn(mapIn(creating?.config, 'install'), 'harvester'), 'storage_class');
  if (creating && !storage.replica_count && count < 3 && version && isAtLeast(version, 'v1.2.0'))
    notes.changed('replica_count', replicas, selfLocation(creating.config));
}

/** Reports nodes that create another cluster than the first one: their VIP would be lost, and they would join the first. */
function reportOtherClusters(creating: Node, nodes: readonly Node[], findings: Findings): void {
  for (const { mode, vip } of nodes)
    if (mode?.value === 'create' && vip && creating.vip && vip.value !== creating.vip.value)
      findings.error(
        'import-conflict',
        vip.at,
        `This node creates a cluster with the VIP ${vip.value}, and another one with ${creating.vip.value}: joined files describe one cluster.`,
        'import the files of each cluster as a separate site',
        ['the other VIP is set at', creating.vip.at],
      );
}

/** Reports a VIP outside the networks of the files, which probably describe two clusters. */
export function reportVipOutside(
  vip: Sourced<string> | undefined,
  networks: readonly JoinedNetwork[],
  findings: Findings,
): void {
  const [network] = networks;
  if (!vip || ipv4Number(vip.value) === undefined || !network?.input) return;
  if (networks.some(({ subnet }) => contains(subnet, vip.value))) return;
  findings.warning(
    'import-conflict',
    vip.at,
    `The VIP ${vip.value} is outside ${network.subnet.text}, the network of the nodes: the files probably describe two clusters.`,
    'import the files of each cluster as a separate site, or correct the VIP or the subnet',
    ['the subnet is set at', network.input.subnet.at],
  );
}

/** Adds notes on reservations for a VIP, if the site has no Harvester cluster for it or another VIP. */
export function noteVips(vips: readonly GatheredVip[], plan: HarvesterPlan | undefined, notes: Notes): void {
  for (const { at, name, ip, mac } of vips) {
    if (plan && (ip === undefined || ip.value === plan.vip?.value)) continue;
    const keys = [ip && `vip: ${ip.value}`, mac && `vip_mode: dhcp, vip_hw_addr: "${mac.value}"`].filter(
      Boolean,
    );
    const why = `the VIP of a Harvester cluster, not a machine: set cluster: { ${keys.join(', ')} } for one`;
    notes.left({ value: name, at }, why);
  }
}
