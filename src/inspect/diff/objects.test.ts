import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { objects } from '../../../test/support/objects.ts';
import { type Edit, edited, PLANT, RUNNING } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import type { Tree } from '../../tree/tree.ts';
import { plan } from './plan.ts';

const test = suite('the plan of objects in a cluster');

async function treeOf(manifests: string, edits: readonly Edit[] = []): Promise<Tree> {
  const files = { 'site.yaml': edited(PLANT, ...edits), 'manifests/objects.yaml': manifests };
  const { tree, diagnostics } = await compile(makeSite(files));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

async function changesOf(before: Promise<Tree>, after: Promise<Tree>) {
  const { changes } = plan(await before, await after);
  return changes.flatMap(({ what, text }) => (/^object/.test(what) ? [text] : []));
}

/** Returns the changes that a cluster rejects. */
async function rejectedOf(before: Promise<Tree>, after: Promise<Tree>) {
  return (await changesOf(before, after)).filter((text) => text.includes('can never change'));
}

const settings = (text: string): Edit => ['  config:\n', `  config:\n    system_settings: ${text}\n`];
const addons = (text: string): Edit => ['    install:\n', `    install:\n      addons: ${text}\n`];

test('each object that is gone, with its command, in the order in which the cluster lets it go', async () => {
  const secret =
    '---\napiVersion: v1\nkind: Secret\nmetadata: { name: login }\nstringData: { key: "${secret:vm}" }\n';
  const before = treeOf(objects() + secret, [
    settings('{ log-level: info }'),
    addons('{ rancher_logging: { enabled: true } }'),
  ]);
  const after = treeOf('apiVersion: v1\nkind: Namespace\nmetadata: { name: lab }\n');
  assert.equal(
    (await changesOf(before, after)).filter((text) => text.includes('is gone')),
    [
      'cluster plant: ScheduleVMBackup web is gone; delete it in the cluster, too: kubectl delete ScheduleVMBackup.harvesterhci.io web --namespace default',
      'cluster plant: VirtualMachine web is gone; delete it in the cluster, too: kubectl delete VirtualMachine.kubevirt.io web --namespace default; its volumes stay',
      'cluster plant: VirtualMachineImage debian is gone; delete it in the cluster, too: kubectl delete VirtualMachineImage.harvesterhci.io debian --namespace default',
      'cluster plant: NetworkAttachmentDefinition vlan100 is gone; delete it in the cluster, too: kubectl delete NetworkAttachmentDefinition.k8s.cni.cncf.io vlan100 --namespace default',
      'cluster plant: VlanConfig vms-1 is gone; delete it in the cluster, too: kubectl delete VlanConfig.network.harvesterhci.io vms-1',
      'cluster plant: VlanConfig vms-2 is gone; delete it in the cluster, too: kubectl delete VlanConfig.network.harvesterhci.io vms-2',
      'cluster plant: ClusterNetwork vms is gone; delete it in the cluster, too: kubectl delete ClusterNetwork.network.harvesterhci.io vms',
      'cluster plant: StorageClass two is gone; delete it in the cluster, too: kubectl delete StorageClass.storage.k8s.io two',
      'cluster plant: Secret login is gone; delete it in the cluster, too: kubectl delete Secret login --namespace default',
      'cluster plant: KeyPair ops is gone; delete it in the cluster, too: kubectl delete KeyPair.harvesterhci.io ops --namespace default',
      'cluster plant: Secret web is gone; delete it in the cluster, too: kubectl delete Secret web --namespace default',
      `cluster plant: Addon rancher-logging is gone; the cluster keeps its state; to disable it: kubectl patch Addon.harvesterhci.io rancher-logging --namespace cattle-logging-system --type merge --patch '{"spec":{"enabled":false}}'`,
      'cluster plant: CloudInit motd is gone; delete it in the cluster, too: kubectl delete CloudInit.node.harvesterhci.io motd',
      `cluster plant: Setting log-level is gone; the cluster keeps its value; for the default: kubectl patch Setting.harvesterhci.io log-level --type merge --patch '{"value":""}'`,
    ],
  );
});

test('the create node is replaced: its cluster keeps settings and add-ons, and changes of them have their effect', async () => {
  const own = (value: string) => [
    settings(`{ log-level: ${value} }`),
    addons('{ rancher_logging: { enabled: true } }'),
  ];
  const map = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: lab }\n';
  assert.equal(
    (await changesOf(treeOf(map, own('info')), treeOf(map, [...own('info'), ...RUNNING]))).filter(
      (text) => !text.includes('CloudInit'),
    ),
    [],
  );
  const changed = treeOf(map, [...own('debug'), ...RUNNING]);
  assert.equal(await changesOf(treeOf(map, [...own('info'), ...RUNNING]), changed), [
    'cluster plant: at once, when cluster/ is applied: Setting log-level',
  ]);
});

