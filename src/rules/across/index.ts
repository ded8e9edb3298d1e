import type { AcrossRule } from './across-rule.ts';
import { diskInTwoSites } from './disk-in-two-sites.ts';
import { domainInTwoSites } from './domain-in-two-sites.ts';
import { hostDiskInTwoSites } from './host-disk-in-two-sites.ts';
import { hostPortInTwoSites } from './host-port-in-two-sites.ts';
import { hostSharedTooSmall } from './host-shared-too-small.ts';
import { httpsInTwoSites } from './https-in-two-sites.ts';
import { libvirtNetworkInTwoSites } from './libvirt-network-in-two-sites.ts';
import { macInTwoSites } from './mac-in-two-sites.ts';
import { machineIdInTwoSites } from './machine-id-in-two-sites.ts';
import { nextInACircle } from './next-in-a-circle.ts';
import { nextRefuses } from './next-refuses.ts';
import { nextUnknown } from './next-unknown.ts';
import { nextWithoutScripts } from './next-without-scripts.ts';
import { nodePortInTwoSites } from './node-port-in-two-sites.ts';
import { pathInTwoSites } from './path-in-two-sites.ts';
import { podsAtOneAddress } from './pods-at-one-address.ts';
import { podsInTwoSites } from './pods-in-two-sites.ts';
import { rootInTwoSites } from './root-in-two-sites.ts';
import { tokenInTwoSites } from './token-in-two-sites.ts';
import { urlInTwoSites } from './url-in-two-sites.ts';
import { vipInTwoSites } from './vip-in-two-sites.ts';

/** Every rule across sites. */
export const acrossRules: readonly AcrossRule[] = [
  macInTwoSites,
  machineIdInTwoSites,
  rootInTwoSites,
  pathInTwoSites,
  tokenInTwoSites,
  urlInTwoSites,
  httpsInTwoSites,
  nextInACircle,
  nextWithoutScripts,
  nextUnknown,
  nextRefuses,
  vipInTwoSites,
  podsInTwoSites,
  podsAtOneAddress,
  nodePortInTwoSites,
  domainInTwoSites,
  libvirtNetworkInTwoSites,
  hostPortInTwoSites,
  hostDiskInTwoSites,
  hostSharedTooSmall,
  diskInTwoSites,
];
