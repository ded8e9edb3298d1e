import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fixableRuleTest } from '../../../test/support/rule-test.ts';
import { factsOf } from '../../knowledge/facts.ts';
import { type BondOption, expectedBondValue } from './bond-options.ts';

/** A site with two NICs in the management bond, whose options are in line 14. */
const site = (options: string, release = 'v1.8.2') => `site: plant
harvester: { version: ${release} }
server: { url: http://192.168.10.7 }
networks:
  mgmt: { subnet: 192.168.10.0/24, gateway: 192.168.10.1, dns: [192.168.10.1], ntp: [192.168.10.1], dhcp: {} }
cluster: { vip: 192.168.10.40, token: "\${secret:cluster_token}" }
silence: { bond-lacp: the switch has LACP fallback }
defaults:
  config:
    os: { ssh_authorized_keys: ["github:your_username"] }
    install:
      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1
      management_interface:
        bond_options: ${options}
nodes:
  harv-1: { mode: create, nics: [{ mac: 52:54:00:aa:0a:01, ip: 192.168.10.41 }, { mac: 52:54:00:aa:0b:01 }] }
`;

/** A part of the site that is not LACP does not use the silence. */
const without = (options: string, release?: string) => site(options, release).replace(/silence: .*/, '');

const REJECTED = 'NetworkManager rejects the whole bond, and the node has no management network.';
const DROPPED = 'NetworkManager silently drops';

fixableRuleTest('bond-option', {
  'an option of another mode': {
    of: without('{ mode: balance-xor, miimon: "100", primary: eno1 }'),
    finds: [
      {
        at: '14:59',
        message: `primary is only for the modes active-backup, balance-tlb, balance-alb, but the mode is balance-xor: ${REJECTED}`,
        related: ['14:31'],
        help: 'remove primary, or set mode: active-backup',
      },
    ],
  },
  'options of ARP, which are one cause': {
    of: without('{ mode: balance-alb, arp_interval: "100", arp_ip_target: 192.168.10.1, arp_validate: all }'),
    finds: [
      {
        at: '14:44',
        message: `arp_interval and arp_ip_target and arp_validate are only for the modes balance-rr, active-backup, balance-xor, broadcast, but the mode is balance-alb: ${REJECTED}`,
        related: ['14:31'],
      },
    ],
  },
  'an option that is dropped in another mode': {
    of: without('{ mode: active-backup, miimon: "100", ad_user_port_key: "5" }'),
    finds: [
      {
        at: '14:61',
        message: `ad_user_port_key is only for the mode 802.3ad, but the mode is active-backup: ${DROPPED} the option.`,
        related: ['14:31'],
      },
    ],
  },
  'options that need another one': {
    of: without('{ mode: active-backup, miimon: "0", downdelay: "200", arp_interval: "100" }'),
    finds: [
      { at: '14:59', message: `downdelay needs miimon, which is 0: ${REJECTED}` },
      {
        at: '14:77',
        message: `arp_interval needs arp_ip_target or ns_ip6_target, which is not set: ${REJECTED}`,
        help: 'set arp_ip_target, or remove arp_interval',
      },
    ],
  },
  'a target without an interval': {
    of: without('{ mode: balance-rr, arp_ip_target: 192.168.10.1 }'),
    finds: [{ at: '14:43', message: `arp_ip_target needs arp_interval, which is not set: ${REJECTED}` }],
  },
  'options that contradict each other': {
    of: without('{ mode: active-backup, num_grat_arp: "1", num_unsol_na: "2", peer_notif_delay: "150" }'),
    finds: [
      {
        at: '14:65',
        message: `num_unsol_na is 2, but num_grat_arp, the same option, is 1: ${REJECTED}`,
      },
      { at: '14:84', message: `peer_notif_delay is 150, not a multiple of miimon (100): ${REJECTED}` },
    ],
  },
  'values that are dropped': {
    of: site(
      '{ mode: 802.3ad, xmit_hash_policy: layer9, lacp_rate: FAST, num_grat_arp: 300, use_carrier: true }',
    ),
    finds: [
      {
        at: '14:58',
        message: 'xmit_hash_policy cannot be layer9: NetworkManager silently drops it.',
        help: 'write layer2, layer3+4, layer2+3, encap2+3, encap3+4, vlan+srcmac',
      },
      { at: '14:77', message: 'lacp_rate cannot be FAST: did you mean fast?', help: 'write slow, fast' },
      {
        at: '14:97',
        message: 'num_grat_arp cannot be 300: NetworkManager silently drops it.',
        help: 'write a number from 0 to 255',
      },
      {
        at: '14:115',
        message: 'use_carrier cannot be true: NetworkManager silently drops it.',
        help: 'write a number from 0 to 1',
      },
    ],
  },
  'a MAC address as the name of a NIC, and a target that is no address': {
    of: without(
      '{ mode: active-backup, primary: "52:54:00:aa:0a:01", arp_interval: 100, arp_ip_target: gateway }',
    ),
    finds: [
      {
        at: '14:55',
        message: 'primary cannot be 52:54:00:aa:0a:01: NetworkManager silently drops it.',
        help: 'write the name of a NIC, such as eno1',
      },
      { at: '14:110', message: `arp_ip_target cannot be gateway: ${REJECTED}` },
    ],
  },
  'names that NetworkManager does not know': {
    of: without(
      '{ mode: active-backup, Miimon: "100", min-links: 1, coupled_control: 1, bond_updelay: 200 }',
    ),
    finds: [
      {
        at: '14:46',
        message: 'NetworkManager has no bond option Miimon: did you mean miimon?',
        help: 'write miimon',
      },
      { at: '14:61', message: 'NetworkManager has no bond option min-links: did you mean min_links?' },
      { at: '14:75', message: 'NetworkManager has no bond option coupled_control, and silently drops it.' },
      { at: '14:95', message: 'NetworkManager has no bond option bond_updelay: did you mean updelay?' },
    ],
  },
  'a misspelled mode is one finding': {
    of: without('{ Mode: active-backup, miimon: "100" }'),
    finds: [{ at: '14:25', message: 'NetworkManager has no bond option Mode: did you mean mode?' }],
  },
  'the usual options of LACP': {
    of: site('{ mode: 802.3ad, miimon: "100", lacp_rate: fast, xmit_hash_policy: layer3+4, ad_select: "0" }'),
  },
  'options off, and numbers of words': {
    of: without(
      '{ mode: active-backup, miimon: 100, updelay: 200, primary: eno1, primary_reselect: 2, balance-slb: 0 }',
    ),
  },
  'before NetworkManager, the kernel decides': {
    of: without('{ mode: balance-xor, miimon: "100", primary: eno1, min-links: 1 }', 'v1.6.1'),
  },
});

