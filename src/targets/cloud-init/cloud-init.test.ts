import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { CLOUD_INIT_PLANT, GROUP_USER_DATA, OWN_USER_DATA } from '../../../test/support/cloud-init-plant.ts';
import { type Edit, edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { secretSource } from '../../../test/support/secret-source.ts';
import { compile } from '../../compile.ts';
import { type Tree, textOf } from '../../tree/tree.ts';

const test = suite('the files for cloud-init');

const FOLDER = 'www/cloud-init/52-54-00-7c-52-01';

async function treeOf(edits: readonly Edit[], secrets?: Record<string, string>): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(edited(CLOUD_INIT_PLANT, ...edits)), {
    secrets: secrets && secretSource(secrets),
  });
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

function file(tree: Tree, name: string): string {
  const found = tree.get(`${FOLDER}/${name}`);
  assert.ok(found, name);
  return textOf(found);
}

async function userDataOf(...edits: readonly Edit[]): Promise<string> {
  return file(await treeOf(edits), 'user-data');
}

test('generates four files per node, and none for machines that boot Harvester', async () => {
  const tree = await treeOf([]);
  const paths = [...tree.keys()].filter((path) => path.startsWith('www/cloud-init/'));
  const names = ['meta-data', 'network-config', 'user-data', 'vendor-data'];
  assert.equal(
    paths,
    ['01', '02'].flatMap((end) => names.map((name) => `www/cloud-init/52-54-00-7c-52-${end}/${name}`)),
  );
  assert.is(file(tree, 'vendor-data'), '');
  const { tree: other } = await compile(makeSite(PLANT));
  assert.not.ok([...(other?.keys() ?? [])].some((path) => path.startsWith('www/cloud-init')));
});

test('writes constant meta-data, unless the inventory sets other values', async () => {
  const vendorData = {
    version: '1.0',
    cluster_name: 'plant',
    groups: { compute: { Description: 'No description Found' } },
  };
  const v1 = {
    local_hostname: 'cg01',
    hostname: 'cg01',
    local_ipv4: '192.168.178.41',
    vendor_data: vendorData,
  };
  const names = { 'local-hostname': 'cg01', hostname: 'cg01', 'cluster-name': 'plant' };
  assert.equal(parse(file(await treeOf([]), 'meta-data')), {
    'instance-id': 'plant.cg01',
    ...names,
    instance_data: { v1: { instance_id: 'plant.cg01', ...v1 } },
  });
  const own: Edit = [
    OWN_USER_DATA,
    'meta_data: { instance-id: x, hostname: x.example, cluster-name: demo, rack: 3, public-keys: [ssh-rsa AAAA], region: us }',
  ];
  assert.equal(parse(file(await treeOf([own]), 'meta-data')), {
    'instance-id': 'x',
    ...names,
    hostname: 'x.example',
    'cluster-name': 'demo',
    rack: 3,
    'public-keys': ['ssh-rsa AAAA'],
    region: 'us',
    instance_data: {
      v1: {
        ...v1,
        instance_id: 'x',
        region: 'us',
        hostname: 'x.example',
        public_keys: ['ssh-rsa AAAA'],
        vendor_data: { ...vendorData, cluster_name: 'demo' },
      },
    },
  });
});

test('generates the files for each NIC of the boot network, which differ in the NIC that gets the IP address', async () => {
  const nics =
    'nics: [{ mac: 52:54:00:7c:52:02, ip: 192.168.178.42 }, { mac: 52:54:00:7c:53:02 }], profiles: [compute] }';
  const tree = await treeOf([['mac: 52:54:00:7c:52:02, ip: 192.168.178.42, profiles: [compute] }', nics]]);
  const files = (mac: string) => (name: string) => textOf(tree.get(`www/cloud-init/${mac}/${name}`) as never);
  const [first, second] = [files('52-54-00-7c-52-02'), files('52-54-00-7c-53-02')];
  for (const name of ['meta-data', 'user-data', 'vendor-data']) assert.is(second(name), first(name));
  const dhcpOf = (text: string) =>
    Object.values<{ dhcp4: boolean }>(parse(text).ethernets).map(({ dhcp4 }) => dhcp4);
  assert.equal(dhcpOf(first('network-config')), [true, false]);
  assert.equal(dhcpOf(second('network-config')), [false, true]);
  const script = textOf(tree.get('www/ipxe/52-54-00-7c-52-02.ipxe') as never);
  assert.match(script, ' ds=nocloud-net;s=http://192.168.178.7/cloud-init/${netX/mac:hexhyp}/ ');
});

