/**
 * Tokens and passwords from public examples, and those that attackers try first; in lower case. Sources:
 * harvester/ipxe-examples, andrehofman/harvester-bootstrapserver, docs/how-to/secrets.md, samples of other provisioning systems,
 * default logins, and common placeholders.
 */
const KNOWN: ReadonlySet<string> = new Set(
  (
    'secrettoken.123 secretpassword.123 token mytoken my-token clustertoken cluster-token cluster_token ' +
    'token-of-the-cluster password p@ssword p@ssw0rd passw0rd changeme change-me secret rancher ' +
    'harvester rancheros suse linux admin root test example 123456 12345678 0123456789abcdef 5up3rs3cr3t ' +
    'd506621a3d4acdf60d62475f1b2cb681 612c99d263fe6b8acb56f0b964e07d0a 9b1de1a3f0e94f1bb0c2a7de5d0b3c44 ' +
    '5f3a0e94b7c2441d9be1a3f0d0b3c44e'
  ).split(' '),
);

/** Whether a token or password is publicly known. */
export function isPublicValue(value: string): boolean {
  return KNOWN.has(value.toLowerCase());
}

/** A value that only shows where one belongs: `<YOUR_IP>`, `...`; and a key of SSH: `ssh-rsa ...`, `ssh-rsa AAAA... me`. */
const PLACEHOLDER = /^(?:\.{3}|…|<[\w .:@-]+>)$|^(?:ssh|ecdsa|sk)-\S+\s+(?:AAAA\S*?)?(?:\.{3}|…|<)/;

/**
 * Whether a value of an example is a placeholder, not a value. Sources: config-create.yaml and the userdata of
 * harvester/ipxe-examples, and the documentation of Harvester.
 */
export function isPlaceholder(value: unknown): boolean {
  return typeof value === 'string' && PLACEHOLDER.test(value.trim());
}

/** Rows of a keyboard, the digits and the alphabet; each is also tried backward. */
const ROWS =
  'abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop qwertzuiop azertyuiop asdfghjkl zxcvbnm yxcvbnm'.split(
    ' ',
  );
const PIECES: readonly string[] = [...ROWS, ...ROWS.map((row) => Array.from(row).reverse().join(''))];

/** Minimum length of a run: shorter ones also occur by chance. */
const RUN = 4;

/** Number of characters of which one may be outside a pattern, for example a digit. */
const OTHERS = 6;

/** Whether a token or password consists of known words and of runs along rows, except for a few characters. */
export function isPattern(value: string): boolean {
  const text = value.toLowerCase();
  let others = 0;
  for (let at = 0; at < text.length; ) {
    const length = Math.max(knownAt(text, at), runAt(text, at));
    others += length > 0 ? 0 : 1;
    at += length || 1;
  }
  return others * OTHERS <= text.length;
}

function knownAt(text: string, at: number): number {
  let longest = 0;
  for (const word of KNOWN)
    if (word.length >= RUN && word.length > longest && text.startsWith(word, at)) longest = word.length;
  return longest;
}

function runAt(text: string, at: number): number {
  let longest = 0;
  for (const row of PIECES) {
    const start = row.indexOf(text[at] ?? '');
    if (start < 0) continue;
    let length = 1;
    while (start + length < row.length && text[at + length] === row[start + length]) length += 1;
    longest = Math.max(longest, length);
  }
  return longest < RUN ? 0 : longest;
}

/**
 * UUIDs of machines whose manufacturer has not set one: many machines share them. In lower case.
 * Sources, which ignore these for that reason: osquery, osquery/core/system.cpp (kPlaceholderHardwareUUIDList); the FOG
 * Project, packages/web/lib/fog/hostmanager.class.php (getHostByUuidAndSerial); GLPI, src/Blacklist.php (getDefaults); OCS
 * Inventory, files/ocsbase.sql (blacklist_serials).
 */
const UUIDS: ReadonlySet<string> = new Set([
  // osquery.
  '03000200-0400-0500-0006-000700080009',
  '03020100-0504-0706-0809-0a0b0c0d0e0f',
  '10000000-0000-8000-0040-000000000000',
  // The second UUID above in the byte order of firmware before SMBIOS 2.6; FOG's list contains the first one in this order.
  '00010203-0405-0607-0809-0a0b0c0d0e0f',
  // FOG.
  '00020003-0004-0005-0006-000700080009',
  '12345678-1234-5678-90ab-cddeefaabbcc',
  'ffffff00-ffff-ffff-ffff-ffffffffffff',
  // GLPI.
  '01010101-0101-0101-0101-010101010101',
  '6ab5b300-538d-1014-9fb5-b0684d007b53',
]);

