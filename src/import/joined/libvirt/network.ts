import type { Report } from '../../../source/diagnostics/report.ts';
import { ipv4Number, ipv4Text } from '../../../values/ipv4.ts';
import { quoteVisibly } from '../../names.ts';
import type { Notes } from '../../notes.ts';
import { childOf, childrenOf, type XmlElement, type XmlText } from '../../xml/element.ts';
import type { GatheredNetwork, Said } from '../gathered.ts';
import { leaseText } from '../reservations/lease-text.ts';
import { readMac } from '../reservations/mac.ts';
import type { Reservation } from '../reservations/machine-of.ts';
import { networkOf, subnetOf } from '../reservations/network-of.ts';

/** Seconds of the units of a lease. Source: https://libvirt.org/formatnetwork.html */
const SECONDS: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3600 };

const OF_COURSE = new Set(
  'name uuid forward bridge mac ip domain mtu dns dnsmasq:options title description'.split(' '),
);

const BOOT =
  'harvgen writes itself what DHCP answers to whom: boot of a node says what it boots, and boot.loader by which program';

/** What a network of libvirt says. */
export interface LibvirtNetwork {
  readonly network?: GatheredNetwork | undefined;
  readonly reservations: readonly Reservation[];
}

/** Gives the network, and the hosts that have addresses in it. Reports what libvirt would not take, and notes what is left. */
export function readNetwork(element: XmlElement, notes: Notes, report: Report): LibvirtNetwork {
  const name = childOf(element, 'name')?.text;
  const called = quoteVisibly(name?.value ?? 'the network');
  for (const { name: key, at } of element.children)
    if (!OF_COURSE.has(key))
      notes.add('left', `${quoteVisibly(key)} of ${called}`, 'nothing of a network of a site has it', at);
  const ips = childrenOf(element, 'ip').filter((ip) => isIpv4(ip, notes));
  const ip = ips.find((one) => childOf(one, 'dhcp')) ?? ips[0];
  for (const other of ips.filter((one) => one !== ip))
    notes.add('left', `ip of ${called}`, 'a further subnet of one network: make a network of it', other.at);
  const options = optionsOf(element, notes);
  for (const one of ips) noteOfDhcp(one, notes);
  if (!ip) {
    notes.add(
      'left',
      called,
      'libvirt gives no addresses out there: whoever does so knows the subnet',
      element.at,
    );
    return { reservations: [] };
  }
  return {
    network: networkIn(element, ip, name, options, notes),
    reservations: childrenOf(childOf(ip, 'dhcp'), 'host').flatMap((host) => hostOf(host, notes, report)),
  };
}

/** What machines are to boot, which harvgen says itself. */
function noteOfDhcp(ip: XmlElement, notes: Notes): void {
  const dhcp = childrenOf(ip, 'dhcp').flatMap(({ children }) => children);
  for (const { name, at } of [...ip.children, ...dhcp])
    if (!['dhcp', 'range', 'host'].includes(name)) notes.add('left', quoteVisibly(name), BOOT, at);
}

function isIpv4(ip: XmlElement, notes: Notes): boolean {
  if (ipv4Number(ip.attributes.get('address')?.value ?? '') !== undefined) return true;
  notes.add('left', 'ip', 'a site has IPv4 addresses', ip.at);
  return false;
}