test('keeps the type of each value in every version of YAML', async () => {
  const text = await userDataOf([
    OWN_USER_DATA,
    "user_data: { x-values: ['0644', 'yes', '1e3', '12:30', '2020-01-01', '~', 7, 1.5, true, null], 'on': {}, x-on: '' }",
  ]);
  for (const version of ['1.1', '1.2'] as const) {
    const { 'x-values': values } = parse(text, { version });
    assert.equal(values, ['0644', 'yes', '1e3', '12:30', '2020-01-01', '~', 7, 1.5, true, null]);
  }
  assert.match(text, '"on": {}');
});

test('keeps long lines, and writes a single script unchanged', async () => {
  const long = 'word '.repeat(100);
  assert.match(await userDataOf([OWN_USER_DATA, `user_data: { runcmd: ["${long}"] }`]), `- "${long}"\n`);
  const script = '"#!/bin/sh\\necho a  \\n\\n"';
  const edits: Edit[] = [
    [GROUP_USER_DATA, 'meta_data: {}'],
    [OWN_USER_DATA, `user_data: ${script}`],
  ];
  assert.is(await userDataOf(...edits), '#!/bin/sh\necho a  \n\n');
});

test('writes an empty map instead of an empty file, which cloud-init cannot handle', async () => {
  const edits: Edit[] = [
    [GROUP_USER_DATA, 'meta_data: {}'],
    [OWN_USER_DATA, 'meta_data: {}'],
  ];
  assert.is(await userDataOf(...edits), '#cloud-config\n{}\n');
});

test('writes several parts as an archive: maps, then texts, with a merge type for templates', async () => {
  const template = '"## template: jinja\\n#cloud-config\\nruncmd: [a]\\n"';
  assert.is(
    await userDataOf([OWN_USER_DATA, `user_data: ${template}`]),
    `#cloud-config-archive
- content: |
    #cloud-config
    packages:
      - "slurmd"
- Merge-Type: list(append)+dict(no_replace,recurse_list,recurse_array)+str()
  content: |
    ## template: jinja
    #cloud-config
    runcmd: [a]
`,
  );
});

test('recognizes a template in any case, as cloud-init does', async () => {
  const template = '"## Template: Jinja\\n#Cloud-Config\\nruncmd: [a]\\n"';
  const text = await userDataOf([OWN_USER_DATA, `user_data: ${template}`]);
  assert.match(text, '\n- Merge-Type: list(append)+dict(no_replace,recurse_list,recurse_array)+str()\n');
});

const SECRET = 'a "b" \\ \n # $x ä\u2028';

test('quotes secrets for their formats, once or twice', async () => {
  const edits: Edit[] = [
    [
      GROUP_USER_DATA,
      'user_data: { write_files: [{ path: /a, content: "x ${secret:s}" }, { path: /b.yaml, content: "k: ${secret:s}\\n" }] }',
    ],
    [OWN_USER_DATA, 'user_data: "#!/bin/sh\\necho ${secret:s}\\n"\n      meta_data: { m: "${secret:s}" }'],
  ];
  const tree = await treeOf(edits, { s: SECRET });
  for (const version of ['1.1', '1.2'] as const) {
    const [map, script] = parse(file(tree, 'user-data'), { version });
    const [plain, yaml] = parse(map.content, { version }).write_files;
    assert.is(plain.content, `x ${SECRET}`);
    assert.is(parse(yaml.content, { version }).k, SECRET);
    assert.is(script.content, `#!/bin/sh\necho ${SECRET}\n`);
    assert.is(parse(file(tree, 'meta-data'), { version }).m, SECRET);
  }
  assert.ok(tree.get(`${FOLDER}/user-data`)?.confidential);
  const text = file(await treeOf(edits), 'user-data');
  assert.match(text, 'content: "x @@secret:s@@"');
  assert.match(text, '@@secret:s:yaml@@');
});

test('writes a single script with a secret as an archive, in quotes', async () => {
  const edits: Edit[] = [
    [GROUP_USER_DATA, 'meta_data: {}'],
    [OWN_USER_DATA, 'user_data: "#!/bin/sh\\necho ${secret:s}\\n"'],
  ];
  assert.is(
    await userDataOf(...edits),
    '#cloud-config-archive\n- content: "#!/bin/sh\\necho @@secret:s@@\\n"\n',
  );
});

test.run();
