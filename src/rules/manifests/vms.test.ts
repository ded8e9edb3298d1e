import { objects, objectsAnd } from '../../../test/support/objects.ts';
import { ruleTest } from '../../../test/support/rule-test.ts';

ruleTest('vm-memory', {
  'no memory': {
    objects: objects([
      `        resources: { limits: { memory: 4Gi } }
`,
      '',
    ]),
    finds: [{ at: '60:9', message: 'The VM web has no memory: the cluster rejects it.' }],
  },
  'the memory of the guest': {
    objects: objects(['resources: { limits: { memory: 4Gi } }', 'memory: { guest: 4Gi }']),
  },
});

ruleTest('vm-devices', {
  'a disk and an interface without their source, and the sources without them': {
    objects: objects(
      ['[{ name: root, disk', '[{ name: roott, disk'],
      ['interfaces: [{ name: nic0', 'interfaces: [{ name: nic1'],
    ),
    finds: [
      {
        at: '62:27',
        message: 'The disk roott of the VM web has no volume of this name: the cluster rejects the VM.',
      },
      {
        at: '63:32',
        message: 'The interface nic1 of the VM web has no network of this name: the cluster rejects the VM.',
      },
      {
        at: '64:26',
        message: 'The network nic0 of the VM web has no interface of this name: the cluster rejects the VM.',
      },
      {
        at: '66:19',
        message: 'The volume root of the VM web has no disk of this name: the cluster rejects the VM.',
      },
    ],
  },
  'a volume for a filesystem': {
    objects: objects(
      [
        '          interfaces:',
        `          filesystems: [{ name: shared, virtiofs: {} }]
          interfaces:`,
      ],
      [
        `      volumes:
`,
        `      volumes:
        - { name: shared, persistentVolumeClaim: { claimName: shared } }
`,
      ],
    ),
  },
});

ruleTest('vm-mac-twice', {
  'another VM': {
    objects: objectsAnd(`apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: { name: db }
spec:
  runStrategy: Halted
  template:
    spec:
      domain:
        resources: { limits: { memory: 4Gi } }
        devices:
          disks: [{ name: root }]
          interfaces: [{ name: nic0, macAddress: "02:00:00:00:00:01" }]
      networks: [{ name: nic0, pod: {} }]
      volumes: [{ name: root, persistentVolumeClaim: { claimName: db-root } }]
`),
    finds: [
      {
        at: '111:50',
        message:
          'The MAC address 02:00:00:00:00:01 of the VM db is also that of the VM web: one of them loses its connection.',
        related: ['63:62'],
      },
    ],
  },
  'a node': {
    objects: objects(['"02:00:00:00:00:01"', '"52:54:00:AA:01:02"']),
    finds: [
      {
        at: '63:62',
        message:
          'The MAC address 52:54:00:aa:01:02 of the VM web is also that of the node harv-2: one of them loses its connection.',
      },
    ],
  },
  'another address': {
    objects: objects(['"02:00:00:00:00:01"', '"02:00:00:00:00:02"']),
  },
});

ruleTest('vm-volume-twice', {
  'two VMs': {
    objects: objectsAnd(`apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: { name: db }
spec:
  runStrategy: Halted
  template:
    spec:
      domain:
        resources: { limits: { memory: 4Gi } }
        devices:
          disks: [{ name: root }]
          interfaces: [{ name: nic0, macAddress: "02:00:00:00:00:02" }]
      networks: [{ name: nic0, pod: {} }]
      volumes: [{ name: root, persistentVolumeClaim: { claimName: web-root } }]
`),
    finds: [
      {
        at: '113:67',
        message: 'The volume web-root is used by the VMs web and db: Harvester rejects the second one.',
        related: ['66:61'],
      },
    ],
  },
  'a volume of the same name in another namespace': {
    objects: objectsAnd(`apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: { name: db, namespace: lab }
spec:
  runStrategy: Halted
  template:
    spec:
      domain:
        resources: { limits: { memory: 4Gi } }
        devices:
          disks: [{ name: root }]
          interfaces: [{ name: nic0, macAddress: "02:00:00:00:00:02" }]
      networks: [{ name: nic0, pod: {} }]
      volumes: [{ name: root, persistentVolumeClaim: { claimName: web-root } }]
`),
  },
});

