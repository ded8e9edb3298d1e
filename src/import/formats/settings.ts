import { isValueMap, locationOf, type Value } from '../../source/origin.ts';
import { emptyMap, setIn } from '../model/config-values.ts';
import type { GatheredMachine } from '../model/gathered.ts';
import { displayName } from '../model/names.ts';
import { subnetOf } from '../model/subnets.ts';
import { type FileMap, mapFormat } from './map-reader.ts';
import { networkOf } from './reservations.ts';

/**
 * The settings of the virtual machines of ipxe-examples, and what its templates make of them.
 * Source: harvester/ipxe-examples, vagrant-pxe-harvester: settings.yml, Vagrantfile, and the templates of its roles.
 */
export const settings = mapFormat({
  name: 'settings',
  what: 'settings.yml of harvester/ipxe-examples: its virtual machines, their network and configuration',
  isLike: ({ text }) => /^harvester_(?:network_config|cluster_nodes)[ \t]*:/m.test(text),
  refusal: [
    'The file has no harvester_network_config: it is not the settings.yml of ipxe-examples.',
    'use vagrant-pxe-harvester/settings.yml',
  ],
  add(value, file) {
    if (!isValueMap(value) || !isValueMap(value.harvester_network_config)) return value;
    addSettings(file.map(value, 'settings'));
    return undefined;
  },
});

function addSettings(root: FileMap): void {
  const { file, found } = root;
  const partOf = (map: FileMap, key: string, table?: string) =>
    map.map(key, table) ?? file.map(emptyMap(map.at), '*');
  const network = partOf(root, 'harvester_network_config', 'settings-network');
  const [dhcp, vip] = [partOf(network, 'dhcp_server'), partOf(network, 'vip')];
  const [common, size] = [partOf(root, 'harvester_config'), partOf(root, 'harvester_node_config')];
  for (const key of ['rancher_config', 's3']) {
    const value = root.value[key];
    if (isValueMap(value) && value.enabled === false) root.get(key);
  }
  const nodes = network.maps('cluster');
  const count = root.number('harvester_cluster_nodes')?.value ?? nodes.length;
  if (nodes.slice(0, count).length === 0) size.leaveWhole();
  const isOffline = network.get('offline') === true;
  const proxy =
    'the machines reached the internet only by the proxy of the boot server, port 3128: set air_gapped: true, or keep the proxy and set it as http-proxy in system_settings';
  if (isOffline) network.open('offline', proxy);
  if (dhcp.get('https') === true)
    dhcp.open('https', 'its web server has a certificate of its own: set server.tls');
  addNetwork(dhcp, isOffline);
  const address = dhcp.ip('ip');
  if (address) found.server = { url: { value: `http://${address.value}`, at: address.at } };
  // The URLs show the release, and stay among the notes.
  const media = ['iso', 'kernel', 'ramdisk', 'rootfs'].flatMap((file) => {
    const value = root.value[`harvester_${file}_url`];
    return typeof value === 'string' ? { value, at: locationOf(root.value, `harvester_${file}_url`) } : [];
  });
  for (const [index, node] of nodes.entries()) {
    const { at } = node;
    const name = { value: `harvester-node-${index}`, at };
    const config = emptyMap(at);
    const set = (path: string, map: FileMap, key: string) => {
      const value = map.get(key);
      if (!map.isEmpty(key)) setIn(config, path.split('.'), value as Value, locationOf(map.value, key));
    };
    if (index >= count) {
      node.leaveWhole(name, `harvester_cluster_nodes is ${count}, so that its machine is not created`);
      continue;
    }
    setIn(config, ['install', 'mode'], index === 0 ? 'create' : 'join', at);
    set('token', common, 'token');
    for (const key of ['password', 'ssh_authorized_keys', 'ntp_servers']) set(`os.${key}`, common, key);
    set('os.dns_nameservers', network, 'dns_servers');
    if (common.get('sftp') === true) set('os.sshd.sftp', common, 'sftp');
    if (node.get('role') !== 'default') set('install.role', node, 'role');
    // The disk and the console of the templates.
    setIn(config, ['install', 'device'], '/dev/vda', at);
    setIn(config, ['install', 'tty'], 'ttyS0', at);
    if (index === 0) {
      set('install.vip', vip, 'ip');
      set('install.vip_mode', vip, 'mode');
      set('install.vip_hw_addr', vip, 'mac');
    }
    if (isOffline) setIn(config, ['system_settings', 'ui-source'], 'bundled', at);
    const nic = { mac: node.mac('mgmt_mac'), ips: node.ips('ip'), name: node.text('mgmt_nic'), boots: true };
    found.machines.push({ at, name, nics: [nic], vm: vmOf(node, size), harvester: { config, media } });
  }
}

/** Returns the size of a virtual machine: its own values, otherwise the common ones. */
function vmOf(node: FileMap, common: FileMap): GatheredMachine['vm'] {
  const holder = (key: string) => (node.isEmpty(key) ? common : node);
  const memory = holder('memory').number('memory');
  const disk = holder('disk_size').text('disk_size');
  const isDisk = disk && /^[1-9]\d{0,6}[MGT]$/.test(disk.value);
  if (disk && !isDisk) node.file.left(disk, 'not a size with a unit, such as 500G');
  return {
    vcpus: holder('cpu').number('cpu'),
    memory: memory && {
      value: memory.value % 1024 ? `${memory.value}Mi` : `${memory.value / 1024}Gi`,
      at: memory.at,
    },
    disk: isDisk ? { value: `${disk.value}i`, at: disk.at } : undefined,
  };
}

/** Adds the network, with the gateway and the DNS servers of the template dhcpd.conf.j2. */
function addNetwork(dhcp: FileMap, isOffline: boolean): undefined {
  const { at, file, found } = dhcp;
  const [address, mask] = [dhcp.text('subnet'), dhcp.text('netmask')];
  const range = dhcp.text('range');
  const servers = [dhcp.ip('dns_server') ?? [], dhcp.ip('ip') ?? []].flat();
  const cidr = address && mask && subnetOf(address.value, mask.value);
  if (!address || !cidr || cidr.network !== address.value) {
    const todo = 'not a subnet with its netmask: set subnet of the network';
    return file.open(displayName(address?.value ?? 'subnet'), todo, address?.at);
  }
  const sourced = (value: string) => ({ value, at: address.at });
  const [from, to] = (range?.value ?? '').split(/\s+/).map((value) => ({ value, at: range?.at ?? at }));
  const routers = isOffline ? dhcp.ips('ip') : [sourced(cidr.network.replace(/\d+$/, '1'))];
  const facts = {
    at,
    subnet: { value: cidr, at: address.at },
    routers,
    dns: [...servers, sourced('8.8.8.8')],
    ntp: [],
    pools: from && to ? [[from, to] as const] : [],
  };
  found.networks.push(...networkOf(facts, file));
}
