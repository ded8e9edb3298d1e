import { fits, KEPT, type Main, perItem, SEED, type Vm } from './vm.ts';

/** The longest user data. Source: DigitalOcean's API, `user_data` of a Droplet. */
const LIMIT = 65_536;

const EVERYWHERE = { destination_addresses: ['0.0.0.0/0', '::/0'] };

/** Returns the Droplet at DigitalOcean. Source: the arguments of digitalocean/digitalocean. */
export function digitalocean(vm: Vm): Main {
  const { cloud, name, size, disks } = vm;
  const { region, network } = cloud;
  const keys = vm.keys.map((key, index) => ({ key: `key${index + 1}`, number: index + 1, public_key: key }));
  // Each account has a network in each region, which Droplets join by default.
  const { cidr, vpc } = network;
  return {
    // The token is that of the environment variable DIGITALOCEAN_TOKEN.
    source: ['digitalocean', 'digitalocean/digitalocean', '~> 2.71'],
    provider: {},
    locals: { user_data: USER_DATA },
    resource: {
      digitalocean_vpc: cidr === undefined ? undefined : { name, region, ip_range: cidr },
      ...perItem('digitalocean_ssh_key', keys, ({ number, public_key }) => {
        return { name: `${name}-${number}`, public_key };
      }),
      ...perItem('digitalocean_volume', disks, ({ attached, gib }) => {
        return { name: attached, region, size: gib, lifecycle: KEPT };
      }),
      digitalocean_droplet: {
        name,
        region,
        size,
        image: cloud.image,
        vpc_uuid: cidr === undefined ? vpc : '${digitalocean_vpc.host.id}',
        ssh_keys: keys.map(({ key }) => `\${digitalocean_ssh_key.${key}.id}`),
        volume_ids: disks.map(({ key }) => `\${digitalocean_volume.${key}.id}`),
        user_data: '${local.user_data}',
        lifecycle: {
          ...KEPT,
          // Other user data or another image would replace the host.
          ignore_changes: ['user_data', 'image', 'ssh_keys'],
          precondition: fits(LIMIT, 'DigitalOcean'),
        },
      },
      digitalocean_firewall: {
        name,
        droplet_ids: ['${digitalocean_droplet.host.id}'],
        inbound_rule: vm.openings.map(({ port, sources }) => {
          return { protocol: 'tcp', port_range: String(port), source_addresses: sources };
        }),
        outbound_rule: [
          { protocol: 'tcp', port_range: '1-65535', ...EVERYWHERE },
          { protocol: 'udp', port_range: '1-65535', ...EVERYWHERE },
          { protocol: 'icmp', ...EVERYWHERE },
        ],
      },
    },
    address: 'digitalocean_droplet.host.ipv4_address',
    user: 'root',
  };
}

/**
 * User data may be text only: a MIME part carries the compressed file. cloud-init changes other characters than ASCII in
 * such a part, but not in an archive (cloudinit/user_data.py, `_process_msg`). Source: cloud-init, "User-data formats".
 */
const ARCHIVE = `"#cloud-config-archive\\n\${jsonencode([{type="text/cloud-config",content=${SEED}}])}"`;

const USER_DATA =
  'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="harvgen"\n\n--harvgen\n' +
  `Content-Type: application/x-gzip\nContent-Transfer-Encoding: base64\n\n\${base64gzip(${ARCHIVE})}\n--harvgen--\n`;
