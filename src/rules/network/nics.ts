import { isUnknown } from '../../site/effective.ts';
import type { Nic, Node } from '../../site/model.ts';
import { hasAddress, RESERVED_NIC } from '../../site/nics.ts';
import { isBroken, keyLocationOf, lacks, locationOf, selfLocation } from '../../source/origin.ts';
import { removeKey, setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import type { Draft } from '../../values/draft.ts';
import { parseMac } from '../../values/identifiers.ts';
import { isAtLeast } from '../../values/version.ts';
import { error, essential, type Rule, warning } from '../rule.ts';
import { nodesWith } from '../support.ts';

const withInterfaces = nodesWith('userConfig', ({ install }) => install?.management_interface?.interfaces);

const withBondOptions = nodesWith('userConfig', ({ install }) => install?.management_interface?.bond_options);

const MODE_AND_CHECK = [
  {
    key: 'mode',
    value: 'active-backup',
    line: 'mode: active-backup',
    effect: 'send over all NICs in turn (balance-rr)',
  },
  { key: 'miimon', value: '100', line: 'miimon: "100"', effect: 'not notice a dead link' },
];

export const nicRules: readonly Rule[] = [
  essential('unknown-nic', {
    what: 'Interfaces of the configuration must be NICs of the node.',
    why: 'The installer stops with "no interface matching name found"; names also differ between releases (harvester/harvester#9815).',
    check: withInterfaces.eachOnce((node, report) => {
      const interfaces = node.userConfig.install?.management_interface?.interfaces;
      const nics = (node.nics ?? []).flatMap((nic) => nic ?? []);
      if (node.os !== 'harvester' || !node.nics?.length || !interfaces) return;
      if (nics.length < node.nics.length || nics.some((nic) => isBroken(nic, 'mac') || isBroken(nic, 'name')))
        return;
      interfaces.forEach((one, index) => {
        const { hwAddr, name } = one ?? {};
        if (!hwAddr && !name) return;
        // A NIC with an unknown MAC address or name may be the interface.
        if (nics.some((nic) => lacks(nic, 'mac') && (hwAddr || lacks(nic, 'name')))) return;
        if (nics.some((nic) => (hwAddr ? nic.mac === parseMac(hwAddr) : nic.name === name))) return;
        report(locationOf(interfaces, index), {
          message: `The interface ${hwAddr ?? name} is not listed under nics of ${node.name}: the installer stops if the machine lacks it.`,
          help: `list it under nics with its name and MAC address; the known NICs are ${nics.map((nic) => nic.name ?? nic.mac).join(', ')}`,
        });
      });
    }),
  }),
  error('interface-contradicts', {
    what: 'The name and the MAC address of an interface must be those of one NIC.',
    why: 'The installer gets only the MAC address, and would use only the name: the other NIC is not in the bond.',
    check: withInterfaces.eachOnce((node, report) => {
      const interfaces = node.userConfig.install?.management_interface?.interfaces ?? [];
      for (const one of node.os === 'harvester' ? interfaces : []) {
        const { name, hwAddr } = one ?? {};
        if (!one || !hwAddr || !name) continue;
        const mac = parseMac(hwAddr);
        const other = node.nics?.find(
          (nic) => (nic?.mac === mac) !== (nic?.name === name) && nic?.mac && nic.name,
        );
        if (!other) continue;
        report(locationOf(one, 'name'), {
          message: `The interface has the name ${name} and the MAC address ${mac}, but the NIC ${other.name} has ${other.mac}: one of the two is ignored.`,
          related: [{ message: 'the NIC is listed at', at: selfLocation(other) }],
          help: 'remove the wrong one of the two',
        });
      }
    }),
  }),
  error('reserved-nic-name', {
    what: 'A NIC of the management bond without a MAC address must not be named `lo`, `mgmt-br` or `mgmt-bo`.',
    why: 'The installer stops at the loopback device, and creates the bond `mgmt-bo` and the bridge `mgmt-br` itself: neither can be a member.',
    check: nodesWith('config', ({ install }) => install?.management_interface?.interfaces).each(
      (node, report) => {
        for (const one of node.config.install?.management_interface?.interfaces ?? []) {
          if (!one?.name || one.hwAddr || !RESERVED_NIC.test(one.name)) continue;
          report(locationOf(one, 'name'), {
            message: `${node.name} has a NIC named ${one.name}, which is a device of the system: the installer cannot use it.`,
            help: 'set the name of a physical NIC, such as eno1, or its MAC address',
          });
        }
      },
    ),
  }),
  essential('several-boot-nics', {
    what: 'A node must boot from only one NIC.',
    why: "A node's files are named after the MAC address of its boot NIC, so there can be only one.",
    check: nodesWith('nics', ({ length }) => length > 1).each((node, report) => {
      const [first, ...others] = node.nics.filter((nic) => nic?.boot);
      for (const nic of others) {
        if (!first || !nic) continue;
        report(locationOf(nic, 'boot'), {
          message: `${node.name} has two boot NICs, but its files are named after one.`,
          related: [{ message: 'the other boot NIC is at', at: locationOf(first, 'boot') }],
          help: 'keep boot: true for one of them; other NICs on its network join the bond anyway',
        });
      }
    }),
  }),
  warning('boot-nic-outside-bond', {
    what: "A node's boot NIC must be in its management bond.",
    why: 'The IP address of a node belongs to that NIC. DHCP reserves it for its MAC address, and the VLAN and gateway of the configuration are those of its network.',
    check: withInterfaces.each((node, report) => {
      const management = node.userConfig.install?.management_interface;
      const bond = node.config?.install?.management_interface;
      const { bootNic, nics } = node;
      if (node.os !== 'harvester' || !bootNic || !nics || !management?.interfaces || !bond?.interfaces)
        return;
      if (isUnknown(node, 'install.management_interface.interfaces')) return;
      if (nics.some((nic) => nic && isBroken(nic, 'boot'))) return;
      const own = idOf(bootNic);
      const members = new Set(bond.interfaces.map((one) => one?.hwAddr ?? one?.name));
      if (own === undefined || members.has(own) || members.size === 0) return;
      // An unknown interface may be the boot NIC.
      const known = new Set(nics.map((nic) => nic && idOf(nic)));
      if ([...members].some((member) => member === undefined || !known.has(member))) return;
      const at = bootNic.mac ? locationOf(bootNic, 'mac') : selfLocation(bootNic);
      report(keyLocationOf(management, 'interfaces'), {
        message:
          bond.method === 'static'
            ? 'The interfaces omit the boot NIC of the node: its IP address would be on NICs that may be on another network.'
            : 'The interfaces omit the boot NIC of the node: DHCP does not lease the installed node the IP address that is reserved for it.',
        related: [{ message: 'the boot NIC is at', at }],
        help: 'add it to the interfaces; or set boot: true for the NIC that the node boots from',
      });
    }),
  }),
  error('bond-nic-address', {
    what: 'The NICs of a management bond must not have IP addresses, except the boot NIC.',
    why: 'A bond has one IP address: whether the second one is leased depends on the NIC that sends the request.',
    check: nodesWith('bond', ({ length }) => length > 1).each(({ name, bootNic, bond }, report) => {
      for (const nic of bond) {
        if (!nic?.ip || !bootNic || nic === bootNic) continue;
        report(locationOf(nic, 'ip'), {
          message: `${name} has a second IP address, ${nic.ip}, on the network that it boots from: its NICs there form one bond.`,
          related: bootNic.ip ? [{ message: 'its IP address is set at', at: locationOf(bootNic, 'ip') }] : [],
          help: 'remove the second IP address, or move the NIC to another network',
        });
      }
    }),
  }),
  warning('nic-address-unused', {
    tag: 'unnecessary',
    what: 'On a network without DHCP, only the boot NIC of a Harvester node must have an IP address.',
    why: 'A configuration of Harvester has the IP address of the management interface only: no machine has any other. nginx therefore grants it nothing.',
    check: nodesWith('nics', ({ length }) => length > 1).each((node, report) => {
      // Without an address of the boot NIC, this one may be meant for it.
      for (const nic of node.bootNic?.ip ? node.nics : []) {
        if (!nic?.ip || !nic.network || isBroken(nic.network, 'dhcp') || hasAddress(node, nic)) continue;
        report(locationOf(nic, 'ip'), {
          message: `The IP address ${nic.ip} of ${node.name} on ${nic.network.name} reaches no configuration: no machine will have it.`,
          fix: suggestedFix(removeKey(nic, 'ip'), setKey(nic, 'network', nic.network.name ?? '')),
          help: `replace it with \`network: ${nic.network.name}\`; Harvester assigns storage addresses from the range of storage-network`,
        });
      }
    }),
  }),
  warning('bond-lacp', {
    what: 'The management bond must not use 802.3ad (LACP).',
    why: 'A machine boots over one NIC without LACP, which the ports of a bundle reject unless the switch has LACP fallback. From v1.7.0, the installer does not wait for LACP and often stops with "Can\'t apply networks" (harvester/harvester#10885, #11662).',
    check: withBondOptions.each((node, report) => {
      const options = node.userConfig.install?.management_interface?.bond_options;
      const release = node.cluster?.version;
      if (node.os !== 'harvester' || options?.mode !== '802.3ad' || !release) return;
      const stops = isAtLeast(release, 'v1.7.0')
        ? `, and the installer of ${release.text} often stops ("Can't apply networks") before LACP is up`
        : '';
      report(locationOf(options, 'mode'), {
        message: `The management bond uses LACP (802.3ad): the machine boots only if the switch has LACP fallback${stops}.`,
        fix: suggestedFix(setKey(options, 'mode', 'active-backup')),
        help: 'set mode: active-backup; or enable LACP fallback on these ports and add silence: {bond-lacp: "LACP fallback is on"}',
      });
    }),
  }),
  warning('bond-mode-one-nic', {
    what: 'A management bond of one NIC must have the mode active-backup or 802.3ad.',
    why: "The other modes distribute traffic over several NICs and have no benefit with one. Some change its MAC address or require a configured switch (the kernel's bonding documentation).",
    check: withBondOptions.each((node, report) => {
      const options = node.userConfig.install?.management_interface?.bond_options;
      const { mode } = options ?? {};
      if (node.os !== 'harvester' || !options || !mode || bondSize(node) !== 1) return;
      if (mode === 'active-backup' || mode === '802.3ad') return;
      report(locationOf(options, 'mode'), {
        message: `The bond has one NIC, but its mode ${mode} is for several: it has no benefit, and may require a configured switch.`,
        fix: suggestedFix(setKey(options, 'mode', 'active-backup')),
        help: 'set mode: active-backup; or remove bond_options, which are derived; or list the other NICs',
      });
    }),
  }),
  error('bond-options-incomplete', {
    what: 'A map of bond_options must have a mode and, before v1.7.0, also miimon (or arp_interval).',
    why: "The map replaces the installer's whole default; missing keys get the kernel's defaults. The default mode is balance-rr, which most switches treat as a loop. Without link checks, the bond does not come up, or sends into a dead link.",
    check: withBondOptions.each((node, report) => {
      const bond = node.userConfig.install?.management_interface;
      const options = bond?.bond_options;
      const release = node.cluster?.version;
      if (node.os !== 'harvester' || !bond || !options || !release) return;
      if (isBroken(options)) return;
      // From v1.7.0, NetworkManager creates the bond, and checks links every 100 ms by default.
      const checksLinks =
        isAtLeast(release, 'v1.7.0') || !lacks(options, 'miimon') || !lacks(options, 'arp_interval');
      const missing = MODE_AND_CHECK.filter(({ key }) =>
        key === 'mode' ? lacks(options, 'mode') : !checksLinks,
      );
      if (missing.length === 0) return;
      report(keyLocationOf(bond, 'bond_options'), {
        message: `bond_options replaces the installer's default but has no ${missing.map(({ key }) => key).join(' and no ')}: the bond would ${missing.map(({ effect }) => effect).join(', and ')}.`,
        fix:
          Object.keys(options).length > 0
            ? suggestedFix(...missing.map(({ key, value }) => setKey(options, key, value)))
            : undefined,
        help: `add ${missing.map(({ line }) => line).join(' and ')}; or remove bond_options, which are derived`,
      });
    }),
  }),
];

/** Returns the identifier of a NIC in the configuration: its MAC address or, without one, its name. */
function idOf(nic: Draft<Nic>): string | undefined {
  return nic.mac ?? (lacks(nic, 'mac') ? nic.name : undefined);
}

/** Returns the number of NICs in the management bond, or undefined if an error leaves it unknown. */
function bondSize(node: Draft<Node>): number | undefined {
  if (isUnknown(node, 'install.management_interface.interfaces')) return undefined;
  const interfaces = node.userConfig?.install?.management_interface?.interfaces;
  if (interfaces) return interfaces.length;
  // By default, the NICs of the bond are derived from their networks.
  const isKnown = node.nics?.every((nic) => nic?.network && (nic.mac || lacks(nic, 'mac')));
  return isKnown ? node.bond?.length : undefined;
}
