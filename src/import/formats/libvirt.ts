import { ipv4Number } from '../../values/addresses.ts';
import type {
  GatheredBoot,
  GatheredMachine,
  GatheredNetwork,
  GatheredNic,
  GatheredVm,
  Sourced,
} from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { displayName } from '../model/names.ts';
import { maskOf, subnetOf } from '../model/subnets.ts';
import { readHost, withBootFiles } from './dnsmasq.ts';
import { type BootFile, bootFileIn, type Line, readLine } from './dnsmasq-lines.ts';
import { entryOf, FileReader } from './file-reader.ts';
import { isSilent, reasonText } from './keys.ts';
import {
  digitsOf,
  gatheredOf,
  leaseText,
  networkOf,
  type OptionKey,
  optionNamed,
  type Reservation,
  serverIn,
} from './reservations.ts';
import { childOf, childrenOf, readXml, type XmlElement } from './xml.ts';

/** The XML of libvirt's networks and domains. */
export const libvirt: JoinedFormat = {
  name: 'libvirt',
  what: "XML of libvirt's networks and domains, as virsh net-dumpxml and virsh dumpxml print it",
  isLike: ({ text }) => LIKE.test(text),
  read(source, report) {
    const reader = new FileReader(source, report);
    if (source.text.trim() !== '' && !LIKE.test(source.text))
      return reader.refuse(
        'The file contains no domain and no network of libvirt.',
        'use the output of virsh net-dumpxml NETWORK or virsh dumpxml DOMAIN; several outputs can be concatenated',
      );
    const { roots, error } = readXml(source);
    if (error) return reader.error('import-syntax', error.message, error.at, error.help);
    const elements = roots.flatMap((root) => (isCarried(root) ? [root] : root.children.filter(isCarried)));
    const machines: GatheredMachine[] = [];
    const networks: GatheredNetwork[] = [];
    const reservations: Reservation[] = [];
    const bootFiles: Sourced<string>[] = [];
    for (const element of elements)
      if (element.name === 'domain') machines.push(machineOfDomain(element, reader));
      else {
        const read = readNetwork(element, reader);
        networks.push(...read.networks);
        reservations.push(...read.reservations);
        bootFiles.push(...read.bootFiles);
      }
    const reserved = gatheredOf(reservations, reader);
    return {
      ...reserved,
      machines: [...machines, ...reserved.machines],
      boots: elements.flatMap((element) => bootOf(element, reader)),
      networks,
      server: serverIn(bootFiles),
      notes: reader.notes.sorted(),
    };
  },
};

/** The root elements of libvirt's files; the last three contain a domain or network. */
const LIKE = /<(?:domain|network|domainsnapshot|domstatus|networkstatus)\b[^<>]*>/;

function isCarried({ name }: XmlElement): boolean {
  return name === 'domain' || name === 'network';
}

const OWN_DOMAINS = 'harvgen writes its own domains if the site has a host: use a site template for this';

/** Adds a note on each child of an element that is not in a table of keys.json. */
function noteOthers(
  element: XmlElement | undefined,
  table: string,
  called: string,
  why: string,
  { notes }: FileReader,
): void {
  for (const { name, at } of element?.children ?? [])
    if (!isSilent(table, name)) notes.left(`${displayName(name)} of ${called}`, why, at);
}

function machineOfDomain(domain: XmlElement, reader: FileReader): GatheredMachine {
  const name = nonEmpty(childOf(domain, 'name')?.text);
  const called = displayName(name?.value ?? 'the domain');
  const uuid = nonEmpty(childOf(domain, 'uuid')?.text);
  const isUuid = uuid && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid.value);
  noteOthers(domain, 'libvirt domain', called, OWN_DOMAINS, reader);
  noteOthers(childOf(domain, 'devices'), 'libvirt devices', called, OWN_DOMAINS, reader);
  noteDisks(domain, called, reader);
  const serial = childrenOf(childOf(domain, 'sysinfo', 'system'), 'entry').find(
    ({ attributes }) => attributes.get('name')?.value === 'serial',
  );
  return {
    at: domain.at,
    name,
    uuid: isUuid ? uuid : undefined,
    serial: nonEmpty(serial?.text),
    arch: archOf(domain, called, reader),
    firmware: firmwareOf(domain),
    vm: vmOf(domain, reader),
    nics: nicsOf(domain, called, reader),
  };
}

