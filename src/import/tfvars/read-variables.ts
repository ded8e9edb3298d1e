import type { Report } from '../../source/diagnostics/report.ts';
import type { Place } from '../../source/origin.ts';
import type { Attribute, HclValue } from '../hcl/value.ts';
import { type Variable, variableCalled } from './variables.ts';

/** A variable as a file sets it: its value has been made one of the variable's type, as Terraform does. */
export type Said = { readonly at: Place } & (
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'list'; readonly value: readonly { readonly value: string; readonly at: Place }[] }
);

/** What a file sets, by name, in its order. */
export type SaidVariables = ReadonlyMap<string, Said>;

/**
 * Takes what a file sets as variables of harvester-cloud. Reports what is set twice, and values that are none of their
 * variable; null is nothing said where the variable takes it. What harvester-cloud does not know is left out.
 */
export function readVariables(attributes: readonly Attribute[], report: Report): SaidVariables {
  const said = new Map<string, Said>();
  const seen = new Map<string, Attribute>();
  for (const attribute of attributes) {
    const { name, at, value } = attribute;
    const first = seen.get(name);
    if (first) {
      reportTwice(first, at, report);
      continue;
    }
    seen.set(name, attribute);
    const variable = variableCalled(name);
    // What nothing carries is for Terraform to judge.
    if (!variable || variable.instead !== undefined) continue;
    const converted = convert(value, variable);
    if (converted) said.set(name, converted);
    else if (value.type !== 'null' || !variable.nullable) reportType(name, value, variable, report);
  }
  return said;
}

function reportTwice(first: Attribute, at: Place, report: Report): void {
  report.error({
    code: 'duplicate-key',
    message: 'A variable is set twice: Terraform refuses that.',
    at,
    related: [{ message: 'the first is at', at: first.at }],
    help: 'remove one of the two',
  });
}

const EXPECTED: Readonly<Record<Variable['type'], string>> = {
  string: 'text: write it in double quotes',
  number: 'a number: write it without quotes',
  bool: 'true or false',
  list: 'a list of text: write ["203.0.113.0/24"]',
};

const FOUND: Readonly<Record<HclValue['type'], string>> = {
  string: 'text',
  number: 'a number',
  bool: 'a switch',
  null: 'null',
  list: 'a list',
  object: 'a map',
};

function reportType(name: string, value: HclValue, { type }: Variable, report: Report): void {
  report.error({
    code: 'tfvars-value',
    message: `The value of ${name} is ${FOUND[value.type]}${value.type === type ? ' with something else in it' : ''}, and harvester-cloud takes ${EXPECTED[type].replace(/:.*/, '')} there.`,
    at: value.at,
    help:
      value.type === 'null'
        ? 'give it a value, or remove the line: then the default of harvester-cloud counts'
        : EXPECTED[type].replace(/^.*: /, ''),
  });
}

/** Source: the conversions between primitive types of Terraform's type system (zclconf/go-cty, cty/convert). */
function convert(value: HclValue, { type }: Variable): Said | undefined {
  const { at } = value;
  if (type === 'list') return convertList(value);
  if (value.type === 'null' || value.type === 'list' || value.type === 'object') return undefined;
  if (type === 'string') return { type, value: String(value.value), at };
  if (type === 'number') {
    const number =
      value.type === 'string' && /^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(value.value)
        ? Number(value.value)
        : value.value;
    return typeof number === 'number' && Number.isFinite(number) ? { type, value: number, at } : undefined;
  }
  const switches: Readonly<Record<string, boolean>> = { true: true, false: false, 1: true, 0: false };
  if (value.type === 'bool') return { type, value: value.value, at };
  const found = value.type === 'string' ? switches[value.value] : undefined;
  return found === undefined ? undefined : { type, value: found, at };
}

function convertList(list: HclValue): Said | undefined {
  if (list.type !== 'list') return undefined;
  const items = list.items.map((item) => convert(item, { type: 'string' }));
  const texts = items.flatMap((item) =>
    item?.type === 'string' ? [{ value: item.value, at: item.at }] : [],
  );
  return texts.length < items.length ? undefined : { type: 'list', value: texts, at: list.at };
}
