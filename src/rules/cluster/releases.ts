import {
  bootedFiles,
  DATE_OF_RELEASES,
  harvesterMedia,
  lastPatchOf,
  NEWEST_RELEASE,
  OLDEST_RELEASE,
  standingOf,
} from '../../knowledge/harvester.ts';
import { hasKnownCluster, membersOf, recreatesCluster } from '../../site/clusters.ts';
import { upgradeReleases } from '../../site/manifests.ts';
import { isBroken, keyLocationOf, locationOf } from '../../source/origin.ts';
import { removeKey, renameKey, setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import { nearest } from '../../values/text.ts';
import { isAtLeast, isBuild } from '../../values/version.ts';
import { error, essential, nodesBefore, nodesWith, per, warning } from '../rule.ts';

export const releaseRules = [
  essential('release-too-old', {
    tag: 'deprecated',
    what: "A cluster's release must be one whose configuration harvgen can write.",
    why: 'Before v1.1.0 the configuration had another schema (`networks` instead of `management_interface`).',
  }).check(per.cluster, (cluster, report) => {
    if (!cluster.version || isAtLeast(cluster.version, OLDEST_RELEASE)) return;
    report(locationOf(cluster, 'version'), {
      message: `Harvester ${cluster.version.text} is older than ${OLDEST_RELEASE}, the oldest release that harvgen can install.`,
      help: 'install a newer release',
    });
  }),
  warning('release-unknown', {
    what: "A cluster's release must be known to harvgen.",
    why: 'The configuration of a newer release is unknown: harvgen treats it like the newest known release.',
  }).check(per.cluster, (cluster, report) => {
    const { version } = cluster;
    const standing = version && standingOf(version);
    if (!version || typeof standing !== 'object') return;
    const { newerThan } = standing;
    const known = `the newest known release${newerThan === NEWEST_RELEASE ? '' : ` of ${newerThan.replace(/\.\d+$/, '')}`}`;
    report(locationOf(cluster, 'version'), {
      message: isBuild(version)
        ? `Harvester ${version.text} is a build of a branch: harvgen treats it like ${newerThan}, ${known}.`
        : `Harvester ${version.text} is newer than ${newerThan}, ${known}: harvgen treats it like that one.`,
      help: isBuild(version)
        ? 'install a release: the files of a build change without notice'
        : 'install a newer harvgen, or read the release notes for changes of the configuration',
    });
  }),
  error('no-such-release', {
    what: 'A release must exist, or be able to follow the known ones.',
    why: 'There are no files to download: `fetch-media.sh` stops, and no machine boots.',
  }).check(per.cluster, (cluster, report) => {
    const { version } = cluster;
    if (!version || standingOf(version) !== 'impossible') return;
    const last = lastPatchOf(version);
    const newest = last ?? NEWEST_RELEASE;
    report(locationOf(cluster, 'version'), {
      message: `There is no Harvester ${version.text}: the newest release${last ? ` of v${version.major}.${version.minor}` : ''} is ${newest} (on ${DATE_OF_RELEASES}).`,
      fix: suggestedFix(setKey(cluster, 'version', newest)),
      help: `install ${newest}; or, for a release of your own, add silence: {no-such-release: "the reason"}`,
    });
  }),
  error('role-too-new', {
    what: 'A node with a role must install a release that supports roles.',
    why: 'Roles came with v1.3.0 (harvester/harvester#4786): an older installer drops the role silently, and Harvester promotes a worker or a witness like any other node.',
  }).check(nodesBefore('v1.3.0').each, (node, report) => {
    if (!node.role) return;
    report(locationOf(node, 'role'), {
      message: `The role ${node.role} requires Harvester v1.3.0: ${node.cluster.version?.text} drops it silently and promotes any node.`,
      related: [{ message: 'the release is set at', at: locationOf(node.cluster, 'version') }],
      fix: suggestedFix(removeKey(node, 'role')),
      help: 'remove the role, or install v1.3.0 or newer',
    });
  }),
  warning('install-always', {
    what: 'A node must not stay on `install: always`.',
    why: 'The node loses its disk at every boot, even after a power failure. A create node makes a new cluster each time.',
  }).check(nodesWith('install', (install) => install === 'always').eachOnce, (node, report) => {
    if (node.os !== 'harvester') return;
    report(locationOf(node, 'install'), {
      message: `${node.name} is reinstalled, and its disk wiped, every time it boots from the network${recreatesCluster({ mode: node.mode, cluster: node.cluster?.name })}.`,
      help: [
        `once installation starts: harvgen set SITE ${node.name} install=null && harvgen build SITE`,
        'if a profile or the defaults set it, set it to once there',
        node.mode === 'create' &&
          'if the cluster is running, remove mode: create, and set `exists: true` for the cluster',
        node.drive !== undefined && 'check install.device, the disk that is wiped; boot.drive is not',
      ]
        .filter(Boolean)
        .join('; '),
    });
  }),
  error('unknown-pin', {
    what: 'A SHA-512 pin or size must be of a file that a node boots from, or that an upgrade downloads.',
    why: 'A pin of a file that is never fetched protects nothing.',
  }).check((site, report) => {
    const { clusters = [], sha512 = {}, size = {} } = site;
    if (clusters.length === 0 || clusters.some((cluster) => !cluster?.version || !cluster.arch)) return;
    const isKnown =
      !isBroken(site, 'nodes') && (site.nodes ?? []).every((node) => node && hasKnownCluster(node));
    const files = clusters.flatMap((cluster) => {
      if (!cluster?.version || !cluster.arch || (isKnown && membersOf(cluster).length === 0)) return [];
      return bootedFiles(harvesterMedia(cluster.version.text, cluster.arch));
    });
    files.push(...upgradeReleases(site).map(({ files: { iso } }) => iso));
    for (const [what, pins] of Object.entries({ pin: sha512, size }))
      for (const name of Object.keys(pins)) {
        if (files.includes(name) || isBroken(pins, name)) continue;
        const likely = nearest(name, files);
        const at = keyLocationOf(pins, name);
        const others = files.length > 0 ? `use one of ${files.join(', ')}` : undefined;
        report(at, {
          message: `No node of the site boots from ${name}: its ${what} has no effect.`,
          fix: likely && !(likely in pins) ? suggestedFix(renameKey(at, likely)) : undefined,
          help: likely ? `did you mean ${likely}?` : (others ?? 'remove it: no node installs Harvester'),
        });
      }
  }),
];
