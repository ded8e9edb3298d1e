import { PLANT } from './plant.ts';

/** Returns the MAC address of the n-th node of a big plant, and the name of its files. */
export function macOf(n: number): { readonly mac: string; readonly key: string } {
  const key = `52-54-00-${[0xbb + (n >> 16), (n >> 8) & 255, n & 255].map(hex).join('-')}`;
  return { mac: key.replaceAll('-', ':'), key };
}

/** Returns an inventory of many nodes, on 10.1.0.0/16, or from 50,000 on 10.0.0.0/12; the n-th, from 1, is node-<n>. */
export function bigPlant(nodes: number, token = '${secret:cluster_token}'): string {
  const lines = Array.from({ length: nodes }, (_, index) => {
    const n = index + 1;
    const mode = n === 1 ? ', mode: create' : '';
    return `  node-${n}: { mac: ${macOf(n).mac}, ip: ${addressOf(n)}${mode} }\n`;
  });
  return PLANT.replace(/^nodes:[\s\S]*/m, `nodes:\n${lines.join('')}`)
    .replaceAll('192.168.178.0/24', nodes < 50_000 ? '10.1.0.0/16' : '10.0.0.0/12')
    .replaceAll('192.168.178.200-192.168.178.250', '10.1.200.1-10.1.200.250')
    .replaceAll('192.168.178.', '10.1.250.')
    .replace('${secret:cluster_token}', token);
}

/** Returns the inventory of the n-th of many sites, site-<n>, with a number of nodes on a network of its own. */
export function smallPlant(n: number, nodes: number): string {
  const net = `10.${n >> 8}.${n & 255}.`;
  const lines = Array.from({ length: nodes }, (_, index) => {
    const mode = index === 0 ? ', mode: create' : '';
    return `  site-${n}-node-${index + 1}: { mac: ${macOf(n * nodes + index).mac}, ip: ${net}${41 + index}${mode} }\n`;
  });
  return PLANT.replace(/^nodes:[\s\S]*/m, `nodes:\n${lines.join('')}`)
    .replace('site: plant', `site: site-${n}`)
    .replaceAll('cluster_token', `token_of_site_${n}`)
    .replaceAll('192.168.178.40', `${net}30`)
    .replaceAll('192.168.178.', net);
}

/** Returns the IP address of the n-th node of a big plant: below 50,000, 10.1.<n / 250>.<n % 250 + 1>. */
export function addressOf(n: number): string {
  const block = Math.floor(n / 250);
  return `10.${1 + Math.floor(block / 200)}.${block % 200}.${(n % 250) + 1}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
