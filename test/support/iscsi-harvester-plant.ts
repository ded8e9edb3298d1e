import { type Edit, edited, PLANT } from './plant.ts';

/** A site whose Harvester nodes have blank disks on its own iSCSI server, on their own NICs. */
export const ISCSI_HARVESTER: string = edited(
  PLANT,
  ['server:\n', 'server:\n  iscsi: { address: 10.21.0.2, suffix: "${secret:iscsi_suffix}" }\n'],
  ['cluster:\n', '  storage: { subnet: 10.21.0.0/24 }\ncluster:\n'],
  ['defaults:\n', 'defaults:\n  boot: { disk: iscsi, size: 400Gi }\n'],
  ['    install:\n      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n', ''],
  ...[1, 2, 3].map(
    (one): Edit => [
      `{ mac: 52:54:00:aa:01:0${one}, ip: 192.168.178.4${one}`,
      `{ nics: [{ mac: 52:54:00:aa:01:0${one}, ip: 192.168.178.4${one} }, { mac: 52:54:00:aa:02:0${one}, ip: 10.21.0.1${one} }]`,
    ],
  ),
);

/** Returns a plant whose nodes install Harvester on a volume of Oracle Cloud, through their only NIC. */
export function onBootVolume(...edits: readonly Edit[]): string {
  return edited(
    PLANT,
    [
      'defaults:\n',
      'defaults:\n  boot: { disk: iscsi, target: iqn.2015-02.oracle.boot:uefi, server: 169.254.0.2 }\n',
    ],
    ['    install:\n      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n', ''],
    ...edits,
  );
}
