import { objects, objectsAnd } from '../../../test/support/objects.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

ruleTest('manifest-unchecked', {
  'a kind of another operator': {
    objects: objectsAnd(`apiVersion: longhorn.io/v1beta2
kind: RecurringJob
metadata: { name: daily, namespace: longhorn-system }
spec: { cron: "0 1 * * *" }
`),
    finds: [
      {
        at: '101:7',
        message:
          'harvgen does not know the keys of RecurringJob in longhorn.io/v1beta2: only its metadata is checked.',
      },
    ],
  },
  'kinds of Harvester and Kubernetes': {
    objects: objects(),
  },
});

fixableRuleTest('manifest-name', {
  'a name with an underscore': {
    objects: objects([
      `kind: VirtualMachineImage
metadata: { name: debian,`,
      `kind: VirtualMachineImage
metadata: { name: debian_12,`,
    ]),
    silence: ['manifest-reference'],
    finds: [
      { at: '31:19', message: 'debian_12 is not a name of Kubernetes: the cluster rejects the object.' },
    ],
  },
  'names and namespaces that lead out of a directory': {
    objects: objectsAnd(`apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: "../../x" }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: ".." }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: "a%2Fb", namespace: "../../../etc" }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: long, namespace: Lab }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: "a\\nb" }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }
`),
    finds: [
      { at: '102:19', message: '../../x is not a name of Kubernetes: the cluster rejects the object.' },
      { at: '106:19', message: '.. is not a name of Kubernetes: the cluster rejects the object.' },
      { at: '110:19', message: 'a%2Fb is not a name of Kubernetes: the cluster rejects the object.' },
      {
        at: '110:39',
        message: '"../../../etc" is not a namespace of Kubernetes: the cluster rejects the object.',
      },
      {
        at: '114:36',
        message: '"Lab" is not a namespace of Kubernetes: the cluster rejects the object.',
      },
      { at: '118:19', message: 'a\nb is not a name of Kubernetes: the cluster rejects the object.' },
    ],
  },
  'a cluster network of 13 characters': {
    objects: objectsAnd(`apiVersion: network.harvesterhci.io/v1beta1
kind: ClusterNetwork
metadata: { name: thirteen-char }
`),
    finds: [
      {
        at: '102:19',
        message:
          'The cluster network thirteen-char has 13 characters, but at most 12 are possible: Harvester rejects it.',
      },
    ],
  },
  'a quota of Harvester by another name': {
    objects: objectsAnd(`apiVersion: harvesterhci.io/v1beta1
kind: ResourceQuota
metadata: { name: lab, namespace: lab }
spec: { snapshotLimit: { namespaceTotalSnapshotSizeQuota: 100 } }
`),
    finds: [
      {
        at: '102:19',
        message:
          'The ResourceQuota lab of Harvester must have the name default-resource-quota: it limits nothing otherwise.',
        help: 'write `name: default-resource-quota`; its namespace is the one that it limits',
      },
    ],
  },
  'a cluster network of 12 characters, a role with a colon, and quotas': {
    objects: objectsAnd(`apiVersion: harvesterhci.io/v1beta1
kind: ResourceQuota
metadata: { name: default-resource-quota, namespace: lab }
spec: { snapshotLimit: { namespaceTotalSnapshotSizeQuota: 100 } }
---
apiVersion: v1
kind: ResourceQuota
metadata: { name: lab, namespace: lab }
spec: { hard: { pods: 10 } }
---
apiVersion: network.harvesterhci.io/v1beta1
kind: ClusterNetwork
metadata: { name: twelve-chars }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: "lab:read" }
`),
  },
});

const INGRESS = (name: string) => `apiVersion: helm.cattle.io/v1
kind: HelmChartConfig
metadata: { name: ${name}, namespace: kube-system }
`;