/** Returns the kernel that a domain boots directly, as a list: for example the installer of Harvester. */
function bootOf(domain: XmlElement, reader: FileReader): GatheredBoot[] {
  const text = (name: string) => nonEmpty(childOf(domain, 'os', name)?.text);
  const name = nonEmpty(childOf(domain, 'name')?.text);
  const [kernel, params] = [text('kernel'), text('cmdline')];
  if (!kernel || !name) return [];
  if (/(?:^|\s)harvester\./.test(params?.value ?? ''))
    return [{ at: kernel.at, hosts: [name], kernel, params }];
  const why = 'a file of the host, from which libvirt boots the domain: copy it to server.images';
  reader.left(kernel, why);
  return [];
}

function nonEmpty(text: Sourced<string> | undefined): Sourced<string> | undefined {
  return text?.value === '' ? undefined : text;
}

/** Returns a libvirt unit in bytes. Source: virScaleInteger; https://libvirt.org/formatdomain.html#memory-allocation */
function bytesOf(unit: string): number {
  if (/^b(?:ytes)?$/i.test(unit)) return 1;
  const [, letter = '', rest] = /^([kmgt])(i?b)?$/.exec(unit.toLowerCase()) ?? [];
  return letter === '' ? Number.NaN : (rest === 'b' ? 1000 : 1024) ** ('kmgt'.indexOf(letter) + 1);
}

