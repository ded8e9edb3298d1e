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

const EXCLUSIVE = (vlan: number) =>
  `{"vlan": ${vlan}, "clusterNetwork": "vms", "range": "10.1.0.0/24", "exclusiveVlan": true}`;

/** A VM network of other VLANs of another cluster network. */
const TRUNK = `apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: { name: trunk, labels: { network.harvesterhci.io/clusternetwork: other } }
spec:
  config: '{"cniVersion":"0.3.1","name":"trunk","type":"bridge","bridge":"other-br","vlanTrunk":[{"id":7},{"minID":200,"maxID":220}]}'
`;

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
        `'{"type":"s3","accessKeyId":"a","secretAccessKey":"\${secret:key}","bucketName":"b","bucketRegion":"r"}'`,
      ),
      setting('ssl-certificates', '"${secret:certificates}"'),
      setting('csi-driver-config', '\'{"driver.longhorn.io":{"volumeSnapshotClassName":"a"}}\''),
      setting('vip-pools', '""'),
      setting('storage-network', `'${NETWORK}'`),
      setting('concurrent-limit', '"1"').replace('harvesterhci.io/v1beta1', 'longhorn.io/v1beta2'),
    ),
    silence: ['manifest-unchecked', 'setting-network'],
  },
  // pkg/settings/settings.go of v1.9.0-rc6 has the first; pkg/controller/master/setting/ssl_parameters.go does nothing since then.
  'the setting for Traefik, and the one that it replaces': {
    edits: [['v1.4.1', 'v1.9.0']],
    objects: all(
      setting('traefik-default-tls-options', `'{"minVersion":"VersionTLS12","maxVersion":"VersionTLS13"}'`),
      setting('ssl-parameters', `'{"protocols":"TLSv1.3"}'`),
      setting('traefik-default-tls-option', `'{}'`),
    ),
    silence: ['upgrade-version', 'vm-image-class'],
    finds: [
      {
        at: '107:19',
        message:
          'The setting ssl-parameters has no effect in Harvester v1.9.0. Traefik replaced the ingress: a Setting traefik-default-tls-options in manifests/ sets its TLS versions and ciphers.',
        help: 'remove it',
      },
      {
        at: '112:19',
        message:
          'Harvester has no setting traefik-default-tls-option: did you mean traefik-default-tls-options?',
      },
    ],
  },
  'the setting for Traefik is too new, and ssl-parameters has its effect': {
    edits: [['v1.4.1', 'v1.8.2']],
    objects: all(
      setting('traefik-default-tls-options', `'{"minVersion":"VersionTLS12"}'`),
      setting('ssl-parameters', `'{"protocols":"TLSv1.3"}'`),
    ),
    silence: ['upgrade-version', 'vm-image-class'],
    finds: [
      {
        at: '102:19',
        message: 'The setting traefik-default-tls-options came with Harvester v1.9.0: v1.8.2 ignores it.',
      },
    ],
  },
});

ruleTest('setting-network', {
  'a cluster network that is missing, and one without an uplink on a node': {
    objects: all(
      setting('storage-network', `'${NETWORK.replace('vms', 'storage')}'`),
      setting('vm-migration-network', `'${NETWORK.replace('10.1.', '10.2.')}'`),
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
      setting('vm-migration-network', `'${NETWORK.replace('10.1.', '10.2.')}'`),
    ),
    edits: [
      ['v1.4.1', 'v1.6.1'],
      ['192.168.178.43 }', '192.168.178.43, role: witness }'],
    ],
    silence: ['upgrade-version'],
  },
});

// checkExclusiveVlan in pkg/webhook/resources/setting/validator.go of v1.9.0-rc6, which compares networks of any cluster network.
ruleTest('storage-vlan-exclusive', {
  'an exclusive VLAN of the storage network that VMs use': {
    edits: [['v1.4.1', 'v1.9.0']],
    objects: all(setting('storage-network', `'${EXCLUSIVE(100)}'`)),
    silence: ['upgrade-version', 'vm-image-class', 'setting-network'],
    finds: [
      {
        at: '103:8',
        message:
          'The VLAN 100 of storage-network is exclusive, but the VM network vlan100 has it, too: Harvester rejects the setting.',
        related: ['27:11'],
        help: 'set another VLAN in one of them, or remove exclusiveVlan',
      },
    ],
  },
  'an exclusive VLAN in a trunk of another cluster network, in the inventory': {
    edits: [...inInventory(`{ storage-network: ${EXCLUSIVE(210)} }`), ['v1.4.1', 'v1.9.0']],
    objects: all(TRUNK),
    silence: ['upgrade-version', 'vm-image-class', 'setting-network', 'manifest-reference'],
    finds: [
      {
        at: '19:41',
        message:
          'The VLAN 210 of storage-network is exclusive, but the VM network trunk has it, too: Harvester rejects the setting.',
        related: ['104:11'],
      },
    ],
  },
  'the default VLAN cannot be exclusive': {
    edits: [['v1.4.1', 'v1.9.0']],
    objects: all(setting('storage-network', `'${EXCLUSIVE(1)}'`)),
    silence: ['upgrade-version', 'vm-image-class', 'setting-network'],
    finds: [
      {
        at: '103:8',
        message: 'The VLAN 1 of storage-network cannot be exclusive: Harvester rejects the setting.',
        help: 'set another VLAN, or remove exclusiveVlan',
      },
    ],
  },
  'an exclusive VLAN of its own': {
    edits: [['v1.4.1', 'v1.9.0']],
    objects: all(setting('storage-network', `'${EXCLUSIVE(300)}'`), TRUNK),
    silence: ['upgrade-version', 'vm-image-class', 'setting-network', 'manifest-reference'],
  },
  'a shared VLAN that is not exclusive': {
    edits: [['v1.4.1', 'v1.9.0']],
    objects: all(setting('storage-network', `'${EXCLUSIVE(100).replace('true', 'false')}'`)),
    silence: ['upgrade-version', 'vm-image-class', 'setting-network'],
  },
});
