import type { Report } from '../source/diagnostics/report.ts';
import { copyWith, isBroken, locatedList, locationOf, selfLocation } from '../source/origin.ts';
import { rangeAt, type SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { hyphenMac } from '../values/identifiers.ts';
import { nearest } from '../values/text.ts';
import { NODE_VALUE } from '../values/urls.ts';
import type { Node } from './model.ts';
import type { Server } from './model-server.ts';

type Known = Pick<Draft<Node>, 'name' | 'nics' | 'bootNic' | 'arch' | 'xname' | 'nid' | 'uuid' | 'serial'>;

const VALUES: Readonly<
  Record<string, (node: Known, server: Draft<Server> | undefined) => string | undefined>
> = {
  name: ({ name }) => name,
  ip: ({ bootNic }) => bootNic?.ip,
  mac: ({ bootNic }) => bootNic?.mac,
  'mac-hyphens': ({ bootNic }) => bootNic?.mac && hyphenMac(bootNic.mac),
  nic: ({ bootNic }) => bootNic?.name,
  netmask: ({ bootNic }) => bootNic?.network?.subnet?.mask,
  gateway: ({ bootNic }) => bootNic?.network?.gateway,
  domain: ({ bootNic }) => bootNic?.network?.domain,
  arch: ({ arch }) => arch,
  xname: ({ xname }) => xname,
  nid: ({ nid }) => nid?.toString(),
  uuid: ({ uuid }) => uuid,
  serial: ({ serial }) => serial,
  server: (_, server) => server?.url,
};

/** The values that a node also has for its first NIC on another network: `${node:nic.storage}`. */
const ON_NETWORK: Readonly<Record<string, 'name' | 'ip' | 'mac'>> = { nic: 'name', ip: 'ip', mac: 'mac' };

/** Returns a value of a node by its name in `${node:…}`, or undefined. */
export function nodeValue(node: Known, name: string, server: Draft<Server> | undefined): string | undefined {
  if (Object.hasOwn(VALUES, name)) return VALUES[name]?.(node, server);
  const [, what = '', network] = /^([a-z]+)\.(.+)$/.exec(name) ?? [];
  const key = Object.hasOwn(ON_NETWORK, what) ? ON_NETWORK[what] : undefined;
  return key && node.nics?.find((nic) => nic?.network?.name === network)?.[key];
}

/** The names of a node's values in `${node:…}`. */
export const NODE_VALUE_NAMES: readonly string[] = Object.keys(VALUES);

/** Substitutes the values of one node in texts of the inventory. */
export class NodeValues {
  readonly #node: Known;
  readonly #server: Draft<Server> | undefined;
  readonly #report: Report;

  constructor(node: Known, server: Draft<Server> | undefined, report: Report) {
    this.#node = node;
    this.#server = server;
    this.#report = report;
  }

  /** Returns a text with the node's values; reports invalid names, and values that the node does not have. */
  fill(text: string, at: SourceLocation): string {
    return text.includes('${node:')
      ? text.replaceAll(NODE_VALUE, (whole, name) => this.#value(whole, name, at))
      : text;
  }

  #value(whole: string, name: string, at: SourceLocation): string {
    const value = nodeValue(this.#node, name, this.#server);
    if (value === undefined) this.#reportMissing(whole, name, at);
    return value ?? whole;
  }

  #reportMissing(whole: string, name: string, at: SourceLocation): void {
    if (!Object.hasOwn(VALUES, name) && !Object.hasOwn(ON_NETWORK, name.replace(/\..*$/, ''))) {
      const meant = nearest(name, NODE_VALUE_NAMES);
      this.#report.error({
        code: 'node-value',
        message: `${whole} is not a value of a node${meant ? `: did you mean \${node:${meant}}?` : '.'}`,
        at,
        help: `choose one of ${NODE_VALUE_NAMES.join(', ')}; or nic, ip or mac of another network, such as \${node:nic.storage}`,
      });
    } else if (this.#isKnown(name)) {
      this.#report.error({
        code: 'node-value',
        message: `${this.#node.name} has no ${name}: ${whole} has no value.`,
        at,
        help: `set it for the node, or remove ${whole}`,
        range: rangeAt(selfLocation(this.#node)),
      });
    }
  }

  /** Whether a missing value is not set, instead of hidden by an error. */
  #isKnown(name: string): boolean {
    // A site without the URL of its server already has an error.
    if (name === 'server') return false;
    const { bootNic, nics } = this.#node;
    if (name.includes('.'))
      return nics !== undefined && !isBroken(this.#node as Record<string, unknown>, 'nics');
    if (Object.hasOwn(this.#node, name)) return !isBroken(this.#node as Record<string, unknown>, name);
    if (!bootNic) return false;
    const key = { 'mac-hyphens': 'mac', nic: 'name' }[name] ?? name;
    if (Object.hasOwn(bootNic, key)) return !isBroken(bootNic as Record<string, unknown>, key);
    const { network } = bootNic;
    return network !== undefined && !isBroken(network as Record<string, unknown>, key);
  }
}

/** Whether any text of a map or list refers to a value of the node, `${node:…}`. Ignores keys. */
export function holdsNodeValue(value: unknown): boolean {
  return holds(value, '${node:');
}

/** Whether any text of a map or list contains a text. Ignores keys. */
function holds(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value.includes(text);
  return (
    typeof value === 'object' && value !== null && Object.values(value).some((inner) => holds(inner, text))
  );
}

/** Returns a map or list with the node's values in its texts; shares parts without references. */
export function fillNodeValues<T extends object>(container: T, values: NodeValues): T {
  return fillValues(container, '${node:', (text, at) => values.fill(text, at));
}

/** Returns a map or list with the texts that contain `mark` as `fill` returns them; shares parts without such texts. */
export function fillValues<T extends object>(
  container: T,
  mark: string,
  fill: (text: string, at: SourceLocation) => string,
): T {
  const changes: Record<string, unknown> = Object.create(null);
  for (const [key, value] of Object.entries(container)) {
    if (!holds(value, mark)) continue;
    changes[key] =
      typeof value === 'string'
        ? fill(value, locationOf(container, key as never))
        : fillValues(value as object, mark, fill);
  }
  if (Object.keys(changes).length === 0) return container;
  if (!Array.isArray(container)) return copyWith(container, changes as Partial<T>);
  const items = container.map((value, index) => ({
    value: changes[index] ?? value,
    at: locationOf(container, index),
  }));
  return locatedList(selfLocation(container), items) as T;
}
