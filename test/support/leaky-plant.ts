import { createHash } from 'node:crypto';
import { stringify } from 'yaml';

/** Returns the text for a secret in the inventory: a reference to it, or the value in clear text. */
export type Writing = (name: string) => string;

export const asReference: Writing = (name) => `\${secret:${name}}`;

/** Returns the value of a secret: long, unique, and valid for its key. */
export function secretValue(name: string): string {
  const digest = createHash('sha512').update(`a value of ${name}`).digest('base64').replace(/[+/=]/g, '');
  const word = digest.slice(0, 24);
  if (/token/.test(name)) return `${word}!"$\\'#`;
  if (/key$|^ca$/.test(name)) return `-----BEGIN PRIVATE KEY-----\n${word}\n-----END PRIVATE KEY-----\n`;
  if (/url/.test(name)) return word;
  return `ä"${word}\\$1 ☃`;
}

/** An inventory entry with a secret: its path, its name, and the whole text. */
export interface SecretEntry {
  readonly path: readonly (string | number)[];
  readonly name: string;
  readonly text: string;
}

/** Returns the inventory of a site with two clusters that has secrets in every type of entry, as plain data. */
export function leakyPlant(write: Writing, version = 'v1.4.1') {
  return {
    site: 'plant',
    harvester: { version },
    server: {
      url: 'http://192.168.178.7',
      compat: ['phs', 'phs-all'],
      kubernetes: { media_claim: 'media' },
    },
    networks: {
      mgmt: {
        subnet: '192.168.178.0/24',
        gateway: '192.168.178.1',
        dns: ['192.168.178.1'],
        dhcp: { pool: '192.168.178.200-192.168.178.250' },
      },
    },
    clusters: {
      east: { vip: '192.168.178.40', token: write('east_token') },
      west: { vip: '192.168.178.39', token: write('west_token') },
    },
    silence: { 'setting-refused': 'only the key of the certificate is a secret' },
    defaults: {
      cluster: 'east',
      config: {
        os: {
          ntp_servers: ['0.suse.pool.ntp.org'],
          ssh_authorized_keys: ['github:your_username'],
          password: write('login'),
          environment: { HTTP_PROXY: `http://user:${write('proxy_url')}@10.0.0.1:3128` },
          wifi: [{ name: 'plant', passphrase: write('wifi') }],
          additionalKernelArguments: `multipath=off acme.password=${write('kernel_url')}`,
          after_install_chroot_commands: [`curl https://user:${write('chroot_url')}@acme.example.org`],
          write_files: [
            { path: '/etc/acme/password', content: `password: ${write('in_text')}` },
            { path: '/etc/acme/key', content: write('file_key') },
            { path: '/etc/acme/a.yaml', content: `password: ${JSON.stringify(write('in_yaml'))}\n` },
            { path: '/etc/acme/a.json', content: JSON.stringify({ password: write('in_json') }) },
          ],
        },
        install: {
          device: '/dev/disk/by-path/pci-0000:00:17.0-ata-1',
          webhooks: [
            {
              event: 'STARTED',
              method: 'POST',
              url: `http://user:${write('hook_url')}@10.0.0.1`,
              basicAuth: { user: 'u', password: write('hook_login') },
            },
          ],
        },
        system_settings: {
          'backup-target': {
            type: 's3',
            endpoint: 'https://10.0.0.1',
            accessKeyId: 'a',
            secretAccessKey: write('s3'),
            bucketName: 'b',
            bucketRegion: 'c',
          },
          'containerd-registry': JSON.stringify({
            Configs: { 'r.example.org': { Auth: { Username: 'u', Password: write('registry') } } },
          }),
          'ssl-certificates': {
            ca: '',
            publicCertificate: '',
            privateKey: write('tls_key'),
          },
        },
      },
    },
    nodes: {
      'harv-1': { mac: '52:54:00:aa:01:01', ip: '192.168.178.41', mode: 'create' },
      'harv-2': {
        mac: '52:54:00:aa:01:02',
        ip: '192.168.178.42',
        bmc: { address: '192.168.179.42', user: 'admin', password: write('bmc') },
      },
      'west-1': { mac: '52:54:00:aa:02:01', ip: '192.168.178.44', cluster: 'west', mode: 'create' },
    },
  };
}

/** Returns every text of an inventory with a secret. */
export function secretEntries(): SecretEntry[] {
  const entries: SecretEntry[] = [];
  walk(leakyPlant(asReference), []);
  return entries;

  function walk(value: unknown, path: readonly (string | number)[]): void {
    if (typeof value === 'string') {
      for (const [, name = ''] of value.matchAll(/\$\{secret:(\w+)\}/g))
        entries.push({ path, name, text: value });
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value))
        walk(item, [...path, Array.isArray(value) ? Number(key) : key]);
    }
  }
}

/** Returns the names of the secrets of the plant. */
export function secretsOfPlant(): string[] {
  return secretEntries().map(({ name }) => name);
}

/** Returns an inventory as YAML, one value per line. */
export function asYaml(inventory: object): string {
  return stringify(inventory, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Returns a copy of an inventory with a change at a path: `change` gets the map or list, and the key. */
export function changed(
  inventory: object,
  path: readonly (string | number)[],
  change: (holder: Record<string | number, unknown>, key: string | number) => void,
): object {
  const copy = structuredClone(inventory);
  const holder = path
    .slice(0, -1)
    .reduce<Record<string | number, unknown>>(
      (value, step) => value[step] as Record<string | number, unknown>,
      copy as Record<string | number, unknown>,
    );
  change(holder, path.at(-1) as string | number);
  return copy;
}