function networkIn(
  element: XmlElement,
  ip: XmlElement,
  name: XmlText | undefined,
  options: Options,
  notes: Notes,
): GatheredNetwork | undefined {
  const address = ip.attributes.get('address') as XmlText;
  const cidr = subnetOf(address.value, maskOf(ip));
  const forward = childOf(element, 'forward');
  const dns = childOf(element, 'dns');
  const mtu = childOf(element, 'mtu')?.attributes.get('size');
  const ranges = childrenOf(childOf(ip, 'dhcp'), 'range');
  for (const one of dns?.children ?? [])
    notes.add(
      'left',
      `${quoteVisibly(one.name)} of dns`,
      'harvgen writes no answers of a DNS server',
      one.at,
    );
  return networkOf(
    {
      at: element.at,
      name,
      subnet: cidr && { value: cidr, at: address.at },
      // Machines of an isolated network have no way out of it, and libvirt gives them no router.
      routers: options.router ?? (forward ? [address] : []),
      around: [address],
      dns: options['dns-server'] ?? (dns?.attributes.get('enable')?.value === 'no' ? [] : [address]),
      ntp: options['ntp-server'] ?? [],
      domain: options['domain-name']?.[0] ?? childOf(element, 'domain')?.attributes.get('name'),
      mtu: mtu && /^\d{1,5}$/.test(mtu.value) ? { value: Number(mtu.value), at: mtu.at } : undefined,
      pools: ranges.flatMap((range) => {
        const [start, end] = [range.attributes.get('start'), range.attributes.get('end')];
        return start && end ? [[start, end] as const] : [];
      }),
      lease: ranges.flatMap((range) => leaseOf(childOf(range, 'lease')) ?? [])[0],
    },
    notes,
  );
}

function maskOf({ attributes }: XmlElement): string {
  const prefix = Number(attributes.get('prefix')?.value ?? Number.NaN);
  if (Number.isInteger(prefix) && prefix > 0 && prefix <= 32) return ipv4Text(2 ** 32 - 2 ** (32 - prefix));
  return attributes.get('netmask')?.value ?? '';
}

function leaseOf(lease: XmlElement | undefined): Said<string> | undefined {
  const expiry = lease?.attributes.get('expiry');
  const unit = lease?.attributes.get('unit')?.value ?? 'minutes';
  const seconds = Object.hasOwn(SECONDS, unit) ? SECONDS[unit] : undefined;
  if (!expiry || seconds === undefined || !/^\d{1,8}$/.test(expiry.value)) return undefined;
  const value = expiry.value === '0' ? 'infinite' : leaseText(Number(expiry.value) * seconds);
  return { value, at: expiry.at };
}

function hostOf(host: XmlElement, notes: Notes, report: Report): Reservation[] {
  const mac = host.attributes.get('mac');
  const ip = host.attributes.get('ip');
  const read = mac && readMac(mac.value);
  const id = host.attributes.get('id');
  if (id)
    notes.add(
      'left',
      quoteVisibly(id.value),
      'a machine is known by its MAC address, and not by what its client calls itself',
      id.at,
    );
  if (mac && read === undefined)
    report.error({
      code: 'import-value',
      message: `${quoteVisibly(mac.value)} is no MAC address of a NIC.`,
      at: mac.at,
      help: 'write it as 52:54:00:aa:01:01',
    });
  return [
    {
      at: host.at,
      name: host.attributes.get('name'),
      macs: mac && read !== undefined ? [{ value: read, at: mac.at }] : [],
      ips: ip ? [ip] : [],
    },
  ];
}

type Options = Partial<
  Record<'router' | 'dns-server' | 'ntp-server' | 'domain-name', readonly Said<string>[]>
>;

const OPTION =
  /^dhcp-option(?:-force)?=(?:option:)?(?:(router|3)|(dns-server|6)|(ntp-server|42)|(domain-name|15)),(.+)$/;

/** The lines of dnsmasq's configuration that a network has of its own. */
function optionsOf(element: XmlElement, notes: Notes): Options {
  const options: Options = {};
  for (const option of childrenOf(childOf(element, 'dnsmasq:options'), 'dnsmasq:option')) {
    const value = option.attributes.get('value');
    if (!value) continue;
    const [, router, dns, ntp, domain, list = ''] = OPTION.exec(value.value) ?? [];
    const values = list.split(',').map((one) => ({ value: one.trim(), at: value.at }));
    if (router) options.router = values;
    else if (dns) options['dns-server'] = values;
    else if (ntp) options['ntp-server'] = values;
    else if (domain) options['domain-name'] = values;
    else notes.add('left', quoteVisibly(value.value.split('=', 1)[0] ?? ''), BOOT, value.at);
  }
  return options;
}
