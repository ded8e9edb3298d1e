import { PROVIDERS, type ProviderName } from '../../knowledge/cloud-providers.ts';
import { isPublicValue } from '../../knowledge/known-values.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import { type Attribute, type HclBody, readHcl } from '../hcl/read-hcl.ts';
import { writeSite } from '../joined/write-site.ts';
import type { ImportedSite, ImportFormat, ImportSettings } from '../model/import-format.ts';
import { hostStemOf, siteNameOf } from '../model/names.ts';
import { Notes } from '../model/notes.ts';
import { COMMANDS, KNOWN_TO_ALL } from '../model/secrets.ts';
import { parseRange, type Settings, settingsOf, withPrefix } from './settings.ts';
import { freeSubnet, modelOf, REGISTRATION } from './tfvars-model.ts';
import { concealVariables, harvesterCloud, noteLeft, providerOf, variableCalled } from './variables.ts';

/** A terraform.tfvars, or terraform.tfvars.json, of rancher/harvester-cloud. */
export const tfvars: ImportFormat = {
  name: 'tfvars',
  what: 'a terraform.tfvars or *.tfvars.json of rancher/harvester-cloud, for any provider',
  takes: [],
  read(source, options, report) {
    const attributes = attributesOf(source, report);
    const settings = attributes && settingsOf(attributes, report);
    const site = settings && siteOf(source, attributes, settings, options, report);
    return site && [site];
  },
};

/** Variables that only the projects have that create a cluster. */
const OF_CLUSTERS = ['prefix', 'region', 'harvester_version', 'harvester_node_count'];

/** Returns the variables of a file, or undefined if it reports an error. */
function attributesOf(source: Source, report: Report): readonly Attribute[] | undefined {
  const body = readHcl(source);
  concealVariables(source, body);
  if (body.error) {
    report.error(body.error);
    return undefined;
  }
  const { attributes } = body;
  const [first] = attributes;
  const other = attributes.some(({ name }) => OF_CLUSTERS.includes(name)) ? undefined : otherProjectOf(body);
  if (!other && attributes.some(({ name }) => variableCalled(name))) return attributes;
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
  return undefined;
}

function otherProjectOf({ attributes }: HclBody): string | undefined {
  const projects = Object.entries(harvesterCloud().otherProjects);
  return projects.find(([, form]) => attributes.some(({ name }) => new RegExp(form).test(name)))?.[0];
}

function siteOf(
  source: Source,
  attributes: readonly Attribute[],
  settings: Settings,
  options: ImportSettings,
  report: Report,
): ImportedSite | undefined {
  const refuse = (at: SourceLocation | undefined, message: string, help: string): undefined =>
    report.error({
      code: 'tfvars-value',
      message,
      at: at ?? { source, start: 0, end: 0 },
      help,
    }) as undefined;
  const prefix = settings.text('prefix');
  const provider = providerOf(attributes);
  const given = [
    prefix?.value,
    options.site,
    options.folder,
    provider && harvesterCloud().projects[provider].prefix,
  ];
  const firstOf = (make: (text: string) => string | undefined) =>
    given.map((text) => (text === undefined ? undefined : make(text))).find((made) => made !== undefined);
  const name = options.site ?? firstOf(siteNameOf);
  // A dot would end the host name, and the number would be in the domain.
  const stem = firstOf((text) => hostStemOf(text.replaceAll('.', '-'), settings.version));
  if (!name || !stem)
    return refuse(
      prefix?.at,
      'The file provides no site name: prefix is not set, or has no letter or digit.',
      'set prefix, or add --site NAME',
    );
  const region = settings.text('region');
  const cloud = provider && PROVIDERS[provider];
  if (cloud && region && !cloud.region.test(region.value))
    return refuse(
      region.at,
      `The region is not one of ${cloud.title}.`,
      `set a region of ${cloud.title}, such as ${cloud.aRegion}`,
    );
  const notes = new Notes();
  const isSame = stem === prefix?.value && (options.site !== undefined || name === prefix.value);
  const why = `not valid as a site name and host name: the site is ${name}, its nodes are ${stem}-1 and so on`;
  if (prefix && !isSame) notes.changed('prefix', why, prefix.at);
  noteLeft(attributes, notes);
  const secrets = secretsOf(settings, notes);
  noteOpen(settings, provider, attributes, notes);
  const title =
    `${cloud ? `A site for ${cloud.title}` : 'A site'}, imported from a terraform.tfvars of ` +
    'rancher/harvester-cloud: a whole Harvester cluster on one libvirt host.';
  const subnet = freeSubnet(rangesAround(settings, attributes));
  return writeSite(name, modelOf({ name, stem, settings, provider, subnet }), title, notes, secrets);
}

