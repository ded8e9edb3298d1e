import { isKnownToAll } from '../../knowledge/known-values.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import { type Attribute, type HclBody, readHcl } from '../hcl/read-hcl.ts';
import { isHclJson, readHclJson } from '../hcl/read-json.ts';
import type { ImportedSite, ImportFormat, ImportSettings } from '../kind.ts';
import { hostStemOf, siteNameOf } from '../names.ts';
import { Notes } from '../notes.ts';
import { COMMANDS, KNOWN_TO_ALL } from '../secrets.ts';
import { writeSite } from '../write-site.ts';
import { freeSubnet, modelOf, presetOf, REGISTRATION } from './model.ts';
import { parseRange, readVariables, type Settings, settingsOf } from './settings.ts';
import {
  concealVariables,
  noteLeft,
  PROVIDERS,
  type Provider,
  providerOf,
  variableCalled,
} from './variables.ts';

/** A terraform.tfvars, or terraform.tfvars.json, of rancher/harvester-cloud. */
export const tfvars: ImportFormat = {
  name: 'tfvars',
  what: 'a terraform.tfvars of rancher/harvester-cloud, for any of its providers; *.tfvars.json, too',
  takes: [],
  read(source, wish, report) {
    const attributes = attributesOf(source, report);
    if (!attributes) return undefined;
    const settings = settingsOf(readVariables(attributes, report), report);
    if (!settings || report.failed) return undefined;
    const site = siteOf(source, attributes, settings, wish, report);
    return site && [site];
  },
};

function attributesOf(source: Source, report: Report): readonly Attribute[] | undefined {
  const body = isHclJson(source.text) ? readHclJson(source) : readHcl(source);
  concealVariables(source, body);
  if (body.fault) {
    report.error(body.fault);
    return undefined;
  }
  if (body.attributes.some(({ name }) => variableCalled(name))) return body.attributes;
  reportStranger(source, body, report);
  return undefined;
}

function reportStranger(source: Source, { attributes }: HclBody, report: Report): void {
  const [first] = attributes;
  report.error({
    code: 'not-harvester-cloud',
    message: first
      ? 'No variable of this file is one of harvester-cloud.'
      : 'The file sets no variable: there is nothing to make a site of.',
    at: first?.at ?? { source, start: 0, end: 0 },
    help: 'give the terraform.tfvars of one of its projects: aws, azure, digitalocean or google-cloud',
  });
}

function siteOf(
  source: Source,
  attributes: readonly Attribute[],
  settings: Settings,
  wish: ImportSettings,
  report: Report,
): ImportedSite | undefined {
  const { prefix } = settings;
  const providerName = providerOf(attributes);
  const provider = providerName && PROVIDERS[providerName];
  const given = [prefix?.value, wish.site, wish.folder, provider?.prefix];
  const firstOf = (make: (text: string) => string | undefined) =>
    given.map((text) => (text === undefined ? undefined : make(text))).find((made) => made !== undefined);
  const name = wish.site ?? firstOf(siteNameOf);
  const stem = firstOf((text) => hostStemOf(text, settings.version));
  if (!name || !stem) {
    report.error({
      code: 'tfvars-value',
      message:
        'No name for the site can be made of what the file says: prefix has no letter or digit, or is not set.',
      at: prefix?.at ?? { source, start: 0, end: 0 },
      help: 'set prefix, or give --site NAME',
    });
    return undefined;
  }
  const notes = new Notes();
  const isSame = stem === prefix?.value && (wish.site !== undefined || name === prefix.value);
  const why = `a site and its host names take no such text: the site is ${name}, its nodes are ${stem}-1 and on`;
  if (prefix && !isSame) notes.changed('prefix', why, prefix.at);
  noteLeft(attributes, notes);
  const secrets = secretsOf(settings, notes);
  noteOpen(settings, provider, attributes, notes);
  const title =
    `${provider ? `A site that was made for ${provider.name}` : 'A site'}, by a terraform.tfvars of ` +
    'rancher/harvester-cloud: a whole Harvester cluster on one libvirt host.';
  const plan = {
    name,
    stem,
    settings,
    prefix: prefix?.value ?? provider?.prefix ?? '',
    provider,
    subnet: freeSubnet(rangesAround(settings, attributes)),
  };
  return writeSite(name, modelOf(plan), title, notes, secrets);
}

/** What the host must reach outside of the nodes' network. */
function rangesAround({ sources }: Settings, attributes: readonly Attribute[]) {
  const outer = attributes.flatMap(({ name, value }) => {
    if (name !== 'ip_cidr_range' || value.type !== 'string') return [];
    const range = parseRange(value.value.includes('/') ? value.value : `${value.value}/24`);
    return range ? [range] : [];
  });
  return [...outer, ...sources.value.filter(({ prefix }) => prefix >= 8)];
}

/** The names of the secrets, by the variables that have their values. */
const SECRETS = [
  ['token', 'harvester_first_node_token', 'cluster_token'],
  ['password', 'harvester_password', 'node_password'],
] as const;

function secretsOf(settings: Settings, notes: Notes) {
  const values = new Map<string, string>();
  const at = new Map<string, SourceLocation>();
  for (const [key, of, secret] of SECRETS) {
    const setting = settings[key];
    if (setting?.at && !isKnownToAll(setting.value)) {
      values.set(secret, setting.value);
      at.set(secret, setting.at);
      continue;
    }
    const why = setting
      ? KNOWN_TO_ALL
      : 'it is not set, and the default of harvester-cloud is known to everybody';
    const text = `${why}: make the secret ${secret} anew, by \`${COMMANDS.get(secret)}\``;
    notes.open(of, text, setting?.at);
  }
  return { values, at };
}

function noteOpen(
  settings: Settings,
  provider: Provider | undefined,
  attributes: readonly Attribute[],
  notes: Notes,
): void {
  const { size, nodes, sources, rancher } = settings;
  if (size.value !== presetOf(settings))
    notes.changed('harvester_cluster_size', `${nodes.value} nodes are small, as in harvester-cloud`, size.at);
  if (!provider?.device) {
    const on = attributes.find(({ name }) => name === 'data_disk_size' || name === 'data_disk_count');
    const why =
      `${provider ? 'the name of a volume is known when it has been made' : 'for which provider the file is cannot be told'}: ` +
      'images lie in /var/lib/libvirt/images until host.disks names disks, and vm.disks of the nodes say on which';
    notes.open(on?.name ?? 'data_disk_size', why, on?.at);
  }
  const reason =
    'it is empty, which in harvester-cloud stands for the address that Terraform runs from: ' +
    'port 6443 is for the host itself until allow in host.expose says who else may connect';
  if (sources.value.length === 0) notes.open('public_ip_source_addresses', reason, sources.at);
  const text = `Rancher shows the address to register at under Virtualization Management, Import Existing: give it as the secret ${REGISTRATION}`;
  if (rancher) notes.open('rancher_api_url', text, rancher.at);
  notes.open('host.address', 'the name or address of the host, for people and their tools, when it is known');
}
