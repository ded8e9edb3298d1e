import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../src/compile.ts';
import { readHcl } from '../src/import/hcl/read-hcl.ts';
import type { ImportedSite } from '../src/import/model/import-format.ts';
import { tfvars } from '../src/import/tfvars/tfvars.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { Source } from '../src/source/source.ts';
import { textOf } from '../src/tree/tree.ts';
import { harvgen } from './support/cli.ts';
import { OPERATOR } from './support/cloud-sites.ts';
import { CLOUD_SECRETS, CLOUD_TFVARS, cloudTfvars } from './support/cloud-tfvars.ts';
import { SEED } from './support/effort.ts';
import { assertLinear } from './support/linear.ts';
import { runAll } from './support/runs.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('harvgen import');

const PROVIDERS = Object.keys(CLOUD_TFVARS) as (keyof typeof CLOUD_TFVARS)[];

function imported(text: string, options = {}): { made: ImportedSite | undefined; log: string } {
  const report = new Report();
  const [made] = tfvars.read(new Source('/terraform.tfvars', text), options, report) ?? [];
  return { made, log: formatText(report.sorted(), { color: false, folder: '/' }) };
}

/** Returns the site of a file, which must have no error. */
function siteOf(text: string, options = {}): ImportedSite {
  const { made, log } = imported(text, options);
  assert.ok(made, log);
  return made;
}

/** Warnings about what an import lists to complete: the keys, the clients of ports, and a spot VM as in the file. */
const TO_COMPLETE = ['cloud-without-key', 'cloud-ssh-shut', 'cloud-port-open', 'cloud-spot-nested'];

/** Returns all diagnostics of a site, even other warnings; the site must build. */
async function errorsOf({ name, text }: ImportedSite): Promise<string> {
  const site = makeSite(text, name);
  const { tree, diagnostics } = await compile(site);
  const found = diagnostics.filter(({ code }) => !TO_COMPLETE.includes(code));
  if (found.length === 0) assert.ok(tree);
  return formatText(found, { color: false, folder: site });
}

// biome-ignore lint/suspicious/noExplicitAny: the inventory as plain data, of which tests look at this and that
const inventoryOf = (made: ImportedSite): any => parse(made.text);

test('a file of each provider becomes a site without an error, and all its values are imported or listed', async () => {
  for (const provider of PROVIDERS) {
    const made = siteOf(CLOUD_TFVARS[provider]);
    assert.is(await errorsOf(made), '', provider);
    assert.is(made.name, 'lab');
    for (const secret of Object.values(CLOUD_SECRETS)) assert.not(made.text.includes(secret));
    assert.equal(Object.fromEntries(made.secrets), {
      cluster_token: CLOUD_SECRETS.harvester_first_node_token,
      node_password: CLOUD_SECRETS.harvester_password,
    });
    const listed = made.notes.map(({ of }) => of);
    const log = Array.from(
      CLOUD_TFVARS[provider].matchAll(/^(\w+) *= (?!null|"")/gm),
      ([, name = '']) => name,
    );
    const carried = [
      'prefix',
      'harvester_version',
      'harvester_node_count',
      'harvester_first_node_token',
      'harvester_password',
      'harvester_airgapped',
      'harvester_witness_node',
      'harvester_cluster_size',
      'data_disk_count',
      'data_disk_size',
      'rancher_insecure',
      // Each is a key of host.cloud, which has a test of its own.
      'region',
      'project_id',
      'ip_cidr_range',
      'create_vnet',
      'create_vpc',
      'create_firewall',
      'spot_instance',
      'os_disk_type',
      'os_disk_size',
      'data_disk_type',
    ];
    assert.equal(
      log.filter((name) => !listed.includes(name) && !carried.includes(name)),
      [],
      provider,
    );
  }
});

test('every cluster size of every provider is right, air-gapped or not, with several disks', async () => {
  for (const provider of PROVIDERS) {
    for (const count of [1, 3, 5]) {
      for (const size of ['small', 'medium']) {
        const disks = size === 'small' ? 1 : 3;
        const made = siteOf(
          cloudTfvars(provider, {
            harvester_node_count: String(count),
            harvester_cluster_size: `"${size}"`,
            data_disk_count: String(disks),
            harvester_airgapped: String(size === 'medium'),
            harvester_witness_node: String(count === 3),
            harvester_version: '"v1.8.1"',
            rancher_api_url: '"https://rancher.example.org"',
            public_ip_source_addresses: '["203.0.113.10/32", "198.51.100.0/24"]',
          }),
        );
        assert.is(await errorsOf(made), '', `${provider} ${count} ${size}`);
        const { nodes, host, air_gapped, defaults } = inventoryOf(made);
        assert.is(Object.keys(nodes).length, count);
        assert.equal(
          Object.values<{ role?: string }>(nodes).map(({ role }) => role),
          count === 3 ? [undefined, undefined, 'witness'] : Array(count).fill(undefined),
        );
        assert.is(defaults.vm.preset, count === 5 ? 'small' : size);
        assert.is(air_gapped, size === 'medium' || undefined);
        assert.is(Object.keys(host.disks ?? {}).length, count * disks);
      }
    }
  }
});

