import { basename } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { blocksOf } from '../../../test/support/markdown.ts';
import { type Edit, edited, PLANT, RUNNING } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { plainDiagnostic } from '../../source/diagnostics/formats.ts';
import { isTreePath, textOf } from '../../tree/tree.ts';
import { objectPath } from './cluster.ts';
import { clusterObjects } from './objects.ts';

const test = suite('the objects of a cluster');

const os = (keys: string): Edit => ['    os: { ', `    os: { ${keys}, `];
const settings = (text: string): Edit => ['  config:\n', `  config:\n    system_settings: ${text}\n`];
const release = (text: string): Edit => ['v1.4.1', text];
const harv3 = (keys: string): Edit => ['192.168.178.43 }', `192.168.178.43, ${keys} }`];

/** Returns the files of the cluster by path, from a site without errors. */
async function filesOf(...edits: readonly Edit[]): Promise<Record<string, string>> {
  const { tree, diagnostics } = await compile(makeSite(edited(PLANT, ...edits)));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  const own = [...tree].filter(([path]) => path.startsWith('cluster'));
  return Object.fromEntries(own.map(([path, file]) => [path, textOf(file)]));
}

/** Returns the stages of a CloudInit, as the parser of a node reads them. */
function stagesIn(text: string | undefined): unknown {
  const { spec } = parse(text ?? '') as { spec: { contents: string } };
  return (parse(spec.contents) as { stages: unknown }).stages;
}

const OS = 'cluster/os/cloud-init-harvgen-os.yaml';

test('values of the inventory become objects, and nothing else', async () => {
  assert.equal(await filesOf(), {
    'cluster/kustomization.yaml': `# plant: made by harvgen. kubectl apply --server-side --force-conflicts --field-manager=harvgen -k cluster

apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - settings/setting-ntp-servers.yaml
  - os/cloud-init-harvgen-os.yaml
`,
    'cluster/settings/setting-ntp-servers.yaml': `# plant: made by harvgen; edit the inventory instead.

apiVersion: harvesterhci.io/v1beta1
kind: Setting
metadata:
  name: ntp-servers
value: '{"ntpServers":["0.suse.pool.ntp.org"]}'
`,
    [OS]: `# plant: made by harvgen; edit the inventory instead.

apiVersion: node.harvesterhci.io/v1beta1
kind: CloudInit
metadata:
  name: harvgen-os
spec:
  matchSelector: {}
  filename: 95_harvgen.yaml
  contents: |
    name: "harvgen-os"
    stages:
      network.after:
        - authorized_keys:
            rancher:
              - "github:your_username"
`,
  });
});

test('a site without Harvester has no objects', async () => {
  const local: Edit = ['defaults:\n', 'defaults:\n  boot: { os: local }\n'];
  const { tree } = await compile(makeSite(edited(PLANT, local)));
  assert.equal(
    [...(tree?.keys() ?? [])].filter((path) => path.startsWith('cluster')),
    [],
  );
});

test('settings: as the installer writes them, without those that Harvester itself writes', async () => {
  const files = await filesOf(
    settings(
      '{ overcommit-config: { cpu: 800, memory: 120, storage: 200 }, log-level: " debug ", server-version: v1.4.1, ui-path: /ui, default-storage-class: two, ntp-servers: { ntpServers: [10.0.0.1] } }',
    ),
  );
  const values = Object.entries(files).flatMap(([path, text]) =>
    path.includes('/settings/') ? [[path.replace(/.*setting-|\.yaml/g, ''), parse(text).value]] : [],
  );
  assert.equal(Object.fromEntries(values), {
    'log-level': 'debug',
    // The installer writes this list last, too.
    'ntp-servers': '{"ntpServers":["0.suse.pool.ntp.org"]}',
    'overcommit-config': '{"cpu":800,"memory":120,"storage":200}',
  });
});

