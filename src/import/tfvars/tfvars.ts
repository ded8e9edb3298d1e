import { PROVIDERS, type ProviderName } from '../../knowledge/cloud-providers.ts';
import { isPublicValue } from '../../knowledge/known-values.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import { type Attribute, type HclBody, readHcl } from '../hcl/read-hcl.ts';
import { isHclJson, readHclJson } from '../hcl/read-json.ts';
import { writeSite } from '../joined/write-site.ts';
import type { ImportedSite, ImportFormat, ImportSettings } from '../model/import-format.ts';
import { hostStemOf, siteNameOf } from '../model/names.ts';
import { Notes } from '../model/notes.ts';
import { COMMANDS, KNOWN_TO_ALL } from '../model/secrets.ts';
import { freeSubnet, modelOf, presetOf, REGISTRATION } from './model.ts';
import { parseRange, readVariables, type Settings, settingsOf } from './settings.ts';
import { concealVariables, noteLeft, PROJECTS, providerOf, variableCalled } from './variables.ts';

/** A terraform.tfvars, or terraform.tfvars.json, of rancher/harvester-cloud. */
export const tfvars: ImportFormat = {
  name: 'tfvars',
  what: 'a terraform.tfvars or *.tfvars.json of rancher/harvester-cloud, for any provider',
  takes: [],
  read(source, options, report) {
    const attributes = attributesOf(source, report);
    if (!attributes) return undefined;
    const settings = settingsOf(readVariables(attributes, report), report);
    if (!settings || report.failed) return undefined;
    const site = siteOf(source, attributes, settings, options, report);
    return site && [site];
  },
};

function attributesOf(source: Source, report: Report): readonly Attribute[] | undefined {
  const body = isHclJson(source.text) ? readHclJson(source) : readHcl(source);
  concealVariables(source, body);
  if (body.error) {
    report.error(body.error);
    return undefined;
  }
  const isSet = ({ name }: Attribute) => OF_CLUSTERS.includes(name);
  const other = body.attributes.some(isSet) ? undefined : otherProjectOf(body);
  if (!other && body.attributes.some(({ name }) => variableCalled(name))) return body.attributes;
  reportUnknownFile(source, body, report, other);
  return undefined;
}

/** Variables that only the projects have that create a cluster. */
const OF_CLUSTERS = ['prefix', 'region', 'harvester_version', 'harvester_node_count'];

/**
 * The other projects of harvester-cloud, which change a running cluster, with a form of their variables.
 * Source: rancher/harvester-cloud, `projects/harvester-ops/<project>/variables.tf`, commit 8a9592a.
 */
const OTHERS = {
  'network-creation': /^(?:cluster_network_|network_vlan_id$|network_route_)/,
  'vm-pool-creation': /^(?:vm_(?:prefix|count|namespace)$|s3_|nfs_)/,
  'image-creation': /^(?:create_image|image_url|image_source_type)$/,
};

function otherProjectOf({ attributes }: HclBody): string | undefined {
  return Object.entries(OTHERS).find(([, form]) => attributes.some(({ name }) => form.test(name)))?.[0];
}

function reportUnknownFile(
  source: Source,
  { attributes }: HclBody,
  report: Report,
  other: string | undefined,
): void {
  const [first] = attributes;
  report.error({
    code: 'not-harvester-cloud',
    message: other
      ? `The file is of harvester-cloud's project ${other}, which changes a running cluster: it contains no site to import.`
      : first
        ? 'The file sets no variable of harvester-cloud: it cannot be imported as tfvars.'
        : 'The file sets no variable: it contains no site to import.',
    at: first?.at ?? { source, start: 0, end: 0 },
    help: 'use the terraform.tfvars of one of its projects: aws, azure, digitalocean or google-cloud',
  });
}

function siteOf(
  source: Source,
  attributes: readonly Attribute[],
  settings: Settings,
  options: ImportSettings,
  report: Report,
): ImportedSite | undefined {
  const { prefix } = settings;
  const provider = providerOf(attributes);
  const given = [prefix?.value, options.site, options.folder, provider && PROJECTS[provider].prefix];
  const firstOf = (make: (text: string) => string | undefined) =>
    given.map((text) => (text === undefined ? undefined : make(text))).find((made) => made !== undefined);
  const name = options.site ?? firstOf(siteNameOf);
  // A dot would end the host name, and the number would be in the domain.
  const stem = firstOf((text) => hostStemOf(text.replaceAll('.', '-'), settings.version));
  if (!name || !stem) {
    report.error({
      code: 'tfvars-value',
      message: 'The file provides no site name: prefix is not set, or has no letter or digit.',
      at: prefix?.at ?? { source, start: 0, end: 0 },
      help: 'set prefix, or add --site NAME',
    });
    return undefined;
  }
  const { region } = settings.vm;
  if (provider && region && !PROVIDERS[provider].region.test(region.value)) {
    const { title, aRegion } = PROVIDERS[provider];
    report.error({
      code: 'tfvars-value',
      message: `The region is not one of ${title}.`,
      at: region.at ?? { source, start: 0, end: 0 },
      help: `set a region of ${title}, such as ${aRegion}`,
    });
    return undefined;
  }
  const notes = new Notes();
  const isSame = stem === prefix?.value && (options.site !== undefined || name === prefix.value);
  const why = `not valid as a site name and host name: the site is ${name}, its nodes are ${stem}-1 and so on`;
  if (prefix && !isSame) notes.changed('prefix', why, prefix.at);
  noteLeft(attributes, notes);
  const secrets = secretsOf(settings, notes);
  noteOpen(settings, provider, attributes, notes);
  const title =
    `${provider ? `A site for ${PROVIDERS[provider].title}` : 'A site'}, imported from a terraform.tfvars of ` +
    'rancher/harvester-cloud: a whole Harvester cluster on one libvirt host.';
  const plan = {
    name,
    stem,
    settings,
    provider,
    subnet: freeSubnet(rangesAround(settings, attributes)),
  };
  return writeSite(name, modelOf(plan), title, notes, secrets);
}

