import type { Site } from '../../site/model.ts';
import { asYaml, keyAsYaml } from '../../source/text-edit/as-yaml.ts';
import { escapeControlChars, printedJson } from '../../values/text.ts';
import { alignedRows } from '../columns.ts';
import { type Machine, newMachine } from './machines.ts';
import type { NewNode } from './new-nodes.ts';

/** The machines of logs. */
export interface Discovery {
  /** The nodes that the logs have, or that a site has. */
  readonly known: readonly { readonly machine: Machine; readonly site?: string; readonly node: string }[];
  readonly unknown: readonly {
    readonly machine: Machine;
    readonly newNode?: NewNode;
    readonly note?: string;
  }[];
}

/** Renders a discovery as text: how far each node is, then unknown machines as lines of an inventory. */
export function formatText({ known, unknown }: Discovery): string {
  const rows = known.map(({ machine, node }) => [node, machine.ip ?? '', outcomeOf(machine).text]);
  const lines = alignedRows(rows.map((row) => row.map(escapeControlChars)));
  const style = { flow: false, padded: true };
  const nodes = unknown.flatMap(({ machine, newNode, note }) => [
    `  # ${seenText(machine, note)}`,
    newNode ? `  ${keyAsYaml(newNode.name)}:` : `  # ${[...machine.macs, machine.ip ?? ''].join(' ').trim()}`,
    ...Object.entries(newNode?.keys ?? {}).map(([key, value]) => `    ${key}: ${asYaml(value, style)}`),
  ]);
  const count = `${unknown.length} unknown machine${unknown.length === 1 ? '' : 's'}`;
  const head = unknown.length > 0 ? [`# ${count}:`, 'nodes:'] : [`# ${count}`];
  const parts = [lines, [...head, ...nodes]].filter((part) => part.length > 0);
  return `${parts.map((part) => part.join('\n')).join('\n\n')}\n`;
}

/** Describes when and as what a machine was seen. Everything in it is as the machine sent it. */
function seenText(machine: Machine, note: string | undefined): string {
  const { first, last, ip, macs, manufacturer, product, asset, hostname, serial, dhcp } = machine;
  const times = first === last ? first : `${first} to ${last}`;
  const facts = [
    times,
    ip,
    macs.length > 1 && `further NICs ${macs.slice(1).join(', ')}`,
    [manufacturer, product].filter(Boolean).join(' '),
    serial && `serial number ${serial}`,
    asset && `asset ${asset}`,
    hostname && `host name ${hostname}`,
    !machine.boots ? dhcp : machine.visits.refused?.station !== 'script' && outcomeOf(machine).text,
    note,
  ];
  return escapeControlChars(facts.filter(Boolean).join('; '));
}

function outcomeOf({ known, visits }: Machine) {
  const { node } = known ?? {};
  return visits.outcome(
    node ? (node.os === 'harvester' && node.install !== 'never') || node.cloudInit !== undefined : true,
  );
}

/** Renders a discovery as one JSON document (schema/discover.schema.json). */
export function formatJson({ known, unknown }: Discovery): string {
  return printedJson({
    nodes: known.map(({ machine, site, node }) => ({ site, node, ...machineJson(machine) })),
    unknown: unknown.map(({ machine, newNode, note }) => ({
      ...machineJson(machine),
      note,
      inventory: newNode && { [newNode.name]: newNode.keys },
    })),
  });
}

function machineJson(machine: Machine) {
  const { known: _, boots: __, looked: ___, visits, ...facts } = machine;
  const { text, last } = outcomeOf(machine);
  const { all, refused } = visits;
  return { ...facts, outcome: text, station: last?.station, visits: all, refused };
}

/** Returns every node of sites in its order, then those that only a log names, and the unknown machines. */
export function discoveryOf(machines: readonly Machine[], sites: readonly Site[]) {
  const byNode = new Map(machines.map((machine) => [machine.known?.node, machine]));
  const inSites = sites.flatMap((site) =>
    site.nodes.map((node) => {
      const machine = byNode.get(node) ?? { ...newMachine(), known: { name: node.name, site, node } };
      return { machine, site: site.name, node: node.name };
    }),
  );
  const others = machines.flatMap((machine) =>
    machine.known && !machine.known.node ? [{ machine, node: machine.known.name }] : [],
  );
  return { known: [...inSites, ...others], unknown: machines.filter(({ known }) => !known) };
}

/** Returns why a machine can be unknown although its IP address is that of a node. */
export function noteOf({ ip }: Machine, known: Discovery['known']): string | undefined {
  const node = known.find(({ machine }) => machine.known?.node?.nics.some((nic) => nic.ip === ip))?.node;
  return ip === undefined || node === undefined
    ? undefined
    : `has the IP address of ${node}, but another MAC`;
}
