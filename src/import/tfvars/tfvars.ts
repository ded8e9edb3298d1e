import { isKnownToAll } from '../../knowledge/tables/known-secrets.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Place, Source } from '../../source/origin.ts';
import { readHcl } from '../hcl/read-hcl.ts';
import { isHclJson, readHclJson } from '../hcl/read-json.ts';
import type { Attribute, HclBody } from '../hcl/value.ts';
import { headOf } from '../head.ts';
import type { ImportedSite, ImportKind, ImportNote, ImportWish } from '../kind.ts';
import { hostStemOf, siteNameOf } from '../names.ts';
import { orderOf } from '../notes.ts';
import { freeSubnet, parseRange } from './addresses.ts';
import { concealValues } from './conceal.ts';
import { leftOf } from './notes.ts';
import { providerOf } from './provider-of.ts';
import { PROVIDERS, type Provider } from './providers.ts';
import { readVariables } from './read-variables.ts';
import { type Setting, type Settings, settingsOf } from './settings.ts';
import { presetOf, REGISTRATION, siteYaml } from './site-yaml.ts';
import { variableCalled } from './variables.ts';

/** A terraform.tfvars, or terraform.tfvars.json, of rancher/harvester-cloud. */
export const tfvars: ImportKind = {
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
  concealValues(source, body);
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
  wish: ImportWish,
  report: Report,
): ImportedSite | undefined {
  const providerName = providerOf(attributes);
  const provider = providerName && PROVIDERS[providerName];
  const given = [settings.prefix?.value, wish.site, wish.folder, provider?.prefix].filter(
    (one) => one !== undefined,
  );
  const name = wish.site ?? firstOf(given, siteNameOf);
  const stem = firstOf(given, (one) => hostStemOf(one, settings.version.value));
  if (!name || !stem) {
    report.error({
      code: 'tfvars-value',
      message:
        'No name for the site can be made of what the file says: prefix has no letter or digit, or is not set.',
      at: settings.prefix?.at ?? { source, start: 0, end: 0 },
      help: 'set prefix, or give --site NAME',
    });
    return undefined;
  }
  const { secrets, secretsAt, notes: secretNotes } = secretsOf(settings);
  const notes = [
    ...namedOtherwise(settings, wish, name, stem),
    ...leftOf(attributes),
    ...secretNotes,
    ...openOf(settings, provider, attributes),
  ].sort((a, b) => orderOf(a) - orderOf(b));
  const title =
    `${provider ? `A site that was made for ${provider.name}` : 'A site'}, by a terraform.tfvars of ` +
    'rancher/harvester-cloud: a whole Harvester cluster on one libvirt host.';
  const text = siteYaml({
    name,
    stem,
    settings,
    prefix: settings.prefix?.value ?? provider?.prefix ?? '',
    provider,
    subnet: freeSubnet(rangesAround(settings, attributes)),
    head: headOf(title, notes),
  });
  return { name, text, secrets, secretsAt, notes };
}

function firstOf(texts: readonly string[], make: (text: string) => string | undefined): string | undefined {
  return texts.map(make).find((made) => made !== undefined);
}

function namedOtherwise(
  { prefix }: Settings,
  { site }: ImportWish,
  name: string,
  stem: string,
): ImportNote[] {
  if (!prefix) return [];
  const isSame = stem === prefix.value && (site !== undefined || name === prefix.value);
  if (isSame) return [];
  const text = `a site and its host names take no such text: the site is ${name}, its nodes are ${stem}-1 and on`;
  return [{ kind: 'changed', at: prefix.at, of: 'prefix', text }];
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
  ['token', 'harvester_first_node_token', 'cluster_token', 'openssl rand -hex 32'],
  ['password', 'harvester_password', 'node_password', 'openssl rand -base64 18'],
] as const;

function secretsOf(settings: Settings) {
  const secrets = new Map<string, string>();
  const secretsAt = new Map<string, Place>();
  const notes: ImportNote[] = [];
  for (const [key, of, secret, command] of SECRETS) {
    const setting = settings[key];
    if (setting?.at && !isKnownToAll(setting.value)) {
      secrets.set(secret, setting.value);
      secretsAt.set(secret, setting.at);
      continue;
    }
    const why = setting
      ? 'its value stands in public examples and is known to everybody'
      : 'it is not set, and the default of harvester-cloud is known to everybody';
    notes.push({
      kind: 'open',
      at: setting?.at,
      of,
      text: `${why}: make the secret ${secret} anew, by \`${command}\``,
    });
  }
  return { secrets, secretsAt, notes };
}

function openOf(
  settings: Settings,
  provider: Provider | undefined,
  attributes: readonly Attribute[],
): ImportNote[] {
  const { size, nodes, sources, rancher } = settings;
  const notes: ImportNote[] = [];
  const add = (kind: ImportNote['kind'], of: string, text: string, setting?: Setting<unknown>) =>
    notes.push({ kind, at: setting?.at, of, text });
  if (size.value !== presetOf(settings))
    add('changed', 'harvester_cluster_size', `${nodes.value} nodes are small, as in harvester-cloud`, size);
  if (!provider?.device) {
    const on = attributes.find(({ name }) => name === 'data_disk_size' || name === 'data_disk_count');
    notes.push({
      kind: 'open',
      at: on?.at,
      of: on?.name ?? 'data_disk_size',
      text:
        `${provider ? 'the name of a volume is known when it has been made' : 'for which provider the file is cannot be told'}: ` +
        'images lie in /var/lib/libvirt/images until host.disks names disks, and vm.disks of the nodes say on which',
    });
  }
  if (sources.value.length === 0)
    add(
      'open',
      'public_ip_source_addresses',
      'it is empty, which in harvester-cloud stands for the address that Terraform runs from: ' +
        'port 6443 is for the host itself until allow in host.expose says who else may connect',
      sources,
    );
  if (rancher)
    add(
      'open',
      'rancher_api_url',
      `Rancher shows the address to register at under Virtualization Management, Import Existing: give it as the secret ${REGISTRATION}`,
      rancher,
    );
  add(
    'open',
    'host.address',
    'the name or address of the host, for people and their tools, when it is known',
  );
  return notes;
}
