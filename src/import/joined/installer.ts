import { isValueMap, locatedList, selfLocation, type ValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { isNodeXname, parseMac } from '../../values/identifiers.ts';
import type { Version } from '../../values/version.ts';
import { dropIfEmpty, emptyMap, mapIn, setIn, takeText, textAt } from '../model/config-values.ts';
import type {
  Gathered,
  GatheredBoot,
  GatheredHarvester,
  GatheredMachine,
  GatheredNetwork,
  GatheredNic,
  Sourced,
} from '../model/gathered.ts';
import type { ImportSettings } from '../model/import-format.ts';
import { configUrlOf, serverOfUrl, splitParams } from '../model/kernel-params.ts';
import { displayName } from '../model/names.ts';
import type { Notes } from '../model/notes.ts';
import { subnetOf } from '../model/subnets.ts';
import { asBmc } from './bmcs.ts';
import { isKept, nameOf } from './boot-profiles.ts';
import { distinctBy, isSameText, mergedConfig } from './first-wins.ts';
import { bootNicOf, calledAs, type Machine } from './machine.ts';
import { modernConfig } from './modern-config.ts';

const INSTALL_ONLY =
  'it installs without configuring, and the mode of the configuration applies at the first boot: harvgen installs and configures at once';

const LEFT_SSL = 'harvgen writes this argument only if the media are at an https URL';

/** Arguments that harvgen writes itself. */
const OWN =
  /^(?:initrd=.*|ip=dhcp|net\.ifnames=1|rd\.cos\.disable|rd\.noverifyssl|root=live:.*|harvester\.install\.(?:automatic=true|config_url=.*))$/i;

/** Returns the last part of a URL or path. */
function fileOf(url: string | undefined): string | undefined {
  return url?.replace(/[?#].*$/, '').replace(/^.*\//, '');
}

/** Returns the base URL of the server of a configuration, if it is an IP address. */
export function serverOf(boots: readonly GatheredBoot[]): Sourced<string> | undefined {
  for (const boot of boots) {
    const url = serverOfUrl(configUrlOf(boot) ?? '');
    if (url !== undefined) return { value: url, at: (boot.params ?? boot).at };
  }
  return undefined;
}

/** Returns the NIC that an argument names: by MAC address, by name, or by both. Source: pkg/util/cmdline.go of the installer. */
function nicOfText(text: string, at: SourceLocation): ValueMap {
  const nic = emptyMap(at);
  for (const part of text.split(/\s*,\s*/)) {
    const mac = parseMac(part.replace(/^hwAddr:\s*/i, ''));
    if (mac === undefined) setIn(nic, ['name'], part.replace(/^name:\s*/, ''), at);
    else setIn(nic, ['hwAddr'], mac, at);
  }
  return nic;
}

/** Lists of servers. Upstream's examples separate these by commas, which the installer would read as one server. */
const SERVERS = /^os\.(?:ntp_servers|dns_nameservers)$/;

/** Arguments with values of one machine or of the old server. */
const OF_OTHERS = /^(?:ip|nameserver|root|BOOTIF|ds|xname|nid|bss_referral_token)=/i;

/**
 * Returns the settings on a kernel command line: the configuration, and the consoles and arguments that `boot` of an inventory adds.
 * Adds notes on the arguments that it cannot contain.
 */
function readParams({ params }: GatheredBoot, notes: Notes): { config?: ValueMap; boot?: ValueMap } {
  if (!params) return {};
  const { value, at } = params;
  const config = emptyMap(at);
  const words = splitParams(value);
  const args: string[] = [];
  // The installer runs on the first console.
  const consoles = words.flatMap((word) => /^console=(.*)$/s.exec(word)?.[1] ?? []);
  const [tty] = consoles;
  if (consoles.length === 1 && tty !== 'tty1') setIn(config, ['install', 'tty'], tty ?? '', at);
  for (const word of words) {
    const [, path, setting = 'true'] =
      /^harvester\.(?!installer\.)([\w.-]+)(?:=(.*))?$/s.exec(word.replaceAll('"', '')) ?? [];
    const [, nic] = /^ip=([^:]+):dhcp$/.exec(word) ?? [];
    if (word === 'rd.noverifyssl' && !value.includes('root=live:https:'))
      notes.left(displayName(word), LEFT_SSL, at);
    if (OWN.test(word) || nic !== undefined || word.startsWith('console=')) continue;
    if (path === 'install.management_interface.interfaces')
      setIn(config, path.split('.'), locatedList(at, [{ value: nicOfText(setting, at), at }]), at);
    else if (path !== undefined) {
      const settings = SERVERS.test(path) ? setting.split(/\s*,\s*/) : [setting];
      if (settings.length > 1) notes.changed(path, 'it is now a list, no longer one text with commas', at);
      for (const one of settings) setIn(config, path.split('.'), one, at);
    } else if (OF_OTHERS.test(word)) notes.left(nameOf(word), 'harvgen writes its own, or none', at);
    else if (isKept(word, at, undefined, notes)) args.push(word);
  }
  const boot = emptyMap(at);
  const listed = (texts: readonly string[]) =>
    locatedList(
      at,
      texts.map((text) => ({ value: text, at })),
    );
  if (consoles.length > 1) setIn(boot, ['consoles'], listed(consoles), at);
  if (args.length > 0) setIn(boot, ['args'], listed(args), at);
  return { config, boot };
}

/** Returns a machine with the values of its configuration, in the keys of a release, and of the kernel command line. */
export function installed(
  { harvester, ...machine }: GatheredMachine,
  boot: GatheredBoot | undefined,
  release: Version | undefined,
  notes: Notes,
  isShared = false,
): { readonly machine: GatheredMachine; readonly networks: readonly GatheredNetwork[] } {
  const { config: line, boot: added } = boot ? readParams(boot, notes) : {};
  const onLine = mapIn(line, 'install');
  // The node gets its mode from the configuration at its first boot: harvester-installer, pull request 457.
  if (harvester && textAt(onLine, 'mode')?.value === 'install')
    notes.changed('install.mode', INSTALL_ONLY, takeText(onLine, 'mode')?.at);
  const raw = line && harvester ? mergedConfig(line, harvester.config) : (line ?? harvester?.config);
  const mode = textAt(mapIn(raw, 'install'), 'mode')?.value;
  const config = modernConfig(raw ?? emptyMap(machine.at), {
    release,
    mode: mode?.toLowerCase() === 'create' ? 'create' : 'join',
    notes,
  });
  const install = mapIn(config, 'install');
  const management = mapIn(install, 'management_interface');
  const hostname = takeText(mapIn(config, 'os'), 'hostname');
  const { nics, bond } = nicsOf(machine, management, boot, notes);
  const networks: GatheredNetwork[] = [];
  const [method, ip, mask, gateway] = ['method', 'ip', 'subnet_mask', 'gateway'].map((key) =>
    takeText(management, key),
  );
  if (method?.value === 'static' && ip) {
    const cidr = mask && subnetOf(ip.value, mask.value);
    if (nics[0]) nics[0] = { ...nics[0], ips: [ip] };
    if (cidr) networks.push({ at: mask.at, subnet: { value: cidr.text, at: mask.at }, gateway });
    const why =
      'the DHCP server of the site has a reservation for this IP address: for static IP addresses, remove dhcp of the network, and boot the embedded script';
    // The DHCP server of the site answers without a tag.
    if (management.vlan_id !== undefined) setIn(management, ['method'], method.value, method.at);
    else notes.changed('method', why, method.at);
  }
  dropIfEmpty(install, 'management_interface');
  const [console] = Array.isArray(added?.consoles) ? added.consoles : [];
  const tty = console === undefined ? undefined : takeText(install, 'tty');
  const why = `the installed system has the first console of the installer, ${console}`;
  if (tty && tty.value !== console) notes.changed('install.tty', why, tty.at);
  const name = (isShared ? machine.name : hostname) ?? machine.name ?? hostname;
  if (isShared && hostname && name && !isSameText(hostname, name))
    notes.changed('os.hostname', `several machines have it: this one is named ${name.value}`, hostname.at);
  else if (machine.name && name && !isSameText(machine.name, name))
    notes.changed(machine.name, `the node is named ${name.value}, as in its configuration`);
  const names = distinctBy([...(harvester?.bond ?? []), ...bond], ({ value }) => value);
  const isOther = ({ value }: Sourced<string>) => nics.every((nic) => nic.name?.value !== value);
  const own = { ...harvester, config, boot: added ?? harvester?.boot, bond: names.filter(isOther) };
  return { machine: { ...machine, name, nics, harvester: own }, networks };
}

/** Returns the NICs of a machine, the one that it boots from first, and the names of the others without MAC addresses. */
function nicsOf(
  { nics = [] }: GatheredMachine,
  management: ValueMap,
  boot: GatheredBoot | undefined,
  notes: Notes,
): { nics: GatheredNic[]; bond: Sourced<string>[] } {
  const list = management.interfaces;
  const found = (Array.isArray(list) ? list : []).flatMap((one) => {
    if (!isValueMap(one)) return [];
    const address = textAt(one, 'hwAddr');
    const mac = address && parseMac(address.value);
    return [
      {
        name: textAt(one, 'name'),
        mac: mac === undefined ? undefined : { value: mac, at: address?.at ?? selfLocation(one) },
      },
    ];
  });
  const isComplete = Array.isArray(list) && found.length === list.length;
  const [first = {}, ...others] = nics;
  const [, text] = /(?:^|\s)ip=([^\s:]+):dhcp(?=\s|$)/.exec(boot?.params?.value ?? '') ?? [];
  const booted = text !== undefined && boot?.params ? { value: text, at: boot.params.at } : undefined;
  const named = first.name ?? booted;
  const own =
    found.find(({ mac }) => mac && mac.value === first.mac?.value) ??
    found.find(({ name, mac }) => name && name.value === named?.value && !(mac && first.mac)) ??
    found.find(({ mac }) => !first.name && !(mac && first.mac));
  const outside = `it boots from ${named?.value ?? first.mac?.value}, which is none of its management interfaces, ${found.map((nic) => nic.name?.value ?? nic.mac?.value).join(' and ')}: check them in config, and set network of the other NICs`;
  if (!own && isComplete && found.length > 0)
    notes.open('management_interface.interfaces', outside, selfLocation(list));
  else if (isComplete && found.every((nic) => nic.name ?? nic.mac)) delete management.interfaces;
  const unsure = found.filter(({ mac }) => !mac);
  const why = `several NICs of its bond have no MAC address, and ${own?.name?.value} may not be the one that it boots from: check their names`;
  if (named === undefined && first.mac && own && !own.mac && unsure.length > 1)
    notes.open(first.mac.value, why, own.name?.at);
  const name = first.name ?? own?.name ?? booted;
  const rest = found.filter((one) => one !== own);
  const booting = { ...first, mac: first.mac ?? own?.mac, name, ...(own || boot ? { boots: true } : {}) };
  const sameMac = (nic: GatheredNic) => (one: GatheredNic) => one.mac?.value === nic.mac?.value;
  const members = others.map((nic) => ({
    ...nic,
    name: nic.name ?? (nic.mac && rest.find(sameMac(nic))?.name),
  }));
  const further = rest.filter((nic) => nic.mac && !others.some(sameMac(nic)));
  return {
    nics: [...(own || boot || nics.length > 0 ? [booting] : []), ...members, ...further],
    bond: rest.flatMap((one) => (one.mac ? [] : (one.name ?? []))),
  };
}

/** Returns whether a configuration contains more than the installation disk and the role, which tables of any machines can contain. */
function isInstallation({ config: { install, ...others } }: GatheredHarvester): boolean {
  return (
    Object.keys(others).length > 0 ||
    !isValueMap(install) ||
    Object.keys(install).some((key) => key !== 'device' && key !== 'role')
  );
}

/**
 * Returns the machines on which Harvester is installed: those with its configuration or installer. With `--harvester-version`,
 * or if no machine boots anything else, also those that no file boots.
 */
export function installedMachines(
  machines: readonly Machine[],
  isFree: (machine: Machine) => boolean,
  { harvesterVersion }: ImportSettings,
  notes: Notes,
): Machine[] {
  const isOne = ({ harvester, installer }: Machine) =>
    installer !== undefined || (harvester !== undefined && isInstallation(harvester));
  const all = machines.every((one) => isOne(one) || isFree(one)) && machines.some(isOne);
  return machines.filter((machine) => {
    if (isOne(machine) || ((harvesterVersion || all) && isFree(machine))) return true;
    const install = mapIn(machine.harvester?.config, 'install');
    const why = 'a value for an installation of Harvester: add --harvester-version if it is installed there';
    for (const key of Object.keys(install)) notes.left(key === 'device' ? 'disk' : key, why, machine.at);
    machine.harvester = undefined;
    return false;
  });
}

/**
 * Adds the settings of the installer's kernel command line to a machine whose configuration is in no file, and returns the
 * networks in them.
 */
export function addInstaller(
  machine: Machine,
  release: Version | undefined,
  notes: Notes,
): readonly GatheredNetwork[] {
  const { installer, harvester } = machine;
  if (!installer) return [];
  const nic = bootNicOf(machine);
  const nics = [...(nic ? [nic] : []), ...machine.nics.filter((one) => one !== nic)];
  const isShared = machinesOfBoot(installer).length !== 1;
  const made = installed({ ...machine, nics }, installer, release, notes, isShared);
  const { nics: own = [], ...values } = made.machine;
  Object.assign(machine, values);
  machine.nics.splice(
    0,
    nics.length,
    ...own.map((one) => ({ boots: false, ...one, ips: [...(one.ips ?? [])] })),
  );
  const url = configUrlOf(installer);
  const todo = `its configuration is at ${displayName(url ?? '')}, which harvgen does not download: add it with --join harvester:FILE`;
  if (url !== undefined && !harvester)
    notes.open(calledAs(machine), todo, (installer.params ?? installer).at);
  return made.networks;
}

const SAME_NAME =
  'several configurations have this file name: rename each, also in the config_url of its script, and import again';

/** Returns the machines that a boot entry is for by their own identifiers, with these only. */
function machinesOfBoot(
  { at, macs = [], uuids = [], ips = [], hosts = [] }: GatheredBoot,
  isName: (name: string) => boolean = () => true,
): GatheredMachine[] {
  const xnames = hosts.filter(({ value }) => isNodeXname(value.toLowerCase()));
  const names = hosts.filter((host) => !xnames.includes(host) && !isDefault(host) && isName(host.value));
  return [
    ...macs.map((mac) => ({ at, nics: [{ mac, boots: true }] })),
    ...ips.map((ip) => ({ at, nics: [{ ips: [ip] }] })),
    ...uuids.map((uuid) => ({ at, uuid })),
    ...xnames.map((xname) => ({ at, xname: { ...xname, value: xname.value.toLowerCase() } })),
    ...names.map((name) => ({ at, name })),
  ];
}

/** Whether an entry for several machines is for this one: for all, a group, a role or NIDs. */
function isForSeveral(
  { hosts = [], nids = [] }: GatheredBoot,
  { groups = [], role, nid }: GatheredMachine,
): boolean {
  const labels = [...groups, ...(role ? [role] : [])];
  const isFor = (host: Sourced<string>) => isDefault(host) || labels.some((label) => isSameText(label, host));
  return hosts.some(isFor) || nids.some(({ value }) => value === nid?.value);
}

function isDefault({ value }: Sourced<string>): boolean {
  return value.toLowerCase() === 'default';
}

/** Returns the identifiers of a machine as texts in lower case. */
function idsOf({ name, xname, uuid, nics = [] }: GatheredMachine): string[] {
  const all = [name, xname, uuid, ...nics.flatMap(({ mac, ips = [] }) => [mac, ...ips])];
  return all.flatMap((one) => one?.value.toLowerCase() ?? []);
}

/**
 * Returns the data of files with Harvester's configurations joined with the scripts that request them, by file name. These
 * machines are first, because their host names take precedence. `boots` lacks the entries of these scripts.
 */
export function withConfigs(
  gathered: readonly Gathered[],
  release: Version | undefined,
  notes: Notes,
): Required<Pick<Gathered, 'machines' | 'boots' | 'networks' | 'vips'>> {
  const all = <T>(listOf: (one: Gathered) => readonly T[] | undefined) =>
    gathered.flatMap((one) => listOf(one) ?? []);
  const listed = all((one) => one.machines);
  const boots = all((one) => one.boots);
  const used = new Set<GatheredBoot>();
  const networks: GatheredNetwork[] = [];
  const byFile = new Map<string, GatheredBoot[]>();
  for (const boot of boots) {
    const file = fileOf(configUrlOf(boot));
    if (file) byFile.set(file, [...(byFile.get(file) ?? []), boot]);
  }
  const known = new Set(listed.flatMap(({ harvester }) => vipTexts(harvester?.config)));
  const others = listed.filter((one) => !one.harvester && !asBmc(one));
  const nodes = others.filter((one) => !idsOf(one).some((id) => known.has(id)));
  const names = new Set(others.flatMap(({ name }) => name?.value.toLowerCase() ?? []));
  const targetsOf = (boot: GatheredBoot) => machinesOfBoot(boot, (name) => names.has(name.toLowerCase()));
  const hostnames = listed.flatMap(
    ({ harvester }) => textAt(mapIn(harvester?.config, 'os'), 'hostname')?.value ?? [],
  );
  const claimed = new Set([
    ...hostnames.map((name) => name.toLowerCase()),
    ...[...boots.flatMap(targetsOf), ...listed.filter((one) => one.harvester)].flatMap(idsOf),
  ]);
  const free = nodes.filter((one) => !idsOf(one).some((id) => claimed.has(id)));
  /** The host names of machines whose scripts have other names. */
  const renamed = new Map<string, Sourced<string>>();
  const machines = listed.flatMap((machine) => {
    const { harvester } = machine;
    if (!harvester) return [];
    const { file = '' } = harvester;
    const requests = byFile.get(file) ?? [];
    const hasNamesake =
      requests.length > 0 && listed.filter((one) => one.harvester?.file === file).length > 1;
    if (hasNamesake) notes.open(file, SAME_NAME, machine.at);
    const own = hasNamesake ? [] : requests;
    for (const boot of own) used.add(boot);
    const targets = own.flatMap((boot) => targetsOf(boot).map((one) => ({ one, boot })));
    // A script for all machines reaches those that have no other; a cluster has one create node.
    const joins = textAt(mapIn(harvester.config, 'install'), 'mode')?.value.toLowerCase() === 'join';
    const isAlone = free.length === 1 && claimed.size === 0;
    const reached = joins || isAlone ? free.filter((one) => own.some((boot) => isForSeveral(boot, one))) : [];
    const [boot] = own;
    const identities = reached.map(({ at, name, xname, uuid, nics }) => ({ at, name, xname, uuid, nics }));
    const found = [...targets, ...identities.map((one) => ({ one, boot }))];
    const pairs = distinctBy(found, ({ one }) => idsOf(one).join());
    const isShared = pairs.length > 1;
    return (isShared || pairs[0] ? pairs : [{ one: machine, boot }]).map(({ one, boot: by }, index) => {
      const name = one.name ?? (isShared ? nameIn(nodes, one) : undefined);
      const input = { ...machine, ...one, name, at: machine.at, harvester };
      const made = installed(input, by, release, notes, isShared);
      networks.push(...made.networks);
      if (one.name && made.machine.name) renamed.set(one.name.value.toLowerCase(), made.machine.name);
      if (index === 0 || name || !made.machine.name) return made.machine;
      const why = 'several machines have this configuration: only the first gets its host name';
      notes.changed(made.machine.name, why);
      return { ...made.machine, name: undefined };
    });
  });
  for (const { harvester } of machines) for (const text of vipTexts(harvester?.config)) known.add(text);
  const vips = all((one) => one.vips);
  // Of several names, the first applies.
  const byMac = new Map(
    machines
      .toReversed()
      .flatMap(({ nics = [], name }) =>
        nics.flatMap(({ mac }) => (mac && name ? [[mac.value, name] as const] : [])),
      ),
  );
  const rest = listed
    .filter(({ harvester }) => !harvester)
    .flatMap((machine) => {
      const { at, name, nics = [] } = machine;
      const [ip] = nics.flatMap(({ ips = [] }) => ips);
      const [mac] = nics.flatMap((nic) => nic.mac ?? []);
      if (known.has(ip?.value ?? '') || known.has(mac?.value ?? '')) {
        vips.push({ at, name: name?.value ?? ip?.value ?? '', ip, mac });
        return [];
      }
      const own = (mac && byMac.get(mac.value)) ?? renamed.get(name?.value.toLowerCase() ?? '');
      if (!own || !name || own.value.toLowerCase() === name.value.toLowerCase()) return [machine];
      notes.changed(name, `the node is named ${own.value}, as in its configuration`);
      return [{ ...machine, name: own }];
    });
  return {
    machines: [...machines, ...rest],
    boots: boots.filter((boot) => !used.has(boot)),
    networks: [...all((one) => one.networks), ...networks],
    vips,
  };
}

/** Returns the name of the first of machines that has an identifier of another one. */
function nameIn(machines: readonly GatheredMachine[], of: GatheredMachine): Sourced<string> | undefined {
  const ids = new Set(idsOf(of));
  return machines.find((one) => one.name && idsOf(one).some((id) => ids.has(id)))?.name;
}

/** Returns the VIP of a configuration and its MAC address, in lower case. */
function vipTexts(config?: ValueMap): string[] {
  const install = mapIn(config, 'install');
  return ['vip', 'vip_hw_addr'].flatMap((key) => textAt(install, key)?.value.toLowerCase() ?? []);
}
