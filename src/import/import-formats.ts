import { bmi } from './formats/bmi.ts';
import { bootService } from './formats/boot-service.ts';
import { bss } from './formats/bss.ts';
import { cloudInit } from './formats/cloud-init.ts';
import { cluster } from './formats/cluster.ts';
import { csv } from './formats/csv.ts';
import { dhcpd } from './formats/dhcpd.ts';
import { dnsmasq } from './formats/dnsmasq.ts';
import { harvester } from './formats/harvester.ts';
import { hil } from './formats/hil.ts';
import { ipxe } from './formats/ipxe.ts';
import { kea } from './formats/kea.ts';
import { libvirt } from './formats/libvirt.ts';
import { magellan } from './formats/magellan.ts';
import { ochami } from './formats/ochami.ts';
import { pxelinux } from './formats/pxelinux.ts';
import { settings } from './formats/settings.ts';
import { smd } from './formats/smd.ts';
import { tgt } from './formats/tgt.ts';
import type { ImportFormat, JoinedFormat } from './model/import-format.ts';
import { oci } from './oci/oci.ts';
import { phs } from './phs/phs.ts';
import { tfvars } from './tfvars/tfvars.ts';

/** The formats in which one file makes one or more sites. Each has a directory beside this file. */
export const IMPORT_FORMATS: readonly ImportFormat[] = [tfvars, phs, oci];

/** The formats of which any number of files can be joined into one site. Each has a file in formats/. */
export const JOINED_FORMATS: readonly JoinedFormat[] = [
  smd,
  bss,
  magellan,
  ochami,
  bootService,
  cloudInit,
  dnsmasq,
  dhcpd,
  kea,
  libvirt,
  csv,
  bmi,
  hil,
  ipxe,
  pxelinux,
  tgt,
  harvester,
  cluster,
  settings,
];
