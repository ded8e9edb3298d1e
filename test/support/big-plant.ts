import { PLANT } from './plant.ts';

/** The nodes in 10.x.0.0 to 10.x.199.255: the addresses above are the VIP's and the DHCP pool's. */
const PER_16 = 50_000;

/** Returns the MAC address of the n-th node of a big plant, and the name of its files. */
export function macOf(n: number): { readonly mac: string; readonly key: string } {
  const key = `52-54-00-${hex(0xbb + (n >> 16))}-${hex((n >> 8) & 255)}-${hex(n & 255)}`;
  return { mac: key.replaceAll('-', ':'), key };
}

/** Returns an inventory of up to 700,000 nodes; the n-th, from 1, is node-<n> with the address `addressOf(n)`. */
export function bigPlant(nodes: number, token = '${secret:cluster_token}'): string {
  const lines = Array.from({ length: nodes }, (_, index) => {
    const n = index + 1;
    const mode = n === 1 ? ', mode: create' : '';
    return `  node-${n}: { mac: ${macOf(n).mac}, ip: ${addressOf(n)}${mode} }\n`;
  });
  return PLANT.replace(/^nodes:[\s\S]*/m, `nodes:\n${lines.join('')}`)
    .replaceAll('192.168.178.0/24', nodes < PER_16 ? '10.1.0.0/16' : '10.0.0.0/12')
    .replaceAll('192.168.178.200-192.168.178.250', '10.1.200.1-10.1.200.250')
    .replaceAll('192.168.178.', '10.1.250.')
    .replace('${secret:cluster_token}', token);
}

/** Returns the IP address of the n-th node of a big plant: in 10.1.0.0/16, and in the next /16 from each 50,000th on. */
export function addressOf(n: number): string {
  return `10.${1 + Math.floor(n / PER_16)}.${Math.floor((n % PER_16) / 250)}.${(n % 250) + 1}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
