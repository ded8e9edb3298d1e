import type { Place } from '../../source/origin.ts';
import type { Notes } from '../notes.ts';
import { quoteVisibly } from '../visibly.ts';
import { bootNicOf } from './machine.ts';
import { networkCalled } from './networks.ts';
import { orMgmt, type SitePlan } from './site-yaml.ts';

/** Notes what no file says and a site needs: it stands there as `…`, at which `harvgen check` points. */
export function noteOpen(
  {
    server,
    bootServer,
    networks,
    profiles,
    profileOf,
    machines,
    names,
    hasDisks,
    isDiskless,
    openNetworks,
    tenants,
  }: SitePlan,
  notes: Notes,
): void {
  const open = (of: string, text: string, at?: Place) => notes.add('open', of, text, at);
  if (server === undefined)
    open(
      'server.url',
      'no file says it: the URL that machines fetch from, on the boot server of the site; or give --server',
    );
  if (networks.length === 0)
    for (const name of orMgmt(openNetworks))
      open(
        `networks.${name}.subnet`,
        openNetworks.length > 1 ? 'no file has an address' : 'no file has an address; or give --subnet',
      );
  for (const { name, said, boots } of networks)
    if (boots && !said?.gateway)
      open(
        `networks.${name}.gateway`,
        'no file says it: where machines are to reach other networks, add gateway',
      );
  const { pool, id, conf, keyring, snapshot } = bootServer.iscsi ?? {};
  if (!pool && (id || conf || keyring || snapshot))
    open('server.iscsi.rbd.pool', 'no file says the pool of Ceph that images and disks are in');
  const owned = new Set([...tenants.values()].flatMap(({ network }) => network ?? []));
  for (const { name, vlan } of networks)
    if (owned.has(name) && owned.size > 1 && !vlan)
      open(
        `networks.${name}.vlan`,
        'no file says it, and tenants are kept apart by VLANs: HIL has it in the channels of the network, /v0/network/NETWORK',
      );
  if (profiles.length === 0 && !hasDisks && isDiskless) {
    open(
      'defaults.boot.image',
      'no file says what machines boot: name what their disks are clones of, here and below images; or join the scripts that BMI wrote, by --join ipxe:FILE',
    );
  } else if (profiles.length === 0 && !hasDisks)
    open(
      'defaults.boot',
      "no file says what machines boot: its kernel and initrd; or join BSS's boot parameters by --join bss:FILE",
    );
  for (const { name, kernel } of profiles)
    if (!kernel) open(`profiles.${name}.boot.kernel`, 'no file says it');
  if (machines.length === 0)
    open(
      'nodes',
      'no file names a machine: join what HIL answers by --join hil:FILE, and the scripts of nodes by --join ipxe:FILE',
    );
  for (const machine of machines) {
    const name = names.get(machine) ?? '';
    const nic = bootNicOf(machine);
    const lacks = [...(nic?.mac ? [] : ['MAC address']), ...(nic?.ips[0] ? [] : ['address'])];
    for (const one of machine.nics)
      if (one.network && one.ips.length === 0 && networks.length > 0 && !networkCalled(one, networks))
        open(
          `a NIC of ${name}`,
          `it is on the network ${quoteVisibly(one.network.value)}, of which no file says the subnet: until you add that below networks, and network to the NIC, it counts as one on ${networks[0]?.name}`,
          one.network.at,
        );
    if (lacks.length > 0) open(name, `no file has its ${lacks.join(' and ')}`, machine.at);
    if ((profiles.length > 0 || hasDisks) && !profileOf.has(machine) && !machine.disk)
      open(
        name,
        `no file says what it boots: it boots its disk, until it is given ${hasDisks ? 'an image' : 'a profile'}`,
        machine.at,
      );
  }
}