test('a cluster that exists gets settings and add-ons of the inventory; CloudInits only for its own nodes', async () => {
  const own: readonly Edit[] = [
    settings(
      '{ log-level: debug, ssl-certificates: { publicCertificate: "${secret:cert}", privateKey: "${secret:key}" } }',
    ),
    [
      '    install:\n',
      '    sans: [harvester.example.org]\n    install:\n      addons: { rancher_logging: { enabled: true } }\n',
    ],
    release('v1.8.1'),
  ];
  const [created, existing] = [await filesOf(...own), await filesOf(...RUNNING, ...own)];
  const isOfAll = (path: string) => !path.includes('/os/') && !path.endsWith('kustomization.yaml');
  const ofAll = (files: Record<string, string>) => Object.entries(files).filter(([path]) => isOfAll(path));
  assert.equal(ofAll(existing), ofAll(created));
  assert.equal(
    ofAll(existing).map(([path]) => path),
    [
      'cluster-secrets/settings/setting-ssl-certificates.yaml',
      'cluster/addons/addon-rancher-logging.yaml',
      'cluster/settings/setting-log-level.yaml',
      'cluster/settings/setting-ntp-servers.yaml',
    ],
  );
  // The same for each node, because a selector of all nodes would select those outside the inventory, too.
  const cloudInits = Object.entries(existing).filter(([path]) => path.includes('/os/'));
  assert.equal(
    cloudInits.map(([path]) => basename(path)),
    [1, 2, 3].map((number) => `cloud-init-harvgen-node-harv-${number}.yaml`),
  );
  for (const [, text] of cloudInits) assert.equal(stagesIn(text), stagesIn(created[OS]));
});

test('objects with secrets, and settings that lose them, are outside the kustomization', async () => {
  const files = await filesOf(
    os('password: "${secret:login}", sysctls: { kernel.panic: "10" }'),
    settings(
      '{ containerd-registry: { Mirrors: {} }, cluster-registration-url: "${secret:url}", ssl-certificates: { ca: "", publicCertificate: "${secret:cert}", privateKey: "${secret:key}" } }',
    ),
  );
  const secrets = Object.keys(files).filter((path) => path.startsWith('cluster-secrets/'));
  assert.equal(secrets, [
    'cluster-secrets/os/cloud-init-harvgen-os-secrets.yaml',
    'cluster-secrets/settings/setting-cluster-registration-url.yaml',
    'cluster-secrets/settings/setting-containerd-registry.yaml',
    'cluster-secrets/settings/setting-ssl-certificates.yaml',
  ]);
  assert.equal(parse(files['cluster/kustomization.yaml'] ?? '').resources, [
    'settings/setting-ntp-servers.yaml',
    'os/cloud-init-harvgen-os.yaml',
  ]);
  assert.match(files[secrets[3] ?? ''] ?? '', '\\"privateKey\\":\\"@@secret:key:json@@\\"');
  assert.equal(stagesIn(files[secrets[0] ?? '']), {
    'initramfs.after': [{ users: { rancher: { passwd: '@@secret:login@@' } } }],
  });
  assert.equal(stagesIn(files[OS]), {
    'initramfs.after': [{ sysctl: { 'kernel.panic': '10' } }],
    'network.after': [{ authorized_keys: { rancher: ['github:your_username'] } }],
  });
});

test('a secret in clear text is outside the kustomization, too', async () => {
  const files = await filesOf(
    os('environment: { API_TOKEN: abcdef0123456789 }'),
    settings(
      '{ http-proxy: { httpProxy: "http://me:hunter22@10.0.0.1:3128", noProxy: "192.168.178.0/24" } }',
    ),
  );
  const inside = Object.entries(files).filter(([path]) => !path.startsWith('cluster-secrets/'));
  assert.not.match(inside.map(([, text]) => text).join(''), /abcdef0123456789|hunter22/);
  assert.ok(files['cluster-secrets/settings/setting-http-proxy.yaml']);
  assert.ok(files['cluster-secrets/os/cloud-init-harvgen-os-secrets.yaml']);
});