/** Serial numbers from GLPI and OCS Inventory; the last six only from GLPI. */
const SERIALS: ReadonlySet<string> = new Set(
  (
    '1 0123456789 12345 123456 1234567 12345678 123456789 1234567890 123456789000 12345678901234567 eval ' +
    'iatpass invalid none sn-12345 sn-1234567890 sn-123456fvgv3i0b8o5n6n7k sys-1234567890 sys-9876543210 ' +
    '0 empty mb-1234567890 oem_serial systemserialnumb unknow'
  ).split(' '),
);

/**
 * Serial numbers of several words, without separators: an inventory contains them like this, or with . _ or -, because its
 * schema rejects spaces. The first is from GLPI and OCS Inventory, the next two are from GLPI, the others from FOG.
 */
const PHRASES: ReadonlySet<string> = new Set(
  'tobefilledbyoem systemserialnumber notspecified notapplicable defaultstring'.split(' '),
);

/** Minimum length of a repeated character that is not a serial number: the shortest in these lists has six. */
const FEWEST = 4;

/** Whether many machines have this UUID, ignoring case. */
export function isSharedUuid(uuid: string): boolean {
  return UUIDS.has(uuid.toLowerCase()) || isOneCharacter(uuid.replaceAll('-', ''));
}

/** Whether many machines have this serial number, ignoring case. */
export function isSharedSerial(serial: string): boolean {
  const text = serial.toLowerCase();
  return SERIALS.has(text) || PHRASES.has(text.replace(/[._-]/g, '')) || isOneCharacter(text);
}

function isOneCharacter(text: string): boolean {
  return text.length >= FEWEST && new Set(text.toLowerCase()).size === 1;
}

/** The values that SMD accepts for each property of a component, of types those in a tree. Source: Cray-HPE/hms-base, hmstypes.go. */
export const SMD_VALUES: Readonly<Record<string, readonly string[]>> = {
  Arch: ['X86', 'ARM', 'UNKNOWN', 'Other'],
  Class: ['River', 'Mountain', 'Hill'],
  Flag: ['Unknown', 'OK', 'Warning', 'Alert', 'Locked'],
  NetType: ['Sling', 'Infiniband', 'Ethernet', 'OEM', 'None'],
  Role: ['Compute', 'Service', 'System', 'Application', 'Storage', 'Management'],
  SubRole: ['Master', 'Worker', 'Storage'],
  State: ['Unknown', 'Empty', 'Populated', 'Off', 'On', 'Standby', 'Halt', 'Ready'],
  Type: ['Node', 'NodeBMC'],
};

/** The other types of components in SMD. No tree has any. Source: Cray-HPE/hms-xname, xnametypes/hmstypes.go. */
export const SMD_OTHER_TYPES: readonly string[] = (
  'CDU CDUMgmtSwitch CEC CMMFpga CMMRectifier Cabinet CabinetBMC CabinetCDU CabinetPDU CabinetPDUController CabinetPDUNic ' +
  'CabinetPDUOutlet CabinetPDUPowerConnector Chassis ChassisBMC ChassisBMCNic ComputeModule Drive HSNAsic HSNBoard ' +
  'HSNConnector HSNConnectorPort HSNLink INVALID Memory MgmtHLSwitch MgmtHLSwitchEnclosure MgmtSwitch MgmtSwitchConnector ' +
  'NodeAccel NodeAccelRiser NodeBMCNic NodeEnclosure NodeEnclosurePowerSupply NodeFpga NodeHsnNic NodeNic ' +
  'NodePowerConnector Partition Processor RouterBMC RouterBMCNic RouterFpga RouterModule RouterPowerConnector RouterTOR ' +
  'RouterTORFpga SMSBox StorageGroup System VirtualNode'
).split(' ');

/**
 * Domains of services on the internet that machines fetch from: releases, registries, packages, keys, webhooks. Sources:
 * Harvester's defaults of ui-index, release-download-url and upgrade-checker-url; the registries of container images; the
 * archives of the distributions.
 */
const PUBLIC_DOMAINS =
  'amazonaws.com centos.org debian.org discord.com docker.com docker.io fedoraproject.org gcr.io ghcr.io github.com ' +
  'githubusercontent.com gitlab.com googleapis.com k8s.io launchpad.net office.com opensuse.org pkg.dev quay.io rancher.com ' +
  'rancher.io slack.com suse.com ubuntu.com';

const PUBLIC_HOST = new RegExp(
  `(?:^|\\.)(?:${PUBLIC_DOMAINS.replaceAll('.', '\\.').replaceAll(' ', '|')})$`,
  'i',
);

/** Whether a host name is of a well-known service on the internet. Other names may be of the site itself. */
export function isPublicHost(host: string): boolean {
  return PUBLIC_HOST.test(host);
}
