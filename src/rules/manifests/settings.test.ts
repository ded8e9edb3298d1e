import { objectsAnd } from '../../../test/support/objects.ts';
import { RUNNING } from '../../../test/support/plant.ts';
import { ruleTest } from '../../../test/support/rule-test.ts';

const setting = (name: string, value: string) => `apiVersion: harvesterhci.io/v1beta1
kind: Setting
metadata: { name: ${name} }
value: ${value}
`;

const all = (...settings: readonly string[]) => objectsAnd(settings.join('---\n'));

/** A setting in the inventory of a cluster that exists. */
const inInventory = (text: string) =>
  [...RUNNING, ['  config:\n', `  config:\n    system_settings: ${text}\n`]] as const;

const NETWORK = `{"vlan": 200, "clusterNetwork": "vms", "range": "10.1.0.0/24"}`;

ruleTest('setting-object', {
  'names: misspelt, by another name, unknown, of a later release': {
    objects: all(
      setting('overcomit-config', 'x'),
      setting('proxy', 'x'),
      setting('rebalance', 'x'),
      setting('rwx-network', '""'),
    ),
    finds: [
      { at: '102:19', message: 'Harvester has no setting overcomit-config: did you mean overcommit-config?' },
      { at: '107:19', message: 'Harvester has no setting proxy: did you mean http-proxy?' },
      {
        at: '112:19',
        message: 'Harvester has no setting rebalance: the cluster ignores it.',
        help: 'write a name that `kubectl get settings.harvesterhci.io` lists, or silence the rule for a newer one',
      },
      {
        at: '117:19',
        message: 'The setting rwx-network came with Harvester v1.8.0: v1.4.1 ignores it.',
        help: 'remove it, or upgrade the cluster first',
      },
    ],
  },
  'values: no JSON, unknown keys, a wrong type, a number out of range, a missing key; each with its line': {
    objects: all(
      setting('http-proxy', 'http://10.0.0.1:3128'),
      setting('storage-network', '\'{"vlna": 1, "clusterNetwork": "mgmt"}\''),
      setting('overcommit-config', '|\n  {\n    "cpu": "800",\n    "memory": 10,\n    "disk": 1\n  }'),
    ),
    finds: [
      {
        at: '103:8',
        message: 'The value of the setting http-proxy is not the JSON of a map: Harvester rejects it.',
        help: 'write JSON, with keys such as httpProxy, httpsProxy, noProxy',
      },
      { at: '108:8', message: 'The setting storage-network has no key vlna: did you mean vlan?' },
      { at: '108:8', message: 'The setting storage-network lacks the key range.' },
      { at: '115:12', message: 'The setting overcommit-config cpu must be a whole number, not a string.' },
      { at: '116:15', message: '`10` is not a percentage of at least 100.' },
      { at: '117:5', message: 'The setting overcommit-config has no key disk: did you mean storage?' },
    ],
  },
  'a setting of the inventory of a cluster that exists': {
    edits: inInventory(`{ longhorn-v2-data-engine-enabled: "true", overcommit-config: "cpu" }`),
    finds: [
      {
        at: '19:84',
        message: 'The value of the setting overcommit-config is not the JSON of a map: Harvester rejects it.',
      },
    ],
  },
  'valid values, with a secret; a setting that Longhorn has': {
    objects: all(
      setting('longhorn-v2-data-engine-enabled', '"true"'),
      setting('cluster-registration-url', 'https://rancher.example.org/v3/import/a.yaml'),
      setting(
        'backup-target',
        `'{"type":"s3","secretAccessKey":"\${secret:key}","bucketName":"b","bucketRegion":"r"}'`,
      ),
      setting('ssl-certificates', '"${secret:certificates}"'),
      setting('csi-driver-config', '\'{"driver.longhorn.io":{"volumeSnapshotClassName":"a"}}\''),
      setting('vip-pools', '""'),
      setting('storage-network', `'${NETWORK}'`),
      setting('concurrent-limit', '"1"').replace('harvesterhci.io/v1beta1', 'longhorn.io/v1beta2'),
    ),
    silence: ['manifest-unchecked', 'setting-network'],
  },
});

ruleTest('setting-network', {
  'a cluster network that is missing, and one without an uplink on a node': {
    objects: all(
      setting('storage-network', `'${NETWORK.replace('vms', 'storage')}'`),
      setting('vm-migration-network', `'${NETWORK}'`),
    ),
    edits: [['v1.4.1', 'v1.6.1']],
    silence: ['upgrade-version'],
    finds: [
      {
        at: '103:8',
        message:
          'No manifest defines the cluster network storage, which storage-network uses: Harvester rejects the setting.',
      },
      {
        at: '108:8',
        message:
          'The cluster network vms, which vm-migration-network uses, has no VlanConfig on harv-3: Harvester rejects the setting.',
      },
    ],
  },
  'a setting of a cluster that exists': {
    edits: inInventory(`{ storage-network: ${NETWORK} }`),
    finds: [
      {
        at: '19:41',
        message:
          'No manifest defines the cluster network vms, which storage-network uses: Harvester rejects the setting.',
      },
    ],
  },
  'the management network; uplinks on all nodes but a witness, and by another label': {
    objects: all(
      setting('storage-network', `'${NETWORK.replace('vms', 'mgmt')}'`),
      setting('vm-migration-network', `'${NETWORK}'`),
    ),
    edits: [
      ['v1.4.1', 'v1.6.1'],
      ['192.168.178.43 }', '192.168.178.43, role: witness }'],
    ],
    silence: ['upgrade-version'],
  },
});
