import type { SiteInventory } from '../../knowledge/site-inventory.gen.ts';
import { siteSecrets } from '../../secrets/state-of.ts';
import type { Node, Site } from '../../site/model.ts';
import type { Diagnostic } from '../../source/diagnostics/report.ts';
import { formatLocation, frame } from '../../source/diagnostics/text.ts';
import { nameRanges } from '../../source/diagnostics/words.ts';
import { buildsOf } from '../../targets/programs.ts';
import { BUILD_IPXE, domainPath, FETCH_MEDIA } from '../../tree/paths.ts';
import type { Tree } from '../../tree/tree.ts';
import type { Draft } from '../../values/draft.ts';
import { grouped } from '../../values/grouped.ts';
import type { NodePlan, PlacedPlan } from '../diff/change.ts';
import { formatText } from '../diff/format.ts';
import { explainNode, leafRow } from '../explain/explain-node.ts';
import { digestText, sizeText, sourceText, unpinned } from '../media/format.ts';
import { mediaOf } from '../media/media-of.ts';
import { type Medium, pinnable } from '../media/medium.ts';
import { addressPlans } from './address-plan.ts';
import { dhcpOf, kindOf, networkPicture } from './network-picture.ts';
import { racksOf } from './racks.ts';
import { stationsOf } from './stations.ts';
import { wipedDisks } from './wiped-disks.ts';

/** A compiled site, and optionally its changes against an earlier state. The tree contains placeholders instead of secrets. */
export interface ReportedSite {
  readonly site: Site;
  readonly inventory: Draft<SiteInventory>;
  readonly tree: Tree;
  readonly diagnostics: readonly Diagnostic[];
  readonly plan?: PlacedPlan | undefined;
}

/** A diagnostic for the templates. */
export type Finding = ReturnType<typeof findingOf>;

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

/** The data of a site for the templates. */
export type SiteView = ReturnType<typeof siteView>;

/** Returns the data of a site for the templates. Paths of the inventory are relative to `folder`. */
export function siteView(reported: ReportedSite, folder: string) {
  const { site, tree, diagnostics, plan: placed } = reported;
  const media = mediaOf(site, tree);
  const isOwn = ({ kind, nodes, url }: Medium) =>
    nodes.length === 1 && url.includes('/') && OWN_KINDS.has(kind) && !SHARED.test(url);
  const ofNode = grouped(media.flatMap((medium) => medium.nodes.map((name) => [name, medium] as const)));
  const plans = new Map(placed?.plan.nodes.map((one) => [one.node, one]));
  const changeOf = ({ name }: Node) => plans.get(name)?.change ?? '';
  const secrets = siteSecrets(site, undefined).secrets.map(({ name, isNeeded, uses }) => ({
    name,
    state: isNeeded ? 'needs a value' : 'declared only',
    uses: uses.map(({ path, at, nodes }) => ({
      path,
      at: formatLocation(at, folder),
      nodes: nodes.length > 0 ? nameRanges(nodes) : '',
    })),
  }));
  const pins = unpinned(media).length;
  const own = media.filter(isOwn);
  return {
    id: site.name,
    name: site.name,
    url: site.server.url,
    clusters: site.clusters.map(({ name, version, arch, vip, vipMode, exists, members }) => {
      const others = [vipMode === 'dhcp' && 'VIP by DHCP', exists && 'runs already'].filter(Boolean);
      return { name, release: version.text, arch, vip, count: members.length, others: others.join(', ') };
    }),
    networks: site.networks.map((network) => ({ ...network, dhcpText: dhcpOf(network) })),
    kinds: [...grouped(site.nodes.map((node) => [kindOf(site, node), node.name] as const))].map(
      ([kind, names]) => ({
        kind,
        count: names.length,
      }),
    ),
    findings: diagnostics.map((diagnostic) => findingOf(diagnostic, folder)),
    missing: missingOf(site, media, secrets, pins),
    secrets,
    media: media
      .filter((medium) => !isOwn(medium))
      .map((medium) => ({
        kind: medium.kind,
        url: medium.url,
        size: sizeText(medium.size),
        digest: medium.sha512 ? digestText(medium.sha512) : pinnable([medium]).size > 0 ? 'not pinned' : '',
        source: medium.from && 'url' in medium.from ? medium.from.url : sourceText(medium),
        nodes: medium.nodes.length > 0 ? nameRanges(medium.nodes) : '',
      })),
    ownFiles: { count: own.length, size: sizeText(own.reduce((sum, { size = 0 }) => sum + size, 0)) },
    picture: networkPicture(site, changeOf),
    plans: addressPlans(site),
    racks: racksOf(site),
    changeOf,
    changes: placed && {
      text: [...formatText([placed], { isTerminal: false, color: false }, { patch: false })].join(''),
      files: placed.plan.files.map(({ path, change }) => ({ path, change })),
    },
    nodes: site.nodes.map((node) => ({
      node,
      id: nodeId(site, node),
      macs: node.nics.flatMap(({ mac }) => mac ?? []),
      addresses: node.nics.flatMap(({ ip }) => ip ?? []),
      mode: node.os === 'harvester' ? node.mode : kindOf(site, node),
      role: (node.os === 'harvester' ? node.role : undefined) ?? node.smdRole ?? '',
      release: node.os === 'harvester' ? (node.cluster?.version.text ?? '') : '',
      disks: wipedDisks(node),
      change: changeOf(node),
    })),
    /** Returns the details of a node. They are large, so they exist only while they are rendered. */
    detailsOf: (node: Node) =>
      nodeDetails(reported, node, ofNode.get(node.name) ?? [], plans.get(node.name), folder),
  };
}

/** Returns the ID of a node in the page. */
export function nodeId(site: Site, node: Node): string {
  return `${site.name}/${node.name}`;
}

const OWN_KINDS: ReadonlySet<string> = new Set(['script', 'signature', 'configuration']);

/** The entry scripts, which one node alone may request, too. */
const SHARED = /\/(?:boot\.ipxe|boot\.ipxe\.sig|grub\.cfg)$/;

interface Missing {
  readonly what: string;
  readonly how: string;
}

/** Returns what a site still needs before its machines can boot, and how to provide it. */
function missingOf(
  site: Site,
  media: readonly Medium[],
  secrets: readonly { readonly name: string; readonly state: string }[],
  pins: number,
): Missing[] {
  const needed = secrets.filter(({ state }) => state === 'needs a value').map(({ name }) => name);
  const fetched = media.filter(({ release, served, kind }) => release && served && kind !== 'signature');
  const size = fetched.reduce((sum, one) => sum + (one.size ?? 0), 0);
  const builds = buildsOf(site).map(({ program }) => program);
  const { tls, sign } = site.server;
  return [
    ...(needed.length > 0
      ? [{ what: `Values of secrets: ${needed.join(', ')}`, how: 'harvgen secrets --format nginx' }]
      : []),
    ...(fetched.length > 0
      ? [
          {
            what: `${fetched.length} release files${size > 0 ? `, ${sizeText(size)}` : ''}`,
            how: FETCH_MEDIA,
          },
        ]
      : []),
    ...(pins > 0 ? [{ what: `Checksums of ${pins} release files`, how: 'harvgen media --pin' }] : []),
    ...(builds.length > 0 ? [{ what: `iPXE binaries: ${builds.join(', ')}`, how: BUILD_IPXE }] : []),
    ...(tls ? [{ what: `Certificate ${tls.certificate}`, how: 'on the boot server' }] : []),
    ...(sign ? [{ what: `Signatures of ${sign.signer}`, how: 'scripts/sign-media.sh' }] : []),
  ];
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
