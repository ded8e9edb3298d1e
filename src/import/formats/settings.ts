import {
  isValueMap,
  keyLocationOf,
  locationOf,
  selfLocation,
  type Value,
  type ValueMap,
} from '../../source/origin.ts';
import type { GatheredMachine, Sourced } from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { displayName } from '../model/names.ts';
import { emptyMap, setIn } from '../model/set-in.ts';
import { subnetOf } from '../model/subnets.ts';
import { keysRead } from './keys.ts';
import { isNothing, type MapReader, readingMaps } from './map-reader.ts';
import { networkOf } from './reservations.ts';

/**
 * The settings of the virtual machines of ipxe-examples, and what its templates make of them.
 * Source: harvester/ipxe-examples, vagrant-pxe-harvester: settings.yml, Vagrantfile, and the templates of its roles.
 */
export const settings: JoinedFormat = {
  name: 'settings',
  what: 'settings.yml of harvester/ipxe-examples: its virtual machines, their network and configuration',
  isLike: ({ text }) => /^harvester_(?:network_config|cluster_nodes)[ \t]*:/m.test(text),
  read: readingMaps((value, reader) => {
    if (isValueMap(value) && isValueMap(value.harvester_network_config)) addSettings(value, reader);
    else if (value !== null)
      reader.refuse(
        'The file has no harvester_network_config: it is not the settings.yml of ipxe-examples.',
        'use vagrant-pxe-harvester/settings.yml',
        { at: reader.rootLocation(value) },
      );
  }),
};

/** The keys for the size of a machine, its own and the common ones. */
const SIZES = ['cpu', 'memory', 'disk_size'];

function addSettings(root: ValueMap, reader: MapReader): void {
  const part = (map: ValueMap, key: string): ValueMap => reader.mapIn(map, key) ?? {};
  const network = part(root, 'harvester_network_config');
  const [dhcp, vip] = [part(network, 'dhcp_server'), part(network, 'vip')];
  const [common, size] = [part(root, 'harvester_config'), part(root, 'harvester_node_config')];
  const disabled = ['rancher_config', 's3'].filter((key) => {
    const value = root[key];
    return isValueMap(value) && value.enabled === false;
  });
  reader.rest(root, 'settings', disabled.join(' '));
  reader.rest(network, 'settings-network');
  reader.rest(dhcp, 'settings dhcp_server');
  reader.rest(vip, 'settings vip');
  reader.rest(common, 'settings harvester_config');
  const nodes = reader.mapsIn(network, 'cluster');
  const count = reader.number(root, 'harvester_cluster_nodes')?.value ?? nodes.length;
  const created = nodes.slice(0, count);
  const isUsed = (key: string) => created.length === 0 || created.some((node) => isNothing(node[key]));
  const whySize = (key: string) => (SIZES.includes(key) ? 'each machine has its own value' : undefined);
  reader.restOf(size, SIZES.filter(isUsed), whySize, 'harvester_node_config');
  const isOffline = network.offline === true;
  const proxy =
    'the machines reached the internet only by the proxy of the boot server, port 3128: set air_gapped: true, or keep the proxy and set it as http-proxy in system_settings';
  if (isOffline) reader.open('offline', proxy, keyLocationOf(network, 'offline'));
  const https = 'its web server has a certificate of its own: set server.tls';
  if (dhcp.https === true) reader.open('https', https, keyLocationOf(dhcp, 'https'));
  addNetwork(dhcp, isOffline, reader);
  const [address] = reader.ips(dhcp, 'ip');
  if (address) reader.found.server = { url: { value: `http://${address.value}`, at: address.at } };
  const media = reader.text(root, 'harvester_iso_url');
  for (const [index, node] of nodes.entries()) {
    const at = selfLocation(node);
    const name = { value: `harvester-node-${index}`, at };
    const config = emptyMap(at);
    const set = (path: string, map: ValueMap, key: string) => {
      const value = map[key];
      if (!isNothing(value)) setIn(config, path.split('.'), value as Value, locationOf(map, key));
    };
    if (index >= count) {
      reader.left(name, `harvester_cluster_nodes is ${count}, so that its machine is not created`);
      continue;
    }
    reader.restOf(node, keysRead('settings cluster'), undefined, name.value);
    setIn(config, ['install', 'mode'], index === 0 ? 'create' : 'join', at);
    set('token', common, 'token');
    for (const key of ['password', 'ssh_authorized_keys', 'ntp_servers']) set(`os.${key}`, common, key);
    set('os.dns_nameservers', network, 'dns_servers');
    if (common.sftp === true) set('os.sshd.sftp', common, 'sftp');
    if (node.role !== 'default') set('install.role', node, 'role');
    // The disk and the console of the templates.
    setIn(config, ['install', 'device'], '/dev/vda', at);
    setIn(config, ['install', 'tty'], 'ttyS0', at);
    if (index === 0) {
      set('install.vip', vip, 'ip');
      set('install.vip_mode', vip, 'mode');
      set('install.vip_hw_addr', vip, 'mac');
    }
    if (isOffline) setIn(config, ['system_settings', 'ui-source'], 'bundled', at);
    const mac = reader.mac(node, 'mgmt_mac');
    const nic = { mac, ips: reader.ips(node, 'ip'), name: reader.text(node, 'mgmt_nic'), boots: true };
    const vm = vmOf(node, size, reader);
    reader.found.machines.push({ at, name, nics: [nic], vm, harvester: { config, media } });
  }
}

