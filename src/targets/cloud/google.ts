import { KEPT, type Main, perItem, SEED, USER, type Vm } from './vm.ts';

/** Returns the VM at Google Cloud. Source: the arguments of hashicorp/google. */
export function google(vm: Vm): Main {
  const { cloud, name, size, keys, os, cidr } = vm;
  const { region, zone = `${region}-b`, project, network } = cloud;
  const hasGvnic = !/^(n1|n2|c2|m1|m2)-/.test(size);
  return {
    // Without a project, that of the environment variable GOOGLE_PROJECT.
    source: ['google', 'hashicorp/google', '>= 6.0.0, < 8.0.0'],
    provider: { project, region },
    resource: {
      ...(cidr !== undefined && {
        google_compute_network: { name, auto_create_subnetworks: false },
        google_compute_subnetwork: {
          name,
          network: '${google_compute_network.host.id}',
          ip_cidr_range: cidr,
          region,
        },
      }),
      ...perItem('google_compute_firewall', vm.openings, ({ port, sources }) => ({
        name: `${name}-${port}`,
        network: network.vpc ?? '${google_compute_network.host.name}',
        source_ranges: sources,
        target_tags: [name],
        allow: [{ protocol: 'tcp', ports: [String(port)] }],
      })),
      google_compute_address: { name, region },
      ...perItem('google_compute_disk', vm.disks, ({ title, gib, type, iops, throughput }) => ({
        name: title,
        type,
        size: gib,
        zone,
        provisioned_iops: iops,
        provisioned_throughput: throughput,
        lifecycle: KEPT,
      })),
      google_compute_instance: {
        name,
        machine_type: size,
        zone,
        tags: [name],
        advanced_machine_features: { enable_nested_virtualization: true },
        scheduling: cloud.spot ? SPOT : undefined,
        boot_disk: { initialize_params: { image: cloud.image, size: os.gib, type: os.type } },
        attached_disk: vm.disks.map(({ key, attached }) => {
          return { source: `\${google_compute_disk.${key}.id}`, device_name: attached };
        }),
        network_interface: {
          subnetwork: network.subnet ?? '${google_compute_subnetwork.host.id}',
          nic_type: hasGvnic ? 'GVNIC' : undefined,
          access_config: { nat_ip: '${google_compute_address.host.address}' },
        },
        metadata: {
          'ssh-keys': keys.map((key) => `${USER}:${key}`).join('\n'),
          'user-data': `\${base64gzip(${SEED})}`,
          'user-data-encoding': 'base64',
        },
        // A newer image or another size of the OS disk would replace the host, and a changed size of the VM needs a stop.
        allow_stopping_for_update: true,
        lifecycle: { ...KEPT, ignore_changes: ['boot_disk[0].initialize_params', 'metadata["user-data"]'] },
      },
    },
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