test('every supported release is accepted', async () => {
  for (const release of [
    'v1.1.0',
    'v1.2.2',
    'v1.3.0',
    'v1.4.0',
    'v1.4.3',
    'v1.5.0-dev-20250217',
    'v1.6.1',
    'v1.9.0-rc2',
  ])
    assert.is(
      await errorsOf(siteOf(cloudTfvars('google', { harvester_version: `"${release}"` }))),
      '',
      release,
    );
});

test('each node has a separate disk of the host, and further ones after those of all nodes', () => {
  const { host, nodes } = inventoryOf(
    siteOf(cloudTfvars('google', { harvester_node_count: '3', data_disk_count: '3', data_disk_size: '355' })),
  );
  assert.equal(host.disks.data1, {
    size: '355Gi',
    type: 'hyperdisk-balanced',
    iops: 50000,
    throughput: 1200,
  });
  assert.is(Object.keys(host.disks).length, 9);
  const second = nodes['lab-2'].vm.disks;
  assert.equal(second, [
    { size: '319Gi', on: 'data2' },
    { name: 'data1', size: '319Gi', bus: 'scsi', format: 'raw', on: 'data6' },
    { name: 'data2', size: '319Gi', bus: 'scsi', format: 'raw', on: 'data7' },
  ]);
  const used = Object.values<{ vm: { disks: { on: string }[] } }>(nodes).flatMap(({ vm }) =>
    vm.disks.map(({ on }) => on),
  );
  assert.equal(used.sort(), Object.keys(host.disks).sort());
});

test('disks are those of the provider; if it is unknown, the site explains how to set them', () => {
  const diskOf = (text: string) => inventoryOf(siteOf(text)).host.disks?.data1;
  assert.equal(diskOf(CLOUD_TFVARS.azure), { size: '350Gi', type: 'Premium_LRS' });
  assert.equal(diskOf(CLOUD_TFVARS.digitalocean), { size: '350Gi' });
  assert.equal(diskOf(CLOUD_TFVARS.aws), { size: '350Gi', iops: 16000, throughput: 2000 });
  const made = siteOf('prefix = "lab"\ndata_disk_count = 1\n');
  assert.match(made.text, '#   data1: { device: /dev/disk/by-id/scsi-0DISK_1, size: 350Gi }');
  assert.ok(made.notes.some(({ kind, of }) => kind === 'open' && of === 'data_disk_count'));
});

test('port 6443 is open to the allowed clients, and to the host only if there are none', () => {
  const exposed = (list: string | undefined) =>
    inventoryOf(siteOf(cloudTfvars('azure', { public_ip_source_addresses: list }))).host.expose;
  assert.equal(exposed('["203.0.113.10/32", "198.51.100.7/24", "192.0.2.2/31"]'), [
    { port: 443, allow: ['203.0.113.10', '198.51.100.0/24', '192.0.2.2', '192.0.2.3'] },
    { port: 6443, allow: ['203.0.113.10', '198.51.100.0/24', '192.0.2.2', '192.0.2.3'] },
  ]);
  assert.equal(exposed('[]')[0], { port: 443 });
  assert.equal(exposed('[]')[1], { port: 6443, address: '127.0.0.1' });
  assert.equal(exposed(undefined)[1], { port: 6443, address: '127.0.0.1' });
  assert.equal(exposed('["203.0.113.0/24", "0.0.0.0/0"]')[1], { port: 6443 });
  assert.equal(exposed('["128.0.0.0/7"]')[1].allow, ['128.0.0.0/8', '129.0.0.0/8']);
});

test('SSH is closed until the site lists clients, unless the file lets everyone in', async () => {
  const opened = async (provider: keyof typeof CLOUD_TFVARS, list: string | undefined) => {
    const { name, text } = siteOf(cloudTfvars(provider, { public_ip_source_addresses: list }));
    const { tree, diagnostics } = await compile(makeSite(text, name));
    const main = tree?.get('cloud/main.tf.json');
    assert.ok(main, formatText(diagnostics, { color: false, folder: '/' }));
    const { resource } = JSON.parse(textOf(main));
    const rules = JSON.stringify([
      resource.aws_vpc_security_group_ingress_rule,
      resource.azurerm_network_security_rule,
      resource.digitalocean_firewall,
      resource.google_compute_firewall,
    ]);
    const ports = [22, 443, 6443].filter((port) => new RegExp(`\\b${port}\\b`).test(rules));
    return { ports, shut: diagnostics.filter(({ code }) => code === 'cloud-ssh-shut').length };
  };
  // Upstream allows 22 and 6443 to the caller only, and 443 to all: rancher/harvester-cloud 8a9592a, projects/*/main.tf (current_public_ip_cidr).
  for (const provider of PROVIDERS) {
    for (const list of ['[]', undefined])
      assert.equal(await opened(provider, list), { ports: [443], shut: 1 }, provider);
    for (const list of ['["203.0.113.10/32"]', '["0.0.0.0/0"]'])
      assert.equal(await opened(provider, list), { ports: [22, 443, 6443], shut: 0 }, provider);
  }
});

