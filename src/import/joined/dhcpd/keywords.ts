/** Why statements and options of dhcpd are left. Source: dhcpd.conf(5), dhcp-options(5), dhcp-eval(5). */

const BOOT =
  'harvgen writes itself what DHCP answers to whom: boot of a node says what it boots, and boot.loader by which program';
const SERVER = 'a matter of the old server: harvgen writes a configuration of its own';
const STRANGERS = 'strangers get an address where the network has a pool, and none without one';
const IPV6 = 'a site has IPv4 addresses';

const WHY: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:filename|next-server|server-name|class|subclass|match|spawn|vendor-option-space|site-option-space|if|elsif|else|switch|always-broadcast|always-reply-rfc1048|boot-unknown-clients|vendor|execute)$/,
    BOOT,
  ],
  [/^(?:allow|deny|ignore|known|unknown|dynamic)$/, STRANGERS],
  [/6$|^(?:prefix6|ia-na|ia-ta|ia-pd|server-duid|preferred-lifetime|dhcpv6-)/, IPV6],
  [
    /^(?:authoritative|not|ddns|update|do-forward|do-reverse|log|on|set|unset|max-lease-time|min-lease-time|min-secs|dynamic-bootp-lease|one-lease-per-client|ping|omapi|key|zone|failover|abandon|adaptive|bind|check|db-time-format|delayed-ack|max-ack-delay|echo-client-id|get-lease-hostnames|ignore-client-uids|infinite|lease|limit|local|pid-file|persist|prefix-length|release-on-roam|remote|server-identifier|server-id-check|stash-agent-options|use-lease-addr|interface|delete|define|mclt|algorithm|secret|authoring-byte-order)(?:-|$)/,
    SERVER,
  ],
];

/** Says why nothing of a site carries a statement. */
export function whyLeft(keyword: string): string {
  return WHY.find(([form]) => form.test(keyword))?.[1] ?? 'harvgen knows no such statement of dhcpd';
}

const OPTION_OF_BOOT =
  /^(?:vendor-class-identifier|vendor-encapsulated-options|user-class|tftp-server-name|bootfile-name|root-path|space|(?:ipxe|gpxe|pxe|pxelinux|etherboot|cumulus|magic|configfile|pathprefix|reboottime|arch|architecture|client-arch|client-architecture)\b.*|.*\bcode\b.*)$/;

/** Says why nothing of a site carries an option. */
export function whyOptionLeft(name: string): string {
  if (OPTION_OF_BOOT.test(name)) return BOOT;
  if (/^(?:dhcp6|fqdn)\b/.test(name)) return SERVER;
  return "nothing of a site gives out such an option; a template of the site's own can: docs/templates.md";
}
