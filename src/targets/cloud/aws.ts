import { quoteTerraform } from '../../values/quoting.ts';
import { type Blocks, KEPT, type Main, perItem, SEED, USER, type Vm } from './vm.ts';

const VPC = '${aws_vpc.host.id}';
const GATEWAY = '${aws_internet_gateway.host.id}';
const ROUTE_TABLE = '${aws_route_table.host.id}';
const SECURITY_GROUP = '${aws_security_group.host.id}';
const BUCKET = '${aws_s3_bucket.host.id}';
const NIC = '${aws_network_interface.host.id}';

/** Returns the VM at AWS. Source: the arguments of hashicorp/aws; 6.33 is the first version with nested virtualization. */
export function aws(vm: Vm): Main {
  const { cloud, name, size, keys, os, cidr } = vm;
  const tags = { Name: name };
  const { vpc = VPC } = cloud.network;
  const subnet = cloud.network.subnet && quoteTerraform(cloud.network.subnet);
  const image = imageOf(cloud.image);
  const ingress = vm.openings.flatMap(({ key, port, sources }) =>
    // By its client, so that another client in the list moves no rule.
    sources.map((from) => ({ key: `${key}_${from.replace(/\W/g, '_')}`, port, from })),
  );
  return {
    source: ['aws', 'hashicorp/aws', '>= 6.33.0, < 7.0.0'],
    provider: { region: cloud.region },
    // The zone is one that has the size or, in an existing network, that of the subnet.
    data: {
      aws_ami: image.lookup,
      aws_subnet: subnet && { id: subnet },
      aws_route_table: subnet && { subnet_id: subnet },
      aws_ec2_instance_type_offerings:
        subnet || cloud.zone
          ? undefined
          : {
              location_type: 'availability-zone',
              filter: [{ name: 'instance-type', values: [size] }],
            },
    },
    locals: Object.fromEntries([
      // The serial number of an NVMe disk is the ID of the volume without its hyphen.
      ...vm.disks.map(({ key }) => [`serial_${key}`, `\${replace(aws_ebs_volume.${key}.id, "-", "")}`]),
      ['user_data', userData(vm)],
    ]),
    resource: {
      ...(cidr !== undefined && networkOf(vm, cidr)),
      'aws_vpc_endpoint.s3': {
        vpc_id: vpc,
        service_name: `com.amazonaws.${cloud.region}.s3`,
        tags,
        // An existing subnet may have any route table: this one is found by it.
        route_table_ids: [cidr === undefined ? '${data.aws_route_table.host.id}' : ROUTE_TABLE],
      },
      aws_security_group: { name, vpc_id: vpc, tags },
      ...perItem('aws_vpc_security_group_ingress_rule', ingress, ({ port, from }) => ({
        security_group_id: SECURITY_GROUP,
        ip_protocol: 'tcp',
        from_port: port,
        to_port: port,
        cidr_ipv4: from,
      })),
      'aws_vpc_security_group_egress_rule.all': {
        security_group_id: SECURITY_GROUP,
        ip_protocol: '-1',
        cidr_ipv4: '0.0.0.0/0',
      },
      aws_s3_bucket: { bucket_prefix: `${name}-`, force_destroy: true },
      aws_s3_object: { bucket: BUCKET, key: 'user-data', content_base64: `\${base64gzip(${SEED})}` },
      aws_s3_bucket_policy: { bucket: BUCKET, policy: POLICY },
      aws_key_pair: keys[0] && { key_name: name, public_key: keys[0] },
      aws_network_interface: {
        subnet_id: subnet ?? '${aws_subnet.host.id}',
        security_groups: [SECURITY_GROUP],
        tags,
      },
      aws_eip: {
        domain: 'vpc',
        network_interface: NIC,
        tags,
        depends_on: cidr === undefined ? undefined : ['aws_internet_gateway.host'],
      },
      ...perItem('aws_ebs_volume', vm.disks, ({ title, gib, type, iops, throughput }) => ({
        availability_zone: `\${${cidr === undefined ? 'data.' : ''}aws_subnet.host.availability_zone}`,
        size: gib,
        type,
        iops,
        throughput,
        tags: { Name: title },
        lifecycle: KEPT,
      })),
      aws_instance: {
        ami: image.id,
        instance_type: size,
        key_name: keys.length > 0 ? '${aws_key_pair.host.key_name}' : undefined,
        cpu_options: size.includes('.metal') ? undefined : { nested_virtualization: 'enabled' },
        instance_market_options: cloud.spot ? { market_type: 'spot' } : undefined,
        primary_network_interface: { network_interface_id: NIC },
        root_block_device: { volume_size: os.gib, volume_type: os.type },
        metadata_options: { http_tokens: 'required', http_put_response_hop_limit: 1 },
        user_data: '${local.user_data}',
        tags,
        // Another image, key or other user data would stop or replace the host.
        lifecycle: { ...KEPT, ignore_changes: ['ami', 'key_name', 'user_data'] },
        // cloud-init fetches the tree at the first boot: by then, the way to it must exist.
        depends_on: [
          'aws_s3_bucket_policy.host',
          'aws_eip.host',
          ...(cidr === undefined ? [] : ['aws_route.out', 'aws_route_table_association.host']),
        ],
      },
      ...perItem('aws_volume_attachment', vm.disks, ({ key, slot }) => ({
        device_name: deviceName(slot),
        volume_id: `\${aws_ebs_volume.${key}.id}`,
        instance_id: '${aws_instance.host.id}',
      })),
    },
    address: 'aws_eip.host.public_ip',
    user: USER,
    // The VM receives user data once: the names of disks that follow are for the README's command.
    ...(vm.disks.length > 0 && { output: { disk_names: diskNames(vm, 91) } }),
  };
}

