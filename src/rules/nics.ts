import { isUnknown } from '../site/effective.ts';
import type { Nic, Node } from '../site/model.ts';
import { brokenKeys, isBroken, keyLocationOf, lacks, locationOf, selfLocation } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { parseMac } from '../values/identifiers.ts';
import { isAtLeast } from '../values/version.ts';
import { error, essential, warning } from './rule.ts';
import { nodesWhose } from './support.ts';

const sayingInterfaces = nodesWhose('userConfig', ({ install }) => install?.management_interface?.interfaces);

export const unknownNic = essential('unknown-nic', {
  what: 'Interfaces of the configuration are NICs of the node.',
  why: 'The installer stops with "no interface matching name found"; names also differ between releases (harvester/harvester#9815).',
  check: sayingInterfaces.eachOnce((node, report) => {
    const wanted = node.userConfig.install?.management_interface?.interfaces;
    const nics = (node.nics ?? []).flatMap((nic) => nic ?? []);
    if (node.os !== 'harvester' || !node.nics?.length || !wanted) return;
    if (nics.length < node.nics.length || nics.some((nic) => isBroken(nic, 'mac') || isBroken(nic, 'name')))
      return;
    wanted.forEach((one, index) => {
      const { hwAddr, name } = one ?? {};
      if (!hwAddr && !name) return;
      // A NIC of which that is not known may be the one.
      if (nics.some((nic) => lacks(nic, 'mac') && (hwAddr || lacks(nic, 'name')))) return;
      if (nics.some((nic) => (hwAddr ? nic.mac === parseMac(hwAddr) : nic.name === name))) return;
      report({
        message: `${node.name} has no NIC ${hwAddr ?? name}, so its MAC address is not known, and names alone change between releases.`,
        at: locationOf(wanted, index),
        help: `list it under nics with its name and MAC address; known are: ${nics.map((nic) => nic.name ?? nic.mac).join(', ')}`,
      });
    });
  }),
});

export const severalBootNics = essential('several-boot-nics', {
  what: 'A node boots from one NIC.',
  why: "A node's files are named by the MAC that it boots from, so there can be only one.",
  check: nodesWhose('nics', ({ length }) => length > 1).each((node, report) => {
    const [first, ...others] = node.nics.filter((nic) => nic?.boot);
    for (const nic of others) {
      if (!first || !nic) continue;
      report({
        message: `${node.name} is said to boot from two NICs, and its files are named by one.`,
        at: locationOf(nic, 'boot'),
        related: [{ message: 'the other is at', at: locationOf(first, 'boot') }],
        help: 'leave boot: true at one of them; the others of its network join the bond all the same',
      });
    }
  }),
});

export const bootNicOutsideBond = warning('boot-nic-outside-bond', {
  what: 'The NIC that a node boots from is in its management bond.',
  why: 'The address of a node belongs to that NIC: DHCP keeps it for its MAC address, and the network, VLAN and gateway that the configuration gets are those of its network.',
  check: sayingInterfaces.each((node, report) => {
    const said = node.userConfig.install?.management_interface;
    const bond = node.config?.install?.management_interface;
    const { bootNic, nics } = node;
    if (node.os !== 'harvester' || !bootNic || !nics || !said?.interfaces || !bond?.interfaces) return;
    if (isUnknown(node, 'install.management_interface.interfaces')) return;
    if (nics.some((nic) => nic && isBroken(nic, 'boot'))) return;
    const own = idOf(bootNic);
    const members = new Set(bond.interfaces.map((one) => one?.hwAddr ?? one?.name));
    if (own === undefined || members.has(own) || members.size === 0) return;
    // One that is not known may have been meant for it.
    const known = new Set(nics.map((nic) => nic && idOf(nic)));
    if ([...members].some((member) => member === undefined || !known.has(member))) return;
    const at = bootNic.mac ? locationOf(bootNic, 'mac') : selfLocation(bootNic);
    report({
      message:
        bond.method === 'static'
          ? 'The interfaces leave out the NIC that the node boots from: its address would be on NICs that need not be on its network.'
          : "The interfaces leave out the NIC that the node boots from: DHCP would not give the installed node the address that is reserved for that NIC's MAC address.",
      at: keyLocationOf(said, 'interfaces'),
      related: [{ message: 'the node boots from', at }],
      help: 'add it to the interfaces; or say with boot: true which of the nics the node boots from',
    });
  }),
});

/** What the configuration has a NIC by: its MAC, or its name where that is not known. */
function idOf(nic: Draft<Nic>): string | undefined {
  return nic.mac ?? (lacks(nic, 'mac') ? nic.name : undefined);
}