/** Returns memory in the notation of inventories, from libvirt's number and unit; undefined if these are invalid. */
function memoryText(number: string, unit = 'KiB'): string | undefined {
  const mebibytes = Math.floor((Number(number) * bytesOf(unit)) / 2 ** 20);
  if (!/^[1-9]\d{0,14}$/.test(number) || !(mebibytes >= 1)) return undefined;
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`;
}

function vmOf(domain: XmlElement, reader: FileReader): GatheredVm {
  const memory = childOf(domain, 'memory');
  const vcpu = childOf(domain, 'vcpu')?.text;
  const vcpus = Number(vcpu?.value);
  const text = memory && memoryText(memory.text.value, memory.attributes.get('unit')?.value);
  if (memory && text === undefined) {
    const help = "write it as <memory unit='GiB'>16</memory>; the default unit is KiB";
    reader.error('import-value', 'This is not a memory size.', memory.text.at, help);
  }
  const secure = childOf(domain, 'os', 'loader')?.attributes.get('secure');
  return {
    memory: memory && text !== undefined ? { value: text, at: memory.text.at } : undefined,
    vcpus: vcpu && vcpus && Number.isInteger(vcpus) ? { value: vcpus, at: vcpu.at } : undefined,
    secureBoot: secure?.value === 'yes' ? { value: true, at: secure.at } : undefined,
  };
}

function archOf(domain: XmlElement, called: string, { notes }: FileReader): GatheredMachine['arch'] {
  const arch = childOf(domain, 'os', 'type')?.attributes.get('arch');
  if (!arch) return undefined;
  if (arch.value === 'x86_64') return { value: 'amd64', at: arch.at };
  if (arch.value === 'aarch64') return { value: 'arm64', at: arch.at };
  notes.left(`${displayName(arch.value)} of ${called}`, 'an architecture that a site cannot have', arch.at);
  return undefined;
}

/** Returns the firmware of a domain. Without a loader and a firmware attribute, it is BIOS, except on ARM. */
function firmwareOf(domain: XmlElement): GatheredMachine['firmware'] {
  const os = childOf(domain, 'os');
  if (!os) return undefined;
  const firmware = os.attributes.get('firmware');
  const loader = childOf(os, 'loader');
  if (firmware) return { value: firmware.value === 'efi' ? 'uefi' : 'bios', at: firmware.at };
  if (loader)
    return { value: loader.attributes.get('type')?.value === 'rom' ? 'bios' : 'uefi', at: loader.at };
  const isArm = childOf(os, 'type')?.attributes.get('arch')?.value === 'aarch64';
  return isArm ? undefined : { value: 'bios', at: os.at };
}

function nicsOf(domain: XmlElement, called: string, reader: FileReader): GatheredNic[] {
  const interfaces = childrenOf(childOf(domain, 'devices'), 'interface').map((element) => {
    const order = Number(childOf(element, 'boot')?.attributes.get('order')?.value ?? Number.NaN);
    const source = childOf(element, 'source')?.attributes;
    const port = nonEmpty(source?.get('bridge') ?? source?.get('dev'));
    const network = nonEmpty(source?.get('network'));
    noteOthers(element, 'libvirt interface', `a NIC of ${called}`, OWN_DOMAINS, reader);
    const todo = `a NIC of ${called} is on this device of the host: add a network with interface: ${port?.value}, and set it as network of the NIC, which is on the first network until then`;
    if (port) reader.open(port, todo);
    const mac = childOf(element, 'mac')?.attributes.get('address');
    const why = 'one of its NICs has no MAC address yet: define the domain in libvirt, and dump it again';
    if (!mac) reader.open(called, why, element.at);
    return { order, network, mac: mac && reader.requireMac(mac) };
  });
  const first = Math.min(...interfaces.map(({ order }) => order).filter((order) => !Number.isNaN(order)));
  return interfaces.flatMap(({ mac, network, order }) =>
    mac ? [{ mac, network, ...(order === first ? { boots: true } : {}) }] : [],
  );
}

function noteDisks(domain: XmlElement, called: string, { notes }: FileReader): void {
  for (const disk of childrenOf(childOf(domain, 'devices'), 'disk')) {
    const device = disk.attributes.get('device')?.value ?? 'disk';
    const target = displayName(childOf(disk, 'target')?.attributes.get('dev')?.value ?? 'a disk');
    const of = `${target} of ${called}`;
    const todo =
      'the XML does not contain the size of a disk: virsh domblkinfo shows it. Set it in vm.disks if harvgen creates the domain';
    if (device === 'disk') notes.open(of, todo, disk.at);
    else notes.left(of, `a ${displayName(device)}: machines of a site boot from the network`, disk.at);
  }
}

function readNetwork(element: XmlElement, reader: FileReader) {
  const { notes } = reader;
  const called = displayName(childOf(element, 'name')?.text.value ?? 'the network');
  noteOthers(element, 'libvirt network', called, 'a network of a site has no such key', reader);
  const ips = childrenOf(element, 'ip').filter(({ attributes, at }) => {
    const isIpv4 = ipv4Number(attributes.get('address')?.value ?? '') !== undefined;
    if (!isIpv4) notes.left('ip', 'a site has IPv4 addresses', at);
    return isIpv4;
  });
  const ip = ips.find((subnet) => childOf(subnet, 'dhcp')) ?? ips[0];
  for (const other of ips.filter((subnet) => subnet !== ip))
    notes.left(`ip of ${called}`, 'another subnet of one network: create a network for it', other.at);
  const { options, hosts, bootFiles } = optionsOf(element, reader);
  const bootp = ips.flatMap((subnet) => childrenOf(childOf(subnet, 'dhcp'), 'bootp'));
  // Boot options, which harvgen writes itself.
  for (const { name, at } of ips.flatMap((subnet) => [
    ...subnet.children,
    ...childrenOf(subnet, 'dhcp').flatMap(({ children }) => children),
  ]))
    if (!['dhcp', 'range', 'host'].includes(name)) reader.left({ value: name, at }, reasonText('boot'));
  const mode = childOf(element, 'forward')?.attributes.get('mode')?.value;
  const bridge = childOf(element, 'bridge')?.attributes.get('name')?.value;
  const why = `libvirt leases no IP addresses in it${mode ? ` (forward mode ${displayName(mode)})` : ''}: take the subnet from its DHCP server${bridge ? `, and set interface to ${displayName(bridge)}` : ''}`;
  if (!ip) notes.left(called, why, element.at);
  return {
    networks: ip ? networkIn(element, ip, options, reader) : [],
    reservations: ip
      ? [...childrenOf(childOf(ip, 'dhcp'), 'host').map((host) => hostOf(host, reader)), ...hosts]
      : hosts,
    bootFiles: [...bootp.flatMap(({ attributes }) => attributes.get('file') ?? []), ...bootFiles],
  };
}

function networkIn(
  element: XmlElement,
  ip: XmlElement,
  options: Options,
  reader: FileReader,
): GatheredNetwork[] {
  const address = ip.attributes.get('address') as Sourced<string>;
  const mask = maskOf(Number(ip.attributes.get('prefix')?.value ?? Number.NaN));
  const cidr = subnetOf(address.value, mask || (ip.attributes.get('netmask')?.value ?? ''));
  const dns = childOf(element, 'dns');
  const ranges = childrenOf(childOf(ip, 'dhcp'), 'range');
  for (const { name, at } of dns?.children ?? [])
    reader.left(`${displayName(name)} of dns`, 'harvgen writes no DNS records', at);
  const facts = {
    at: element.at,
    name: childOf(element, 'name')?.text,
    subnet: cidr && { value: cidr, at: address.at },
    // An isolated network has no route out, and libvirt sends no router to its machines.
    routers: options.routers ?? (childOf(element, 'forward') ? [address] : []),
    around: [address],
    dns: options.dns ?? (dns?.attributes.get('enable')?.value === 'no' ? [] : [address]),
    ntp: options.ntp ?? [],
    domain: options.domain?.[0] ?? childOf(element, 'domain')?.attributes.get('name'),
    mtu: digitsOf(childOf(element, 'mtu')?.attributes.get('size'), /^\d{1,5}$/),
    pools: ranges.flatMap(({ attributes }) => {
      const [start, end] = [attributes.get('start'), attributes.get('end')];
      return start && end ? [[start, end] as const] : [];
    }),
    lease: ranges.flatMap((range) => leaseOf(childOf(range, 'lease')) ?? [])[0],
  };
  const libvirt = forwardOf(element, address, reader);
  return networkOf(facts, reader).map((network) => ({ ...network, libvirt }));
}

/** Returns how libvirt forwards the traffic of a network. Source: https://libvirt.org/formatnetwork.html#connectivity */
function forwardOf(
  element: XmlElement,
  address: Sourced<string>,
  reader: FileReader,
): NonNullable<GatheredNetwork['libvirt']> {
  const forward = childOf(element, 'forward');
  const { value: mode } = forward?.attributes.get('mode') ?? { value: forward ? 'nat' : 'isolated' };
  const dev = forward?.attributes.get('dev');
  if (dev) reader.left(dev, 'a site does not restrict the traffic of a network to a device of the host');
  // libvirt prints this range of ports although it is the default.
  const isUsual = (child: XmlElement) => childOf(child, 'port')?.attributes.get('start')?.value === '1024';
  for (const child of forward?.children ?? [])
    if (!isUsual(child))
      reader.left(`${displayName(child.name)} of forward`, 'a site has no such key', child.at);
  const value = mode as 'nat' | 'route' | 'open' | 'isolated';
  return { forward: { value, at: forward?.at ?? element.at }, address };
}

/** Seconds of the units of a lease. Source: https://libvirt.org/formatnetwork.html */
const SECONDS: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3600 };

function leaseOf(lease: XmlElement | undefined): Sourced<string> | undefined {
  const expiry = lease?.attributes.get('expiry');
  const seconds = entryOf(SECONDS, lease?.attributes.get('unit')?.value ?? 'minutes');
  if (!expiry || seconds === undefined || !/^\d{1,8}$/.test(expiry.value)) return undefined;
  const value = expiry.value === '0' ? 'infinite' : leaseText(Number(expiry.value) * seconds);
  return { value, at: expiry.at };
}

function hostOf({ at, attributes }: XmlElement, reader: FileReader): Reservation {
  const [mac, ip, id] = ['mac', 'ip', 'id'].map((name) => attributes.get(name));
  if (id) reader.left(id, reasonText('client-id'));
  const macs = mac ? reader.macOrNote(mac) : [];
  return { at, name: attributes.get('name'), macs, ips: ip ? [ip] : [] };
}

type Options = Partial<Record<OptionKey, readonly Sourced<string>[]>>;

const OPTION =
  /^dhcp-option(?:-force)?=(?:option:)?(router|dns-server|ntp-server|domain-name|3|6|42|15),(.+)$/;

function optionsOf(element: XmlElement, reader: FileReader) {
  const options: Options = {};
  const hosts: Line[] = [];
  const bootFiles: BootFile[] = [];
  for (const { attributes } of childrenOf(childOf(element, 'dnsmasq:options'), 'dnsmasq:option')) {
    const option = attributes.get('value');
    if (!option) continue;
    const { value, at } = option;
    const [, code, list = ''] = OPTION.exec(value) ?? [];
    const name = optionNamed(code ?? '', 'number', 'dnsmasq');
    const line = /^(?:dhcp-host|dhcp-boot)=/.test(value) && readLine(reader, { text: value, ...at }, true);
    if (line) bootFiles.push(...bootFileIn(line, reader));
    if (line && value.startsWith('dhcp-host=')) hosts.push(line);
    else if (name) options[name] = list.split(',').map((item) => ({ value: item.trim(), at }));
    else reader.left({ value: value.split('=', 1)[0] ?? '', at }, reasonText('boot'));
  }
  return {
    options,
    hosts: hosts.flatMap((line) => withBootFiles(line, bootFiles, readHost(line, reader))),
    bootFiles: bootFiles.map(({ file }) => file),
  };
}
