import { type Edit, edited } from './plant.ts';

/** Kubernetes objects of the common site, without errors: one of each kind that rules check. Tests edit them. */
const OBJECTS = `apiVersion: network.harvesterhci.io/v1beta1
kind: ClusterNetwork
metadata: { name: vms }
---
apiVersion: network.harvesterhci.io/v1beta1
kind: VlanConfig
metadata: { name: vms-1 }
spec:
  clusterNetwork: vms
  nodeSelector: { kubernetes.io/hostname: harv-1 }
  uplink: { nics: [ens3], linkAttributes: { mtu: 1500 } }
---
apiVersion: network.harvesterhci.io/v1beta1
kind: VlanConfig
metadata: { name: vms-2 }
spec:
  clusterNetwork: vms
  nodeSelector: { kubernetes.io/hostname: harv-2 }
  uplink: { nics: [ens4] }
---
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata:
  name: vlan100
  labels: { network.harvesterhci.io/clusternetwork: vms, network.harvesterhci.io/vlan-id: "100" }
spec:
  config: '{"cniVersion":"0.3.1","name":"vlan100","type":"bridge","bridge":"vms-br","promiscMode":true,"vlan":100,"ipam":{}}'
---
apiVersion: harvesterhci.io/v1beta1
kind: VirtualMachineImage
metadata: { name: debian, labels: { harvesterhci.io/imageDisplayName: debian-12 } }
spec:
  displayName: debian-12
  sourceType: download
  url: https://example.org/debian.qcow2
---
apiVersion: harvesterhci.io/v1beta1
kind: KeyPair
metadata: { name: ops }
spec:
  publicKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3kVfFYhUuXqT1l0v4oQmZ0m9QGkz8yq4m0yq0r5n1B ops@example.org
---
apiVersion: v1
kind: Secret
metadata: { name: web }
stringData: { userdata: "#cloud-config" }
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: web
  annotations:
    harvesterhci.io/volumeClaimTemplates: '[{"metadata":{"name":"web-root","annotations":{"harvesterhci.io/imageId":"default/debian"}},"spec":{"storageClassName":"longhorn-debian"}}]'
spec:
  runStrategy: RerunOnFailure
  template:
    metadata: { annotations: { harvesterhci.io/sshNames: '["default/ops"]' } }
    spec:
      domain:
        resources: { limits: { memory: 4Gi } }
        devices:
          disks: [{ name: root, disk: { bus: virtio } }, { name: data, disk: { bus: virtio } }]
          interfaces: [{ name: nic0, bridge: {}, macAddress: "02:00:00:00:00:01" }]
      networks: [{ name: nic0, multus: { networkName: default/vlan100 } }]
      volumes:
        - { name: root, persistentVolumeClaim: { claimName: web-root } }
        - { name: data, cloudInitNoCloud: { secretRef: { name: web } } }
---
apiVersion: harvesterhci.io/v1beta1
kind: ScheduleVMBackup
metadata: { name: web }
spec:
  cron: "30 2 * * *"
  retain: 7
  maxFailure: 3
  vmbackup: { type: snapshot, source: { apiGroup: kubevirt.io, kind: VirtualMachine, name: web } }
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: two, annotations: { storageclass.kubernetes.io/is-default-class: "true" } }
provisioner: driver.longhorn.io
parameters: { numberOfReplicas: "2" }
---
apiVersion: harvesterhci.io/v1beta1
kind: Version
metadata: { name: v1.4.2, namespace: harvester-system }
spec:
  isoURL: https://example.org/harvester.iso
  isoChecksum: "${'0'.repeat(128)}"
---
apiVersion: node.harvesterhci.io/v1beta1
kind: CloudInit
metadata: { name: motd }
spec:
  matchSelector: {}
  filename: 95_motd.yaml
  contents: |
    stages: { initramfs.after: [ { commands: [ "true" ] } ] }
`;

/** Returns the objects with edits. */
export function objects(...edits: readonly Edit[]): string {
  return edited(OBJECTS, ...edits);
}

/** Returns the objects and another one, whose first line is 110. */
export function objectsAnd(other: string): string {
  return `${OBJECTS}---\n${other}`;
}