/** Returns the device name of a volume, of /dev/xvd[b-c][a-z]. Source: EC2 user guide, "Device names for volumes". */
function deviceName(slot: number): string {
  return `/dev/xvd${slot < 26 ? 'b' : 'c'}${String.fromCharCode(97 + (slot % 26))}`;
}

/** Returns the image: its ID or, for the owner and the form of a name, the newest with such a name. */
function imageOf(image: string) {
  if (image.startsWith('ami-')) return { id: image };
  const [owner = '', ...pattern] = image.split('/');
  const filter = [{ name: 'name', values: [pattern.join('/')] }];
  return { id: '${data.aws_ami.host.id}', lookup: { most_recent: true, owners: [owner], filter } };
}

function networkOf({ name, cloud }: Vm, cidr: string): Blocks {
  const tags = { Name: name };
  return {
    aws_vpc: { cidr_block: cidr, enable_dns_support: true, enable_dns_hostnames: true, tags },
    aws_subnet: {
      vpc_id: VPC,
      cidr_block: cidr,
      availability_zone: cloud.zone ?? '${sort(data.aws_ec2_instance_type_offerings.host.locations)[0]}',
      tags,
      // A zone that gets the size later must not move the host.
      lifecycle: { ignore_changes: ['availability_zone'] },
    },
    aws_internet_gateway: { vpc_id: VPC, tags },
    aws_route_table: { vpc_id: VPC, tags },
    'aws_route.out': {
      route_table_id: ROUTE_TABLE,
      destination_cidr_block: '0.0.0.0/0',
      gateway_id: GATEWAY,
    },
    aws_route_table_association: { subnet_id: '${aws_subnet.host.id}', route_table_id: ROUTE_TABLE },
  };
}

/** Only the VM's network may read the object, so that no key is on the VM, and the bucket is not public. */
const POLICY =
  '${jsonencode({Version="2012-10-17",Statement=[{Effect="Allow",Principal="*",Action="s3:GetObject",' +
  'Resource="${aws_s3_bucket.host.arn}/*",Condition={StringEquals={"aws:SourceVpce"=aws_vpc_endpoint.s3.id}}}]})}';

/** Returns a script that names the data disks on the VM. The user data restores its rules at each boot: newer ones have another number. */
function diskNames({ name, disks }: Vm, number: 90 | 91): string {
  const rules = disks.map(
    ({ key, attached }) =>
      'SUBSYSTEM=="block", ENV{DEVTYPE}=="disk", ' +
      `ATTRS{serial}=="\${local.serial_${key}}", SYMLINK+="disk/by-id/ebs-${attached}"\n`,
  );
  return (
    `#!/bin/sh\ncat >/etc/udev/rules.d/${number}-harvgen-${name}.rules <<'END'\n${rules.join('')}END\n` +
    'udevadm control --reload\nudevadm trigger --subsystem-match=block\n'
  );
}

/**
 * Returns the user data, which may have 16 KiB: names for the data disks, the operators' user, and the URL of everything else. The
 * first part runs at every boot, before the others. Source: cloud-init, "User-data formats" (boothook, include, MIME).
 */
function userData(vm: Vm): string {
  const operator = {
    name: USER,
    shell: '/bin/bash',
    sudo: 'ALL=(ALL) NOPASSWD:ALL',
    ssh_authorized_keys: vm.keys,
  };
  const parts = [
    ...(vm.disks.length > 0 ? [['cloud-boothook', `#cloud-boothook\n${diskNames(vm, 90)}`]] : []),
    ['cloud-config', `#cloud-config\n${JSON.stringify({ users: ['default', operator] })}\n`],
    [
      'x-include-url',
      'https://${aws_s3_bucket.host.bucket_regional_domain_name}/${aws_s3_object.host.key}\n',
    ],
  ];
  const body = parts.map(([type, content]) => `--harvgen\nContent-Type: text/${type}\n\n${content}`).join('');
  return `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="harvgen"\n\n${body}--harvgen--\n`;
}
