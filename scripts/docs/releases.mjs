// docs/reference/releases.md, from src/knowledge/harvester.ts and src/knowledge/harvester/config.schema.json.
import * as knowledge from '../../src/knowledge/harvester.ts';
import { parseVersion } from '../../src/values/version.ts';
import { code, table } from './page.mjs';
import { mapsBelow, schemaIn } from './schema.mjs';

/** Behavior that begins with a release. */
const BEHAVIOR = [
  [knowledge.FIRST_ARM64_RELEASE, 'media for arm64'],
  [
    knowledge.FIRST_RELEASE_WITH_CHECKS,
    'the installer stops on hardware below the minimum, unless `install.skipchecks` is set',
  ],
  [knowledge.FIRST_RELEASE_BY_ISCSI, 'installs on an iSCSI disk'],
  [knowledge.FIRST_RELEASE_WITH_FQDN, 'host names can contain dots'],
  [knowledge.FIRST_RELEASE_CHECKING_BIOS, 'the hardware checks reject legacy BIOS boot'],
  [knowledge.FIRST_RELEASE_WITHOUT_BIOS, 'legacy BIOS boot is not possible'],
  [knowledge.FIRST_RELEASE_SKIPPING_SIZES, '`install.skipchecks` also skips the checks of disk sizes'],
];

/** Returns the generated part of the page. */
export function releases() {
  const keys = keysOfAll();
  const all = [
    ...new Set([
      knowledge.OLDEST_RELEASE,
      knowledge.NEWEST_RELEASE,
      ...BEHAVIOR.map(([release]) => release),
      ...keys.flatMap(({ schema }) => releasesIn(schema)),
    ]),
  ].sort(byVersion);
  const minima = all.map((release) => knowledge.diskMinima(parseVersion(release)));
  const rows = all.map((release, index) => {
    const before = all[index - 1];
    const isFirst = before === undefined;
    const behavior = [...unlessSame(minima[index], minima[index - 1]), ...witness(release, before)];
    return [
      release,
      isFirst
        ? 'every key that is not in a row below'
        : keyList(keys.filter(({ schema }) => isNew(schema, release))),
      keyList(keys.filter(({ schema }) => isGone(schema, release))),
      [
        ...BEHAVIOR.filter(([since]) => since === release).map(([, text]) => text),
        ...behavior,
        ...keys.flatMap((key) => valuesFrom(key, release)),
        ...keys
          .filter(({ schema }) => schema['x-no-effect-since'] === release)
          .map(({ path }) => `${code(path)} has no effect`),
      ].join('; '),
    ];
  });
  return [
    '## Known releases\n',
    `On ${knowledge.DATE_OF_RELEASES}, the last patches of Harvester's releases are:\n`,
    `${knowledge.LAST_PATCHES.map(code).join(', ')}.\n`,
    '## Changes by release\n',
    `Oldest supported release: ${knowledge.OLDEST_RELEASE}. Newest known release: ${knowledge.NEWEST_RELEASE}. A release that is not in the table has the keys of`,
    'the one before it. Keys are those of the [Harvester configuration](harvester-config.md): a map includes its keys.\n',
    table(
      ['Release', 'New keys', 'Removed keys', 'Other changes'],
      rows.filter(([, ...changes]) => changes.some((text) => text !== '')),
    ),
    '## Media\n',
    `A release has these files below ${code(`${knowledge.RELEASES_URL}/<version>/`)}:\n`,
    table(['File', 'amd64', 'arm64'], mediaRows()),
    '## Minimum hardware\n',
    table(['Requirement', 'Minimum'], hardwareRows()),
    '## Minimum disks\n',
    table(
      ['Releases', 'One disk for system and volumes', 'System disk beside a data disk', 'Data disk'],
      diskRows(all, minima),
    ),
  ].join('\n');
}

function keysOfAll() {
  const schema = schemaIn('harvester/config.schema.json');
  return mapsBelow(schema, schema, () => false).flatMap(({ keys }) => keys);
}

function releasesIn(schema) {
  return [
    schema['x-since'],
    schema['x-no-effect-since'],
    ...(schema['x-absent'] ?? []),
    schema['x-absent'] && nextPatch(schema['x-absent'].at(-1)),
    ...Object.values(schema['x-since-types'] ?? {}),
    ...Object.values(schema['x-since-values'] ?? {}),
    schema['x-until'] && following(schema['x-until']),
  ].filter(Boolean);
}

