import { cloud } from './cloud/cloud.ts';
import { cloudInit, userData } from './cloud-init/cloud-init.ts';
import { applyCluster, cluster } from './cluster/cluster.ts';
import { compat } from './compat/compat.ts';
import { coredhcp, isc, kea } from './dhcp/servers.ts';
import { dns } from './dns/dns.ts';
import { dnsmasq, tftp } from './dnsmasq/dnsmasq.ts';
import { grub } from './grub/grub.ts';
import { appliance } from './host/appliance.ts';
import { host } from './host/host.ts';
import { embed, ipxe, pxelinux } from './ipxe/ipxe.ts';
import { iscsi } from './iscsi/iscsi.ts';
import { k8s } from './k8s/k8s.ts';
import { libvirt } from './libvirt/libvirt.ts';
import { nginx } from './nginx/nginx.ts';
import { ochami } from './ochami/ochami.ts';
import { oci } from './oci/oci.ts';
import { ops } from './ops/ops.ts';
import { readme } from './readme/readme.ts';
import { scripts } from './scripts/scripts.ts';
import { chrony, firewall, systemd } from './systemd/systemd.ts';
import type { Target } from './target.ts';
import { config, inventory, welcome } from './www.ts';

/** The site files, unchanged. */
const files: Target = {
  name: 'files',
  *emit(site) {
    for (const { path, content, executable } of site.files) yield { path, content, executable };
  },
};

/** All targets, in the order in which a booting machine uses their files. */
export const targets: readonly Target[] = [
  dnsmasq,
  isc,
  kea,
  coredhcp,
  dns,
  libvirt,
  nginx,
  ipxe,
  grub,
  pxelinux,
  tftp,
  embed,
  iscsi,
  config,
  cloudInit,
  cluster,
  applyCluster,
  inventory,
  welcome,
  compat,
  ochami,
  scripts,
  oci,
  ops,
  firewall,
  chrony,
  systemd,
  host,
  appliance,
  cloud,
  readme,
  files,
  k8s,
  userData,
];
