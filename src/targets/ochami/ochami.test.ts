import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { OCHAMI } from '../../../test/support/ochami-plant.ts';
import { type Edit, edited, PLANT } from '../../../test/support/plant.ts';
import { RACK } from '../../../test/support/rack.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { type Tree, textOf } from '../../tree/tree.ts';

const test = suite("the answers of OpenCHAMI's services, as files");

async function treeOf(text: string, ...edits: readonly Edit[]): Promise<Tree> {
  const name = /^site: (\S+)$/m.exec(text)?.[1] ?? '';
  const { tree, diagnostics } = await compile(makeSite(edited(text, ...edits), name));
  if (!tree) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

function text(tree: Tree, path: string): string {
  const file = tree.get(path);
  if (!file) throw new Error(`there is no ${path}`);
  return textOf(file);
}

const json = (tree: Tree, path: string) => JSON.parse(text(tree, path));

const script = (tree: Tree, node: string) => text(tree, `www/boot/v1/by-node/bootscript/${node}`);

test('generates none without server.compat', async () => {
  const paths = [...(await treeOf(RACK, [', compat: [ochami]', ''])).keys()];
  assert.equal(
    paths.filter((path) => /^www\/(boot|hsm|cloud-init\/ochami)\//.test(path)),
    [],
  );
});

test('no variable of nginx is another one, at this site or at a site whose name begins like this one', async () => {
  const conf = text(await treeOf(OCHAMI), 'nginx/venado.conf');
  const namesIn = (form: RegExp) => Array.from(conf.matchAll(form), ([, name = '']) => name).sort();
  const tables = namesIn(/^(?:map|geo) .*\$(\w+) \{$/gm);
  assert.equal(tables, [...new Set(tables)]);
  const assigned = new Set(namesIn(/^ *set \$(\w+) /gm));
  assert.equal(
    tables.filter((name) => assigned.has(name)),
    [],
  );
  // Site names contain underscores: harvgen_a_b_c is c of the site a_b, or b_c of the site a.
  for (const name of [...tables, ...assigned])
    if (name !== 'args') assert.match(name, /^(?:harvgen_venado|o[0-9a-f]{5})_[a-z]{1,7}$/);
});

test('chains to a script with secrets at the URL where nginx substitutes them', async () => {
  const tree = await treeOf(
    OCHAMI,
    ['boot: { os: local }', 'boot: { os: iscsi, image: rocky9 }'],
    ['nodes:\n', 'images: { rocky9: {} }\nnodes:\n'],
  );
  assert.match(text(tree, 'www/ipxe/b4-2e-99-a6-3c-d2.ipxe'), '@@secret:chap_mgmt@@');
  assert.is(
    script(tree, 'mgmt'),
    '#!ipxe\n:start\nchain --replace --autofree http://172.16.0.254/ipxe/b4-2e-99-a6-3c-d2.ipxe || sleep 30\ngoto start\n',
  );
});

test('only the IP addresses that a node may have are in its groups, and near', async () => {
  const edits: readonly Edit[] = [
    ['  url: http', '  compat: [ochami]\n  url: http'],
    ['nodes:\n', 'groups: { all: {} }\nnodes:\n'],
    [
      '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
      '{ xname: x1000c1s7b0n1, groups: [all], nics: [{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }, { mac: 52:54:00:aa:02:02, ip: 10.9.0.42 }] }',
    ],
  ];
  const linesOf = async (storage: string) => {
    const tree = await treeOf(PLANT, ...edits, [
      'cluster:\n',
      `  storage: { subnet: 10.9.0.0/24${storage} }\ncluster:\n`,
    ]);
    const lines =
      text(tree, 'nginx/plant.conf').match(/^ *(?:192\.168\.178|10\.9\.0)\.42 (?:1|all);$/gm) ?? [];
    return lines.map((line) => line.trim());
  };
  const boot = ['192.168.178.42 1;', '192.168.178.42 all;'];
  // Harvester configures only its management bond; DHCP leases the IP address to the NIC.
  assert.equal(await linesOf(''), boot);
  assert.equal((await linesOf(', dhcp: {}')).sort(), ['10.9.0.42 1;', '10.9.0.42 all;', ...boot]);
});

test("has SMD's role and subrole of a node, without a warning about Harvester's role", async () => {
  const of = async (...edits: readonly Edit[]) => {
    const { tree, diagnostics } = await compile(makeSite(edited(OCHAMI, ...edits), 'venado'));
    const found = diagnostics.map(({ message }) => message);
    if (!tree) return found;
    const { Role, SubRole } = json(tree, 'www/hsm/v2/by-id/Components/x1000c1s7b2n0');
    return [Role, SubRole, ...found];
  };
  const set = (text: string): Edit => ['nid: 1234567', `nid: 1234567, ${text}`.replaceAll(', ', '\n    ')];
  assert.equal(await of(), ['Compute', undefined]);
  assert.equal(await of(set('role: Application, subrole: Gateway')), ['Application', 'Gateway']);
  assert.equal(await of(set('role: APPLICATION, subrole: WORKER')), ['Application', 'Worker']);
  assert.equal(await of(set('role: worker')), [
    'Compute',
    undefined,
    'role has no effect: cg02 boots Linux, which is not installed.',
  ]);
  assert.equal((await of(set('role: compute'))).slice(1), [
    '`compute` is not default, management, worker or witness, or with a capital letter a role of SMD such as Compute.',
  ]);
  assert.equal((await of(set('role: Witness'))).slice(1), [
    '`Witness` is not default, management, worker or witness, or with a capital letter a role of SMD such as Compute.',
  ]);
});

test('keeps kernel arguments that contain initrd', async () => {
  const args = 'root=live:http://s/initrd-tools/x.squashfs quiet initrd=foo';
  const tree = await treeOf(RACK, ['initrd: initrd.img }', `initrd: initrd.img, args: ["${args}"] }`]);
  assert.match(
    script(tree, 'cg01'),
    `kernel --name kernel http://10.1.0.1/images/vmlinuz initrd=initrd ${args} xname=x1000c1s7b0n0 nid=1 BOOTIF=01-52-54-00-7c-52-01 ds=nocloud-net;s=http://10.1.0.1/cloud-init/52-54-00-7c-52-01/ || goto boot_retry\n`,
  );
});

test('does not repeat arguments that are set, even in quotes; ignores similar names', async () => {
  const args = `['"ds=nocloud;s=http://a/"', nid=7, xname=a, BOOTIF=01-aa-bb-cc-dd-ee-ff]`;
  const tree = await treeOf(RACK, ['initrd: initrd.img }', `initrd: initrd.img, args: ${args} }`]);
  assert.match(
    script(tree, 'cg01'),
    ' initrd=initrd "ds=nocloud;s=http://a/" nid=7 xname=a BOOTIF=01-aa-bb-cc-dd-ee-ff || ',
  );
  const other = await treeOf(RACK, ['initrd: initrd.img }', 'initrd: initrd.img, args: [dsx=1, nidx=2] }']);
  assert.match(script(other, 'cg01'), / dsx=1 nidx=2 xname=\S+ nid=1 BOOTIF=\S+ ds=nocloud-net;/);
});

test('supports no initrd, and several', async () => {
  const none = await treeOf(RACK, [', initrd: initrd.img', '']);
  assert.not.match(script(none, 'cg01'), 'initrd');
  const several = await treeOf(RACK, ['initrd: initrd.img', 'initrd: [microcode.img, initrd.img]']);
  assert.match(
    script(several, 'cg01'),
    /initrd=initrd initrd=initrd2 .*\ninitrd --name initrd \S+\/microcode.img \|\| goto boot_retry\ninitrd --name initrd2 \S+\/initrd.img \|\| /,
  );
});

test('by IP address, a node has a network configuration only if it is right for each NIC that may boot', async () => {
  const marks = async (...edits: readonly Edit[]) =>
    [...(await treeOf(OCHAMI, ...edits)).keys()].filter((path) => path.endsWith('/any-nic'));
  assert.equal(await marks(), ['www/cloud-init/b4-2e-99-a6-61-ee/any-nic']);
  const own: Edit = [
    'meta_data: { region',
    'network_config: { version: 2, ethernets: {} }, meta_data: { region',
  ];
  const plain: Edit = ['  compat: [ochami]\n', ''];
  for (const edit of [own, plain]) assert.equal(await marks(edit), []);
});

/** Returns the result of dnsmasq_updater for SMD's lists. Source: OpenCHAMI/dnsmasq-dhcpd, dnsmasq_updater.py. */
function dnsmasqHosts(tree: Tree): string[] {
  const { Components } = json(tree, 'www/hsm/v2/State/Components');
  const nameOf = (xname: string) => {
    const component = Components.find(({ ID }: { ID: string }) => ID === xname);
    if (!component) return xname;
    if (typeof component.NID !== 'number') throw new TypeError(`${xname} has no NID`);
    return `nid${String(component.NID).padStart(3, '0')}`;
  };
  return json(tree, 'www/hsm/v2/Inventory/EthernetInterfaces').map(
    (one: {
      Type: string;
      MACAddress: string;
      ComponentID: string;
      Description: string;
      IPAddresses: { IPAddress: string; Network: string }[];
    }) => {
      const [first] = one.IPAddresses;
      if (!first) throw new RangeError('list index out of range');
      const boots = !one.Description.includes('bmc') && first.Network === 'NMN';
      return one.Type !== 'NodeBMC' && first.Network === 'NMN'
        ? `${one.MACAddress},set:${nameOf(one.ComponentID)},${first.IPAddress},${nameOf(one.ComponentID)}${boots ? ' boots' : ''}`
        : `${one.MACAddress},${first.IPAddress},${one.ComponentID}${boots ? ' boots' : ''}`;
    },
  );
}

test('contains all data for dnsmasq_updater: IP addresses, networks, NIDs, and no BMC to boot', async () => {
  const tree = await treeOf(
    RACK,
    [
      'mac: "52:54:00:7c:52:01", ip: 10.1.0.11,',
      'nics: [{ mac: "52:54:00:7c:52:01", network: mgmt, ip: 10.1.0.11, boot: true }, { mac: "52:54:00:7c:53:01", network: mgmt }, { mac: "52:54:00:7c:54:01", network: other, ip: 10.2.0.11 }],',
    ],
    ['10.1.0.101 }', '10.1.0.101, mac: "52:54:00:7C:55:01" }'],
    [
      'mac: "52:54:00:7c:52:02", ip: 10.1.0.12,',
      'nics: [{ mac: "52:54:00:7c:52:02", network: mgmt, ip: 10.1.0.12 }],',
    ],
    ['groups:', '  other: { subnet: 10.2.0.0/24 }\ngroups:'],
  );
  assert.equal(dnsmasqHosts(tree), [
    '52:54:00:7c:52:01,set:nid001,10.1.0.11,nid001 boots',
    '52:54:00:7c:54:01,10.2.0.11,x1000c1s7b0n0',
    '52:54:00:7c:52:02,set:nid002,10.1.0.12,nid002 boots',
    '52:54:00:7c:55:01,10.1.0.101,x1000c1s7b0',
  ]);
});

test('lists a BMC with a name without an IP address', async () => {
  const tree = await treeOf(RACK, ['10.1.0.101 }', 'bmc.example.org, mac: "52:54:00:7C:55:01" }']);
  assert.not.match(dnsmasqHosts(tree).join('\n'), '52:54:00:7c:55:01');
  const [{ FQDN, IPAddress, MACAddr }] = json(tree, 'www/hsm/v2/Inventory/RedfishEndpoints').RedfishEndpoints;
  assert.equal([FQDN, IPAddress, MACAddr], ['bmc.example.org', undefined, '52:54:00:7c:55:01']);
});

test('lists a BMC of two nodes once', async () => {
  const bmc = '10.1.0.101, mac: "52:54:00:7c:55:01" }';
  const tree = await treeOf(
    RACK,
    ['x1000c1s7b1n0', 'x1000c1s7b0n1'],
    ['10.1.0.101 }', bmc],
    ['10.1.0.102 }', bmc],
  );
  for (const [list, key] of [
    ['State/Components', 'Components'],
    ['Inventory/ComponentEndpoints', 'ComponentEndpoints'],
    ['Inventory/RedfishEndpoints', 'RedfishEndpoints'],
  ] as const) {
    const bmcs = json(tree, `www/hsm/v2/${list}`)[key].filter(
      ({ Type }: { Type: string }) => Type === 'NodeBMC',
    );
    assert.equal(
      bmcs.map(({ ID }: { ID: string }) => ID),
      ['x1000c1s7b0'],
      list,
    );
  }
});

test('contains all data for coresmd: a component for each interface, with an ID, a type and a NID', async () => {
  const tree = await treeOf(OCHAMI);
  const { Components } = json(tree, 'www/hsm/v2/State/Components');
  for (const one of json(tree, 'www/hsm/v2/Inventory/EthernetInterfaces')) {
    assert.match(one.MACAddress, /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/);
    assert.ok(
      one.IPAddresses.every(({ IPAddress }: { IPAddress: unknown }) => typeof IPAddress === 'string'),
    );
    const component = Components.find(({ ID }: { ID: string }) => ID === one.ComponentID);
    assert.is(component?.Type, one.Type);
    assert.ok(one.Type === 'NodeBMC' || Number.isInteger(component.NID));
  }
});

test('has an endpoint with its NICs for each node', async () => {
  const tree = await treeOf(OCHAMI);
  const nodesIn = (list: string) =>
    Object.values<{ ID: string; Type: string }[]>(json(tree, `www/hsm/v2/${list}`))
      .flat()
      .filter(({ Type }) => Type === 'Node');
  // biome-ignore lint/suspicious/noExplicitAny: it is JSON
  const endpoints: any[] = nodesIn('Inventory/ComponentEndpoints');
  assert.equal(
    endpoints.map(({ ID }) => ID),
    nodesIn('State/Components').map(({ ID }) => ID),
  );
  for (const one of endpoints) {
    assert.ok(one.Enabled && one.RedfishEndpointID && one.ComponentEndpointType);
    assert.ok(one.RedfishSystemInfo.EthernetNICInfo.length > 0);
  }
});

test('contains no BMC user or password', async () => {
  const tree = await treeOf(RACK, [
    'bmc: { address: 10.1.0.101 }',
    'bmc: { address: 10.1.0.101, user: the-user, password: "${secret:bmc}" }',
  ]);
  for (const [path, file] of tree)
    if (/^www\/(boot|hsm)\//.test(path)) assert.not.match(textOf(file), /the-user|secret|assword/, path);
});

const withGroups = (compute: string, gpu = '{}', node = ''): readonly Edit[] => [
  ['  compute: {}\n', `  compute: ${compute}\n  gpu: ${gpu}\n`],
  ['nid: 1,', `nid: 1, groups: [compute, gpu],${node}`],
];

const sentToGroups = (tree: Tree) => tree.has('www/cloud-init/ochami/vendor-data/cg01');

test('redirects a node to the files of its groups if they equal its merged data', async () => {
  const runs = (what: string) => `{ cloud_init: { user_data: { runcmd: [${what}] } } }`;
  const mounts = '{ cloud_init: { user_data: { mounts: [[a, /b]] } } }';
  assert.ok(sentToGroups(await treeOf(RACK, ...withGroups(runs('one'), mounts))));
  const script = '{ cloud_init: { user_data: "#!/bin/sh\\necho" } }';
  const both = await treeOf(RACK, ...withGroups(script, mounts));
  assert.ok(sentToGroups(both));
  assert.is(text(both, 'www/cloud-init/ochami/groups/compute.yaml'), '#!/bin/sh\necho');
  // cloud-init would use only one of two lists.
  assert.not.ok(sentToGroups(await treeOf(RACK, ...withGroups(runs('one'), runs('two')))));
  for (const own of ['user_data: { runcmd: [own] }', 'vendor_data: { runcmd: [own] }'])
    assert.not.ok(
      sentToGroups(await treeOf(RACK, ...withGroups(runs('one'), '{}', ` cloud_init: { ${own} },`))),
      own,
    );
});

test('writes data with values of nodes per member', async () => {
  const group =
    '{ cloud_init: { user_data: { fqdn: "${node:name}" }, meta_data: { at: "${node:xname}", token: "${secret:a}" } } }';
  const tree = await treeOf(RACK, ...withGroups(group));
  assert.not.ok(sentToGroups(tree));
  assert.not.ok(tree.has('www/cloud-init/ochami/groups/compute.yaml'));
  assert.is(text(tree, 'www/cloud-init/ochami/groups/compute.cg01.yaml'), '#cloud-config\nfqdn: "cg01"\n');
  assert.not.ok(tree.has('www/cloud-init/ochami/groups/compute.cg02.yaml'), 'it is not a member');
  assert.is(text(tree, 'www/cloud-init/ochami/groups/gpu.yaml'), '#cloud-config');
  const { v1 } = parse(text(tree, 'www/cloud-init/52-54-00-7c-52-01/meta-data')).instance_data;
  assert.equal(v1.vendor_data.groups, {
    compute: { Description: 'No description Found', at: 'x1000c1s7b0n0', token: '@@secret:a@@' },
    gpu: { Description: 'No description Found' },
  });
  // nginx does not substitute secrets in JSON: BSS' form omits values with secrets.
  const { at, token } = json(tree, 'www/boot/v1/by-node/meta-data/cg01');
  assert.equal([at, token], ['x1000c1s7b0n0', undefined]);
});

test('writes no placeholder of a secret that every node overrides', async () => {
  const group =
    '{ cloud_init: { user_data: { password: "${secret:a}" }, meta_data: { key: "${secret:b}" } } }';
  const own = ' cloud_init: { user_data: { password: own }, meta_data: { key: own } },';
  for (const [path, file] of await treeOf(RACK, ...withGroups(group, '{}', own)))
    if (path.startsWith('www/')) assert.not.match(textOf(file), '@@secret', path);
});

test('generates the same for pods', async () => {
  const tree = await treeOf(RACK, [', compat:', ', kubernetes: { media_claim: media }, compat:']);
  const conf = text(tree, 'k8s/nginx/site.conf');
  for (const part of [/location \^~ \/boot\/v1\//, /location \^~ \/hsm\/v2\//, /\$o[0-9a-f]{5}_member /])
    assert.match(conf, part);
  const maps = [...tree].filter(([path]) => /^k8s\/tree-/.test(path)).map(([, file]) => textOf(file));
  assert.ok(maps.some((map) => map.includes('x1000c1s7b0n0')));
});

test.run();
