import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { SCRIPT_LIMIT } from '../src/targets/oci/oci.ts';
import { fileText } from './support/file-text.ts';
import { blocksOf } from './support/markdown.ts';
import { LaunchPad } from './support/oci-cli.ts';
import { OCI_PLANT } from './support/oci-plant.ts';
import { type Edit, edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

/* Files for Oracle Cloud Infrastructure in an output tree, and files that such a tree lacks. */

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const SAMPLE = join(root, 'sites/oci');
const schema = JSON.parse(read('test/data/oci-security-rules.schema.json'));
const ajv = new Ajv2020().addSchema(schema, 'rules');

const test = suite('Oracle Cloud Infrastructure');

async function treeOf(site: string) {
  const { tree, diagnostics } = await compile(site);
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

/** Returns the two lists of a site, each as the CLI accepts it. */
async function rulesOf(...edits: readonly Edit[]) {
  const tree = await treeOf(makeSite(edited(OCI_PLANT, ...edits)));
  const lists = ['ingress', 'egress'].map((name) => {
    const list = JSON.parse(fileText(tree, `oci/${name}-rules.json`) ?? '');
    const validate = ajv.getSchema(`rules#/$defs/${name}`);
    assert.ok(validate?.(list), JSON.stringify(validate?.errors));
    return list;
  });
  return { ingress: lists[0], egress: lists[1] };
}

const ALLOW = (list: string): Edit => [
  '    availability_domain:',
  `    allow: ${list}\n    availability_domain:`,
];

test('the security list allows the subnet, and from elsewhere only configured clients', async () => {
  const { ingress, egress } = await rulesOf();
  assert.equal(ingress, [
    {
      source: '10.0.10.0/24',
      sourceType: 'CIDR_BLOCK',
      isStateless: false,
      description: 'nodes, VIP and boot server among themselves',
      protocol: 'all',
    },
    {
      source: '0.0.0.0/0',
      sourceType: 'CIDR_BLOCK',
      isStateless: false,
      description: 'path MTU discovery',
      protocol: '1',
      icmpOptions: { type: 3, code: 4 },
    },
  ]);
  assert.equal(
    egress.map((rule: { destination: string; protocol: string }) => [rule.destination, rule.protocol]),
    [['0.0.0.0/0', 'all']],
  );
});

test('the descriptions in the security list depend on the network of the boot server', async () => {
  const descriptionsFor = async (url: string) => {
    const { ingress, egress } = await rulesOf(
      ['site: plant\n', 'site: plant\nair_gapped: true\n'],
      ['url: http://10.0.10.5', `url: ${url}`],
    );
    return [...ingress.slice(0, 1), ...egress].map(({ description }) => description);
  };
  assert.equal(await descriptionsFor('http://10.0.10.5'), [
    'nodes, VIP and boot server among themselves',
    'nodes, VIP and boot server',
  ]);
  assert.equal(await descriptionsFor('http://10.0.20.5'), [
    'nodes and VIP among themselves',
    'nodes and VIP',
    'boot server',
  ]);
});

test('users can connect from the configured sources to their ports, each source once', async () => {
  const { ingress } = await rulesOf(ALLOW('[203.0.113.0/24, 198.51.100.7]'));
  const people = ingress.filter(({ protocol }: { protocol: string }) => protocol === '6');
  assert.equal(
    people.map((rule: { source: string; tcpOptions: { destinationPortRange: object } }) => [
      rule.source,
      rule.tcpOptions.destinationPortRange,
    ]),
    ['203.0.113.0/24', '198.51.100.7/32'].flatMap((source) =>
      [22, 443, 6443].map((port) => [source, { min: port, max: port }]),
    ),
  );
});

test('without internet access, nodes reach only each other and the boot server', async () => {
  const destinations = async (...edits: Edit[]) => {
    const { egress } = await rulesOf(['site: plant\n', 'site: plant\nair_gapped: true\n'], ...edits);
    return egress.map(({ destination }: { destination: string }) => destination);
  };
  assert.equal(await destinations(), ['10.0.10.0/24']);
  assert.equal(await destinations(['url: http://10.0.10.5', 'url: http://10.0.20.5']), [
    '10.0.10.0/24',
    '10.0.20.5/32',
  ]);
  const media = 'url: http://10.0.10.5\n  media: http://10.0.30.6:8080/harvester';
  assert.equal(await destinations(['url: http://10.0.10.5', media]), ['10.0.10.0/24', '10.0.30.6/32']);
});

test('the script of the launch is valid for OCI, and chains to the entry script', async () => {
  const script = fileText(await treeOf(SAMPLE), 'oci/first-stage.ipxe') ?? '';
  assert.ok(script.length < SCRIPT_LIMIT / 2);
  assert.match(script, /^#!ipxe\n/);
  assert.match(script, /^[\n -~]*$/);
  assert.match(script, '\nset first http://10.0.10.5/boot.ipxe\n');
  // iPXE treats a word that begins with a hyphen as an option.
  assert.not.match(script, /^echo -/m);
});

test('a site with only instances has no files for firmware that boots from the network', async () => {
  const paths = [...(await treeOf(SAMPLE)).keys()];
  assert.equal(paths.filter((path) => /^(dnsmasq|embed|oci|scripts|tftp)\//.test(path)).sort(), [
    'oci/egress-rules.json',
    'oci/first-stage.ipxe',
    'oci/ingress-rules.json',
    'scripts/apply-cluster.sh',
    'scripts/dump-cluster.sh',
    'scripts/fetch-media.sh',
    'scripts/oci-launch.sh',
  ]);
  const readme = fileText(await treeOf(SAMPLE), 'README.md') ?? '';
  for (const word of ['dnsmasq', 'option 93', 'TFTP', '$IPXE']) assert.not.match(readme, word);
});

test('a machine that boots from the network gets all files, on the same network or another', async () => {
  const sites = [
    edited(OCI_PLANT, [
      '  oci-3: { ip: 10.0.10.13 }',
      '  oci-3: { ip: 10.0.10.13 }\n  at-home: { ip: 10.0.10.14, boot: { os: local } }',
    ])
      // A node cannot remove values of the defaults.
      .replace('  oci:\n', 'profiles:\n  cloud:\n   oci:\n')
      .replace(/^ {4}(compartment|subnet: ocid|image|shape|availability_domain)/gm, '     $1')
      .replace(/(oci-\d: \{)/g, '$1 profiles: [cloud],'),
  ];
  for (const site of sites) {
    const tree = await treeOf(makeSite(site));
    for (const path of ['dnsmasq/plant.conf', 'embed/plant.ipxe', 'scripts/build-ipxe-iso.sh'])
      assert.ok(tree.has(path), path);
    const script = fileText(tree, 'scripts/oci-launch.sh') ?? '';
    assert.match(script, 'known=(oci-1 oci-2 oci-3)\n');
    assert.match(fileText(tree, 'README.md') ?? '', 'option 93');
  }
});

test('a tag must not contain a secret: all users with access to the instance can read it', async () => {
  const site = edited(OCI_PLANT, [
    '    availability_domain:',
    '    tags: { a: "${secret:b}" }\n    availability_domain:',
  ]);
  const { diagnostics } = await compile(makeSite(site));
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['secret-out-of-place'],
  );
});

test('a key must not have a path that depends on the current directory', async () => {
  for (const path of ['oci-console.pub', './oci-console.pub', '~oci.pub', '.ssh/oci-console.pub']) {
    const site = edited(OCI_PLANT, [
      '    availability_domain:',
      `    ssh_public_key: ${path}\n    availability_domain:`,
    ]);
    const { diagnostics } = await compile(makeSite(site));
    assert.equal(
      diagnostics.map(({ code, help }) => [code, help]),
      [['bad-value', 'write the path of a public key, from / or ~/, such as ~/.ssh/oci-console.pub']],
    );
  }
});

test('reports values that an import left open, and an OCID of another type', async () => {
  const messagesFor = async (edit: Edit) => {
    const { diagnostics } = await compile(makeSite(edited(OCI_PLANT, edit)));
    return diagnostics.map(({ message, help }) => [message, help]);
  };
  const subnet = 'subnet: ocid1.subnet.oc1.phx.aaaasubnet';
  assert.equal(await messagesFor([subnet, 'subnet: …']), [
    [
      'defaults.oci.subnet is still `…`: harvgen import found no value for it.',
      'write the OCID of a subnet: ocid1.subnet.oc1.…',
    ],
  ]);
  assert.equal(await messagesFor([subnet, 'subnet: ocid1.vcn.oc1.phx.aaaavcn']), [
    [
      '`ocid1.vcn.oc1.phx.aaaavcn` is not the OCID of a subnet: ocid1.subnet.oc1.….',
      'this OCID is of type vcn: write the OCID of a subnet: ocid1.subnet.oc1.…',
    ],
  ]);
  // Any tenancy is a compartment, and a typo within the right type is not another type.
  assert.equal(
    await messagesFor(['ocid1.compartment.oc1..aaaacompartment', 'ocid1.compartment.oc1..AAAA compartment']),
    [
      [
        '`ocid1.compartment.oc1..AAAA compartment` is not the OCID of a compartment or tenancy: ocid1.compartment.oc1.….',
        'remove the blanks',
      ],
    ],
  );
});

test('one error in the network, or one missing value of a node, is one diagnostic', async () => {
  const wrong: Readonly<Record<string, Edit>> = {
    'missing-address': ['{ ip: 10.0.10.13 }', '{}'],
    'oci-dhcp': ['    dhcp: { server: external }\n', ''],
  };
  for (const [code, edit] of Object.entries(wrong)) {
    const { diagnostics } = await compile(makeSite(edited(OCI_PLANT, edit)));
    assert.equal(
      diagnostics.map((found) => found.code),
      [code],
    );
  }
});

test('a site without instances has no such files', async () => {
  const tree = await treeOf(makeSite(PLANT));
  assert.equal(
    [...tree.keys()].filter((path) => path.includes('oci')),
    [],
  );
  assert.not.match(fileText(tree, 'README.md') ?? '', 'Oracle');
});

test("the commands in the output tree's README and in docs/how-to/oci.md are valid for the CLI", async () => {
  const cidr = { cidr: '10.0.10.0/24', label: 'nodes', isPrivate: true };
  const pad = new LaunchPad({ subnets: { 'ocid1.subnet.oc1.phx.aaaaaaaaexamplesubnet': cidr } });
  await pad.build(SAMPLE);
  const readme = readFileSync(join(pad.tree, 'README.md'), 'utf8');
  const blocks = ['sh oci-list', 'sh oci', 'sh oci-vip'].map((info) => blocksOf(readme, info).join(''));
  assert.ok(blocks.every((block) => block));
  const printed = pad.run(`TREE=${pad.tree}\n${blocks.join('')}`);
  assert.match(printed, /^vip {2}oci-1: 10\.0\.10\.10, of oci$/m);
  assert.equal(
    pad.changes.map(({ command }) => command.split(' ').at(-1)),
    ['update', ...['oci-1', 'oci-2', 'oci-3'].flatMap(() => ['launch', 'create']), 'assign-private-ip'],
  );
  pad.forget();
  const page = blocksOf(read('docs/how-to/oci.md'), 'sh oci').join('');
  const shown = pad.run(`ln -s ${pad.tree} out-oci\nmkdir -p out && ln -s ../tree out/oci\n${page}`);
  assert.ok(pad.calls.length > 8);
  assert.match(shown, /^vip {2}oci-2: /m);
});

test.run();