test('a VM of another size than that of harvester-cloud is listed with both sizes', () => {
  const noted = (provider: keyof typeof CLOUD_TFVARS, nodes: string, size: string) =>
    siteOf(cloudTfvars(provider, { harvester_node_count: nodes, harvester_cluster_size: `"${size}"` }))
      .notes.filter(({ of }) => of === 'host.cloud.size')
      .map(({ text }) => text);
  const size = (after: string, before: string, instead: string) => [
    `the VM is ${after}, the smallest that holds the nodes; in harvester-cloud, it is ${before}: for as many, set host.cloud.size to ${instead}`,
  ];
  // The sizes of rancher/harvester-cloud 8a9592a, projects/*/main.tf (instance_type).
  assert.equal(
    noted('azure', '1', 'small'),
    size(
      'Standard_E8s_v5 with 8 vCPUs and 64 GiB',
      'Standard_D16s_v5 with 16 vCPUs and 64 GiB',
      'Standard_D16s_v5',
    ),
  );
  assert.equal(
    noted('aws', '1', 'small'),
    size('r8i.2xlarge with 8 vCPUs and 64 GiB', 'm8i.4xlarge with 16 vCPUs and 64 GiB', 'm8i.4xlarge'),
  );
  assert.equal(
    noted('google', '5', 'small'),
    size(
      'n4-standard-48 with 48 vCPUs and 192 GiB',
      'n4-standard-64 with 64 vCPUs and 256 GiB',
      'n4-standard-64',
    ),
  );
  assert.equal(
    noted('digitalocean', '1', 'medium'),
    size(
      'm-16vcpu-128gb-intel with 16 vCPUs and 128 GiB',
      'g-32vcpu-128gb with 32 vCPUs and 128 GiB',
      'g-32vcpu-128gb-intel',
    ),
  );
  for (const provider of PROVIDERS)
    for (const of of ['small', 'medium']) assert.equal(noted(provider, '3', of), [], provider);
});

test('the IOPS of the OS disk, which a site cannot set, are listed', () => {
  const of = 'os_disk_size';
  const noted = (provider: keyof typeof CLOUD_TFVARS, edits = {}) =>
    siteOf(cloudTfvars(provider, edits)).notes.some(
      (note) => note.of === of && note.text.includes('16000 IOPS'),
    );
  assert.ok(noted('aws'));
  assert.ok(noted('aws', { os_disk_size: undefined }));
  for (const provider of ['azure', 'digitalocean', 'google'] as const) assert.not(noted(provider));
});

test('any allowed client makes a site without an error', async () => {
  for (const length of [1, 7, 8, 30, 31, 32])
    assert.is(
      await errorsOf(
        siteOf(cloudTfvars('aws', { public_ip_source_addresses: `["203.0.113.77/${length}"]` })),
      ),
      '',
      String(length),
    );
});

test("the nodes' network overlaps neither the cloud network nor the allowed clients", async () => {
  const subnetOf = (edits: Record<string, string>) => {
    const made = siteOf(cloudTfvars('azure', edits));
    return { made, subnet: inventoryOf(made).networks.mgmt.subnet };
  };
  assert.is(subnetOf({}).subnet, '192.168.150.0/24');
  assert.is(subnetOf({ ip_cidr_range: '"192.168.150.0/23"' }).subnet, '192.168.152.0/24');
  const { made, subnet } = subnetOf({
    ip_cidr_range: '"192.168.0.0/16"',
    public_ip_source_addresses: '["172.29.150.0/24"]',
  });
  assert.is(subnet, '172.29.151.0/24');
  assert.is(await errorsOf(made), '');
  assert.is(
    inventoryOf(siteOf(cloudTfvars('aws', { ip_cidr_range: '"192.168.150.0"' }))).networks.mgmt.subnet,
    '192.168.151.0/24',
  );
});

test('an invalid prefix is converted, with a note; harvester is a valid prefix', async () => {
  for (const [prefix, name, stem] of [
    ['harvester', 'harvester', 'harvester'],
    ['Our_Lab', 'our_lab', 'our-lab'],
    // A dot would end the host name: a.b-1 and a.b-2 would both be a.
    ['a.b', 'a-b', 'a-b'],
    ['123', '123', '123'],
    ['no', 'no', 'no'],
    ['-x-', 'x', 'x'],
    ['ä ö', 'lab', 'lab'],
    ['x'.repeat(80), 'x'.repeat(63), 'x'.repeat(61)],
    ['${secret:x}', 'secret-x', 'secret-x'],
    ['"; rm -rf / #', 'rm--rf', 'rm--rf'],
  ] as const) {
    const text = cloudTfvars('google', { prefix: JSON.stringify(prefix).replaceAll('${', () => '$${') });
    const made = siteOf(text, name === 'lab' ? { site: 'lab' } : {});
    assert.is(made.name, name);
    assert.equal(Object.keys(inventoryOf(made).nodes), [`${stem}-1`]);
    assert.is(await errorsOf(made), '', prefix);
    const changed = made.notes.some(({ kind, of }) => kind === 'changed' && of === 'prefix');
    assert.is(changed, prefix !== name || prefix !== stem);
  }
  const three = siteOf(cloudTfvars('google', { prefix: '"a.b"', harvester_node_count: '3' }));
  assert.equal(Object.keys(inventoryOf(three).nodes), ['a-b-1', 'a-b-2', 'a-b-3']);
});

test('a file of another project of harvester-cloud is rejected with the name of the project', () => {
  for (const [project, text] of [
    [
      'network-creation',
      'cluster_network_name = "cluster-vlan"\nnetwork_vlan_id = 100\nharvester_airgapped = false\n',
    ],
    ['vm-pool-creation', 'vm_prefix = "x"\nvm_count = 3\nos_disk_size = 50\ndata_disk_size = 50\n'],
    ['image-creation', 'image_name = "leap"\nimage_url = "http://a/b"\nharvester_url = "https://h"\n'],
  ] as const)
    assert.match(
      imported(text).log,
      `The file is of harvester-cloud's project ${project}, which changes a running cluster: it contains no site to import.\n`,
    );
});

