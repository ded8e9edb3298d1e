/** What becomes of the keys of dnsmasq's configuration that nothing of a site can carry. Source: dnsmasq(8). */

const BOOT =
  'harvgen writes itself what DHCP answers to whom: boot of a node says what it boots, and boot.loader by which program';
const DNS = "harvgen's dnsmasq answers no DNS: keep a DNS server, and name it in dns of the network";
const SERVER = 'a matter of the old server: harvgen writes a configuration of its own';

/** Why a key is left, by what it is called or begins with; the first that fits counts. */
const WHY: readonly (readonly [RegExp, string])[] = [
  [/^(?:dhcp-boot|dhcp-match|dhcp-vendorclass|dhcp-userclass|dhcp-mac|dhcp-name-match|tag-if)$/, BOOT],
  [/^(?:dhcp-circuitid|dhcp-remoteid|dhcp-subscrid|dhcp-bridge|dhcp-no-override|bootp-dynamic)$/, BOOT],
  [/^(?:pxe-|tftp-|enable-tftp$|dhcp-pxe-vendor$)/, BOOT],
  [
    /^(?:dhcp-ignore|dhcp-ignore-names|dhcp-generate-names)$/,
    'strangers get an address where the network has a pool, and none without one',
  ],
  [
    /^(?:interface|except-interface|no-dhcp-interface|listen-address|bind-interfaces|bind-dynamic)$/,
    "the boot server's NIC on a network is interface of the network",
  ],
  [/^(?:enable-ra|ra-param|ra-stateful|slaac|dhcp-duid|dhcp-prefix-class)/, 'a site has IPv4 addresses'],
  [
    /^dhcp-(?:relay|proxy)$/,
    "harvgen's DHCP server is reached on its own networks: keep the relay of the router",
  ],
  [
    /^(?:address|server|rev-server|local|host-record|dynamic-host|interface-name|addn-hosts|hostsdir|expand-hosts|no-hosts|no-resolv|no-poll|resolv-file|strict-order|all-servers|cache-size|bogus-|domain-needed|local-ttl|neg-ttl|max-ttl|auth-|cname|mx-|srv-host|txt-record|ptr-record|naptr-record|dns-|filter|dnssec|stop-dns-rebind|rebind-|localise-queries|local-service|port|servers-file|edns-|query-port|min-port|max-port|ipset|nftset|add-|strip-|umbrella|connmark|caa-record|synth-domain|selfmx|localmx|alias|ignore-address|trust-anchor|hostname)/,
    DNS,
  ],
  [
    /^(?:user|group|pid-file|log-|quiet-|no-daemon|keep-in-foreground|dhcp-leasefile|dhcp-script|dhcp-luascript|dhcp-scriptuser|dhcp-authoritative|dhcp-rapid-commit|dhcp-sequential-ip|dhcp-lease-max|dhcp-ttl|dhcp-reply-delay|dhcp-alternate-port|dhcp-broadcast|dhcp-fqdn|dhcp-client-update|dhcp-ignore-clid|no-ping|leasequery|leasefile-ro|read-ethers|script-|enable-dbus|enable-ubus|conntrack|clear-on-reload|dumpfile|dumpmask|test|shared-network|no-ident|no-0x20|fast-dns-retry|use-stale-cache|port-limit|max-|tls)/,
    SERVER,
  ],
];

/** The keys that name further files, and how to give these. */
export const FURTHER: Readonly<Record<string, string>> = {
  'dhcp-hostsfile': 'a file of hosts',
  'dhcp-hostsdir': 'a folder of files of hosts',
  'dhcp-optsfile': 'a file of options',
  'dhcp-optsdir': 'a folder of files of options',
  'conf-file': 'a further configuration',
  'conf-dir': 'a folder of further configurations',
  'conf-script': 'a program that prints a further configuration',
};

/** The keys that say something that a site carries, or that name further files. */
const CARRIED = ['dhcp-host', 'dhcp-range', 'dhcp-option', 'dhcp-option-force', 'domain'];

/** Says why nothing of a site carries a key; undefined for a key that dnsmasq does not have, as far as harvgen knows. */
export function whyLeft(keyword: string): string | undefined {
  return WHY.find(([form]) => form.test(keyword))?.[1];
}

/** Says whether a word is a key of dnsmasq's configuration. */
export function isKeyword(word: string): boolean {
  return CARRIED.includes(word) || Object.hasOwn(FURTHER, word) || whyLeft(word) !== undefined;
}
