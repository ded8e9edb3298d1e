import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Block, CLOUD_TEXTS, type MainFile, mainOf } from '../../../test/support/cloud-mains.ts';
import { cloudSite, PROVIDER_NAMES } from '../../../test/support/cloud-sites.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { secretSource } from '../../../test/support/secret-source.ts';
import { applied, TERRAFORM, withoutProvider } from '../../../test/support/terraform.ts';
import { compile } from '../../compile.ts';
import { USER_DATA } from '../../tree/paths.ts';
import { textOf } from '../../tree/tree.ts';

const test = suite('the cloud VM for Terraform');

const dataOf = (name: string) => JSON.parse(readFileSync(`test/data/${name}.json`, 'utf8'));

/** The schemas of the providers (scripts/derive-cloud-schema.mjs), and the arguments of harvester-cloud. */
const SCHEMA = dataOf('cloud-schema');
const UPSTREAM = dataOf('cloud-upstream').resource as Readonly<Record<string, Record<string, unknown[]>>>;

const ajv = new Ajv({ allErrors: true });
const validators = new Map<string, ValidateFunction>();

/** Returns the errors of a block by the schema of its type. */
function errorsOf(kind: 'data' | 'provider' | 'resource', type: string, block: Block): string[] {
  const schema = SCHEMA[kind][type];
  if (!schema) return [`${kind} ${type} is unknown`];
  const key = `${kind} ${type}`;
  const meta = kind === 'resource' ? SCHEMA.meta : {};
  const validate =
    validators.get(key) ?? ajv.compile({ ...schema, properties: { ...schema.properties, ...meta } });
  validators.set(key, validate);
  validate(block);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${type}${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

interface Found {
  readonly kind: 'data' | 'provider' | 'resource';
  readonly type: string;
  readonly name: string;
  readonly block: Block;
}

function blocksOf(main: MainFile): Found[] {
  const named = (['resource', 'data'] as const).flatMap((kind) =>
    Object.entries(main[kind] ?? {}).flatMap(([type, blocks]) =>
      Object.entries(blocks).map(([name, block]) => ({ kind, type, name, block })),
    ),
  );
  const providers = Object.entries(main.provider).map(([type, block]) => ({
    kind: 'provider' as const,
    type,
    name: '',
    block,
  }));
  return [...named, ...providers];
}

for (const { name, text } of CLOUD_TEXTS) {
  test(`${name}: the provider has every argument, with its type`, async () => {
    const blocks = blocksOf(await mainOf(text));
    assert.ok(blocks.length >= 6, String(blocks.length));
    assert.equal(
      blocks.flatMap(({ kind, type, block }) => errorsOf(kind, type, block)),
      [],
    );
  });

  test(`${name}: each argument with another name is an error`, async () => {
    let count = 0;
    for (const { kind, type, block } of blocksOf(await mainOf(text)))
      for (const renamed of renamings(block)) {
        assert.ok(errorsOf(kind, type, renamed).length > 0, `${type} ${JSON.stringify(renamed)}`);
        count += 1;
      }
    assert.ok(count > 30, String(count));
  });

  test(`${name}: every reference is to something that is declared`, async () => {
    const main = await mainOf(text);
    assert.equal(undeclared(main), []);
  });
}

/** Returns copies of a block, in each of which one argument at some depth has another name. Tags and metadata have any names. */
function renamings(block: Block): Block[] {
  return Object.entries(block).flatMap(([key, value]) => {
    const others = Object.fromEntries(Object.entries(block).filter(([other]) => other !== key));
    const inner =
      key === 'tags' || key === 'metadata'
        ? []
        : Array.isArray(value)
          ? value.flatMap((item, index) =>
              isBlock(item) ? renamings(item).map((made) => value.with(index, made)) : [],
            )
          : isBlock(value)
            ? renamings(value)
            : [];
    return [{ ...others, [`${key}_x`]: value }, ...inner.map((made) => ({ ...block, [key]: made }))];
  });
}

function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the references in expressions, and those of meta-arguments, to something that the file does not contain. */
function undeclared(main: MainFile): string[] {
  const declared = new Set([
    ...blocksOf(main).map(({ kind, type, name }) =>
      kind === 'data' ? `data.${type}.${name}` : `${type}.${name}`,
    ),
    ...Object.keys(main.locals ?? {}).map((name) => `local.${name}`),
  ]);
  // Texts in quotes inside of an expression are texts, but for expressions in these.
  const text = JSON.stringify(main).replace(/\\\\?"(?:\$\{([^}]*)\})?[^"$]*\\\\?"/g, ' $1 ');
  const used =
    text.match(/(?<![\w.$])(data\.)?(?:(?:aws|azurerm|digitalocean|google)_\w+|local)\.\w+/g) ?? [];
  return [...new Set(used)].filter((name) => !declared.has(name));
}

test('a reference to a missing resource is found', async () => {
  const main = await mainOf(cloudSite('azure'));
  const { azurerm_public_ip: _, ...resource } = main.resource;
  assert.equal(undeclared({ ...main, resource }), ['azurerm_public_ip.host']);
});

/** Arguments to which harvester-cloud sets another value, each with the reason. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'azurerm_network_security_rule.direction': 'Azure lets the VM out by default: one direction is enough',
  'azurerm_network_security_rule.protocol': 'only TCP is exposed',
  'azurerm_network_security_rule.destination_port_range': 'only exposed ports, not those between nodes',
  'azurerm_network_security_rule.destination_address_prefix': 'no rule for outgoing traffic',
  'azurerm_network_security_rule.priority': 'derived from the port',
  'azurerm_virtual_machine_data_disk_attachment.caching': 'images of machines have caches of their own',
  'digitalocean_firewall.inbound_rule.port_range': 'the ports of the inventory: nothing serves 6080',
  'digitalocean_firewall.outbound_rule.port_range': 'another spelling of all ports',
  'digitalocean_firewall.outbound_rule.protocol': 'ICMP, too: it reports packets that are too large',
  'google_compute_firewall.allow.ports': 'the ports of the inventory: nothing serves 6080',
  'google_compute_firewall.allow.protocol': 'only TCP is exposed',
  'google_compute_firewall.source_ranges': 'those of the inventory',
  'aws_s3_object.key': 'user data, not an image',
};

/** Arguments of harvester-cloud that harvgen leaves out, each with the reason. */
const WITHOUT: Readonly<Record<string, string>> = {
  'aws_instance.associate_public_ip_address': 'the address is one of the network interface',
  'aws_instance.root_block_device.iops': 'the default of the type',
  'aws_instance.root_block_device.throughput': 'the default of the type',
  'aws_route_table.route.cidr_block': 'a resource of its own, aws_route',
  'aws_security_group.egress.cidr_blocks': 'a resource of its own, as all rules',
  'aws_subnet.map_public_ip_on_launch': 'the VM has a fixed address',
  'azurerm_network_security_rule.destination_port_ranges': 'one rule for each port',
  'azurerm_network_security_rule.source_address_prefix': 'source_address_prefixes',
  'google_compute_instance.lifecycle.create_before_destroy': 'the address can have one VM only',
  'google_compute_instance.metadata.serial-port-enable': 'SSH is the way in',
  'google_compute_instance.metadata.serial-port-logging-enable': 'SSH is the way in',
};

test('agrees with harvester-cloud on every argument that both set', async () => {
  const ours: Record<string, Record<string, Set<string>>> = {};
  for (const name of PROVIDER_NAMES)
    for (const { kind, type, block } of blocksOf(await mainOf(cloudSite(name)))) {
      if (kind !== 'resource') continue;
      ours[type] = ours[type] ?? {};
      collect(ours[type], '', block);
    }
  const different: string[] = [];
  const without: string[] = [];
  let same = 0;
  for (const [type, theirs] of Object.entries(UPSTREAM)) {
    const mine = ours[type];
    if (!mine) continue;
    for (const [path, values] of Object.entries(theirs)) {
      // Expressions of harvester-cloud, and the blocks that these repeat, have no values to compare.
      const literal = values.filter((value) => value !== null).map(String);
      if (literal.length === 0 || /^(dynamic|egress\.(?!cidr)|ingress)\b/.test(path)) continue;
      const key = `${type}.${path}`;
      if (!mine[path]) without.push(key);
      else if (values.includes(null) || literal.some((value) => !mine[path]?.has(value))) different.push(key);
      else if ([...mine[path]].some((value) => !literal.includes(value))) different.push(key);
      else same += 1;
    }
  }
  assert.equal(
    different.filter((key) => !(key in DIFFERENT)),
    [],
  );
  assert.equal(without.sort(), Object.keys(WITHOUT).sort());
  assert.equal(
    Object.keys(DIFFERENT).filter((key) => !different.includes(key)),
    [],
  );
  assert.ok(same > 10, String(same));
});

/** Collects the values of arguments by their path. */
function collect(values: Record<string, Set<string>>, path: string, value: unknown): void {
  if (Array.isArray(value)) for (const item of value) collect(values, path, item);
  else if (isBlock(value))
    for (const [key, inner] of Object.entries(value)) collect(values, path ? `${path}.${key}` : key, inner);
  else values[path] = (values[path] ?? new Set()).add(String(value));
}

/** The outputs of the VM of each provider. */
const OUTPUT: Readonly<Record<string, Record<string, string>>> = {
  aws: { address: '${aws_eip.host.public_ip}', server: 'harvgen@${aws_eip.host.public_ip}' },
  azure: {
    address: '${azurerm_public_ip.host.ip_address}',
    server: 'harvgen@${azurerm_public_ip.host.ip_address}',
  },
  digitalocean: {
    address: '${digitalocean_droplet.host.ipv4_address}',
    server: 'root@${digitalocean_droplet.host.ipv4_address}',
  },
  google: {
    address: '${google_compute_address.host.address}',
    server: 'harvgen@${google_compute_address.host.address}',
  },
};

test('prints the address, the login and the URL, at the name of the host if it has one', async () => {
  for (const name of PROVIDER_NAMES) {
    const { address, server } = OUTPUT[name] ?? {};
    const { disk_names: _, ...output } = (await mainOf(cloudSite(name))).output;
    assert.equal(output, {
      address: { value: address },
      server: { value: server },
      url: { value: `https://plant.${address}.sslip.io` },
    });
    const named = cloudSite(name).replace('  cloud:', '  address: lab.example.org\n  cloud:');
    const moved = named.replace('port: 443,', 'port: 9443, to: 443,');
    assert.is((await mainOf(moved)).output.url?.value, 'https://lab.example.org:9443');
    const ipv6 = cloudSite(name).replace('  cloud:', "  address: '2001:db8::7'\n  cloud:");
    assert.is((await mainOf(ipv6)).output.url?.value, 'https://[2001:db8::7]');
    const local = cloudSite(name).replace('port: 443,', 'port: 443, address: 127.0.0.1,');
    const { disk_names: __, ...others } = (await mainOf(local)).output;
    assert.equal(Object.keys(others), ['address', 'server']);
  }
});

/** The ports and their clients, as the provider's firewall has them. */
function openings({ resource }: MainFile): unknown {
  const all = (type: string): Block[] => Object.values(resource[type] ?? {});
  const firewall = all('digitalocean_firewall')[0] as { inbound_rule?: Block[] } | undefined;
  const google = all('google_compute_firewall') as {
    allow: { ports: string[] }[];
    source_ranges: string[];
  }[];
  const found = [
    ...all('aws_vpc_security_group_ingress_rule').map((rule) => [rule.from_port, [rule.cidr_ipv4]]),
    ...all('azurerm_network_security_rule').map((rule) => [
      rule.destination_port_range,
      rule.source_address_prefixes,
    ]),
    ...(firewall?.inbound_rule ?? []).map((rule) => [rule.port_range, rule.source_addresses]),
    ...google.map((rule) => [rule.allow[0]?.ports[0], rule.source_ranges]),
  ] as [unknown, string[]][];
  return found.flatMap(([port, sources]) => sources.map((source) => `${port} ${source}`)).sort();
}

test('the firewall opens exposed ports and SSH to their clients, and no port of loopback', async () => {
  const closed = ['22 203.0.113.10/32', '443 203.0.113.0/24', '6443 198.51.100.7/32', '6443 203.0.113.0/24'];
  for (const name of PROVIDER_NAMES) {
    assert.equal(openings(await mainOf(cloudSite(name))), closed, name);
    const open = cloudSite(name).replace(', allow: [203.0.113.0/24] }', ' }');
    const others = closed.filter((one) => !one.startsWith('443'));
    assert.equal(openings(await mainOf(open)), [...others, '443 0.0.0.0/0'].sort(), name);
  }
});

/** Returns all resources of a disk. */
const ofDisk = ({ resource }: MainFile, disk: string): unknown =>
  Object.entries(resource).flatMap(([type, blocks]) => (blocks[disk] ? [[type, blocks[disk]]] : []));

test('removing a disk, or another order, changes no other disk: neither its name nor its number', async () => {
  for (const name of PROVIDER_NAMES) {
    const all = '{ data1: { size: 350Gi }, scratch: { size: 10Gi }, data2: { size: 650Gi } }';
    const fewer = '{ data2: { size: 650Gi }, data1: { size: 350Gi } }';
    const [before, after] = [
      await mainOf(cloudSite(name, undefined, all)),
      await mainOf(cloudSite(name, undefined, fewer)),
    ];
    for (const disk of ['data1', 'data2']) {
      assert.equal(ofDisk(after, disk), ofDisk(before, disk), `${name} ${disk}`);
      assert.ok((ofDisk(before, disk) as unknown[]).length > 0);
    }
  }
});

/** The changes that each VM ignores, because they would replace or stop it. */
const IGNORED: Readonly<Record<string, readonly string[]>> = {
  aws_instance: ['ami', 'key_name', 'user_data'],
  azurerm_linux_virtual_machine: ['custom_data', 'admin_ssh_key'],
  digitalocean_droplet: ['user_data', 'image', 'ssh_keys'],
  google_compute_instance: ['boot_disk[0].initialize_params', 'metadata["user-data"]'],
};

test('no change of images, keys or the OS disk replaces the VM, and any other replacement is an error', async () => {
  const found: unknown[] = [];
  for (const name of PROVIDER_NAMES)
    for (const { type, block } of blocksOf(await mainOf(cloudSite(name)))) {
      if (!(type in IGNORED)) continue;
      const { prevent_destroy, ignore_changes } = block.lifecycle as Block;
      found.push([type, prevent_destroy, ignore_changes]);
    }
  assert.equal(
    found,
    Object.entries(IGNORED).map(([type, ignored]) => [type, true, ignored]),
  );
});

test('another client, or one port less, changes no other rule of the firewall', async () => {
  const rules = ({ resource }: MainFile) =>
    [
      'aws_vpc_security_group_ingress_rule',
      'azurerm_network_security_rule',
      'google_compute_firewall',
    ].flatMap((type) =>
      Object.entries(resource[type] ?? {}).map(([key, rule]) => JSON.stringify([type, key, rule])),
    );
  for (const name of ['aws', 'azure', 'google'] as const) {
    const before = rules(await mainOf(cloudSite(name)));
    const less = rules(await mainOf(cloudSite(name).replace(/ +- \{ port: 443,.*\n/, '')));
    assert.equal(
      less,
      before.filter((rule) => !rule.includes('"p443')),
      name,
    );
  }
  const before = rules(await mainOf(cloudSite('aws')));
  const more = rules(
    await mainOf(cloudSite('aws').replace('24, 198.51.100.7]', '24, 198.51.100.7, 192.0.2.1]')),
  );
  assert.equal(more.filter((rule) => !before.includes(rule)).length, 1);
  assert.equal(
    before.filter((rule) => !more.includes(rule)),
    [],
  );
});

test('Azure: ports whose priorities would be the same get different ones', async () => {
  const { resource } = await mainOf(cloudSite('azure').replace('port: 443,', 'port: 4019, to: 443,'));
  const rules = resource.azurerm_network_security_rule ?? {};
  assert.equal(
    Object.values(rules).map(({ name, priority }) => [name, priority]),
    [
      ['port-22', 122],
      ['port-4019', 123],
      ['port-6443', 2546],
    ],
  );
});

/** Returns the device of data1 on the host, as host-setup.sh looks for it. */
async function deviceOf(text: string): Promise<string | undefined> {
  const { tree } = await compile(makeSite({ 'site.yaml': text }), {});
  const script = textOf(tree?.get('scripts/host-setup.sh') ?? { content: '' });
  return /^ {2}data_disk data1 (\S+)/m.exec(script)?.[1];
}

test("host-setup.sh finds each disk by the provider's name for it", async () => {
  const devices = await Promise.all(PROVIDER_NAMES.map((name) => deviceOf(cloudSite(name))));
  assert.equal(devices, [
    '/dev/disk/by-id/ebs-data1',
    '/dev/disk/azure/scsi1/lun1',
    '/dev/disk/by-id/scsi-0DO_Volume_plant-data1',
    '/dev/disk/by-id/google-data1',
  ]);
  const newer = cloudSite('azure').replace('  disks:', '    size: Standard_D32s_v6\n  disks:');
  assert.is(await deviceOf(newer), '/dev/disk/azure/data/by-lun/1');
  const own = '{ data1: { size: 350Gi, device: /dev/disk/azure/scsi1/lun7 }, data2: { size: 350Gi } }';
  const { resource } = await mainOf(cloudSite('azure', undefined, own));
  assert.is(resource.azurerm_virtual_machine_data_disk_attachment?.data1?.lun, 7);
});

test('AWS: the user data is less than 16 KiB, and links each volume by its ID to the name of its disk', async () => {
  const { locals = {} } = await mainOf(cloudSite('aws'));
  assert.is(locals.serial_data1, '${replace(aws_ebs_volume.data1.id, "-", "")}');
  assert.match(
    locals.user_data ?? '',
    'ATTRS{serial}=="${local.serial_data1}", SYMLINK+="disk/by-id/ebs-data1"\n',
  );
  assert.ok((locals.user_data ?? '').length < 16_384);
});

test('AWS: an output names disks that are added to a VM, which the user data of its first boot cannot', async () => {
  const { locals = {}, output } = await mainOf(cloudSite('aws'));
  assert.match(locals.user_data ?? '', '>/etc/udev/rules.d/90-harvgen-plant.rules ');
  assert.is(
    output.disk_names?.value,
    `#!/bin/sh
cat >/etc/udev/rules.d/91-harvgen-plant.rules <<'END'
SUBSYSTEM=="block", ENV{DEVTYPE}=="disk", ATTRS{serial}=="\${local.serial_data1}", SYMLINK+="disk/by-id/ebs-data1"
SUBSYSTEM=="block", ENV{DEVTYPE}=="disk", ATTRS{serial}=="\${local.serial_data2}", SYMLINK+="disk/by-id/ebs-data2"
END
udevadm control --reload
udevadm trigger --subsystem-match=block
`,
  );
  const command = 'tofu -chdir="$TREE/cloud" output -raw disk_names | ssh "$SERVER" $SUDO sh\n';
  const readmeOf = async (name: 'aws' | 'google') => {
    const { tree } = await compile(makeSite({ 'site.yaml': cloudSite(name) }), {});
    return textOf(tree?.get('README.md') ?? { content: '' });
  };
  assert.match(await readmeOf('aws'), command);
  assert.not.match(await readmeOf('google'), 'disk_names');
});

test('auto is the smallest size that holds all machines', async () => {
  const sizeOf = async (name: (typeof PROVIDER_NAMES)[number], preset: string) => {
    const { resource } = await mainOf(cloudSite(name).replace('preset: small', `preset: ${preset}`));
    const vm = Object.entries(resource).find(([type]) =>
      /(instance|virtual_machine|droplet)$/.test(type),
    )?.[1].host;
    return vm?.instance_type ?? vm?.machine_type ?? vm?.size;
  };
  assert.equal(await Promise.all(PROVIDER_NAMES.map((name) => sizeOf(name, 'small'))), [
    'm8i.8xlarge',
    'Standard_D32s_v5',
    'g-32vcpu-128gb-intel',
    'n4-standard-32',
  ]);
  assert.equal(await Promise.all(PROVIDER_NAMES.map((name) => sizeOf(name, 'medium'))), [
    'm8i.16xlarge',
    'Standard_D64s_v5',
    'g-60vcpu-240gb-intel',
    'n4-standard-64',
  ]);
});

test('a key with the syntax of templates stays text', async () => {
  for (const name of PROVIDER_NAMES) {
    const text = JSON.stringify(await mainOf(cloudSite(name)));
    assert.match(text, /me \$\$\{file\(\\+"\/x\\+"\)\} %%\{if\}/, name);
    assert.not.match(text, /[^$]\$\{file\(\\+"\/x/, name);
  }
});

test('no secret is in the description, and a tree with values of secrets has none', async () => {
  const site = makeSite({ 'site.yaml': cloudSite('google') });
  const secrets = { cluster_token: 'a-token-of-our-own', node_password: 'An0ther-password' };
  const filled = await compile(site, { secrets: secretSource(secrets) });
  assert.ok(filled.tree, filled.diagnostics.map(({ message }) => message).join('\n'));
  assert.equal(
    [...filled.tree.keys()].filter((path) => path.startsWith('cloud/')),
    [],
  );
  const { tree } = await compile(site, {});
  assert.equal(
    [...(tree?.keys() ?? [])].filter((path) => path.startsWith('cloud/')),
    ['cloud/.gitignore', 'cloud/main.tf.json'],
  );
  assert.not.match(textOf(tree?.get('cloud/main.tf.json') ?? { content: '' }), 'secret:');
  // cloud-init brings the tree, but not the description of the VM and its state.
  assert.not.match(textOf(tree?.get(USER_DATA) ?? { content: '' }), 'main.tf.json');
  const readme = textOf(tree?.get('README.md') ?? { content: '' });
  assert.match(readme, 'tofu -chdir="$TREE/cloud" apply');
  assert.match(readme, 'SERVER=$(tofu -chdir="$TREE/cloud" output -raw server)');
  assert.match(readme, '--exclude=/cloud "$TREE/"');
});

const program = TERRAFORM;
if (program)
  for (const { name, text } of CLOUD_TEXTS)
    test(`${name}: a real program initializes, validates and applies it, without the plugin of the provider`, async () => {
      const { url, server, user_data } = applied(
        program,
        withoutProvider(await mainOf(text), '#cloud-config\n{}\n'),
      );
      assert.is(url ?? '', 'https://plant.203.0.113.7.sslip.io');
      assert.match(server ?? '', /^(harvgen|root)@203\.0\.113\.7$/);
      assert.not.match(user_data ?? '', '$' + '{local');
    });

test.run();
