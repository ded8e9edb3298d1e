import { schemaOf } from '../../knowledge/tables/schemas.ts';
import type { Place } from '../../source/origin.ts';
import type { Notes } from '../notes.ts';
import { whence } from '../whence.ts';
import type { Said } from './boot-php.ts';
import { few } from './few.ts';
import type { CallOption } from './launch-call.ts';
import { regionOfOcid } from './regions.ts';

/** A key of `defaults.oci` that oci-harvester's call has no option for, and where its value came from. */
export interface FurtherValue {
  readonly key: string;
  readonly value: string | boolean | readonly string[];
  readonly whence: string;
}

interface Form {
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly items?: Form;
}

interface Further {
  readonly key: string;
  /** What an inventory has for a value of the option; undefined where it is none. */
  valueIn(text: string, form: Form): FurtherValue['value'] | undefined;
}

/** The options of a launch that a site has keys for. Source: the OCI CLI, `oci compute instance launch --help`. */
const FURTHER: Readonly<Record<string, Further>> = {
  '--region': { key: 'region', valueIn: (text, form) => (fits(text, form) ? text : undefined) },
  '--fault-domain': { key: 'fault_domain', valueIn: (text, form) => (fits(text, form) ? text : undefined) },
  '--nsg-ids': { key: 'nsgs', valueIn: (text, { items = {} }) => listIn(text, items) },
  '--assign-public-ip': { key: 'public_ip', valueIn: (text) => BOOLEANS[text.toLowerCase()] },
};

/** Their names. */
export const FURTHER_OPTIONS = Object.keys(FURTHER);

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false };

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

function formOf(key: string): Form {
  const schema = schemaOf('site.schema.json') as {
    $defs: { layer: { properties: { oci: { properties: Record<string, Form> } } } };
  };
  return schema.$defs.layer.properties.oci.properties[key] ?? {};
}

function fits(text: string, { pattern, enum: words }: Form): boolean {
  return words ? words.includes(text) : new RegExp(pattern ?? '').test(text);
}

/** A list as the CLI takes it: JSON. */
function listIn(text: string, form: Form): readonly string[] | undefined {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(list) || list.length === 0) return undefined;
  return list.every((one): one is string => typeof one === 'string' && fits(one, form)) ? list : undefined;
}

/** Gives the values of options that a site has keys for. The region is known by an OCID, too; `ocids` are those of the launch. */
export function furtherOf(
  options: readonly CallOption[],
  ocids: readonly (Said<string> | undefined)[],
  notes: Notes,
): readonly FurtherValue[] {
  const values: FurtherValue[] = [];
  for (const [option, { key, valueIn }] of Object.entries(FURTHER)) {
    const found = options.find(({ name }) => name === option);
    if (!found) continue;
    const value = found.value && valueIn(found.value.value, formOf(key));
    if (found.value && value !== undefined) values.push({ key, value, whence: whence([found.value.at]) });
    else
      notes.add(
        'left',
        option,
        `harvgen reads what is written out: say it below defaults.oci.${key}`,
        found.at,
      );
  }
  if (values.some(({ key }) => key === 'region')) return values;
  const said = ocids.find((one) => one !== undefined);
  const region = said && regionOfOcid(said.value);
  if (region)
    return [{ key: 'region', value: region, whence: `${whence([said.at])}, by the OCID` }, ...values];
  if (said)
    notes.add(
      'open',
      'defaults.oci.region',
      "no option says it, and no OCID in a way that harvgen knows: unless said, it is that of the CLI's own configuration",
      said.at,
    );
  return values;
}

/** Notes the options of a launch that the site's has not, and those in which several launches differ. */
export function noteOptions(options: readonly CallOption[], known: readonly string[], notes: Notes): void {
  const carried = [...known, ...FURTHER_OPTIONS];
  const others = options.filter(({ name }) => !carried.includes(name) && !OWN_OPTIONS.includes(name));
  const [first] = others;
  if (first)
    notes.add(
      'left',
      few(others.map(({ name }) => name)),
      "the launch has it beside oci-harvester's own options, and scripts/oci-launch.sh has not: there, a node's display name is its " +
        'name, its private address its ip, and tags are oci.tags',
      first.at,
    );
  for (const option of carried) {
    const [one, ...more] = options.filter(({ name }) => name === option);
    const other = more.find(({ value }) => value?.value !== one?.value?.value);
    if (other) noteDifference(option, other.at, notes);
  }
}

function noteDifference(option: string, at: Place, notes: Notes): void {
  notes.add(
    'left',
    option,
    'the launches differ in it: that of the first is in defaults.oci, and what others have is to be said at their nodes',
    at,
  );
}