test('every key of the operating system, typed as yip reads it', async () => {
  const files = await filesOf(
    release('v1.8.1'),
    os(`modules: [nvme_tcp, "kvm nested=1"], sysctls: { vm.swappiness: "010" }, environment: { A: "true" },
      dns_nameservers: [10.0.0.1, 10.0.0.2], sshd: { sftp: true, disable_password_auth: false }, password: "$6$saltsalt$${'a'.repeat(86)}",
      externalStorageConfig: { enabled: true, multiPathConfig: { blacklist: [{ vendor: '.*', product: 'a "b"' }], blacklistExceptionWwids: [x] } },
      write_files: [{ path: /etc/a, content: "1", permissions: "0644" }, { path: /etc/b, content: MQ==, encoding: b64, owner: "rancher:users" }]`),
    ['    install:\n', '    sans: [harvester.example.org]\n    install:\n'],
  );
  assert.equal(stagesIn(files[OS]), {
    'initramfs.after': [
      {
        directories: [{ path: '/etc/ssh/sshd_config.d', permissions: 0o755, owner: 0, group: 0 }],
        files: [
          { path: '/etc/a', content: '1', permissions: 0o644 },
          {
            path: '/etc/b',
            content: 'MQ==',
            encoding: 'b64',
            permissions: 0o600,
            ownerstring: 'rancher:users',
          },
          {
            path: '/etc/ssh/sshd_config.d/sftp.conf',
            content: 'Subsystem\tsftp\t/usr/libexec/ssh/sftp-server\n',
            permissions: 0o644,
          },
          {
            path: '/etc/multipath.conf',
            content:
              'blacklist {\n    device {\n        vendor ".*"\n        product "a ""b"""\n    }\n}\nblacklist_exceptions {\n    wwid "x"\n}\n',
            permissions: 0o755,
          },
          {
            path: '/etc/rancher/rke2/config.yaml.d/99-z10-harvgen-sans.yaml',
            content: 'tls-san+: ["harvester.example.org"]\n',
            permissions: 0o600,
          },
        ],
        commands: [
          'rm -f /etc/ssh/sshd_config.d/99-disable-password-auth.conf',
          'modprobe nvme_tcp',
          'modprobe kvm nested=1',
          "sed -i -e '/^dns=/d' -e 's/^\\[ipv4\\]$/&\\ndns=10.0.0.1;10.0.0.2;/' /etc/NetworkManager/system-connections/bridge-mgmt.nmconnection",
        ],
        systemctl: { enable: ['multipathd'] },
        sysctl: { 'vm.swappiness': '010' },
        users: { rancher: { passwd: `$6$saltsalt$${'a'.repeat(86)}` } },
        environment: { A: 'true' },
      },
    ],
    'network.after': [{ authorized_keys: { rancher: ['github:your_username'] } }],
  });
});

test('a CloudInit for what all nodes share, and one for each node that differs', async () => {
  const files = await filesOf(
    os('sysctls: { a.b: "1", a.c: "1" }, environment: { A: a }'),
    harv3('config: { os: { sysctls: { a.c: "2" }, environment: { B: b } } }'),
  );
  assert.equal(stagesIn(files[OS]), {
    'initramfs.after': [{ sysctl: { 'a.b': '1' } }],
    'network.after': [{ authorized_keys: { rancher: ['github:your_username'] } }],
  });
  // Two files must not write /etc/environment in one stage.
  assert.equal(stagesIn(files['cluster/os/cloud-init-harvgen-node-harv-1.yaml']), {
    'initramfs.after': [{ sysctl: { 'a.c': '1' }, environment: { A: 'a' } }],
  });
  const text = files['cluster/os/cloud-init-harvgen-node-harv-3.yaml'];
  assert.equal(stagesIn(text), {
    'initramfs.after': [{ sysctl: { 'a.c': '2' }, environment: { A: 'a', B: 'b' } }],
  });
  assert.equal(parse(text ?? '').spec.matchSelector, { 'kubernetes.io/hostname': 'harv-3' });
  assert.is(parse(text ?? '').spec.filename, '96_harvgen_harv-3.yaml');
});

test('a machine without Harvester shares nothing', async () => {
  const files = await filesOf(harv3('boot: { os: local }'));
  assert.equal(
    Object.keys(files).filter((path) => path.includes('/os/')),
    [OS],
  );
});

test('nodes: labels, the role that a label can change, and the cordon', async () => {
  const files = await filesOf(
    release('v1.9.0'),
    harv3('role: worker, labels: { zone: "1" }, config: { install: { cordoned: true } }'),
    ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, role: witness }'],
  );
  const nodes = Object.keys(files).filter((path) => path.includes('/nodes/'));
  assert.equal(nodes, ['cluster/nodes/node-harv-3.yaml']);
  assert.equal(parse(files[nodes[0] ?? ''] ?? ''), {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: 'harv-3',
      labels: { zone: '1', 'node-role.harvesterhci.io/worker': 'true' },
    },
    spec: { unschedulable: true },
  });
  // kubectl would create nodes that have not joined.
  assert.equal(parse(files['cluster/kustomization.yaml'] ?? '').resources, [
    'settings/setting-ntp-servers.yaml',
    'os/cloud-init-harvgen-os.yaml',
  ]);
});

test('add-ons: merge patches with only the keys that upgrades leave alone, outside the kustomization', async () => {
  const files = await filesOf([
    '    install:\n',
    '    install:\n      addons: { rancher_monitoring: { enabled: true, values_content: "a: 1\\n" }, harvester_seeder: { enabled: false } }\n',
  ]);
  assert.match(
    files['cluster/addons/addon-rancher-monitoring.yaml'] ?? '',
    'spec:\n  enabled: true\n  valuesContent: |\n    a: 1\n',
  );
  assert.equal(parse(files['cluster/addons/addon-harvester-seeder.yaml'] ?? '').spec, { enabled: false });
  assert.is(
    parse(files['cluster/addons/addon-rancher-monitoring.yaml'] ?? '').metadata.namespace,
    'cattle-monitoring-system',
  );
  assert.equal(parse(files['cluster/kustomization.yaml'] ?? '').resources, [
    'settings/setting-ntp-servers.yaml',
    'os/cloud-init-harvgen-os.yaml',
  ]);
});