/** Returns the subnets outside the nodes' network that the host must reach. */
function rangesAround({ sources }: Settings, attributes: readonly Attribute[]) {
  const outer = attributes.flatMap(({ name, value }) =>
    name === 'ip_cidr_range' && value.type === 'string' ? (parseRange(withPrefix(value.value)) ?? []) : [],
  );
  return [...outer, ...sources.filter(({ prefix }) => prefix >= 8)];
}

/** The names of secrets, with the variables that set them. */
const SECRETS = [
  ['harvester_first_node_token', 'cluster_token'],
  ['harvester_password', 'node_password'],
] as const;

function secretsOf(settings: Settings, notes: Notes) {
  const values = new Map<string, string>();
  const at = new Map<string, SourceLocation>();
  for (const [variable, secret] of SECRETS) {
    const setting = settings.text(variable);
    if (setting && !isPublicValue(setting.value)) {
      values.set(secret, setting.value);
      at.set(secret, setting.at);
      continue;
    }
    const why = setting
      ? KNOWN_TO_ALL
      : 'it is not set, and the default of harvester-cloud is publicly known';
    const text = `${why}: generate a new secret ${secret} with \`${COMMANDS.get(secret)}\``;
    notes.open(variable, text, setting?.at);
  }
  return { values, at };
}

function noteOpen(
  settings: Settings,
  provider: ProviderName | undefined,
  attributes: readonly Attribute[],
  notes: Notes,
): void {
  const open = (variable: string, text: string) => notes.open(variable, text, settings.at(variable));
  if (settings.value('harvester_cluster_size') !== settings.preset)
    notes.changed(
      'harvester_cluster_size',
      `${settings.nodes} nodes are small, as in harvester-cloud`,
      settings.at('harvester_cluster_size'),
    );
  if (provider) noteVm(settings, provider, notes);
  else {
    const on = attributes.find(({ name }) => name === 'data_disk_size' || name === 'data_disk_count');
    const why =
      'the cloud provider is unknown: images are in /var/lib/libvirt/images until host.disks lists disks and ' +
      'vm.disks of the nodes refer to them';
    notes.open(on?.name ?? 'data_disk_size', why, on?.at);
  }
  if (settings.sources.length === 0)
    open(
      'public_ip_source_addresses',
      'it is empty, which harvester-cloud replaces with the IP address of the computer that runs Terraform: ' +
        'port 6443 is open to the host only until allow in host.expose lists other clients',
    );
  if (settings.text('rancher_api_url'))
    open(
      'rancher_api_url',
      `Rancher shows the registration URL under Virtualization Management, Import Existing: set it as the secret ${REGISTRATION}`,
    );
  // The commands of a cloud VM use the address that its creation prints.
  if (!provider) open('host.address', 'the public name or IP address of the host, when it is known');
}

/** Notes what is different about the cloud VM. */
function noteVm(settings: Settings, provider: ProviderName, notes: Notes): void {
  const open = (variable: string, text: string) => notes.open(variable, text, settings.at(variable));
  const changed = (variable: string, text: string) => notes.changed(variable, text, settings.at(variable));
  const isOff = (variable: string) => settings.flag(variable) === false;
  const [vpc, subnet] = [settings.text('vpc'), settings.text('subnet')];
  const { sources } = settings;
  open('host.cloud.ssh_keys', 'the content of your .pub file: without it, no operator can log in');
  if (
    settings.flag('spot_instance') === undefined &&
    !PROVIDERS[provider].without.spot &&
    provider !== 'azure'
  )
    changed('spot_instance', "it is not set, and harvester-cloud's default is a spot VM: the VM is not one");
  if (isOff('create_vnet')) open('create_vnet', 'set host.cloud.network.subnet to the ID of your subnet');
  if (isOff('create_vpc') && !vpc && !subnet)
    open('create_vpc', 'set host.cloud.network.vpc and host.cloud.network.subnet to your names');
  if (settings.text('ip_cidr_range') && vpc && subnet)
    changed('ip_cidr_range', 'not used: the existing network has its own range');
  if (isOff('create_firewall')) changed('create_firewall', 'the VM has a firewall of its own in any case');
  if (Boolean(vpc) !== Boolean(subnet))
    open(
      vpc ? 'vpc' : 'subnet',
      'an existing network needs both: set host.cloud.network.vpc and host.cloud.network.subnet',
    );
  if (sources.length > 0 && !sources.some(({ prefix }) => prefix === 0))
    changed('public_ip_source_addresses', 'port 443 is restricted, too: harvester-cloud opens it to all');
}
