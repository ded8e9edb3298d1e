import { bmi } from './bmi/bmi.ts';
import { bootService } from './boot-service/boot-service.ts';
import { bss } from './bss/bss.ts';
import { cloudInit } from './cloud-init/cloud-init.ts';
import { csv } from './csv/csv.ts';
import { dhcpd } from './dhcpd/dhcpd.ts';
import { dnsmasq } from './dnsmasq/dnsmasq.ts';
import { hil } from './hil/hil.ts';
import { ipxe } from './ipxe/ipxe.ts';
import type { JoinedKind } from './kind.ts';
import { libvirt } from './libvirt/libvirt.ts';
import { magellan } from './magellan/magellan.ts';
import { ochami } from './ochami/ochami.ts';
import { pxelinux } from './pxelinux/pxelinux.ts';
import { smd } from './smd/smd.ts';
import { tgt } from './tgt/tgt.ts';

/** The kinds that are joined. A new kind is a folder beside this file, and a line here. */
export const JOINED_KINDS: readonly JoinedKind[] = [
  smd,
  bss,
  magellan,
  ochami,
  bootService,
  cloudInit,
  dnsmasq,
  dhcpd,
  libvirt,
  csv,
  bmi,
  hil,
  ipxe,
  pxelinux,
  tgt,
];