/** Returns the subnets outside the nodes' network that the host must reach. */
function rangesAround({ sources }: Settings, attributes: readonly Attribute[]) {
  const outer = attributes.flatMap(({ name, value }) => {
    if (name !== 'ip_cidr_range' || value.type !== 'string') return [];
    const range = parseRange(value.value.includes('/') ? value.value : `${value.value}/24`);
    return range ? [range] : [];
  });
  return [...outer, ...sources.value.filter(({ prefix }) => prefix >= 8)];
}

/** The names of secrets, with the variables that set them. */
const SECRETS = [
  ['token', 'harvester_first_node_token', 'cluster_token'],
  ['password', 'harvester_password', 'node_password'],
] as const;

function secretsOf(settings: Settings, notes: Notes) {
  const values = new Map<string, string>();
  const at = new Map<string, SourceLocation>();
  for (const [key, of, secret] of SECRETS) {
    const setting = settings[key];
    if (setting?.at && !isPublicValue(setting.value)) {
      values.set(secret, setting.value);
      at.set(secret, setting.at);
      continue;
    }
    const why = setting
      ? KNOWN_TO_ALL
      : 'it is not set, and the default of harvester-cloud is publicly known';
    const text = `${why}: generate a new secret ${secret} with \`${COMMANDS.get(secret)}\``;
    notes.open(of, text, setting?.at);
  }
  return { values, at };
}

function noteOpen(
  settings: Settings,
  provider: ProviderName | undefined,
  attributes: readonly Attribute[],
  notes: Notes,
): void {
  const { size, nodes, sources, rancher } = settings;
  if (size.value !== presetOf(settings))
    notes.changed('harvester_cluster_size', `${nodes.value} nodes are small, as in harvester-cloud`, size.at);
  if (provider) noteVm(settings, provider, notes);
  else {
    const on = attributes.find(({ name }) => name === 'data_disk_size' || name === 'data_disk_count');
    const why =
      'the cloud provider is unknown: images are in /var/lib/libvirt/images until host.disks lists disks and ' +
      'vm.disks of the nodes refer to them';
    notes.open(on?.name ?? 'data_disk_size', why, on?.at);
  }
  const reason =
    'it is empty, which harvester-cloud replaces with the IP address of the computer that runs Terraform: ' +
    'port 6443 is open to the host only until allow in host.expose lists other clients';
  if (sources.value.length === 0) notes.open('public_ip_source_addresses', reason, sources.at);
  const text = `Rancher shows the registration URL under Virtualization Management, Import Existing: set it as the secret ${REGISTRATION}`;
  if (rancher) notes.open('rancher_api_url', text, rancher.at);
  // The commands of a cloud VM use the address that its creation prints.
  if (!provider) notes.open('host.address', 'the public name or IP address of the host, when it is known');
}

/** Notes what is different about the cloud VM. */
function noteVm({ sources, vm }: Settings, provider: ProviderName, notes: Notes): void {
  const { spot, createVnet, createVpc, createFirewall, network, vpc, subnet } = vm;
  notes.open('host.cloud.ssh_keys', 'the content of your .pub file: without it, no operator can log in');
  if (!spot && !PROVIDERS[provider].without.spot && provider !== 'azure')
    notes.changed(
      'spot_instance',
      "it is not set, and harvester-cloud's default is a spot VM: the VM is not one",
    );
  if (createVnet?.value === false)
    notes.open('create_vnet', 'set host.cloud.network.subnet to the ID of your subnet', createVnet.at);
  if (createVpc?.value === false && !vpc && !subnet)
    notes.open(
      'create_vpc',
      'set host.cloud.network.vpc and host.cloud.network.subnet to your names',
      createVpc.at,
    );
  if (network && vpc && subnet)
    notes.changed('ip_cidr_range', 'not used: the existing network has its own range', network.at);
  if (createFirewall?.value === false)
    notes.changed('create_firewall', 'the VM has a firewall of its own in any case', createFirewall.at);
  const lone = vpc && subnet ? undefined : (vpc ?? subnet);
  if (lone)
    notes.open(
      lone === vpc ? 'vpc' : 'subnet',
      'an existing network needs both: set host.cloud.network.vpc and host.cloud.network.subnet',
      lone.at,
    );
  if (sources.value.length > 0 && !sources.value.some(({ prefix }) => prefix === 0))
    notes.changed(
      'public_ip_source_addresses',
      'port 443 is restricted, too: harvester-cloud opens it to all',
      sources.at,
    );
}
