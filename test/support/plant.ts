/** The inventory that tests start with: small, complete, and without errors. Tests edit it; its lines do not move. */
export const PLANT = `site: plant
harvester:
  version: v1.4.1
server:
  url: http://192.168.178.7
networks:
  mgmt:
    subnet: 192.168.178.0/24
    gateway: 192.168.178.1
    dns: [192.168.178.1]
    dhcp:
      pool: 192.168.178.200-192.168.178.250
cluster:
  vip: 192.168.178.40
  token: \${secret:cluster_token}
defaults:
  config:
    os: { ntp_servers: [0.suse.pool.ntp.org],
      ssh_authorized_keys: ["github:your_username"] }
    install:
      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1
nodes:
  harv-1: { mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode: create }
  harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }
  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }
`;

/** The same with a release of whose files harvgen has no digests. */
export const UNPINNED = PLANT.replace('v1.4.1', 'v1.3.2');

/** An edit of a text: a part that occurs once, and its replacement. */
export type Edit = readonly [from: string, to: string];

/** Edits of the common inventory: its nodes join a cluster that is running already. */
export const RUNNING: readonly Edit[] = [
  ['  vip: 192', '  exists: true\n  vip: 192'],
  [', mode: create', ''],
];

/** Returns a text with edits. Throws if a part does not occur exactly once: the test would prove nothing. */
export function edited(text: string, ...edits: readonly Edit[]): string {
  return edits.reduce((result, [from, to]) => {
    const [before, after, ...more] = result.split(from);
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(`does not occur exactly once: ${JSON.stringify(from)}`);
    }
    return `${before}${to}${after}`;
  }, text);
}

/** Returns the common inventory as another site: its own name, its own machines on its own subnet, 192.168.<number>.0/24. */
export function plantCalled(name: string, number: number): string {
  return PLANT.replace('site: plant', `site: ${name}`)
    .replaceAll('192.168.178.', `192.168.${number}.`)
    .replaceAll('52:54:00:aa:01:', `52:54:00:aa:${number.toString(16).padStart(2, '0')}:`);
}
