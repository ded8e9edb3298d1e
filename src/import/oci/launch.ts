import { schemaOf } from '../../knowledge/schemas.ts';
import type { Place, Source } from '../../source/source.ts';
import type { Said } from '../joined/gathered.ts';
import type { Findings, Notes } from '../notes.ts';
import { type Content, type ContentMap, flow, noted, OPEN, said, whence } from '../write-site.ts';
import { type CallOption, launchOptions, variablesOf } from './launch-call.ts';
import { few } from './machines.ts';
import { showOnly } from './table.ts';

interface Variable {
  readonly name: string;
  readonly key: string;
  /** The option of the launch that has it. */
  readonly option?: string;
}

/** The variables that people edit in launch.sh. Source: oci-harvester, launch.sh. */
const VARIABLES: readonly Variable[] = [
  { name: 'COMPARTMENT_UUID', key: 'compartment', option: '--compartment-id' },
  { name: 'SUBNET_UUID', key: 'subnet', option: '--subnet-id' },
  { name: 'IMAGE_UUID', key: 'image', option: '--image-id' },
  { name: 'SHAPE', key: 'shape', option: '--shape' },
  { name: 'AD', key: 'availability_domain', option: '--availability-domain' },
  { name: 'SSH_KEY_FILE', key: 'ssh_public_key' },
];

/** The options of a launch that a site has keys for. Source: the OCI CLI, `oci compute instance launch --help`. */
const FURTHER: Readonly<Record<string, string>> = {
  '--region': 'region',
  '--fault-domain': 'fault_domain',
  '--nsg-ids': 'nsgs',
  '--assign-public-ip': 'public_ip',
};

const CARRIED = [...VARIABLES.flatMap(({ option }) => option ?? []), ...Object.keys(FURTHER)];

/** Options that say how the CLI answers, and the script: scripts/oci-launch.sh has its own. */
const OWN_OPTIONS = [
  '--ipxe-script-file',
  '--query',
  '--raw-output',
  '--output',
  '--wait-for-state',
  '--max-wait-seconds',
  '--wait-interval-seconds',
];

interface Form {
  readonly type?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly items?: Form;
  readonly 'x-expects'?: string;
}

/** What an inventory takes for a key of `oci`. */
function formOf(key: string): Form {
  const schema = schemaOf('site.schema.json') as {
    $defs: { layer: { properties: { oci: { properties: Record<string, Form> } } } };
  };
  return schema.$defs.layer.properties.oci.properties[key] ?? {};
}

function fits(text: string, { pattern, enum: words }: Form): boolean {
  return words ? words.includes(text) : new RegExp(pattern ?? '').test(text);
}

/**
 * Reads the values that people edit in launch.sh, for `defaults.oci`: what an instance is launched with. Those that stand there
 * for people to replace, or that are none, are asked for. Gives undefined where it is no such file, which is reported.
 */
export function readLaunch(source: Source, findings: Findings): ContentMap | undefined {
  const { notes, report } = findings;
  const variables = variablesOf(source);
  const options = launchOptions(source, variables);
  const found = new Map(
    VARIABLES.map(({ name, key, option }) => [key, optionSaid(option, options) ?? variables.get(name)]),
  );
  const places = [...found.values()].flatMap((one) => one?.at ?? []);
  const own = [...variables.values()].map(({ at }) => at);
  const ofOptions = options.flatMap(({ name, value }) =>
    value && Object.hasOwn(FURTHER, name) ? value.at : [],
  );
  showOnly(
    source,
    [...places.map((at) => (own.includes(at) ? widened(at) : at)), ...ofOptions].sort(
      (a, b) => a.start - b.start,
    ),
  );
  if (places.length === 0) {
    report.error({
      code: 'not-oci-harvester',
      message: 'The file sets no variable of the launch.sh of oci-harvester, such as SUBNET_UUID.',
      at: { source, start: 0, end: 0 },
      help: `give launch.sh, which sets ${VARIABLES.map(({ name }) => name).join(', ')}`,
    });
    return undefined;
  }
  const asked = new Map(VARIABLES.map(({ name, key }) => [key, usable(name, key, found.get(key), findings)]));
  noteOptions(options, notes);
  return {
    ...Object.fromEntries([...asked].map(([key, one]) => [key, said(one) ?? noted(OPEN, 'see above')])),
    ...furtherOf(options, asked.get('subnet') ?? asked.get('image'), notes),
  };
}

/** The value of a variable's option, where it is written out in the call. */
function optionSaid(option: string | undefined, options: readonly CallOption[]): Said<string> | undefined {
  const said = options.find(({ name }) => name === option)?.value;
  return said && !said.value.includes('$') ? said : undefined;
}

/** With the quote before and behind it. */
function widened({ source, start, end }: Place): Place {
  return {
    source,
    start: Math.max(0, source.text.lastIndexOf('\n', start - 1) + 1),
    end: Math.min(end + 1, source.text.length),
  };
}

/** Says whether a value is one that oci-harvester comes with for people to replace. */
function isPlaceholder(value: string): boolean {
  return /^$|\bip-address\b|\.\.?(?:\w+\.)?update$|^XXXX:|^<.*>$/.test(value);
}

