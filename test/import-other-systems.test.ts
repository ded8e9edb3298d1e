// needs: bash jq yq
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { JOINED_FORMATS } from '../src/import/import-formats.ts';
import { joinedSite } from '../src/import/joined-site.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { Source } from '../src/source/source.ts';
import { readPage } from './support/docs.ts';
import { blocksOf } from './support/markdown.ts';
import { scratchFolder } from './support/scratch.ts';

/**
 * The lines of the page for systems without an import, each run on a file of its system in test/data/other-systems. The
 * sources of the formats:
 * - Warewulf's nodes.conf: warewulf/warewulf, internal/pkg/node/datastructure.go; userdocs/contents/nodeconfig.rst
 * - instackenv.json: openstack/tripleo-common, utils/nodes.py (MAC addresses in `mac` or `ports`, capabilities as a text or a map)
 * - Tinkerbell: tinkerbell/playground, stack/vagrant/hardware.yaml; aws/eks-anywhere, pkg/providers/tinkerbell/hardware
 * - matchbox: poseidon/matchbox, examples/groups (bootkube-install, k8s-install)
 * - MAAS: answers of its API at /MAAS/api/2.0/machines/, and PowersMixin.power_parameters of maasserver/api/nodes.py
 * - NetBox: netbox/dcim/api/serializers_ (DeviceSerializer, InterfaceSerializer)
 * - OpenShift: openshift/openshift-docs, modules/installing-ocp-agent-inputs.adoc
 */
const DATA = fileURLToPath(new URL('data/other-systems', import.meta.url));
const PAGE = readPage('docs/migrate/other-systems.md');
const LINES = blocksOf(PAGE, 'sh table');

const test = suite('the page for systems without an import');

/** Runs the line of the page that reads a file, and imports the table that it writes. */
function importedBy(file: string) {
  const line = LINES.find((block) => block.includes(` ${file} >`));
  assert.ok(line, file);
  const folder = join(scratchFolder(), 'files');
  cpSync(DATA, folder, { recursive: true });
  execFileSync('bash', ['-euo', 'pipefail', '-c', line], { cwd: folder });
  const kind = JOINED_FORMATS.find(({ name }) => name === 'csv');
  assert.ok(kind);
  const source = new Source('/machines.csv', readFileSync(join(folder, 'machines.csv'), 'utf8'));
  const report = new Report();
  const [site] = joinedSite([{ kind, source }], { site: 'rack', server: 'http://10.9.9.9' }, report) ?? [];
  assert.equal(report.sorted(), []);
  const notes = (site?.notes ?? []).map(({ kind, of, text }) => `${kind} ${of}: ${text}`);
  return { notes, ...parse(site?.text ?? '') };
}

const SITE = { site: 'rack', server: { url: 'http://10.9.9.9' } };
const LINUX = { boot: { os: 'linux', kernel: '…', initrd: '…' } };
const BOOT =
  "open defaults.boot: the boot of machines was not found in the files read: set kernel and initrd; or add BSS's boot parameters with --join bss:FILE";
const withoutIp = (name: string) => `open ${name}: its IP address was not found in the files read`;

test('has a line for each system', () => {
  assert.is(LINES.length, 7);
  const [example = ''] = blocksOf(PAGE, 'sh import');
  assert.ok(LINES.some((line) => example.includes(line)));
  for (const line of LINES) assert.match(line, /^(?:jq|yq) -rn? .*>machines\.csv\n$/);
});

test('Warewulf: profiles are merged, and each network device is a NIC', () => {
  assert.equal(importedBy('nodes.conf'), {
    notes: [BOOT],
    ...SITE,
    networks: {
      mgmt: { subnet: '10.0.0.0/22', gateway: '10.0.0.1', dns: ['10.0.0.2'], dhcp: {} },
      'net-2': { subnet: '10.20.0.0/16' },
    },
    groups: { default: {}, gpu: {} },
    defaults: LINUX,
    nodes: {
      n1: {
        groups: ['default'],
        mac: 'e6:92:39:49:7b:01',
        ip: '10.0.2.1',
        bmc: { address: '10.0.8.1' },
      },
      n2: {
        groups: ['default', 'gpu'],
        nics: [{ mac: 'e6:92:39:49:7b:02', ip: '10.0.2.2' }, { ip: '10.20.2.2' }],
        bmc: { address: '10.0.8.2' },
      },
      n3: { mac: 'e6:92:39:49:7b:03', ip: '10.0.2.3' },
    },
  });
});

test('ironic: MAC addresses are in mac or ports, and the profile in capabilities of both forms', () => {
  assert.equal(importedBy('instackenv.json'), {
    notes: [
      withoutIp('overcloud-controller-0'),
      withoutIp('overcloud-compute-0'),
      withoutIp('spare'),
      'open networks.mgmt.subnet: no IP address found in the files read; or add --subnet',
      BOOT,
    ],
    ...SITE,
    networks: { mgmt: { subnet: '…', dhcp: {} } },
    groups: { control: {}, compute: {} },
    defaults: LINUX,
    nodes: {
      'overcloud-controller-0': {
        groups: ['control'],
        mac: '18:66:da:9e:a0:01',
        ip: '…',
        bmc: { address: '172.17.92.9' },
      },
      'overcloud-compute-0': {
        groups: ['compute'],
        nics: [{ mac: '18:66:da:9e:a0:11', ip: '…' }, { mac: '18:66:da:9e:a0:12' }],
        boot: { arch: 'arm64' },
        bmc: { address: '172.17.92.11' },
      },
      spare: { mac: '18:66:da:9e:a0:21', ip: '…', bmc: { address: '172.17.92.13' } },
    },
  });
});

