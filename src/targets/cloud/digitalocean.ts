import { fits, type Json, KEPT, type Main, perDisk, present, SEED, type Vm } from './vm.ts';

/** The longest user data. Source: DigitalOcean's API, `user_data` of a Droplet. */
const LIMIT = 65_536;

const EVERYWHERE = ['0.0.0.0/0', '::/0'];

/** Returns the Droplet at DigitalOcean. Source: the arguments of digitalocean/digitalocean. */
export function digitalocean(vm: Vm): Main {
  const { cloud, name, size, keys } = vm;
  const { region, network } = cloud;
  // Each account has a network in each region, which Droplets join by default.
  const { cidr, vpc } = network;
  return {
    // The token is that of the environment variable DIGITALOCEAN_TOKEN.
    source: ['digitalocean', 'digitalocean/digitalocean', '~> 2.71'],
    provider: {},
    locals: { user_data: USER_DATA },
    resource: present({
      ...(cidr !== undefined && { digitalocean_vpc: { host: { name, region, ip_range: cidr } } }),
      digitalocean_ssh_key: Object.fromEntries(
        keys.map((key, index) => [keyName(index), { name: `${name}-${index + 1}`, public_key: key }]),
      ),
      digitalocean_volume: perDisk(vm, ({ attached, gib }) => ({
        name: attached,
        region,
        size: gib,
        lifecycle: KEPT,
      })),
      digitalocean_droplet: {
        host: {
          name,
          region,
          size,
          image: cloud.image,
          vpc_uuid: cidr === undefined ? vpc : '${digitalocean_vpc.host.id}',
          ssh_keys: keys.map((_, index) => `\${digitalocean_ssh_key.${keyName(index)}.id}`),
          volume_ids: vm.disks.map(({ key }) => `\${digitalocean_volume.${key}.id}`),
          user_data: '${local.user_data}',
          lifecycle: {
            ...KEPT,
            // Other user data or another image would replace the host.
            ignore_changes: ['user_data', 'image', 'ssh_keys'],
            precondition: fits('local.user_data', LIMIT, 'DigitalOcean'),
          },
        },
      },
      digitalocean_firewall: {
        host: {
          name,
          droplet_ids: ['${digitalocean_droplet.host.id}'],
          inbound_rule: vm.openings.map(({ port, sources }) => ({
            protocol: 'tcp',
            port_range: String(port),
            source_addresses: sources,
          })),
          outbound_rule: ['tcp', 'udp', 'icmp'].map(
            (protocol): Json => ({
              protocol,
              ...(protocol !== 'icmp' && { port_range: '1-65535' }),
              destination_addresses: EVERYWHERE,
            }),
          ),
        },
      },
    }),
    address: 'digitalocean_droplet.host.ipv4_address',
    user: 'root',
  };
}

const keyName = (index: number) => `key${index + 1}`;

/**
 * User data may be text only: a MIME part carries the compressed file. cloud-init changes other characters than ASCII in
 * such a part, but not in an archive (cloudinit/user_data.py, `_process_msg`). Source: cloud-init, "User-data formats".
 */
const ARCHIVE = `"#cloud-config-archive\\n\${jsonencode([{type="text/cloud-config",content=${SEED}}])}"`;

const USER_DATA =
  'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="harvgen"\n\n--harvgen\n' +
  `Content-Type: application/x-gzip\nContent-Transfer-Encoding: base64\n\n\${base64gzip(${ARCHIVE})}\n--harvgen--\n`;