/** The keyfile of the installer: pkg/installer/config/templates/nm-bond-master.nmconnection of v1.7.0 and newer. */
function readByNetworkManager(options: Readonly<Record<string, string>>) {
  const lines = Object.entries(options).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const keyfile = `[connection]
id=bond-mgmt
type=bond
interface-name=mgmt-bo
[bond]
${lines.map(([key, value]) => `${key}=${value}\n`).join('')}[ipv4]
method=auto
`;
  const args = ['--offline', 'connection', 'modify', 'connection.autoconnect', 'yes'];
  const { status, stdout } = spawnSync('nmcli', args, { input: keyfile, encoding: 'utf8' });
  if (status !== 0) return 'rejected' as const;
  return new Set(
    (/\[bond\]\n([^[]*)/.exec(stdout)?.[1] ?? '').split('\n').map((line) => line.replace(/=.*/, '')),
  );
}

const { bondModes, bondOptions } = factsOf<{
  readonly bondModes: readonly string[];
  readonly bondOptions: Readonly<Record<string, BondOption>>;
}>('bond-options');

/** Options of NetworkManager after 1.42, which the installed one may lack. */
const NEWER = ['arp_missed_max', 'lacp_active', 'ns_ip6_target'];

const agreement = suite('agreement with NetworkManager');
const isInstalled = spawnSync('nmcli', ['--version']).status === 0;
(isInstalled ? agreement : agreement.skip)('each option in each mode, and values at the limits', () => {
  const SAMPLES: Readonly<Record<string, string>> = {
    ad_actor_system: '02:00:00:00:00:01',
    arp_ip_target: '10.0.0.1',
  };
  for (const [key, option] of Object.entries(bondOptions)) {
    if (NEWER.includes(key) || key === 'mode') continue;
    const { range, words = [], modes = bondModes, rejected = [] } = option;
    const value = SAMPLES[key] ?? words.at(-1) ?? (range ? '100' : 'eno1');
    const good = range && range[1] < 100 ? '1' : value;
    const others: Record<string, string> = /^arp_/.test(key)
      ? { arp_interval: '100', arp_ip_target: '10.0.0.1' }
      : {};
    for (const mode of bondModes) {
      const read = readByNetworkManager({ mode, ...others, [key]: good });
      const outcome = read === 'rejected' ? read : read.has(key) ? 'kept' : 'dropped';
      const expected = modes.includes(mode) ? 'kept' : rejected.includes(mode) ? 'rejected' : 'dropped';
      // The other options of its group are rejected.
      if (key !== 'arp_all_targets') assert.is(outcome, expected, `${key}=${good} in ${mode}`);
    }
    const mode = modes.includes('active-backup') ? 'active-backup' : (modes[0] ?? '');
    const bad = [...(range ?? []), 'FAST', `${words.length}`, '-1', '99999', 'a b'].map(String);
    for (const value of range || words.length > 0 ? bad : ['a b', '', 'x/y']) {
      const read = readByNetworkManager({ mode, ...others, [key]: value });
      const isKept = read !== 'rejected' && read.has(key);
      const expected = expectedBondValue(option, value);
      if (key !== 'peer_notif_delay' && key !== 'arp_interval')
        assert.is(isKept, expected === undefined, `${key}=${value} in ${mode}`);
    }
  }
});
agreement.run();
