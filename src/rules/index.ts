import type { Code } from '../source/diagnostics/codes.ts';
import { CODES } from '../source/diagnostics/import-codes.ts';
import { acrossRules } from './across/index.ts';
import type { AcrossRule } from './across/rule.ts';
import * as addresses from './addresses.ts';
import * as boot from './boot.ts';
import * as chap from './chap.ts';
import * as cloudConfig from './cloud-config.ts';
import * as cloudInit from './cloud-init.ts';
import * as clusterNodes from './cluster-nodes.ts';
import * as dhcp from './dhcp.ts';
import * as diskSizes from './disk-sizes.ts';
import * as disks from './disks.ts';
import * as firmware from './firmware.ts';
import * as hardware from './hardware.ts';
import * as harvesterConfig from './harvester-config.ts';
import * as host from './host.ts';
import * as hostNetworks from './host-networks.ts';
import * as https from './https.ts';
import * as identity from './identity.ts';
import * as images from './images.ts';
import * as iscsi from './iscsi.ts';
import * as kernelLines from './kernel-lines.ts';
import * as kubernetes from './kubernetes.ts';
import * as members from './members.ts';
import * as names from './names.ts';
import * as networks from './networks.ts';
import * as nics from './nics.ts';
import * as oci from './oci.ts';
import * as outside from './outside.ts';
import * as releases from './releases.ts';
import { type Rule, rulesOf } from './rule.ts';
import type { ValueRule } from './secret-values.ts';
import { valueRules } from './secret-values.ts';
import * as secrets from './secrets.ts';
import * as server from './server.ts';
import * as tenants from './tenants.ts';
import * as tokensAndLogins from './tokens-and-logins.ts';
import * as vip from './vip.ts';
import * as vms from './vms.ts';

/** Every rule over one site, sorted by code. A subject lists its rules by exporting them. */
export const rules = rulesOf<Rule>(
  addresses,
  boot,
  chap,
  cloudConfig,
  cloudInit,
  clusterNodes,
  dhcp,
  diskSizes,
  disks,
  firmware,
  hardware,
  harvesterConfig,
  hostNetworks,
  host,
  https,
  identity,
  images,
  iscsi,
  kernelLines,
  kubernetes,
  members,
  names,
  networks,
  nics,
  oci,
  outside,
  releases,
  secrets,
  server,
  tenants,
  tokensAndLogins,
  vip,
  vms,
);

/** Whatever makes a diagnostic. */
export type Coded = Rule | AcrossRule | ValueRule | Code;

/** Every diagnostic that there is: those of rules, of one site, across sites and over values, and those of files, shape and references. */
export const EVERY_CODE: readonly Coded[] = [...rules, ...acrossRules, ...valueRules, ...CODES];

/** Gives what is known of a diagnostic by its code; undefined for a code that there is not. */
export function codeOf(code: string): Coded | undefined {
  return EVERY_CODE.find((one) => one.code === code);
}