ruleTest('manifest-of-harvester', {
  'the ingress of a release with Traefik': {
    edits: [['v1.4.1', 'v1.9.0']],
    objects: objectsAnd(`${INGRESS('rke2-ingress-nginx')}---\n${INGRESS('rke2-traefik')}`),
    silence: ['upgrade-version', 'vm-image-class', 'manifest-unchecked'],
    finds: [
      {
        at: '102:19',
        message: 'HelmChartConfig rke2-ingress-nginx belongs to Harvester: a manifest must not define it.',
        help: 'set config.system_settings.ssl-certificates, or the Setting traefik-default-tls-options',
      },
      {
        at: '106:19',
        message: 'HelmChartConfig rke2-traefik belongs to Harvester: a manifest must not define it.',
        help: 'set config.system_settings.ssl-certificates, or the Setting traefik-default-tls-options',
      },
    ],
  },
  'the ingress of a release with nginx': {
    objects: objectsAnd(INGRESS('rke2-ingress-nginx')),
    silence: ['manifest-unchecked'],
    finds: [
      {
        at: '102:19',
        message: 'HelmChartConfig rke2-ingress-nginx belongs to Harvester: a manifest must not define it.',
        help: 'set config.system_settings.ssl-certificates or ssl-parameters',
      },
    ],
  },
  'the storage class of Harvester': {
    objects: objects([
      'metadata: { name: two, annotations: { storageclass.kubernetes.io/is-default-class: "true" } }',
      'metadata: { name: harvester-longhorn }',
    ]),
    finds: [
      {
        at: '80:19',
        message: 'StorageClass harvester-longhorn belongs to Harvester: a manifest must not define it.',
      },
    ],
  },
  'a setting that Harvester writes': {
    objects: objectsAnd(`apiVersion: harvesterhci.io/v1beta1
kind: Setting
metadata: { name: server-version }
value: v1.4.2
`),
    finds: [
      {
        at: '102:19',
        message: 'Setting server-version belongs to Harvester: a manifest must not define it.',
        help: 'remove it: Harvester writes it',
      },
    ],
  },
  'another setting': {
    edits: [
      [
        `  config:
`,
        `  config:
    system_settings: { ui-source: auto }
`,
      ],
    ],
    objects: objectsAnd(`apiVersion: harvesterhci.io/v1beta1
kind: Setting
metadata: { name: log-level }
value: debug
`),
  },
});

ruleTest('secret-in-data', {
  'plain text, and a reference to a secret': {
    objects: objects([
      'stringData: { userdata: "#cloud-config" }',
      'data: { userdata: "#cloud-config", password: "${secret:vm}" }',
    ]),
    finds: [
      { at: '46:19', message: 'data.userdata is not base64: Kubernetes rejects the Secret.' },
      { at: '46:46', message: 'data.password is not base64: Kubernetes rejects the Secret.' },
    ],
  },
  'base64, and plain text in stringData': {
    objects: objects([
      'stringData: {',
      `data: { a: aGVsbG8=, b: "" }
stringData: {`,
    ]),
  },
});

fixableRuleTest('manifest-reference', {
  'a cluster network': {
    objects: objects([
      `metadata: { name: vms }
`,
      `metadata: { name: vlans }
`,
    ]),
    finds: [
      { at: '9:19', message: 'No manifest defines the cluster network vms, to which this object refers.' },
      { at: '17:19', message: 'No manifest defines the cluster network vms, to which this object refers.' },
      { at: '25:53', message: 'No manifest defines the cluster network vms, to which this object refers.' },
    ],
  },
  'an image, with a typo': {
    objects: objects(['"default/debian"', '"default/debain"']),
    finds: [
      {
        at: '53:43',
        message: 'No manifest defines the VM image default/debain: did you mean default/debian?',
      },
    ],
  },
  'a key': {
    objects: objects(['["default/ops"]', '["default/admin-key"]']),
    finds: [
      {
        at: '57:58',
        message: 'No manifest defines the key pair default/admin-key, to which this object refers.',
      },
    ],
  },
  'a VM network in the namespace of the VM': {
    objects: objects(['networkName: default/vlan100', 'networkName: vlan200']),
    finds: [
      { at: '64:55', message: 'No manifest defines the VM network vlan200: did you mean default/vlan100?' },
    ],
  },
  'a Secret': {
    objects: objects(['secretRef: { name: web }', 'secretRef: { name: database }']),
    finds: [
      { at: '67:64', message: 'No manifest defines the Secret database, to which this object refers.' },
    ],
  },
  'the VM of a schedule': {
    objects: objects(['VirtualMachine, name: web }', 'VirtualMachine, name: database }']),
    finds: [{ at: '76:92', message: 'No manifest defines the VM database, to which this object refers.' }],
  },
  'the Version of an upgrade': {
    objects: objectsAnd(`apiVersion: harvesterhci.io/v1beta1
kind: Upgrade
metadata: { name: next, namespace: harvester-system }
spec: { version: v1.5.2 }
`),
    finds: [
      {
        at: '103:18',
        message: 'No manifest defines the Version v1.5.2: did you mean harvester-system/v1.4.2?',
      },
    ],
  },
  'objects that exist, without their namespace': {
    objects: objects(['networkName: default/vlan100', 'networkName: vlan100']),
  },
  'a VM network of the management network': {
    objects: objectsAnd(`apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: { name: untagged, labels: { network.harvesterhci.io/clusternetwork: mgmt } }
spec: { config: '{"type":"bridge","bridge":"mgmt-br"}' }
`),
  },
});

