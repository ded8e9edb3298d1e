import { bmi } from './bmi.ts';
import { bootService } from './boot-service.ts';
import { bss } from './bss.ts';
import { cloudInit } from './cloud-init.ts';
import { csv } from './csv.ts';
import { dhcpd } from './dhcpd.ts';
import { dnsmasq } from './dnsmasq.ts';
import type { JoinedKind } from './file-reader.ts';
import { hil } from './hil.ts';
import { ipxe } from './ipxe.ts';
import { libvirt } from './libvirt.ts';
import { magellan } from './magellan.ts';
import { ochami } from './ochami.ts';
import { pxelinux } from './pxelinux.ts';
import { smd } from './smd.ts';
import { tgt } from './tgt.ts';

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