test('hostile text in every text variable makes a site without an error, or is rejected at its location', async () => {
  const hostile = [
    '"\n- x: &a *b',
    '${x}',
    '%{y}',
    "it's",
    '`id`',
    '\u2028#',
    '{a: b}',
    ': ',
    '\u0000\u001b[2J',
    '<b>&amp;</b>',
    ' ',
  ];
  for (const name of [
    'prefix',
    'rancher_api_url',
    'region',
    'startup_script',
    'harvester_first_node_token',
    'unknown_thing',
  ]) {
    for (const value of hostile) {
      const written = JSON.stringify(value).replace(/([$%])\{/g, '$1$1{');
      const { made, log } = imported(cloudTfvars('digitalocean', { [name]: written }), { folder: 'there' });
      if (name === 'region' && value.trim() !== '') {
        assert.match(log, 'region is not a name as the provider shows it.');
        continue;
      }
      assert.ok(made, log);
      assert.is(await errorsOf(made), '', `${name} ${written}`);
      // A token that is only a reference of a template has yet to be filled in.
      const isOpen = value.trim() === '' || value === '${x}';
      if (name === 'harvester_first_node_token')
        assert.is(made.secrets.get('cluster_token'), isOpen ? undefined : value);
    }
  }
});

test('the same file makes the same bytes, in any order of its lines', () => {
  const text = CLOUD_TFVARS.google;
  assert.is(siteOf(text).text, siteOf(text).text);
  const lines = text.split('\n').filter((line) => /^\w/.test(line));
  const inventory = (one: string) => siteOf(one).text.replace(/^#.*\n/gm, '');
  assert.is(inventory(lines.reverse().join('\n')), inventory(text));
});

test('MAC addresses are derived from the site name', () => {
  const macs = (options: object) =>
    Object.values<{ mac: string }>(
      inventoryOf(siteOf(cloudTfvars('aws', { harvester_node_count: '5' }), options)).nodes,
    ).map(({ mac }) => mac);
  assert.is(new Set([...macs({}), ...macs({ site: 'other' })]).size, 10);
  assert.equal(macs({ site: 'lab' }), macs({}));
  for (const mac of macs({})) assert.match(mac, /^52:54:00(:[0-9a-f]{2}){3}$/);
});

test('the JSON form is equivalent', () => {
  const { text } = siteOf(
    JSON.stringify({
      prefix: 'lab',
      project_id: 'x',
      harvester_node_count: '3',
      harvester_witness_node: 'true',
    }),
  );
  assert.is(
    text,
    siteOf('prefix = "lab"\nproject_id = "x"\nharvester_node_count = 3\nharvester_witness_node = true\n')
      .text,
  );
});

test('missing values get the defaults of harvester-cloud, except publicly known tokens and passwords', () => {
  const made = siteOf('region = "us-east-1"\n', { folder: 'my lab' });
  const { site, harvester, nodes, defaults } = inventoryOf(made);
  assert.equal(
    [site, harvester, Object.keys(nodes), defaults.vm],
    ['my-lab', { version: 'v1.8.1' }, ['my-lab-1'], { preset: 'small' }],
  );
  assert.is(nodes['my-lab-1'].vm.disks[0].size, '315Gi');
  assert.is(made.secrets.size, 0);
  const known = siteOf(
    cloudTfvars('aws', {
      harvester_first_node_token: '"SecretToken.123"',
      harvester_password: '"SecretPassword.123"',
    }),
  );
  assert.is(known.secrets.size, 0);
  for (const { notes } of [made, known])
    for (const of of ['harvester_first_node_token', 'harvester_password'])
      assert.ok(
        notes.some((note) => note.kind === 'open' && note.of === of && /openssl rand/.test(note.text)),
      );
  assert.not.match(known.text, /SecretToken|SecretPassword/);
});

test('the provider is derived from its own variables, otherwise from the region, otherwise unknown', () => {
  const madeFor = (text: string) => /A site for ([\w ]+),/.exec(siteOf(`prefix = "x"\n${text}`).text)?.[1];
  assert.is(madeFor('region = "us-east-1"'), 'AWS');
  assert.is(madeFor('region = "westus2"'), 'Azure');
  assert.is(madeFor('region = "fra1"'), 'DigitalOcean');
  assert.is(madeFor('region = "us-west2"'), 'Google Cloud');
  assert.is(madeFor('ip_cidr_range = "10.0.0.0"'), 'AWS');
  assert.is(madeFor('do_token = null'), 'DigitalOcean');
  assert.is(madeFor('project_id = "x"\ndo_token = "y"'), 'Google Cloud');
  assert.is(madeFor('harvester_node_count = 3'), undefined);
});

for (const [name, text, log] of [
  [
    'a number of nodes that harvester-cloud rejects',
    'harvester_node_count = 4',
    '1:24 error tfvars-value\n  harvester_node_count is not one of 1, 3, 5.',
  ],
  [
    'an unknown size',
    'harvester_cluster_size = "large"',
    'harvester_cluster_size is not one of small, medium.',
  ],
  [
    'a witness of one node',
    'harvester_witness_node = true',
    'harvester_witness_node is not false, as required unless harvester_node_count is 3.',
  ],
  [
    'a witness of five',
    'harvester_node_count = 5\nharvester_witness_node = true',
    'the number of nodes is set at terraform.tfvars:1:24',
  ],
  [
    'a release without v',
    'harvester_version = "1.8.1"',
    'harvester_version is not a release of Harvester from v1.1.0 on, such as v1.8.1.',
  ],
  [
    'a release that is too old',
    'harvester_version = "v1.0.3"',
    'is not a release of Harvester from v1.1.0 on',
  ],
  ['no data disk', 'data_disk_count = 0', 'data_disk_count is not a whole number from 1 to 128.'],
  ['half a disk', 'data_disk_size = 350.5', 'data_disk_size is not a whole number from 10 to 65536.'],
  ['a number too large', 'data_disk_size = 1e400', 'data_disk_size is not a number.'],
  ['text for a number', 'harvester_node_count = "three"', 'harvester_node_count is not a number.'],
  ['text for a boolean', 'harvester_airgapped = "yes"', 'harvester_airgapped is not true or false.'],
  ['a list for text', 'prefix = ["x"]', 'prefix is not text in double quotes.'],
  [
    'text for a list',
    'public_ip_source_addresses = "x"',
    'public_ip_source_addresses is not a list of IPv4 subnets, such as',
  ],
  [
    'a list with a map in it',
    'public_ip_source_addresses = [{}]',
    '1:31 error tfvars-value\n  An entry of public_ip_source_addresses is not an IPv4 subnet',
  ],
  [
    'null for a variable that rejects it',
    'harvester_version = null',
    'help: write text in double quotes; or remove the line to use the default of harvester-cloud',
  ],
  [
    'an address without a length',
    'public_ip_source_addresses = ["10.0.0.1/24", "203.0.113.10"]',
    '1:46 error tfvars-value\n  An entry of public_ip_source_addresses is not an IPv4 subnet, such as 203.0.113.10/32.',
  ],
  ['an invalid address', 'public_ip_source_addresses = ["300.0.0.1/24"]', 'is not an IPv4 subnet'],
  ['a variable that is set twice', 'prefix = "x"\nprefix = "y"', '2:1 error duplicate-key'],
  ['a file of another project', 'vm_prefix = "x"\nvm_count = 3', '1:1 error not-harvester-cloud'],
  ['nothing', '# nothing\n', 'The file sets no variable'],
  ['a prefix without a valid character', 'prefix = "***"', 'The file provides no site name'],
] as const) {
  test(`is rejected: ${name}`, () => {
    const { made, log: found } = imported(text);
    assert.is(made, undefined);
    assert.match(found, log);
    assert.match(found, 'help: ');
  });
}

test('all errors are reported at once', () => {
  const { log } = imported(
    'harvester_node_count = 4\nharvester_version = "x"\ndata_disk_size = -1\nprefix = {}\n',
  );
  assert.is(log.match(/error tfvars-value/g)?.length, 4);
});

test('booleans and numbers in quotes are accepted, as in Terraform', () => {
  const { air_gapped, nodes } = inventoryOf(
    siteOf(cloudTfvars('aws', { harvester_airgapped: '"true"', harvester_node_count: '"3"', prefix: '12' })),
  );
  assert.equal([air_gapped, Object.keys(nodes)], [true, ['12-1', '12-2', '12-3']]);
});

test('a variable with a typo is listed with the likely name', () => {
  const typo = { harvester_version: undefined, harvester_versoin: '"v1.6.0"' };
  const { notes } = siteOf(
    cloudTfvars('aws', { ...typo, 'quite-other': '1', harvester_vnc_password: '"x"' }),
  );
  const textOf = (of: string) => notes.find((note) => note.of === of)?.text ?? '';
  assert.match(textOf('harvester_versoin'), 'did you mean harvester_version?');
  assert.is(
    textOf('quite-other'),
    'harvester-cloud has no such variable: it is from another release, or a typo',
  );
  // The file sets harvester_password, too.
  assert.is(
    textOf('harvester_vnc_password'),
    'harvester-cloud has no such variable: it is from another release, or a typo',
  );
});

test('the variables of the VM become host.cloud', () => {
  const cloudOf = (provider: keyof typeof CLOUD_TFVARS, edits = {}) =>
    inventoryOf(siteOf(cloudTfvars(provider, edits))).host.cloud;
  assert.equal(cloudOf('aws', { public_ip_source_addresses: '["203.0.113.10/32"]' }), {
    provider: 'aws',
    region: 'eu-central-1',
    spot: true,
    os_disk: { size: '50Gi' },
    network: { cidr: '10.10.0.0/24' },
    allow: ['203.0.113.10'],
  });
  assert.equal(cloudOf('azure'), {
    provider: 'azure',
    region: 'northeurope',
    spot: true,
    os_disk: { size: '50Gi', type: 'Premium_LRS' },
    network: { cidr: '10.10.0.0/24' },
    allow: ['127.0.0.1'],
  });
  assert.equal(cloudOf('digitalocean'), { provider: 'digitalocean', region: 'ams3', allow: ['127.0.0.1'] });
  const own = { vpc: '"ours"', subnet: '"ours-1"', spot_instance: 'false', create_vpc: 'false' };
  assert.equal(cloudOf('google', own), {
    provider: 'google',
    region: 'europe-west1',
    project: 'our-project',
    os_disk: { size: '50Gi', type: 'hyperdisk-balanced' },
    network: { vpc: 'ours', subnet: 'ours-1' },
    allow: ['127.0.0.1'],
  });
  assert.is(cloudOf('google', { region: undefined }).region, 'us-west2');
});

test('what the VM does not have is listed, with its line', () => {
  const notesOf = (provider: keyof typeof CLOUD_TFVARS, edits = {}) =>
    siteOf(cloudTfvars(provider, edits)).notes.map(({ kind, of, at }) => [kind, of, at !== undefined]);
  const has = (notes: unknown[][], kind: string, of: string, isAt = true) =>
    assert.ok(
      notes.some((note) => JSON.stringify(note) === JSON.stringify([kind, of, isAt])),
      `${kind} ${of}`,
    );
  has(notesOf('aws'), 'open', 'host.cloud.ssh_keys', false);
  has(notesOf('aws', { spot_instance: undefined }), 'changed', 'spot_instance', false);
  has(notesOf('azure', { create_vnet: 'false' }), 'open', 'create_vnet');
  has(notesOf('google', { create_firewall: 'false' }), 'changed', 'create_firewall');
  has(notesOf('google', { vpc: '"ours"' }), 'open', 'vpc');
  has(notesOf('digitalocean'), 'left', 'instance_type');
  const restricted = { public_ip_source_addresses: '["203.0.113.10/32"]' };
  has(notesOf('aws', restricted), 'changed', 'public_ip_source_addresses');
  const open = notesOf('aws', { public_ip_source_addresses: '["203.0.113.0/24", "0.0.0.0/0"]' });
  assert.not(open.some(([, of]) => of === 'public_ip_source_addresses'));
});

test('a region of another provider, and an invalid size, are errors at their lines', () => {
  const { log } = imported(cloudTfvars('azure', { region: '"eu-central-1"' }));
  assert.match(log, 'region is not a region of Azure, such as westeurope.');
  assert.match(
    imported(cloudTfvars('aws', { os_disk_size: '0.5' })).log,
    'os_disk_size is not a whole number from 10 to 65536.',
  );
  assert.match(
    imported(cloudTfvars('aws', { region: '"a b"' })).log,
    'region is not a name as the provider shows it.',
  );
});

test('the head of the inventory has the headings of the command, and the disks their number for each node', () => {
  const { text } = siteOf(
    cloudTfvars('google', { data_disk_count: '3', create_firewall: 'false', startup_script: '"x"' }),
  );
  for (const heading of ['To complete (delete each', 'Imported with changes:', 'Not imported:'])
    assert.match(text, `\n# ${heading}`);
  assert.match(text, "# The VM's data disks, 3 for each node: ");
  const aws = siteOf(CLOUD_TFVARS.aws);
  for (const note of aws.notes) assert.not.match(note.text, '  ');
});

test('unusual variable names are shown on one line, and stay comments', async () => {
  const strange = { prefix: 'x', 'a\n- b: &c': 1, '\u001b[2J': 2, '': 3, ['y'.repeat(500)]: 4, __proto__: 5 };
  const made = siteOf(JSON.stringify({ ...strange, ['__proto__']: 5 }));
  assert.is(await errorsOf(made), '');
  for (const { of } of made.notes) assert.match(of, /^[^\p{Cc}]{0,80}$/u);
  assert.equal(Object.keys(inventoryOf(made).nodes), ['x-1']);
});

test('the largest accepted file takes linear time, with any contents', async () => {
  for (const piece of [
    'a',
    'a = ',
    '"',
    'x = "',
    '[',
    '{',
    '#',
    '/*',
    '\\',
    '<<a\n',
    ' ',
    '\n',
    '- ',
    '"a":',
    '{"a":"',
    '${',
    'é',
  ])
    for (const before of ['', 'harvester_password = ', '{"prefix": "']) {
      const text = (size: number) => before + piece.repeat(size / piece.length);
      await assertLinear(before + piece, 1 << 20, text, imported);
    }
  const many = (length: number) =>
    `prefix = "x"\n${Array.from({ length }, (_, index) => `v${index} = "x"\n`).join('')}`;
  await assertLinear('variables', 60_000, many, (text) => assert.ok(imported(text).made));
});

test('no error shows the value of a secret, wherever it is', () => {
  const secret = 'hunter2-hunter2';
  for (const text of [
    `harvester_password = "${secret}\nprefix = "x"\n`,
    `prefix = "x"\nharvester_password = <<EOF\n${secret}\nEOX\n`,
    `harvester_node_count = 4, harvester_password = "${secret}"\n`,
    `harvester_password = "${secret}" harvester_node_count = 4\n`,
    `harvester_password = ["${secret}"]\n`,
    `harvester_password = "x\n${secret}"\n`,
    `harvester_password = "${secret}"\nharvester_password = "${secret}"\n`,
    `# harvester_password = "${secret}"\nharvester_node_count = 4\n`,
    `my_key = {\n a = "${secret}"\n b = ${secret}\n}\n`,
    `harvester_password = "x${'${'}${secret}}"\n`,
    `{"prefix": "x", "harvester_password": "${secret}", bad}`,
    `{"harvester_password": "${secret}\n", "prefix": 1}`,
    `{"harvester_node_count": 4, "harvester_password": "${secret}"}`,
    `do_token = ${secret}\n`,
    `do_${secret}"\nprefix = "x"\n`,
    `do_${secret}\nprefix = "x"\n`,
    `${'prefix = "x"\n'}other_thing = "${secret}" +\n`,
  ]) {
    const { made, log } = imported(text);
    assert.is(made, undefined);
    assert.ok(log.includes('error'), text);
    assert.not(log.includes('hunter2'), log);
  }
});

test('no typo shows the value of a secret', () => {
  const typo = fc.record({
    provider: fc.constantFrom(...PROVIDERS),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    takes: fc.nat(20),
    puts: fc.oneof(
      fc.constantFrom('', '"', '\n', '=', '${', '[', '{', '#', '/*', '<<EOF\n', 'null', ','),
      fc.string({ maxLength: 2 }),
    ),
  });
  fc.assert(
    fc.property(typo, fc.boolean(), ({ provider, at, takes, puts }, isJson) => {
      const written = isJson ? asJson(CLOUD_TFVARS[provider]) : CLOUD_TFVARS[provider];
      const place = Math.floor(at * written.length);
      const { made, log } = imported(written.slice(0, place) + puts + written.slice(place + takes));
      const shown = log + made?.text + JSON.stringify(made?.notes.map(({ of, text }) => [of, text]));
      for (const value of Object.values(CLOUD_SECRETS)) {
        assert.not(shown.includes(value), shown);
        assert.not(shown.includes(value.slice(value.length / 2)), shown);
      }
    }),
    {
      seed: SEED,
      numRuns: 1500,
      // The edit takes the name of a key, and its secret becomes the value of the key above.
      examples: [
        [{ provider: 'azure', at: 0.04303086997193639, takes: 18, puts: '${' }, false],
        [{ provider: 'digitalocean', at: 0.042810098792535674, takes: 18, puts: '' }, false],
        [{ provider: 'digitalocean', at: 0.04939626783754116, takes: 16, puts: '' }, false],
        [{ provider: 'digitalocean', at: 0.01443001443001443, takes: 20, puts: '' }, true],
      ],
    },
  );
});

/** Returns such a file in its JSON form. */
function asJson(text: string): string {
  const { attributes } = readHcl(new Source('/a', text));
  return JSON.stringify(
    Object.fromEntries(attributes.map(({ name, value }) => [name, value.value])),
    null,
    1,
  );
}

test('without options the inventory is printed, and notes go to standard error, each with its line', () => {
  const home = writeFiles(scratchFolder(), { 'cloud/terraform.tfvars': CLOUD_TFVARS.google });
  const { code, stdout, stderr } = harvgen(['import', 'tfvars', 'cloud/terraform.tfvars'], home);
  assert.is(code, 0);
  assert.is(stdout, siteOf(CLOUD_TFVARS.google).text);
  assert.match(
    stderr,
    /^not imported:\n {2}cloud\/terraform\.tfvars:8 create_ssh_key_pair: harvgen generates no keys/,
  );
  assert.match(
    stderr,
    /^ {2}cloud\/terraform\.tfvars:\d+ cluster_token: the value of this secret is here and was not imported: add --secrets-to FILE/m,
  );
  for (const secret of Object.values(CLOUD_SECRETS)) assert.not((stdout + stderr).includes(secret));
});

test('--to creates a site, and --secrets-to writes its values: it checks and builds', async () => {
  const home = writeFiles(scratchFolder(), {
    'terraform.tfvars': cloudTfvars('azure', { harvester_password: '"a\\n\'\\"#: \\u2028x"' }),
  });
  const run = harvgen(
    ['import', 'tfvars', 'terraform.tfvars', '--to', 'sites/my_lab', '--secrets-to', 'secrets.yaml'],
    home,
  );
  assert.is(run.code, 0, run.stderr);
  assert.is(
    run.stdout,
    'sites/my_lab/site.yaml created: review the notes above, then run\n  npx harvgen check --secrets secrets.yaml sites/my_lab\n  npx harvgen secrets --secrets secrets.yaml sites/my_lab\n',
  );
  assert.match(
    run.stderr,
    'secrets.yaml contains the values of cluster_token, node_password, readable only by you',
  );
  assert.is(statSync(join(home, 'secrets.yaml')).mode & 0o777, 0o600);
  const inventory = parse(readFileSync(join(home, 'sites/my_lab/site.yaml'), 'utf8'));
  assert.equal([inventory.site, Object.keys(inventory.nodes)], ['my_lab', ['lab-1']]);
  assert.equal(parse(readFileSync(join(home, 'secrets.yaml'), 'utf8')), {
    cluster_token: CLOUD_SECRETS.harvester_first_node_token,
    node_password: 'a\n\'"#: \u2028x',
  });
  // The lines that the import lists to complete.
  const site = join(home, 'sites/my_lab/site.yaml');
  const completed = readFileSync(site, 'utf8')
    .replace('provider: azure\n', `provider: azure\n    ssh_keys: ['${OPERATOR}']\n`)
    .replace('allow: [ 127.0.0.1 ]', 'allow: [203.0.113.10]')
    .replace('{ port: 443 }', '{ port: 443, allow: [203.0.113.10] }');
  writeFileSync(site, completed);
  const [check, build] = await runAll([
    { args: ['check', '--strict', 'sites/my_lab'], cwd: home },
    { args: ['build', '--secrets', 'secrets.yaml', '--out', 'filled', 'sites/my_lab'], cwd: home },
  ]);
  assert.equal(check, { code: 0, stdout: '', stderr: 'no errors or warnings in sites/my_lab\n' });
  assert.is(build?.code, 0, build?.stderr);
});

test('nothing is written if a file exists', async () => {
  const home = writeFiles(scratchFolder(), {
    'terraform.tfvars': CLOUD_TFVARS.aws,
    'bad.tfvars': 'prefix = "x\n',
    'full/x': '',
    'there.yaml': '',
    'sites/old/site.yaml': 'site: old\n',
    'repo/a': '',
  });
  execFileSync('git', ['init', '-q'], { cwd: join(home, 'repo') });
  mkdirSync(join(home, 'sites/old/nodes'));
  const args = ['import', 'tfvars', 'terraform.tfvars', '--to', 'lab'];
  const refused = async (more: readonly string[], words: string) => {
    const [run] = await runAll([{ args: [...args, ...more], cwd: home }]);
    assert.is(run?.code, 1);
    assert.match(run?.stderr ?? '', words);
    assert.not(existsSync(join(home, 'lab')));
  };
  await refused(['--secrets-to', 'there.yaml'], 'there.yaml exists already');
  await refused(['--secrets-to', 'lab/secrets.yaml'], 'is in the site');
  await refused(['--secrets-to', 'sites/old/nodes/s.yaml'], 'is in the site');
  await refused(['--secrets-to', 'repo/s.yaml'], 'does not ignore it');
  await refused(['--secrets-to', 'nowhere/s.yaml'], 'cannot be written: ENOENT');
  const [full, bad, blocked] = await runAll([
    { args: ['import', 'tfvars', 'terraform.tfvars', '--to', 'full', '--secrets-to', 's.yaml'], cwd: home },
    { args: ['import', 'tfvars', 'bad.tfvars', '--to', 'lab', '--secrets-to', 's.yaml'], cwd: home },
    {
      args: ['import', 'tfvars', 'terraform.tfvars', '--to', 'there.yaml/x', '--secrets-to', 's.yaml'],
      cwd: home,
    },
  ]);
  assert.match(full?.stderr ?? '', 'full is not empty');
  assert.match(
    bad?.stderr ?? '',
    /^bad\.tfvars:1:10 error tfvars-expression[\s\S]*1 error: nothing was imported\n$/,
  );
  assert.match(blocked?.stderr ?? '', 'there.yaml/x cannot be written');
  assert.equal([full?.code, bad?.code, blocked?.code], [1, 1, 1]);
  assert.not(existsSync(join(home, 's.yaml')));
  assert.not(existsSync(join(home, 'lab')));
});

test('standard input is a file like others; the name is from the prefix or from --site', async () => {
  const home = scratchFolder();
  const [plain, named, nameless] = await runAll([
    { args: ['import', 'tfvars', '-'], cwd: home, input: CLOUD_TFVARS.aws },
    { args: ['import', 'tfvars', '-', '--site', 'other'], cwd: home, input: CLOUD_TFVARS.aws },
    { args: ['import', 'tfvars', '-'], cwd: home, input: 'harvester_node_count = 3\n' },
  ]);
  assert.match(plain?.stdout ?? '', /^site: lab$/m);
  assert.match(plain?.stderr ?? '', /^ {2}-:8 create_ssh_key_pair: /m);
  assert.match(named?.stdout ?? '', /^site: other$/m);
  assert.match(nameless?.stderr ?? '', /^-:1:1 error tfvars-value[\s\S]*add --site NAME/);
});

test('unreadable files and invalid command lines are reported', async () => {
  const home = writeFiles(scratchFolder(), {
    'a.tfvars': 'prefix = "x"\n',
    'large.tfvars': '#'.repeat((16 << 20) + 1),
  });
  writeFileSync(join(home, 'latin.tfvars'), Buffer.from([0x70, 0xe4]));
  for (const [args, code, words] of [
    [['tfvars', 'gone'], 1, 'gone cannot be read: there is no such file (ENOENT)'],
    [['tfvars', '.'], 1, 'cannot be read: it is a directory (EISDIR)'],
    [['tfvars', 'latin.tfvars'], 1, 'latin.tfvars cannot be read: it is not UTF-8'],
    [['tfvars', 'large.tfvars'], 1, 'it is larger than the limit of 16 MiB'],
    [['tfvar', 'a.tfvars'], 2, 'unknown import format tfvar: did you mean tfvars? Formats: tfvars'],
    [['tfvars'], 2, 'missing required args'],
    [['tfvars', 'a.tfvars', '--site', 'A B'], 2, 'A B is not a valid site name'],
    [['tfvars', 'a.tfvars', '--to', 'x/Y'], 2, 'Y is not valid'],
    [['tfvars', 'a.tfvars', '--to', 'x/y', '--site', 'z'], 2, '--to x/y makes it y, but --site is z'],
    [['tfvars', 'a.tfvars', '--secrets-to', '-'], 2, 'values of secrets are not printed'],
  ] as const) {
    const [run] = await runAll([{ args: ['import', ...args], cwd: home }]);
    assert.is(run?.code, code, args.join(' '));
    assert.match(run?.stderr ?? '', words);
    assert.is(run?.stdout, '');
  }
});

test.run();
