import { fits, type Json, KEPT, type Main, perItem, SEED, USER, type Vm } from './vm.ts';

/** The longest custom data, in base64: 64 KiB before. Source: Azure, "Custom data and cloud-init". */
const LIMIT = 87_380;

const NAMED_GROUP = { resource_group_name: '${azurerm_resource_group.host.name}' };
const GROUP = { location: '${azurerm_resource_group.host.location}', ...NAMED_GROUP };

const NIC = '${azurerm_network_interface.host.id}';
const SECURITY_GROUP = '${azurerm_network_security_group.host.';

/** Returns the VM at Azure. Source: the arguments of hashicorp/azurerm. */
export function azure(vm: Vm): Main {
  const { cloud, name, size, keys, os, cidr } = vm;
  return {
    // The subscription is that of the environment variable ARM_SUBSCRIPTION_ID.
    source: ['azurerm', 'hashicorp/azurerm', '~> 4.0'],
    provider: { features: {} },
    locals: { user_data: `\${base64gzip(${SEED})}` },
    resource: {
      azurerm_resource_group: { name, location: cloud.region },
      ...(cidr !== undefined && {
        azurerm_virtual_network: { name, ...GROUP, address_space: [cidr] },
        azurerm_subnet: {
          name,
          ...NAMED_GROUP,
          virtual_network_name: '${azurerm_virtual_network.host.name}',
          address_prefixes: [cidr],
        },
      }),
      azurerm_public_ip: { name, ...GROUP, allocation_method: 'Static', sku: 'Standard' },
      azurerm_network_security_group: { name, ...GROUP },
      ...perItem('azurerm_network_security_rule', prioritized(vm), ({ port, sources, priority }) => ({
        name: `port-${port}`,
        ...NAMED_GROUP,
        network_security_group_name: `${SECURITY_GROUP}name}`,
        priority,
        direction: 'Inbound',
        access: 'Allow',
        protocol: 'Tcp',
        source_port_range: '*',
        destination_port_range: String(port),
        source_address_prefixes: sources,
        destination_address_prefix: '*',
      })),
      azurerm_network_interface: {
        name,
        ...GROUP,
        ip_configuration: {
          name: 'primary',
          private_ip_address_allocation: 'Dynamic',
          subnet_id: cloud.network.subnet ?? '${azurerm_subnet.host.id}',
          public_ip_address_id: '${azurerm_public_ip.host.id}',
        },
      },
      azurerm_network_interface_security_group_association: {
        network_interface_id: NIC,
        network_security_group_id: `${SECURITY_GROUP}id}`,
      },
      ...perItem('azurerm_managed_disk', vm.disks, ({ title, gib, type }) => ({
        name: title,
        ...GROUP,
        storage_account_type: type,
        create_option: 'Empty',
        disk_size_gb: gib,
        lifecycle: KEPT,
      })),
      azurerm_linux_virtual_machine: {
        name,
        ...GROUP,
        size,
        admin_username: USER,
        network_interface_ids: [NIC],
        admin_ssh_key: keys.map((key) => ({ username: USER, public_key: key })),
        os_disk: { caching: 'ReadWrite', storage_account_type: os.type, disk_size_gb: os.gib },
        ...imageOf(cloud.image),
        ...(cloud.spot && { priority: 'Spot', eviction_policy: 'Deallocate' }),
        custom_data: '${local.user_data}',
        lifecycle: {
          ...KEPT,
          // Other user data or keys would replace the host.
          ignore_changes: ['custom_data', 'admin_ssh_key'],
          precondition: fits(LIMIT, 'Azure'),
        },
      },
      ...perItem('azurerm_virtual_machine_data_disk_attachment', vm.disks, ({ key, attached }) => ({
        managed_disk_id: `\${azurerm_managed_disk.${key}.id}`,
        virtual_machine_id: '${azurerm_linux_virtual_machine.host.id}',
        lun: Number(attached),
        caching: 'None',
      })),
    },
    address: 'azurerm_public_ip.host.ip_address',
    user: USER,
  };
}

/** The priorities of rules: 100 to 4096. Source: Azure, "Network security groups". */
const [FIRST, LAST] = [100, 4096];

/** Adds priorities, which must differ: each is derived from the port, so that another port in the list moves no rule. */
function prioritized({ openings }: Vm) {
  const used = new Set<number>();
  return openings.map((opening) => {
    let priority = FIRST + (opening.port % (LAST - FIRST + 1));
    while (used.has(priority)) priority = priority === LAST ? FIRST : priority + 1;
    used.add(priority);
    return { ...opening, priority };
  });
}

/** Returns the image: by its ID, or by publisher, offer, SKU and version. */
function imageOf(image: string): Readonly<Record<string, Json>> {
  if (image.startsWith('/')) return { source_image_id: image };
  const [publisher = '', offer = '', sku = '', version = 'latest'] = image.split(':');
  return { source_image_reference: { publisher, offer, sku, version } };
}