function usable(
  name: string,
  key: string,
  found: Said<string> | undefined,
  { notes, report }: Findings,
): Said<string> | undefined {
  const form = formOf(key);
  const what = form['x-expects'];
  const value = found?.value.replace(/^(?:\$HOME|\$\{HOME\})\//, '~/') ?? '';
  if (found && !isPlaceholder(value)) {
    if (fits(value, form)) return { value, at: found.at };
    report.warning({
      code: 'oci-launch',
      message: value.includes('$')
        ? 'This value is to be worked out by the shell: harvgen reads what is written out.'
        : `This is not ${what}`,
      at: found.at,
      help: `write the value itself below defaults.oci.${key}, where the site asks for it`,
    });
  }
  notes.add(
    'open',
    name,
    `${found ? 'it has no value that could be used' : 'launch.sh does not set it'}: defaults.oci.${key} is ${what}`,
    found?.at,
  );
  return undefined;
}

/** Notes the options of a launch that the site's has not, and those in which several launches differ. */
function noteOptions(options: readonly CallOption[], notes: Notes): void {
  const others = options.filter(({ name }) => !CARRIED.includes(name) && !OWN_OPTIONS.includes(name));
  const [first] = others;
  if (first)
    notes.add(
      'left',
      few(others.map(({ name }) => name)),
      "the launch has it beside oci-harvester's own options, and scripts/oci-launch.sh has not: there, a node's display name is its " +
        'name, its private address its ip, and tags are oci.tags',
      first.at,
    );
  for (const option of CARRIED) {
    const [one, ...more] = options.filter(({ name }) => name === option);
    const other = more.find(({ value }) => value?.value !== one?.value?.value);
    if (other)
      notes.add(
        'left',
        option,
        'the launches differ in it: that of the first is in defaults.oci, and what others have is to be said at their nodes',
        other.at,
      );
  }
}

/** Gives the values of options that a site has keys for. The region is known by an OCID of the launch, too. */
function furtherOf(options: readonly CallOption[], ocid: Said<string> | undefined, notes: Notes): ContentMap {
  const values: Record<string, Content> = {};
  for (const [option, key] of Object.entries(FURTHER)) {
    const found = options.find(({ name }) => name === option);
    const value = found?.value && valueIn(found.value.value, formOf(key));
    const from = whence([found?.value?.at]);
    if (value !== undefined) values[key] = typeof value === 'object' ? flow(value, from) : noted(value, from);
    else if (found)
      notes.add(
        'left',
        option,
        `harvgen reads what is written out: say it below defaults.oci.${key}`,
        found.at,
      );
  }
  if (!ocid || values.region) return values;
  const region = regionOfOcid(ocid.value);
  if (region) return { region: noted(region, `${whence([ocid.at])}, by the OCID`), ...values };
  notes.add(
    'open',
    'defaults.oci.region',
    "no option says it, and no OCID in a way that harvgen knows: unless said, it is that of the CLI's own configuration",
    ocid.at,
  );
  return values;
}

/** What an inventory has for a value of an option, of which lists are JSON to the CLI; undefined where it is none. */
function valueIn(text: string, form: Form): string | boolean | string[] | undefined {
  if (form.type === 'boolean')
    return /^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined;
  const { items } = form;
  if (!items) return fits(text, form) ? text : undefined;
  try {
    const list: unknown = JSON.parse(text);
    const isList = Array.isArray(list) && list.length > 0;
    return isList && list.every((one) => typeof one === 'string' && fits(one, items)) ? list : undefined;
  } catch {
    return undefined;
  }
}

/** The region of each key that OCIDs of OCI's commercial realm have. Source: oracle/oci-python-sdk, regions_definitions.py. */
const REGION_OF_KEY: Readonly<Record<string, string>> = {
  aga: 'us-saltlake-2',
  ams: 'eu-amsterdam-1',
  arn: 'eu-stockholm-1',
  auh: 'me-abudhabi-1',
  bog: 'sa-bogota-1',
  bom: 'ap-mumbai-1',
  cdg: 'eu-paris-1',
  cwl: 'uk-cardiff-1',
  dxb: 'me-dubai-1',
  fra: 'eu-frankfurt-1',
  gru: 'sa-saopaulo-1',
  hyd: 'ap-hyderabad-1',
  iad: 'us-ashburn-1',
  icn: 'ap-seoul-1',
  jed: 'me-jeddah-1',
  jnb: 'af-johannesburg-1',
  kix: 'ap-osaka-1',
  lhr: 'uk-london-1',
  lin: 'eu-milan-1',
  mad: 'eu-madrid-1',
  mel: 'ap-melbourne-1',
  mrs: 'eu-marseille-1',
  mtz: 'il-jerusalem-1',
  mty: 'mx-monterrey-1',
  nrt: 'ap-tokyo-1',
  ord: 'us-chicago-1',
  phx: 'us-phoenix-1',
  qro: 'mx-queretaro-1',
  ruh: 'me-riyadh-1',
  scl: 'sa-santiago-1',
  sin: 'ap-singapore-1',
  sjc: 'us-sanjose-1',
  syd: 'ap-sydney-1',
  vap: 'sa-valparaiso-1',
  vcp: 'sa-vinhedo-1',
  xsp: 'ap-singapore-2',
  yny: 'ap-chuncheon-1',
  yul: 'ca-montreal-1',
  yyz: 'ca-toronto-1',
  zrh: 'eu-zurich-1',
};

/** Gives the region that an OCID names, by its key or in full; undefined where it names none that is known. */
function regionOfOcid(ocid: string): string | undefined {
  const [, , , key = ''] = ocid.split('.');
  return /^[a-z]+(?:-[a-z]+)+-\d+$/.test(key) ? key : REGION_OF_KEY[key];
}
