import type { Row } from './read-table.ts';

/** What a column can say. */
export type ColumnKey =
  | 'name'
  | 'mac'
  | 'ip'
  | 'nic'
  | 'network'
  | 'netmask'
  | 'gateway'
  | 'dns'
  | 'ntp'
  | 'domain'
  | 'xname'
  | 'nid'
  | 'groups'
  | 'uuid'
  | 'serial'
  | 'arch'
  | 'bmcIp'
  | 'bmcMac'
  | 'bmcName'
  | 'bmcXname'
  | 'bmcUser'
  | 'bmcProtocol'
  | 'vcpus'
  | 'memory';

/** How columns are called: in lower case, letters and digits alone. */
const NAMES: Readonly<Record<ColumnKey, string>> = {
  name: 'name hostname host node nodename localhostname fqdn dnsname servername computername machine',
  mac: 'mac macs macaddress macaddresses macaddr hwaddr hwaddress hardwareaddress ethernet ethernetaddress bootmac pxemac nicmac ethmac',
  ip: 'ip ips ipaddress ipaddresses ipaddr ipv4 ipv4address address staticip bootip hostip nodeip',
  nic: 'nic nicname interface interfacename ifname iface device',
  network: 'network networkname subnet cidr net',
  netmask: 'netmask mask subnetmask prefix prefixlength',
  gateway: 'gateway gw router defaultgateway',
  dns: 'dns dnsserver dnsservers nameserver nameservers',
  ntp: 'ntp ntpserver ntpservers timeserver',
  domain: 'domain dnsdomain domainname',
  xname: 'xname',
  nid: 'nid nodeid',
  groups: 'group groups tags',
  uuid: 'uuid smbiosuuid systemuuid biosuuid machineuuid',
  serial: 'serial serialnumber serialno sn servicetag systemserial',
  arch: 'arch architecture cpuarch cpuarchitecture',
  bmcIp:
    'bmcip bmc bmcaddress bmcipaddress bmcaddr bmchost ipmi ipmiip ipmiaddress ipmihost iloip ilo idracip idrac mgmtip oobip redfish redfiship redfishaddress',
  bmcMac: 'bmcmac bmcmacaddress bmcmacaddr ipmimac ipmimacaddress ilomac idracmac mgmtmac oobmac',
  bmcName: 'bmcname bmchostname bmcfqdn ipmihostname',
  bmcXname: 'bmcxname',
  bmcUser: 'bmcuser bmcusername bmclogin ipmiuser ipmiusername',
  bmcProtocol: 'bmcprotocol bmctype',
  vcpus: 'vcpus vcpu',
  memory: 'memory ram',
};

const KEYS = new Map(
  Object.entries(NAMES).flatMap(([key, names]) =>
    names.split(' ').map((name) => [name, key as ColumnKey] as const),
  ),
);

/** A column that harvgen reads. */
export interface Column {
  readonly key: ColumnKey;
  /** Which NIC it is of, from 1 on: mac, mac2, mac3. */
  readonly number: number;
  /** Where its cell stands in a row. */
  readonly index: number;
}

/** Gives the columns of a head that harvgen reads; of several that say the same, but for those of NICs, the first. */
export function columnsOf(head: Row): Column[] {
  const columns: Column[] = [];
  for (const [index, { text }] of head.entries()) {
    const plain = text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
    const [, stem = '', digits] = /^(.*?)(\d?)$/.exec(plain) ?? [];
    const key = KEYS.get(plain) ?? (isOfNic(KEYS.get(stem)) ? KEYS.get(stem) : undefined);
    if (key === undefined) continue;
    const isNumbered = KEYS.get(plain) === undefined;
    const same = columns.filter((column) => column.key === key).length;
    if (same > 0 && !isOfNic(key)) continue;
    // mac0 and mac1 are as good as mac1 and mac2: what counts is that those of a NIC have one number.
    columns.push({ key, number: isNumbered ? Number(digits) : same + 1, index });
  }
  return columns;
}

function isOfNic(key: ColumnKey | undefined): boolean {
  return key === 'mac' || key === 'ip' || key === 'nic' || key === 'network' || key === 'netmask';
}

/** Says whether columns tell of machines: what one is known by is among them. */
export function tellOfMachines(columns: readonly Column[]): boolean {
  return columns.some(({ key }) => ['name', 'mac', 'ip', 'xname', 'uuid', 'serial'].includes(key));
}