test('Tinkerbell: each interface is a NIC, and BMCs are joined by their name', () => {
  assert.equal(importedBy('tinkerbell.json'), {
    notes: [BOOT],
    ...SITE,
    networks: {
      mgmt: { subnet: '10.10.44.0/24', gateway: '10.10.44.254', dns: ['8.8.8.8', '1.1.1.1'], dhcp: {} },
    },
    groups: { cp: {} },
    defaults: LINUX,
    nodes: {
      'eksa-cp01': {
        groups: ['cp'],
        mac: 'cc:48:3a:00:00:01',
        ip: '10.10.44.1',
        bmc: { address: '10.10.44.101' },
      },
      'edge-1.example.org': {
        nics: [{ mac: 'cc:48:3a:00:00:02', ip: '10.10.44.2' }, { mac: 'cc:48:3a:00:00:03' }],
        boot: { arch: 'arm64' },
      },
    },
  });
});

test('matchbox: groups of one machine are nodes, with their profile as group', () => {
  assert.equal(importedBy('groups/*.json'), {
    notes: [
      withoutIp('node2.example.com'),
      'open node3: its MAC address and IP address were not found in the files read',
      BOOT,
    ],
    ...SITE,
    networks: { mgmt: { subnet: '172.15.0.0/16', gateway: '172.15.0.1', dns: ['172.15.0.3'], dhcp: {} } },
    groups: { 'k8s-controller': {}, 'k8s-worker': {} },
    defaults: LINUX,
    nodes: {
      'node1.example.com': { groups: ['k8s-controller'], mac: '52:54:00:a1:9c:ae', ip: '172.15.0.21' },
      'node2.example.com': { groups: ['k8s-worker'], mac: '52:54:00:b2:2f:86', ip: '…' },
      node3: { groups: ['k8s-worker'], mac: '…', ip: '…', uuid: '16e7d8a7-bfa9-428b-9117-363341bb330b' },
    },
  });
});

test('MAAS: the boot NIC is the first, and the address is that of the boot NIC or of a bond', () => {
  assert.equal(importedBy('machines.json'), {
    notes: [withoutIp('new-mole'), BOOT],
    ...SITE,
    networks: {
      mgmt: { subnet: '10.16.0.0/24', gateway: '10.16.0.254', dns: ['10.16.0.2', '10.16.0.3'], dhcp: {} },
    },
    groups: { 'rack-1': {}, gpu: {}, virtual: {} },
    defaults: LINUX,
    nodes: {
      'ace-swan': {
        groups: ['rack-1', 'gpu'],
        nics: [{ mac: '00:16:3e:f9:ba:58', ip: '10.16.0.11' }, { mac: '00:16:3e:f9:ba:57' }],
        bmc: { address: '10.16.8.11' },
      },
      'fit-crow': {
        nics: [{ mac: '00:16:3e:f9:bb:61', ip: '10.16.0.12' }, { mac: '00:16:3e:f9:bb:62' }],
        bmc: { address: '10.16.8.12' },
      },
      'new-mole': { groups: ['virtual'], mac: '00:16:3e:f9:bc:71', ip: '…', boot: { arch: 'arm64' } },
    },
  });
});

test('NetBox: the primary address is that of the first NIC, and NICs for management are of the BMC', () => {
  assert.equal(importedBy('devices.json'), {
    notes: [
      'open tor-1: its MAC address was not found in the files read',
      'open networks.mgmt.gateway: not found in the files read: add gateway if machines must reach other networks',
      BOOT,
    ],
    ...SITE,
    networks: { mgmt: { subnet: '10.31.0.0/24', dhcp: {} } },
    groups: { compute: {}, gpu: {}, switch: {} },
    defaults: LINUX,
    nodes: {
      srv01: {
        groups: ['compute', 'gpu'],
        nics: [{ mac: 'bc:97:e1:00:00:11', ip: '10.31.0.11' }, { mac: 'bc:97:e1:00:00:12' }],
        serial: '7XK11Q2',
        bmc: { address: '10.31.8.11', mac: 'bc:97:e1:00:00:1f' },
      },
      srv02: { groups: ['compute'], mac: 'bc:97:e1:00:00:21', ip: '10.31.0.12', serial: '7XK12Q2' },
      'tor-1': { groups: ['switch'], mac: '…', ip: '10.31.0.1', serial: '7XK13Q2' },
    },
  });
});

test("OpenShift: nmstate's address, default route and DNS servers", () => {
  assert.equal(importedBy('agent-config.yaml'), {
    notes: [withoutIp('worker-0'), BOOT],
    ...SITE,
    networks: {
      mgmt: { subnet: '192.168.110.0/23', gateway: '192.168.111.2', dns: ['192.168.111.1'], dhcp: {} },
    },
    groups: { master: {}, worker: {} },
    defaults: LINUX,
    nodes: {
      'master-0': {
        groups: ['master'],
        nics: [{ mac: '00:ef:44:21:e6:a5', ip: '192.168.111.80' }, { mac: '00:ef:44:21:e6:a6' }],
      },
      'worker-0': { groups: ['worker'], mac: '00:ef:44:21:e6:b5', ip: '…' },
    },
  });
});

test.run();
