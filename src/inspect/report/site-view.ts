import type { SiteInventory } from '../../knowledge/site-inventory.gen.ts';
import { addressPlans } from '../../plan/address-plan.ts';
import { mediaOf } from '../../plan/media.ts';
import { type Medium, pinnable } from '../../plan/medium.ts';
import { buildsOf } from '../../plan/programs.ts';
import { siteSecrets } from '../../secrets/state-of.ts';
import type { Node, Site } from '../../site/model.ts';
import { macsOf } from '../../site/nics.ts';
import { rackOf } from '../../site/racks.ts';
import type { Diagnostic } from '../../source/diagnostics/report.ts';
import { formatLocation, frame } from '../../source/diagnostics/text.ts';
import { nameRanges } from '../../source/diagnostics/words.ts';
import { BUILD_IPXE, domainPath, FETCH_MEDIA } from '../../tree/paths.ts';
import type { Tree } from '../../tree/tree.ts';
import type { Draft } from '../../values/draft.ts';
import { grouped, groupedBy } from '../../values/grouped.ts';
import type { NodePlan, SitePlan } from '../diff/change.ts';
import { formatText } from '../diff/format.ts';
import { explainNode, leafRow } from '../explain/explain-node.ts';
import { digestText, sizeText, sourceText, unpinned } from '../media/format.ts';
import { dhcpOf, kindOf, networkPicture } from './network-picture.ts';
import { stationsOf, wipedDisks } from './stations.ts';

/** A compiled site, and optionally its changes against an earlier state. The tree contains placeholders instead of secrets. */
export interface ReportedSite {
  readonly site: Site;
  readonly inventory: Draft<SiteInventory>;
  readonly tree: Tree;
  readonly diagnostics: readonly Diagnostic[];
  readonly plan?: SitePlan | undefined;
}

/** Returns a diagnostic as texts. Paths are relative to `folder`. */
export function findingOf(diagnostic: Diagnostic, folder: string) {
  const { code, severity, message, at, help, related = [] } = diagnostic;
  return {
    code,
    severity,
    message,
    help,
    at: formatLocation(at, folder),
    frame: frame(at).join('\n'),
    related: related.map((other) => `${other.message} ${formatLocation(other.at, folder)}`),
  };
}

/** Returns the data of a site for the templates. Paths of the inventory are relative to `folder`. */
export function siteView(reported: ReportedSite, folder: string) {
  const { site, tree, diagnostics, plan: placed } = reported;
  const media = mediaOf(site, tree);
  const ofNode = grouped(media.flatMap((medium) => medium.nodes.map((name) => [name, medium] as const)));
  const plans = new Map(placed?.plan.nodes.map((one) => [one.node, one]));
  const changeOf = ({ name }: Node) => plans.get(name)?.change ?? '';
  const { secrets } = siteSecrets(site, undefined);
  const isNeeded = secrets.flatMap(({ name, isNeeded }) => (isNeeded ? [name] : []));
  const own = media.filter(isOwn);
  const missing = missingOf(site, media, isNeeded);
  const findings = diagnostics.map((diagnostic) => findingOf(diagnostic, folder));
  const releases = site.clusters.map(({ version }) => version.text);
  const nodes = site.nodes.map((node) => ({
    node,
    macs: macsOf(node),
    addresses: node.nics.flatMap(({ ip }) => ip ?? []),
    mode: node.os === 'harvester' ? node.mode : kindOf(site, node),
    role: (node.os === 'harvester' ? node.role : undefined) ?? node.smdRole ?? '',
    release: node.os === 'harvester' ? (node.cluster?.version.text ?? '') : '',
    disks: wipedDisks(node),
    change: changeOf(node),
  }));
  return {
    id: site.name,
    url: site.server.url,
    fleetRow: [
      { href: site.name },
      site.clusters.map(({ name }) => name),
      releases,
      site.clusters.map(({ vip }) => vip),
      nodes.length,
      findings.length,
      missing.length,
      ...(placed ? [nodes.filter(({ change }) => change).length] : []),
    ],
    cards: cardsOf(site, diagnostics),
    networks: site.networks.map((network) => {
      const { name, subnet, vlan, mtu, gateway, dns } = network;
      return [name, subnet.text, vlan, mtu, gateway, dns, dhcpOf(network)];
    }),
    findings,
    missing,
    secrets: secrets.length,
    secretRows: secrets.flatMap(({ name, isNeeded, uses }) =>
      uses.map(({ path, at, nodes }) => [
        name,
        isNeeded ? 'needs a value' : 'declared only',
        path,
        formatLocation(at, folder),
        nodes.length > 0 ? nameRanges(nodes) : '',
      ]),
    ),
    media: media
      .filter((medium) => !isOwn(medium))
      .map((medium) => [
        medium.kind,
        medium.url,
        sizeText(medium.size),
        medium.sha512 || pinnable([medium]).size > 0 ? digestText(medium.sha512) : '',
        medium.from && 'url' in medium.from ? medium.from.url : sourceText(medium),
        medium.nodes.length > 0 ? nameRanges(medium.nodes) : '',
      ]),
    ownFiles: own.length,
    picture: networkPicture(site, changeOf),
    plans: addressPlans(site),
    racks: racksOf(site),
    changeOf,
    changes: placed && {
      text: [...formatText([placed], { isTerminal: false, color: false }, { patch: false })].join(''),
      files: placed.plan.files,
    },
    nodes,
    /** Returns the details of a node. They are large, so they exist only while they are rendered. */
    detailsOf: (node: Node) =>
      nodeDetails(reported, node, ofNode.get(node.name) ?? [], plans.get(node.name), folder),
  };
}