for (const [text, ntp, cloudInit] of [
  ['v1.1.3', false, false],
  ['v1.2.2', true, false],
  ['v1.3.2', true, true],
  ['v1.5.2', true, true],
  ['v1.6.1', true, true],
  ['v1.7.1', true, true],
  ['v1.9.0', true, true],
] as const)
  test(`${text}: only objects that the release has`, async () => {
    const files = Object.keys(await filesOf(release(text)));
    assert.is(files.includes('cluster/settings/setting-ntp-servers.yaml'), ntp);
    assert.is(files.includes(OS), cloudInit);
  });

test('hostile texts stay data', async () => {
  const hostile = `a"\\n  - b: {c: 'd'} # \${x} {{\`{{\`}}`;
  const files = await filesOf(
    os(
      `environment: { X: '${hostile.replaceAll("'", "''")}' }, modules: ["x;reboot"], sysctls: { "a: b": "- c" }`,
    ),
    harv3(`labels: { on: "off" }`),
  );
  const text =
    files['cluster/os/cloud-init-harvgen-os.yaml'] ??
    files['cluster-secrets/os/cloud-init-harvgen-os-secrets.yaml'];
  const {
    'initramfs.after': [step],
  } = stagesIn(text) as { 'initramfs.after': [Record<string, unknown>] };
  assert.equal(step, {
    commands: ["modprobe 'x;reboot'"],
    sysctl: { 'a: b': '- c' },
    environment: { X: hostile },
  });
  assert.equal(parse(files['cluster/nodes/node-harv-3.yaml'] ?? '', { version: '1.1' }).metadata.labels, {
    on: 'off',
  });
});

test('the README applies the objects', async () => {
  const { tree } = await compile(makeSite(PLANT));
  const readme = tree?.get('README.md');
  assert.ok(readme);
  assert.equal(blocksOf(textOf(readme), 'sh cluster'), ['"$TREE/scripts/apply-cluster.sh"\n']);
});

test('the path of an object stays in its directory, whatever its names are', async () => {
  const { site } = await compile(makeSite(PLANT));
  const [object] = site ? clusterObjects(site) : [];
  assert.ok(site && object);
  for (const text of ['../../x', '/etc/x', '..', 'a\0b', 'a%2Fb', 'a\\b', 'ä', 'a\nb', '']) {
    const path = objectPath(site, { ...object, kind: text, namespace: text, name: text });
    assert.match(path, /^cluster\/settings\/[\w.-]+\.yaml$/);
    assert.ok(isTreePath(path));
  }
  const role = { ...object, kind: 'ClusterRole', namespace: undefined, name: 'lab:read' };
  assert.is(objectPath(site, role), 'cluster/settings/cluster-role-lab_read.yaml');
});

/** Returns the locations and messages of the errors of a site with these manifests. */
async function errorsOf(objects: readonly string[], ...edits: readonly Edit[]): Promise<unknown[]> {
  const site = { 'site.yaml': edited(PLANT, ...edits), 'manifests/a.yaml': objects.join('---\n') };
  const { tree, diagnostics } = await compile(makeSite(site));
  assert.is(tree, undefined);
  return diagnostics.flatMap((one) => {
    if (one.severity !== 'error') return [];
    const { file, line, message, related } = plainDiagnostic(one, '/');
    const others = related.map((other) => `${basename(other.file)}:${other.line}`);
    return [[`${basename(file)}:${line}`, message, ...others]];
  });
}

const twice = (name: string) => `The ${name} is defined twice: only one definition can apply.`;

