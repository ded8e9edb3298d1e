import { chrony } from './chrony/chrony.ts';
import { cloudInit } from './cloud-init/cloud-init.ts';
import { compat } from './compat/compat.ts';
import { config } from './config/config.ts';
import { coredhcp } from './coredhcp/coredhcp.ts';
import { dnsmasq } from './dnsmasq/dnsmasq.ts';
import { embed } from './embed/embed.ts';
import { files } from './files/files.ts';
import { firewall } from './firewall/firewall.ts';
import { grub } from './grub/grub.ts';
import { host } from './host/host.ts';
import { inventory } from './inventory/inventory.ts';
import { ipxe } from './ipxe/ipxe.ts';
import { isc } from './isc/isc.ts';
import { iscsi } from './iscsi/iscsi.ts';
import { k8s } from './k8s/k8s.ts';
import { kea } from './kea/kea.ts';
import { libvirt } from './libvirt/libvirt.ts';
import { nginx } from './nginx/nginx.ts';
import { ochami } from './ochami/ochami.ts';
import { oci } from './oci/oci.ts';
import { ops } from './ops/ops.ts';
import { pxelinux } from './pxelinux/pxelinux.ts';
import { readme } from './readme/readme.ts';
import { scripts } from './scripts/scripts.ts';
import { systemd } from './systemd/systemd.ts';
import type { Target } from './target.ts';
import { tftp } from './tftp/tftp.ts';
import { userData } from './user-data/user-data.ts';
import { welcome } from './welcome/welcome.ts';

/** Every kind of output, in the order of the boot: what a machine meets first comes first. */
export const targets: readonly Target[] = [
  dnsmasq,
  isc,
  kea,
  coredhcp,
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
  readme,
  files,
  k8s,
  userData,
];