ruleTest('vm-claim-templates', {
  'an annotation without its end': {
    objects: objects(['"longhorn-debian"}}]', '"longhorn-debian"}}']),
    finds: [
      {
        at: '53:43',
        message:
          'The annotation harvesterhci.io/volumeClaimTemplates is not a list in JSON: Harvester creates no volume.',
      },
    ],
  },
  'an empty list': {
    objects: objects([
      `'[{"metadata":{"name":"web-root","annotations":{"harvesterhci.io/imageId":"default/debian"}},"spec":{"storageClassName":"longhorn-debian"}}]'`,
      `'[]'`,
    ]),
  },
});

ruleTest('vm-image-class', {
  'from v1.8.0 on': {
    edits: [['version: v1.4.1', 'version: v1.8.0']],
    objects: objects(),
    silence: ['upgrade-version'],
    finds: [
      {
        at: '53:43',
        message:
          'In v1.8.0, the storage class of the image debian is not longhorn-debian: the volume stays pending.',
      },
    ],
  },
  'another class before v1.8.0': {
    objects: objects(['"longhorn-debian"', '"harvester-longhorn"']),
    finds: [
      {
        at: '53:43',
        message:
          'The volume from the image debian has another storage class than the image: it stays pending.',
      },
    ],
  },
  'the class of another target': {
    edits: [['version: v1.4.1', 'version: v1.8.0']],
    objects: objects([
      `spec:
  displayName: debian-12`,
      `spec:
  backend: cdi
  targetStorageClassName: two
  displayName: debian-12`,
    ]),
    silence: ['upgrade-version'],
    finds: [
      {
        at: '55:43',
        message:
          'The volume from the image debian has the storage class longhorn-debian, but the image is in two: it stays pending.',
      },
    ],
  },
  'the class of the target, from v1.8.0 on': {
    edits: [['version: v1.4.1', 'version: v1.8.0']],
    objects: objects(
      [
        `spec:
  displayName: debian-12`,
        `spec:
  backend: cdi
  targetStorageClassName: two
  displayName: debian-12`,
      ],
      ['"longhorn-debian"', '"two"'],
    ),
    silence: ['upgrade-version'],
  },
  'the class with the UID of an image that exists': {
    edits: [['version: v1.4.1', 'version: v1.8.0']],
    objects: objects(['"longhorn-debian"', '"lh-0b5c"']),
    silence: ['upgrade-version'],
  },
});

ruleTest('vm-image', {
  // Harvester adds it: pkg/controller/master/image/vm_image_controller.go of v1.1.0 to v1.8.1 once the image is imported, and
  // pkg/webhook/resources/virtualmachineimage/mutator.go of v1.7.3, v1.8.2 and v1.9.0 at creation.
  'no label': {
    objects: objects([', labels: { harvesterhci.io/imageDisplayName: debian-12 }', '']),
  },
  'other labels only, and a label without a value': {
    objects: objects(['{ harvesterhci.io/imageDisplayName: debian-12 }', '{ app: vms }']),
  },
  'the label with the name of the object': {
    objects: objects(['imageDisplayName: debian-12', 'imageDisplayName: debian']),
    finds: [
      {
        at: '31:71',
        message:
          'The label harvesterhci.io/imageDisplayName of the image debian is debian, but its displayName is debian-12: Harvester looks for images by this label.',
        help: 'write debian-12, or remove the label: Harvester adds it',
      },
    ],
  },
  'no URL, a short checksum': {
    objects: objects(['  url: https://example.org/debian.qcow2', '  checksum: "0123"']),
    finds: [
      { at: '33:3', message: 'The image debian has no http URL to download: Harvester rejects it.' },
      { at: '35:13', message: 'The checksum of debian is not SHA-512: the import fails.' },
    ],
  },
  'an upload, with a URL': {
    objects: objects(['sourceType: download', 'sourceType: upload']),
    finds: [
      { at: '34:15', message: 'A manifest cannot upload the image debian: its import never ends.' },
      { at: '35:8', message: 'The image debian has a URL, but is not downloaded: Harvester rejects it.' },
    ],
  },
  'a display name of another image': {
    objects: objectsAnd(`apiVersion: harvesterhci.io/v1beta1
kind: VirtualMachineImage
metadata: { name: other, labels: { harvesterhci.io/imageDisplayName: debian-12 } }
spec: { displayName: debian-12, sourceType: download, url: "https://example.org/other.qcow2" }
`),
    finds: [
      {
        at: '103:22',
        message:
          'The images debian and other have the same display name debian-12: Harvester rejects the second one.',
        related: ['33:16'],
      },
    ],
  },
  'the same display name in another namespace, with a checksum': {
    objects: objectsAnd(`apiVersion: harvesterhci.io/v1beta1
kind: VirtualMachineImage
metadata: { name: other, namespace: lab, labels: { harvesterhci.io/imageDisplayName: debian-12 } }
spec: { displayName: debian-12, sourceType: download, url: "https://example.org/other.qcow2", checksum: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
`),
  },
});

