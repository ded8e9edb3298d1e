// docs/reference/rules.md, from src/rules and src/source/diagnostics.
import { multiSiteRules } from '../../src/rules/across/index.ts';
import { rulesOf } from '../../src/rules/rule.ts';
import { valueRules } from '../../src/rules/secrets/secret-values.ts';
import * as subjects from '../../src/rules/subjects.ts';
import {
  FILE_CODES,
  OUTPUT_CODES,
  OWN_CODES,
  REFERENCE_CODES,
  SHAPE_CODES,
} from '../../src/source/diagnostics/codes.ts';
import { IMPORT_CODES } from '../../src/source/diagnostics/import-codes.ts';
import { withThreads } from '../../src/source/diagnostics/words.ts';
import { cell, code, linkTo, table } from './page.mjs';

/** The headings of the subjects of the rules, by their names in src/rules/subjects.ts. */
const SUBJECTS = {
  addresses: 'Addresses',
  boot: 'Boot',
  cloudInit: 'cloud-init',
  clusterDifferences: 'Differences between the nodes of a cluster',
  clusterNodes: 'Nodes of a cluster',
  configTexts: 'Texts of the configuration',
  dhcp: 'DHCP',
  disks: 'Disks',
  firmware: 'Firmware',
  hardware: 'Hardware',
  harvesterConfig: 'Harvester configuration',
  cloud: 'The cloud VM',
  cloudAccess: 'Access to the cloud VM',
  cloudSizes: 'Sizes of cloud VMs',
  host: 'libvirt host',
  hostNetworks: 'Networks of a libvirt host',
  https: 'HTTPS',
  identity: 'Machine identifiers',
  images: 'Images',
  iscsi: 'iSCSI',
  luns: 'iSCSI disks of a host',
  kernelLines: 'Kernel command lines',
  kubernetes: 'Kubernetes',
  manifests: 'Manifests',
  manifestsNetworks: 'Networks in manifests',
  manifestsNodes: 'Nodes in manifests',
  manifestsSettings: 'Settings of clusters',
  manifestsVms: 'VMs and images in manifests',
  names: 'Names',
  networks: 'Networks',
  nics: 'NICs and bonds',
  oci: 'Oracle Cloud Infrastructure',
  outside: 'Internet access',
  racks: 'Racks',
  reach: 'Reachable servers',
  releases: 'Harvester releases',
  secrets: 'Secrets',
  server: 'Boot server',
  templates: 'Templates of cloud-init',
  tenants: 'Tenants',
  tokens: 'Tokens of clusters',
  vms: 'Virtual machines',
};

/** Returns the generated part of the page: the rules by subject, then all other diagnostics. */
export function rules() {
  const groups = [
    ...Object.entries(subjects).map(([name, subject]) => [titleOf(name), rulesOf(subject)]),
    ['Rules across sites', multiSiteRules],
    ['Values of secrets', valueRules],
    ['Files and YAML', FILE_CODES],
    ['Schema', SHAPE_CODES],
    ['References and silences', REFERENCE_CODES],
    ['Site templates and site files', OWN_CODES],
    ['Output trees', OUTPUT_CODES],
    ['Imported files', IMPORT_CODES],
  ].filter(([, codes]) => codes.length > 0);
  const index = groups.map(([title, codes]) => `- ${linkTo(title)} (${codes.length})\n`).join('');
  const sections = groups.map(([title, codes]) => `\n## ${title}\n\n${codeTable(codes)}`);
  return `${index}${sections.join('')}`;
}

function titleOf(subject) {
  const title = SUBJECTS[subject];
  if (!title) throw new Error(`scripts/docs/rules.mjs has no heading for src/rules/subjects.ts: ${subject}`);
  return title;
}

function codeTable(codes) {
  return table(
    ['Code', 'Severity', 'Requirement', 'Reason'],
    codes.map(({ code: name, severity, what, why, essential }) => [
      `<a id="${name}"></a>${code(name)}`,
      `${severity}${essential ? '\\*' : ''}`,
      cell(what),
      withThreads(cell(why), (thread, url) => `[${thread}](${url})`),
    ]),
  );
}
