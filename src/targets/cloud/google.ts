import { type Blocks, type Json, KEPT, type Main, perDisk, present, SEED, USER, type Vm } from './vm.ts';

/** Returns the VM at Google Cloud. Source: the arguments of hashicorp/google. */
export function google(vm: Vm): Main {
  const { cloud, name, size, keys, os } = vm;
  const { region, zone = `${region}-b`, project } = cloud;
  const hasGvnic = !/^(n1|n2|c2|m1|m2)-/.test(size);
  return {
    // Without a project, that of the environment variable GOOGLE_PROJECT.
    source: ['google', 'hashicorp/google', '>= 6.0.0, < 8.0.0'],
    provider: { project, region },
    resource: present({
      ...networkOf(vm),
      google_compute_firewall: Object.fromEntries(
        vm.openings.map(({ port, sources }): [string, Json] => [
          `p${port}`,
          {
            name: `${name}-${port}`,
            network:
              vm.cidr === undefined ? (cloud.network.vpc ?? '') : '${google_compute_network.host.name}',
            source_ranges: sources,
            target_tags: [name],
            allow: [{ protocol: 'tcp', ports: [String(port)] }],
          },
        ]),
      ),
      google_compute_address: { host: { name, region } },
      google_compute_disk: perDisk(vm, ({ title, gib, type, iops, throughput }) => ({
        name: title,
        type,
        size: gib,
        zone,
        provisioned_iops: iops,
        provisioned_throughput: throughput,
        lifecycle: KEPT,
      })),
      google_compute_instance: {
        host: {
          name,
          machine_type: size,
          zone,
          tags: [name],
          advanced_machine_features: { enable_nested_virtualization: true },
          ...(cloud.spot && { scheduling: SPOT }),
          boot_disk: { initialize_params: { image: cloud.image, size: os.gib, type: os.type } },
          attached_disk: vm.disks.map(({ key, attached }) => ({
            source: `\${google_compute_disk.${key}.id}`,
            device_name: attached,
          })),
          network_interface: {
            subnetwork:
              vm.cidr === undefined ? (cloud.network.subnet ?? '') : '${google_compute_subnetwork.host.id}',
            ...(hasGvnic && { nic_type: 'GVNIC' }),
            access_config: { nat_ip: '${google_compute_address.host.address}' },
          },
          metadata: {
            'ssh-keys': keys.map((key) => `${USER}:${key}`).join('\n'),
            'user-data': `\${base64gzip(${SEED})}`,
            'user-data-encoding': 'base64',
          },
          // A newer image or another size of the OS disk would replace the host, and a changed size of the VM needs a stop.
          allow_stopping_for_update: true,
          lifecycle: {
            ...KEPT,
            ignore_changes: ['boot_disk[0].initialize_params', 'metadata["user-data"]'],
          },
        },
      },
    }),
    address: 'google_compute_address.host.address',
    user: USER,
  };
}

const SPOT = {
  provisioning_model: 'SPOT',
  preemptible: true,
  automatic_restart: false,
  instance_termination_action: 'STOP',
};

function networkOf({ name, cidr, cloud }: Vm): Blocks {
  if (cidr === undefined) return {};
  return {
    google_compute_network: { host: { name, auto_create_subnetworks: false } },
    google_compute_subnetwork: {
      host: {
        name,
        network: '${google_compute_network.host.id}',
        ip_cidr_range: cidr,
        region: cloud.region,
      },
    },
  };
}