ruleTest('vm-image-not-served', {
  'a path outside the directories of the boot server': {
    objects: objects(
      ['https://example.org/debian.qcow2', 'http://192.168.178.7/debian.qcow2'],
      ['https://example.org/harvester.iso', '${site:server.url}/iso/harvester.iso'],
    ),
    finds: [
      { at: '35:8', message: 'The boot server does not serve debian.qcow2: the download fails.' },
      { at: '88:11', message: 'The boot server does not serve iso/harvester.iso: the download fails.' },
    ],
  },
  'a path below the images': {
    objects: objects(
      ['https://example.org/debian.qcow2', '${site:server.images}/debian.qcow2'],
      ['https://example.org/harvester.iso', '${site:server.media}/v1.4.2/harvester-v1.4.2-amd64.iso'],
    ),
  },
});

ruleTest('key-pair', {
  'a private key': {
    objects: objects([
      'publicKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3kVfFYhUuXqT1l0v4oQmZ0m9QGkz8yq4m0yq0r5n1B',
      'publicKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3',
    ]),
    finds: [{ at: '41:14', message: 'The key pair ops has no SSH public key: its base64 is incomplete.' }],
  },
  'a public key without a comment': {
    objects: objects(['0r5n1B ops@example.org', '0r5n1B']),
  },
});

ruleTest('storage-class', {
  'two defaults, one with strict-local': {
    objects: objectsAnd(`apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: local, annotations: { storageclass.kubernetes.io/is-default-class: "true" } }
provisioner: driver.longhorn.io
parameters: { dataLocality: strict-local }
`),
    finds: [
      {
        at: '102:86',
        message: 'two and local are both the default storage class: Harvester rejects the second one.',
        related: ['80:84'],
      },
      {
        at: '104:29',
        message:
          'The storage class local has dataLocality strict-local: its VMs could not migrate, and Harvester rejects it.',
      },
    ],
  },
  'one default': {
    objects: objectsAnd(`apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: local, annotations: { storageclass.kubernetes.io/is-default-class: "false" } }
provisioner: driver.longhorn.io
parameters: { dataLocality: best-effort }
`),
  },
});

ruleTest('scheduled-backup', {
  'every ten minutes, with as many failures as backups': {
    objects: objects(['"30 2 * * *"', '"*/10 * * * *"'], ['maxFailure: 3', 'maxFailure: 7']),
    finds: [
      {
        at: '73:9',
        message:
          'The schedule `*/10 * * * *` does not run once in an hour or less often: Harvester rejects it.',
      },
      { at: '75:15', message: 'maxFailure 7 is not less than retain 7: Harvester rejects the schedule.' },
    ],
  },
  'two schedules of a VM': {
    objects: objectsAnd(`apiVersion: harvesterhci.io/v1beta1
kind: ScheduleVMBackup
metadata: { name: weekly }
spec:
  cron: "0 3 * * 0"
  retain: 4
  maxFailure: 2
  vmbackup: { type: backup, source: { apiGroup: kubevirt.io, kind: VirtualMachine, name: web } }
`),
    finds: [
      {
        at: '107:90',
        message: 'The VM web has two schedules: Harvester rejects the second one.',
        related: ['76:92'],
      },
    ],
  },
  'every hour': {
    objects: objects(['"30 2 * * *"', '"30 * * * *"']),
  },
});
