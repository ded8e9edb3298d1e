import type { Code } from '../source/diagnostics/codes.ts';
import { CODES } from '../source/diagnostics/codes.ts';
import { multiSiteRules } from './across/index.ts';
import type { MultiSiteRule } from './across/rule.ts';
import { cloudAccessRules, cloudRules, cloudSizeRules } from './cloud/cloud.ts';
import { ociRules } from './cloud/oci.ts';
import { clusterDifferenceRules, clusterNodeRules } from './cluster/cluster-nodes.ts';
import { configTextRules, harvesterConfigRules } from './cluster/harvester-config.ts';
import { releaseRules } from './cluster/releases.ts';
import { settingRules } from './cluster/settings.ts';
import { diskRules } from './disks/disks.ts';
import { imageRules, tenantRules } from './disks/images.ts';
import { iscsiRules, lunRules } from './disks/iscsi.ts';
import { bootRules } from './machines/boot.ts';
import { cloudInitRules } from './machines/cloud-init.ts';
import { firmwareRules } from './machines/firmware.ts';
import { hardwareRules } from './machines/hardware.ts';
import { identityRules } from './machines/identity.ts';
import { kernelLineRules } from './machines/kernel-lines.ts';
import { templateRules } from './machines/templates.ts';
import { rackRules, vmRules } from './machines/vms.ts';
import { manifestNetworkRules, manifestNodeRules, manifestSettingRules } from './manifests/harvester.ts';
import { manifestRules } from './manifests/manifests.ts';
import { manifestVmRules } from './manifests/vms.ts';
import { addressRules } from './network/addresses.ts';
import { bondOptionRules } from './network/bond-options.ts';
import { dhcpRules } from './network/dhcp.ts';
import { internetAccessRules, routeRules } from './network/internet-access.ts';
import { managementRules } from './network/management.ts';
import { nameRules } from './network/names.ts';
import { networkRules, nicRules } from './network/networks.ts';
import { byCode, type Rule } from './rule.ts';
import { type ValueRule, valueRules } from './secrets/secret-values.ts';
import { secretRules, tokenRules } from './secrets/secrets.ts';
import { hostNetworkRules, hostRules } from './server/host.ts';
import { kubernetesRules } from './server/kubernetes.ts';
import { httpsRules, serverRules } from './server/server.ts';

/** Every rule over one site, by the headings of docs/reference/rules.md. */
export const RULES_BY_SUBJECT: Readonly<Record<string, readonly Rule[]>> = {
  Addresses: addressRules,
  Boot: bootRules,
  'The cloud VM': cloudRules,
  'Access to the cloud VM': cloudAccessRules,
  'cloud-init': cloudInitRules,
  'Sizes of cloud VMs': cloudSizeRules,
  'Differences between the nodes of a cluster': clusterDifferenceRules,
  'Nodes of a cluster': clusterNodeRules,
  'Texts of the configuration': configTextRules,
  DHCP: dhcpRules,
  Disks: diskRules,
  Firmware: firmwareRules,
  Hardware: hardwareRules,
  'Harvester configuration': harvesterConfigRules,
  'libvirt host': hostRules,
  'Networks of a libvirt host': hostNetworkRules,
  HTTPS: httpsRules,
  'Machine identifiers': identityRules,
  Images: imageRules,
  iSCSI: iscsiRules,
  'Kernel command lines': kernelLineRules,
  Kubernetes: kubernetesRules,
  'iSCSI disks of a host': lunRules,
  Manifests: manifestRules,
  'Networks in manifests': manifestNetworkRules,
  'Nodes in manifests': manifestNodeRules,
  'Settings of clusters': [...settingRules, ...manifestSettingRules],
  'VMs and images in manifests': manifestVmRules,
  Names: nameRules,
  Networks: [...networkRules, ...managementRules],
  'NICs and bonds': [...nicRules, ...bondOptionRules],
  'Oracle Cloud Infrastructure': ociRules,
  'Internet access': internetAccessRules,
  Racks: rackRules,
  'Reachable servers': routeRules,
  'Harvester releases': releaseRules,
  Secrets: secretRules,
  'Boot server': serverRules,
  'Templates of cloud-init': templateRules,
  Tenants: tenantRules,
  'Tokens of clusters': tokenRules,
  'Virtual machines': vmRules,
};

/** Every rule over one site, sorted by code. */
export const rules = byCode(Object.values(RULES_BY_SUBJECT));

/** A kind of diagnostic, with its texts. */
export type DiagnosticKind = Rule | MultiSiteRule | ValueRule | Code;

/** All kinds: of rules over one site, several sites and secret values, and of files, the schema and references. */
export const DIAGNOSTICS: readonly DiagnosticKind[] = [...rules, ...multiSiteRules, ...valueRules, ...CODES];

/** Returns the kind of diagnostic with a code, or undefined for an unknown code. */
export function diagnosticKind(code: string): DiagnosticKind | undefined {
  return DIAGNOSTICS.find((kind) => kind.code === code);
}