/** Returns the release after the last one with a key: a patch of v1.1, else the next minor release. */
function following(release) {
  const { major, minor } = parseVersion(release);
  return release === knowledge.OLDEST_RELEASE ? nextPatch(release) : `v${major}.${minor + 1}.0`;
}

function nextPatch(release) {
  const { major, minor, patch } = parseVersion(release);
  return `v${major}.${minor}.${patch + 1}`;
}

/** Whether a release is the first one with a key, or the first one with it again. */
function isNew(schema, release) {
  const absent = schema['x-absent'] ?? [];
  return schema['x-since'] === release || (absent.length > 0 && nextPatch(absent.at(-1)) === release);
}

function isGone(schema, release) {
  const until = schema['x-until'];
  return schema['x-absent']?.[0] === release || (until !== undefined && following(until) === release);
}

/** Returns the paths of keys in words, without those whose map is in the list, too. */
function keyList(keys) {
  const paths = keys.map(({ path }) => path);
  return paths
    .filter(
      (path) =>
        !paths.some((other) => path.startsWith(other) && '.['.includes(path.charAt(other.length) || '-')),
    )
    .map(code)
    .join(', ');
}

function valuesFrom({ path, schema }, release) {
  const later = { ...schema['x-since-types'], ...schema['x-since-values'] };
  return Object.entries(later)
    .filter(([, from]) => from === release && from !== knowledge.OLDEST_RELEASE)
    .map(([value]) => `${code(path)} takes ${value === 'object' ? 'a map' : code(value)}`);
}

function unlessSame(now, before) {
  if (before === undefined || JSON.stringify(now) === JSON.stringify(before)) return [];
  return ['other minimum disk sizes'];
}

function witness(release, before) {
  const spares = (text) => text !== undefined && knowledge.sparesWitness(parseVersion(text));
  return spares(release) && !spares(before) ? ['a witness needs no space for volumes'] : [];
}

function mediaRows() {
  const names = {
    kernel: 'kernel',
    initrd: 'initrd',
    rootfs: 'root file system',
    iso: 'ISO',
    checksums: 'checksum file',
  };
  const [amd64, arm64] = ['amd64', 'arm64'].map((arch) => knowledge.harvesterMedia('<version>', arch));
  return Object.entries(names).map(([key, name]) => [name, code(amd64[key]), code(arm64[key])]);
}

function hardwareRows() {
  const { FOR_PRODUCTION, FOR_TESTS, FOR_WITNESS, LEAST_MEMORY_GIB } = knowledge;
  const gib = (mib) => `${Number((mib / 1024).toFixed(1))} GiB`;
  return [
    [
      'CPU threads',
      `${FOR_PRODUCTION.threads}; for tests ${FOR_TESTS.threads}, for a witness ${FOR_WITNESS.threads}`,
    ],
    [
      'Memory',
      `${FOR_PRODUCTION.memoryGib} GiB; for tests ${FOR_TESTS.memoryGib} GiB, for a witness ${FOR_WITNESS.memoryGib} GiB; to boot from the network ${LEAST_MEMORY_GIB} GiB`,
    ],
    ['Link speed of the management NICs', FOR_PRODUCTION.linkSpeed.replace('G', ' Gbit/s')],
    ['Persistent partition', gib(knowledge.LEAST_PERSISTENT_MIB)],
    [
      'All other partitions of a disk that also has the volumes, with the minimum for these',
      gib(knowledge.BESIDE_PERSISTENT_MIB),
    ],
    ['System disk, even if checks are skipped', `${knowledge.LEAST_DISK_GIB} GiB`],
    ['Largest disk with an MBR', `${knowledge.LARGEST_MBR_DISK} bytes (2 TiB)`],
  ];
}

function diskRows(releases, minima) {
  const starts = releases.filter(
    (_, index) => JSON.stringify(minima[index]) !== JSON.stringify(minima[index - 1]),
  );
  return starts.map((release, index) => {
    const { single, beside, dataDisk } = minima[releases.indexOf(release)];
    const next = starts[index + 1];
    return [
      next ? `before ${next}` : `from ${release}`,
      ...[single, beside, dataDisk].map((size) => `${size} GiB`),
    ];
  });
}

function byVersion(a, b) {
  const [one, other] = [parseVersion(a), parseVersion(b)];
  return one.major - other.major || one.minor - other.minor || one.patch - other.patch;
}