test('new and changed objects by their effect', async () => {
  const before = treeOf('apiVersion: v1\nkind: Namespace\nmetadata: { name: lab }\n', [
    settings('{ log-level: info }'),
  ]);
  // The changes of the node describe the setting of the inventory.
  const after = treeOf(objects(), [settings('{ log-level: debug }')]);
  assert.equal(
    (await changesOf(before, after)).filter((text) => !text.includes('is gone')),
    [
      'cluster plant: when scripts/apply-cluster.sh runs with --upgrade: Version v1.4.2',
      'cluster plant: at the next reboot of its nodes, when cluster/ is applied: CloudInit motd',
      'cluster plant: at once, when cluster/ is applied: VirtualMachineImage debian, ClusterNetwork vms, NetworkAttachmentDefinition vlan100, VlanConfig vms-1 and 6 more',
    ],
  );
});

test('an object that only moves to another directory is not gone', async () => {
  const secret = (value: string) =>
    treeOf(`apiVersion: v1\nkind: Secret\nmetadata: { name: web }\nstringData: { a: "${value}" }\n`);
  assert.equal(await changesOf(secret('plain'), secret('${secret:vm}')), [
    'cluster plant: at once, when cluster/ is applied: Secret web',
  ]);
});

test('a change that the cluster rejects', async () => {
  const after = objects(
    ['https://example.org/debian.qcow2', 'https://example.org/debian-13.qcow2'],
    ['"bridge":"vms-br"', '"bridge":"vms-br","mtu":9000'],
    ['numberOfReplicas: "2"', 'numberOfReplicas: "3"'],
    ['stringData: { userdata: "#cloud-config" }', 'type: example.org/login'],
    ['retain: 7', 'retain: 8'],
    ['commands: [ "true" ]', 'commands: [ "false" ]'],
  );
  assert.equal(await rejectedOf(treeOf(objects()), treeOf(after)), [
    'cluster plant: VirtualMachineImage debian: spec.url can never change, and the cluster rejects the object; use a new name, or first delete it: kubectl delete VirtualMachineImage.harvesterhci.io debian --namespace default',
    'cluster plant: StorageClass two: parameters can never change, and the cluster rejects the object; use a new name, or first delete it: kubectl delete StorageClass.storage.k8s.io two',
    'cluster plant: Secret web: type can never change, and the cluster rejects the object; use a new name, or first delete it: kubectl delete Secret web --namespace default',
  ]);
});

test('an object that the cluster rejects is not among those that it applies', async () => {
  const after = objects(['https://example.org/debian.qcow2', 'https://example.org/debian-13.qcow2']);
  const changes = await changesOf(treeOf(objects()), treeOf(after));
  assert.is(changes.length, 1);
  assert.match(changes[0] ?? '', 'VirtualMachineImage debian: spec.url can never change');
});

test('the bridge of a VM network is fixed from v1.7.0 on; so is the class of a volume', async () => {
  const release: Edit = ['v1.4.1', 'v1.7.1'];
  const manifest = (network: string, storageClass: string) => `apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: { name: one, labels: { network.harvesterhci.io/clusternetwork: ${network} } }
spec: { config: '{"type":"bridge","bridge":"${network}-br","vlan":1}' }
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: { name: web, annotations: { harvesterhci.io/volumeClaimTemplates: '[{"metadata":{"name":"root"},"spec":{"storageClassName":"${storageClass}"}}]' } }
spec: { runStrategy: Halted, template: { spec: { domain: { resources: { limits: { memory: 4Gi } }, devices: {} } } } }
`;
  const [before, after] = [manifest('mgmt', 'one'), manifest('vms', 'two')];
  const volume = `cluster plant: VirtualMachine web: the storage class of root can never change, and the cluster rejects the object; use a new name, or first delete it: kubectl delete VirtualMachine.kubevirt.io web --namespace default`;
  assert.equal(await rejectedOf(treeOf(before, [release]), treeOf(after, [release])), [
    'cluster plant: NetworkAttachmentDefinition one: spec.config.bridge can never change, and the cluster rejects the object; use a new name, or first delete it: kubectl delete NetworkAttachmentDefinition.k8s.cni.cncf.io one --namespace default',
    volume,
  ]);
  assert.equal(await rejectedOf(treeOf(before), treeOf(after)), [volume]);
});

test.run();