fixableRuleTest('bootstrap-unused', {
  'an entry with a typo, and one for nothing': {
    edits: [
      [
        '  vip: 192',
        `  bootstrap: [ClusterNetworks, Hugepage]
  vip: 192`,
      ],
    ],
    objects: objects(),
    finds: [
      { at: '14:15', message: 'No manifest of plant is ClusterNetworks: did you mean ClusterNetwork?' },
      { at: '14:32', message: 'No manifest of plant is Hugepage: the installation creates nothing for it.' },
    ],
  },
  'a cluster that exists': {
    edits: [
      [
        '  vip: 192',
        `  exists: true
  bootstrap: [ClusterNetwork]
  vip: 192`,
      ],
      [', mode: create', ''],
    ],
    objects: objects(),
    finds: [
      { at: '15:3', message: 'No node of this site creates the cluster plant: bootstrap has no effect.' },
    ],
  },
  'entries by kind, by name, and by namespace': {
    edits: [
      [
        '  vip: 192',
        `  bootstrap: [ClusterNetwork, VlanConfig/vms-1, VirtualMachineImage/default/debian]
  vip: 192`,
      ],
    ],
    objects: objects(),
  },
});

ruleTest('bootstrap-overwrites', {
  'v1.2.2': {
    edits: [
      ['version: v1.4.1', 'version: v1.2.2'],
      [
        '  vip: 192',
        `  bootstrap: [ClusterNetwork]
  vip: 192`,
      ],
    ],
    objects: `apiVersion: network.harvesterhci.io/v1beta1
kind: ClusterNetwork
metadata: { name: vms }
`,
    finds: [
      {
        at: '14:3',
        message:
          'v1.2.2 has no CloudInit resources: each boot of the create node overwrites later changes of these objects.',
      },
    ],
  },
  'v1.3.0': {
    edits: [
      ['version: v1.4.1', 'version: v1.3.0'],
      [
        '  vip: 192',
        `  bootstrap: [ClusterNetwork]
  vip: 192`,
      ],
    ],
    objects: `apiVersion: network.harvesterhci.io/v1beta1
kind: ClusterNetwork
metadata: { name: vms }
`,
  },
});

const INSTALLED = [
  '  vip: 192',
  `  bootstrap: [Secret]
  vip: 192`,
] as const;

ruleTest('bootstrap-secret', {
  'a secret in a cloud-config and in JSON': {
    edits: [INSTALLED],
    objects: objects([
      'stringData: { userdata: "#cloud-config" }',
      `stringData: { userdata: "#cloud-config\\npassword: \${secret:vm}", json: '{"a": "\${secret:vm}"}' }`,
    ]),
    finds: [
      {
        at: '46:25',
        message: 'stringData.userdata has a secret within cloud-config, which the installation cannot quote.',
      },
      {
        at: '46:72',
        message: 'stringData.json has a secret within JSON, which the installation cannot quote.',
      },
    ],
  },
  'a secret that is a whole text': {
    edits: [INSTALLED],
    objects: objects([
      'stringData: { userdata: "#cloud-config" }',
      'stringData: { userdata: "#cloud-config", key: "${secret:vm}" }',
    ]),
  },
  'a secret in a cloud-config of a running cluster': {
    objects: objects([
      'stringData: { userdata: "#cloud-config" }',
      'stringData: { userdata: "#cloud-config\\npassword: ${secret:vm}" }',
    ]),
  },
});

ruleTest('bootstrap-vm', {
  'a VM that starts': {
    edits: [
      [
        '  vip: 192',
        `  bootstrap: [VirtualMachine]
  vip: 192`,
      ],
    ],
    objects: objects(),
    finds: [
      {
        at: '55:16',
        message: 'The VM web starts during the installation of its cluster, which may then not finish.',
      },
    ],
  },
  'a halted VM': {
    edits: [
      [
        '  vip: 192',
        `  bootstrap: [VirtualMachine]
  vip: 192`,
      ],
    ],
    objects: objects(['runStrategy: RerunOnFailure', 'runStrategy: Halted']),
  },
});

ruleTest('upgrade-version', {
  'a downgrade, without a checksum': {
    objects: objects(
      ['name: v1.4.2,', 'name: v1.3.2,'],
      [
        `
  isoChecksum: "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"`,
        '',
      ],
    ),
    finds: [
      {
        at: '86:19',
        message:
          'v1.4.1 cannot be upgraded to v1.3.2: Harvester upgrades to a later patch or to the next minor release.',
        related: ['3:12'],
      },
      { at: '88:3', message: 'The Version v1.3.2 has no isoChecksum: Harvester rejects the upgrade.' },
    ],
  },
  'a release after the next one, with another checksum': {
    objects: objects(
      ['name: v1.4.2,', 'name: v1.6.0,'],
      [
        '"00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"',
        '"0123"',
      ],
    ),
    finds: [
      {
        at: '86:19',
        message:
          'v1.4.1 cannot be upgraded to v1.6.0: Harvester upgrades to a later patch or to the next minor release.',
        related: ['3:12'],
      },
      { at: '89:16', message: 'isoChecksum is not a SHA-512 checksum: Harvester rejects the upgrade.' },
    ],
  },
  'the next minor release': {
    objects: objects(['name: v1.4.2,', 'name: v1.5.0,']),
  },
});
