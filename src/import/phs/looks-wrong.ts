import type { Report } from '../../source/diagnostics/report.ts';
import { keyPlaceOf, type Place, selfPlace } from '../../source/origin.ts';
import { isValueMap, type ValueMap } from '../../source/value.ts';
import type { Notes } from '../notes.ts';
import { quoteVisibly } from '../visibly.ts';
import { blockOf, keyPlacesIn } from './clusters.ts';
import type { Text } from './fields.ts';
import type { PhsBlock, PhsFile, PhsNode } from './file.ts';
import type { Machine } from './machine.ts';

/** As iPXE writes a MAC address, which phs compares letter by letter. */
const ASKED = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/**
 * Gives the machines that phs could answer for: of several entries with one MAC address the one that iPXE was answered by,
 * which is the last in its own spelling. Reports the others, and notes spellings that were never found.
 */
export function answered({ nodes }: PhsFile, notes: Notes, report: Report): PhsNode[] {
  const byMac = new Map<string, PhsNode>();
  for (const node of nodes) {
    const other = byMac.get(node.mac);
    const counts = !other || isAsked(node) || !isAsked(other) ? node : other;
    byMac.set(node.mac, counts);
    const lost = counts === node ? other : node;
    if (lost)
      report.warning({
        code: 'phs-duplicate-mac',
        message:
          lost.macText.value === counts.macText.value
            ? 'The same MAC address stands further down again: phs answers with the last one, and never with this.'
            : `The same MAC address stands there in another spelling: iPXE asks for ${counts.mac}, and this entry was never found.`,
        at: lost.macText.at,
        related: [{ message: 'the one that counts is at', at: counts.macText.at }],
        help: 'correct the address if it is another machine; else remove the entry',
      });
  }
  const counting = nodes.filter((node) => byMac.get(node.mac) === node);
  for (const node of counting)
    if (!isAsked(node))
      notes.add(
        'changed',
        node.macText.value,
        `iPXE asks in lower case and with colons, and phs never found this entry: it is ${node.mac}, and nginx takes any spelling`,
        node.macText.at,
      );
  return counting;
}

function isAsked({ macText }: PhsNode): boolean {
  return ASKED.test(macText.value);
}

/** Reports an address that two machines of a cluster have: other clusters may be elsewhere, with the same network. */
export function reportSharedAddresses(
  nodes: readonly { readonly ip?: Text | undefined }[],
  report: Report,
): void {
  const byIp = new Map<string, { readonly ip?: Text | undefined }>();
  for (const node of nodes) {
    if (!node.ip) continue;
    const other = byIp.get(node.ip.value);
    byIp.set(node.ip.value, other ?? node);
    if (!other?.ip) continue;
    report.error({
      code: 'phs-address',
      message: `Two machines have the address ${node.ip.value}.`,
      at: node.ip.at,
      related: [{ message: 'the first is at', at: other.ip.at }],
      help: 'give one of them another address',
    });
  }
}

/** Reports a cluster that nobody creates, or several do, and nodes that would not be let in. */
export function reportCluster(machines: readonly Machine[], label: string, report: Report): void {
  const [first, second] = machines.filter(({ mode }) => mode === 'create');
  const [some] = machines;
  if (!first && some)
    report.warning({
      code: 'phs-cluster',
      message: `No machine of ${label} is installed in mode create: the others would wait to join.`,
      at: some.at,
      help: 'where the cluster stands already, that is as it should be but for the check: give the site the node that creates it',
    });
  if (first && second)
    report.warning({
      code: 'phs-cluster',
      message: `Two machines of ${label} are installed in mode create: there would be two clusters with one VIP.`,
      at: second.macText.at,
      related: [
        { message: 'the first is at', at: first.macText.at },
        ...second.modeFrom.map((at) => ({ message: 'the mode of this one is set at', at })),
      ],
      help: 'let one of them join',
    });
  const token = first?.token ?? machines.find((machine) => machine.token)?.token;
  for (const machine of machines) {
    if (!token || !machine.token || machine.token.value === token.value) continue;
    report.warning({
      code: 'phs-cluster',
      message: `The token of this machine is not the one that creates ${label}: it would not be let in.`,
      at: machine.token.at,
      related: [{ message: 'the token of the cluster is at', at: token.at }],
      help: 'the site has one token for all',
    });
  }
}

/**
 * Reports what a machine says beside a merge key and loses by that: YAML merges the outermost keys alone, and `os` of the
 * machine takes the place of the whole `os` that is merged.
 */
export function reportLostByMerge({ blocks }: PhsFile, nodes: readonly PhsNode[], report: Report): void {
  for (const node of nodes) {
    const merged = mergedBy(node, blocks);
    for (const [key, own] of merged ? Object.entries(node.config) : []) {
      const below = merged?.[key];
      if (!merged || !isValueMap(own) || !isValueMap(below) || own === below) continue;
      if (isWithin(selfPlace(own), selfPlace(merged))) continue;
      const lost = Object.keys(below).filter((inner) => !(inner in own));
      if (lost.length === 0) continue;
      report.warning({
        code: 'phs-merge',
        message: `This takes the place of the whole ${key} that is merged: the machine has no ${lost.map(quoteVisibly).join(', ')}.`,
        at: keyPlaceOf(node.config, key),
        related: [{ message: 'what is lost stands at', at: keyPlaceOf(merged, key) }],
        help: `if that is not meant, give the merged ${key} an anchor of its own, and merge it here, too`,
      });
    }
  }
}

/** The configuration of its entry that a machine merges: where its outermost keys are written that it does not say itself. */
function mergedBy(node: PhsNode, blocks: readonly PhsBlock[]): ValueMap | undefined {
  const block = blockOf(node, blocks);
  const places = keyPlacesIn(node.config);
  const count = (config: ValueMap) => places.filter((place) => isWithin(place, selfPlace(config))).length;
  const [most] = [block?.create, block?.join].filter(isValueMap).sort((a, b) => count(b) - count(a));
  return most;
}

function isWithin(inner: Place, outer: Place): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}