test('an object of the inventory cannot be in the manifests, too', async () => {
  const object = (type: string, name: string, rest: string, namespace = '') => {
    const [, apiVersion, kind] = /^(.*)\/(.*)$/.exec(type) ?? [];
    return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name}${namespace && `, namespace: ${namespace}`} }\n${rest}\n`;
  };
  assert.equal(
    await errorsOf(
      [
        object(
          'harvesterhci.io/v1beta1/Addon',
          'rancher-monitoring',
          'spec: { enabled: true, chart: a, repo: b, version: c, valuesContent: "" }',
          'cattle-monitoring-system',
        ),
        object('v1/Node', 'harv-3', 'spec: { unschedulable: true }'),
        object('harvesterhci.io/v1beta1/Setting', 'ntp-servers', `value: '{"ntpServers":[]}'`),
        object(
          'node.harvesterhci.io/v1beta1/CloudInit',
          'harvgen-os',
          'spec: { matchSelector: {}, filename: 95_x.yaml, contents: "stages: {}" }',
        ),
      ],
      ['    install:\n', '    install:\n      addons: { rancher_monitoring: { enabled: true } }\n'],
      harv3('labels: { zone: a }'),
    ),
    [
      ['a.yaml:3', twice('Addon rancher-monitoring'), 'site.yaml:21'],
      ['a.yaml:8', twice('Node harv-3'), 'site.yaml:26'],
      ['a.yaml:13', twice('Setting ntp-servers'), 'site.yaml:18'],
      ['a.yaml:18', twice('CloudInit harvgen-os'), 'site.yaml:19'],
    ],
  );
});

test('two objects cannot have one path', async () => {
  const role = (name: string) =>
    `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: "${name}" }\n`;
  const addon = (namespace: string) =>
    `apiVersion: harvesterhci.io/v1beta1\nkind: Addon\nmetadata: { name: x, namespace: ${namespace} }\nspec: { enabled: true, chart: a, repo: b, version: c, valuesContent: "" }\n`;
  const same = (kind: string, one: string, other: string, path: string) =>
    `The ${kind} ${one} and the ${kind} ${other} have the same file, cluster/${path}.yaml: one of them would be lost.`;
  assert.equal(await errorsOf([role('a:b'), role('a_b'), role('A:b'), addon('one'), addon('two')]), [
    ['a.yaml:7', same('ClusterRole', 'a_b', 'a:b', 'workloads/cluster-role-a_b'), 'a.yaml:3'],
    ['a.yaml:11', same('ClusterRole', 'A:b', 'a:b', 'workloads/cluster-role-A_b'), 'a.yaml:3'],
    ['a.yaml:20', same('Addon', 'two/x', 'one/x', 'addons/addon-x'), 'a.yaml:15'],
  ]);
});

test('each value has its line in the inventory', async () => {
  const { site } = await compile(
    makeSite(
      edited(
        PLANT,
        os('sysctls: { a.b: "1" }'),
        settings('{ overcommit-config: { cpu: 800, memory: 100, storage: 100 } }'),
        harv3('labels: { zone: a }'),
      ),
    ),
  );
  assert.ok(site);
  const textAt = (name: string, path: (string | number)[]) => {
    const { source, start, end } =
      clusterObjects(site)
        .find((one) => one.name === name)
        ?.at(path) ?? {};
    return source?.text.slice(start, end);
  };
  const stages = ['spec', 'contents', 'stages'];
  assert.is(textAt('harvgen-os', [...stages, 'initramfs.after', 0, 'sysctl', 'a.b']), '"1"');
  assert.is(
    textAt('harvgen-os', [...stages, 'network.after', 0, 'authorized_keys', 'rancher', 0]),
    '"github:your_username"',
  );
  assert.is(textAt('overcommit-config', ['value', 'cpu']), '800');
  assert.is(textAt('ntp-servers', ['value', 'ntpServers', 0]), '0.suse.pool.ntp.org');
  assert.is(textAt('harv-3', ['metadata', 'labels', 'zone']), 'a');
});

test('each of several clusters has its own folder', async () => {
  const site = PLANT.replace(
    'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
    `clusters:
  east: { vip: 192.168.178.40, token: "\${secret:east}" }
  west: { vip: 192.168.178.39, token: "\${secret:west}" }
`,
  )
    .replace('mode: create }', 'mode: create, cluster: east }')
    .replace('178.42 }', '178.42, cluster: west, mode: create }')
    .replace('178.43 }', '178.43, cluster: west }');
  const { tree, diagnostics } = await compile(makeSite(site));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  const readme = tree.get('README.md');
  assert.equal(
    blocksOf(readme ? textOf(readme) : '', 'sh cluster'),
    ['east', 'west'].map((name) => `"$TREE/scripts/apply-cluster.sh" --cluster ${name}\n`),
  );
  assert.equal(
    [...tree.keys()].filter((path) => path.startsWith('cluster')),
    ['east', 'west'].flatMap((name) => [
      `cluster/${name}/kustomization.yaml`,
      `cluster/${name}/os/cloud-init-harvgen-os.yaml`,
      `cluster/${name}/settings/setting-ntp-servers.yaml`,
    ]),
  );
});

test.run();