const OWN_KINDS: ReadonlySet<string> = new Set(['script', 'signature', 'configuration']);

/** Whether a file is of one node only. One node alone may request the entry scripts, too. */
function isOwn({ kind, nodes, url }: Medium): boolean {
  const isShared = /\/(?:boot\.ipxe|boot\.ipxe\.sig|grub\.cfg)$/.test(url);
  return nodes.length === 1 && url.includes('/') && OWN_KINDS.has(kind) && !isShared;
}

/** Returns the fronts of the racks of a site, if any; else its machines by group or cluster. `top` is the distance from the top. */
function racksOf({ name: site, nodes }: Site) {
  const hasRacks = nodes.some((node) => rackOf(node) !== undefined);
  const keyOf = (node: Node) =>
    hasRacks ? (rackOf(node) ?? 'no rack') : (node.groups[0]?.name ?? node.cluster?.name ?? site);
  return Array.from(groupedBy(nodes, keyOf), ([name, members]) => {
    const placed = members.flatMap((node) => {
      const { position, height = 1 } = node;
      return position === undefined ? [] : [{ node, height, end: position + height - 1 }];
    });
    // A rack usually has 42 units.
    const units = placed.length > 0 ? Math.max(42, ...placed.map(({ end }) => end)) : 0;
    const machines = placed.map(({ end, ...machine }) => ({ ...machine, top: units - end }));
    return { name, units, machines, others: members.filter(({ position }) => position === undefined) };
  });
}

/** Returns the facts of the overview: of each cluster, of the machines by their kind, and of the findings. */
function cardsOf(site: Site, diagnostics: readonly Diagnostic[]) {
  const clusters = site.clusters.map(({ name, version, arch, vip, vipMode, exists, members }) => {
    const note = [vipMode === 'dhcp' && 'VIP by DHCP', exists && 'runs already'].filter(Boolean).join(', ');
    const facts = [
      ['Harvester', `${version.text} ${arch}`],
      ['VIP', vip],
      ['Members', members.length],
    ];
    return { title: `Cluster ${name}`, facts: note ? [...facts, ['Note', note]] : facts };
  });
  const kinds = Array.from(
    groupedBy(site.nodes, (node) => kindOf(site, node)),
    ([kind, { length }]) => [kind, length],
  );
  const severities = (['error', 'warning'] as const).map((wanted) => {
    return [`${wanted}s`, diagnostics.filter(({ severity }) => severity === wanted).length];
  });
  return [
    ...clusters,
    { title: `${site.nodes.length} machines`, facts: kinds },
    { title: `${diagnostics.length} findings`, facts: severities },
  ];
}

/** Returns what a site still needs before its machines can boot, each with how to provide it. */
function missingOf(site: Site, media: readonly Medium[], needed: readonly string[]): [string, string][] {
  const fetched = media.filter(({ release, served, kind }) => release && served && kind !== 'signature');
  const size = fetched.reduce((sum, one) => sum + (one.size ?? 0), 0);
  const files = `${fetched.length} release files${size > 0 ? `, ${sizeText(size)}` : ''}`;
  const pins = unpinned(media).length;
  const builds = buildsOf(site).map(({ program }) => program);
  const { tls, sign } = site.server;
  const all: [boolean, string, string][] = [
    [needed.length > 0, `Values of secrets: ${needed.join(', ')}`, 'harvgen secrets --format nginx'],
    [fetched.length > 0, files, FETCH_MEDIA],
    [pins > 0, `Checksums of ${pins} release files`, 'harvgen media --pin'],
    [builds.length > 0, `iPXE binaries: ${builds.join(', ')}`, BUILD_IPXE],
    [tls !== undefined, `Certificate ${tls?.certificate}`, 'on the boot server'],
    [sign !== undefined, `Signatures of ${sign?.signer}`, 'scripts/sign-media.sh'],
  ];
  return all.flatMap(([isMissing, what, how]) => (isMissing ? [[what, how]] : []));
}

function nodeDetails(
  { site, inventory }: ReportedSite,
  node: Node,
  media: readonly Medium[],
  plan: NodePlan | undefined,
  folder: string,
) {
  const files = media.filter(({ kind, nodes }) => nodes.length === 1 && OWN_KINDS.has(kind));
  return {
    node,
    changes: plan?.changes.map(({ text }) => text) ?? [],
    stations: stationsOf(site, node, media),
    leaves: explainNode(inventory, site, node).map((leaf) => leafRow(leaf, folder)),
    files: [
      ...files.map(({ url, size, sha512 }) => ({
        path: url,
        size: sizeText(size),
        digest: sha512 ? digestText(sha512) : 'with secrets',
      })),
      ...(node.domain ? [{ path: domainPath(node), size: '', digest: '' }] : []),
    ],
  };
}