export const bondNicAddress = error('bond-nic-address', {
  what: 'Of the NICs of a management bond, the one that boots alone has an address.',
  why: 'A bond has one address; a second one for one of its NICs is given or not, by which NIC happens to ask.',
  check: nodesWhose('bond', ({ length }) => length > 1).each(({ name, bootNic, bond }, report) => {
    for (const nic of bond) {
      if (!nic?.ip || !bootNic || nic === bootNic) continue;
      report({
        message: `${name} has a second address, ${nic.ip}, on the network that it boots from: its NICs there form one bond.`,
        at: locationOf(nic, 'ip'),
        related: bootNic.ip ? [{ message: 'its address is set at', at: locationOf(bootNic, 'ip') }] : [],
        help: 'remove the second address, or put the NIC on another network',
      });
    }
  }),
});

const sayingBondOptions = nodesWhose(
  'userConfig',
  ({ install }) => install?.management_interface?.bond_options,
);

export const bondLacp = warning('bond-lacp', {
  what: 'The management bond does without 802.3ad (LACP).',
  why: 'A machine boots over one NIC without LACP, which the ports of a bundle refuse unless the switch falls back; and from v1.7.0 on the installer often stops with "Can\'t apply networks", since it does not wait for LACP (harvester/harvester#10885, #11662).',
  check: sayingBondOptions.each((node, report) => {
    const options = node.userConfig.install?.management_interface?.bond_options;
    const release = node.cluster?.version;
    if (node.os !== 'harvester' || options?.mode !== '802.3ad' || !release) return;
    const stops = isAtLeast(release, 'v1.7.0')
      ? `, and the installer of ${release.text} often stops with "Can't apply networks" before LACP is up`
      : '';
    report({
      message: `The management bond uses LACP (802.3ad): the machine boots only if the ports of the switch fall back to single ones${stops}.`,
      at: locationOf(options, 'mode'),
      help: 'use active-backup; or turn LACP fallback on for these ports, and silence bond-lacp with that as its reason',
    });
  }),
});

export const bondModeOneNic = warning('bond-mode-one-nic', {
  what: 'A management bond of one NIC has the mode active-backup, or 802.3ad.',
  why: "The other modes spread traffic over several NICs: with one they bring nothing, and some change its MAC address or want a switch that is set up for them (the kernel's bonding documentation).",
  check: sayingBondOptions.each((node, report) => {
    const options = node.userConfig.install?.management_interface?.bond_options;
    const { mode } = options ?? {};
    if (node.os !== 'harvester' || !options || !mode || bondSize(node) !== 1) return;
    if (mode === 'active-backup' || mode === '802.3ad') return;
    report({
      message: `The bond has one NIC, and its mode ${mode} is for several: it brings nothing, and may want something of the switch.`,
      at: locationOf(options, 'mode'),
      help: 'write mode: active-backup, or remove bond_options, which are derived; or list the other NICs',
    });
  }),
});

/** How many NICs the management bond has; undefined where a fault leaves that open. */
function bondSize(node: Draft<Node>): number | undefined {
  if (isUnknown(node, 'install.management_interface.interfaces')) return undefined;
  const said = node.userConfig?.install?.management_interface?.interfaces;
  if (said) return said.length;
  // Which NICs are in the bond follows from the networks that they are on.
  const isKnown = node.nics?.every((nic) => nic?.network && (nic.mac || lacks(nic, 'mac')));
  return isKnown ? node.bond?.length : undefined;
}

export const bondOptionsIncomplete = error('bond-options-incomplete', {
  what: 'A map of bond_options has a mode, and before v1.7.0 also miimon (or arp_interval).',
  why: "Any map replaces the installer's whole default, and the kernel's own holds for what is not in it: mode balance-rr, which most switches take for a loop, and no check of the links, with which a bond does not come up, or goes on sending into a dead link.",
  check: sayingBondOptions.each((node, report) => {
    const bond = node.userConfig.install?.management_interface;
    const options = bond?.bond_options;
    const release = node.cluster?.version;
    if (node.os !== 'harvester' || !bond || !options || !release) return;
    if (brokenKeys(options).length > 0) return;
    // From v1.7.0 on, NetworkManager makes the bond, and checks links every 100 ms unless told otherwise.
    const checksLinks =
      isAtLeast(release, 'v1.7.0') || !lacks(options, 'miimon') || !lacks(options, 'arp_interval');
    const missing = MODE_AND_CHECK.filter(({ key }) =>
      key === 'mode' ? lacks(options, 'mode') : !checksLinks,
    );
    if (missing.length === 0) return;
    report({
      message: `bond_options has no ${missing.map(({ key }) => key).join(' and no ')}, and replaces the installer's default as a whole: the bond would ${missing.map(({ effect }) => effect).join(', and ')}.`,
      at: keyLocationOf(bond, 'bond_options'),
      help: `add ${missing.map(({ line }) => line).join(' and ')}; or remove bond_options, which are derived`,
    });
  }),
});

const MODE_AND_CHECK = [
  { key: 'mode', line: 'mode: active-backup', effect: 'send over all NICs in turn (balance-rr)' },
  { key: 'miimon', line: 'miimon: "100"', effect: 'not notice a dead link' },
];