/** Returns the size of a virtual machine: its own values, otherwise the common ones. */
function vmOf(node: ValueMap, common: ValueMap, reader: MapReader): GatheredMachine['vm'] {
  const holder = (key: string) => (isNothing(node[key]) ? common : node);
  const memory = reader.number(holder('memory'), 'memory');
  const disk = reader.text(holder('disk_size'), 'disk_size');
  const isDisk = disk && /^[1-9]\d{0,6}[MGT]$/.test(disk.value);
  if (disk && !isDisk) reader.left(disk, 'not a size with a unit, such as 500G');
  return {
    vcpus: reader.number(holder('cpu'), 'cpu'),
    memory: memory && {
      value: memory.value % 1024 ? `${memory.value}Mi` : `${memory.value / 1024}Gi`,
      at: memory.at,
    },
    disk: isDisk ? { value: `${disk.value}i`, at: disk.at } : undefined,
  };
}

/** Adds the network, with the gateway and the DNS servers of the template dhcpd.conf.j2. */
function addNetwork(dhcp: ValueMap, isOffline: boolean, reader: MapReader): void {
  const [address, mask] = [reader.text(dhcp, 'subnet'), reader.text(dhcp, 'netmask')];
  const [server] = reader.ips(dhcp, 'ip');
  const cidr = address && mask && subnetOf(address.value, mask.value);
  if (!address || !cidr || cidr.network !== address.value) {
    const of = displayName(address?.value ?? 'subnet');
    return void reader.open(of, 'not a subnet with its netmask: set subnet of the network', address?.at);
  }
  const range = reader.text(dhcp, 'range');
  const [from, to] = (range?.value ?? '')
    .split(/\s+/)
    .map((value) => ({ value, at: range?.at ?? address.at }));
  const routers = isOffline
    ? [server ?? []].flat()
    : [{ value: cidr.network.replace(/\d+$/, '1'), at: address.at }];
  const dns: Sourced<string>[] = [reader.ips(dhcp, 'dns_server')[0] ?? [], server ?? []].flat();
  const facts = {
    at: selfLocation(dhcp),
    subnet: { value: cidr, at: address.at },
    routers,
    dns: [...dns, { value: '8.8.8.8', at: address.at }],
    ntp: [],
    pools: from && to ? [[from, to] as const] : [],
  };
  reader.found.networks.push(...networkOf(facts, reader));
}
