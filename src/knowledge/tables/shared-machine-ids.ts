/**
 * What firmware says of machines whose maker has set neither UUID nor serial number: the same of very many. In lower case.
 * Sources, which pass these over for that reason: osquery, osquery/core/system.cpp (kPlaceholderHardwareUUIDList); the FOG
 * Project, packages/web/lib/fog/hostmanager.class.php (getHostByUuidAndSerial); GLPI, src/Blacklist.php (getDefaults); OCS
 * Inventory, files/ocsbase.sql (blacklist_serials).
 */
const UUIDS: ReadonlySet<string> = new Set([
  // osquery.
  '03000200-0400-0500-0006-000700080009',
  '03020100-0504-0706-0809-0a0b0c0d0e0f',
  '10000000-0000-8000-0040-000000000000',
  // The second of these in the order of bytes that firmware before SMBIOS 2.6 has; the first one so is in FOG's list.
  '00010203-0405-0607-0809-0a0b0c0d0e0f',
  // FOG.
  '00020003-0004-0005-0006-000700080009',
  '12345678-1234-5678-90ab-cddeefaabbcc',
  'ffffff00-ffff-ffff-ffff-ffffffffffff',
  // GLPI.
  '01010101-0101-0101-0101-010101010101',
  '6ab5b300-538d-1014-9fb5-b0684d007b53',
]);

/** GLPI and OCS Inventory have these all, but for the last six, which GLPI alone has. */
const SERIALS: ReadonlySet<string> = new Set([
  '1',
  '0123456789',
  '12345',
  '123456',
  '1234567',
  '12345678',
  '123456789',
  '1234567890',
  '123456789000',
  '12345678901234567',
  'eval',
  'iatpass',
  'invalid',
  'none',
  'sn-12345',
  'sn-1234567890',
  'sn-123456fvgv3i0b8o5n6n7k',
  'sys-1234567890',
  'sys-9876543210',
  '0',
  'empty',
  'mb-1234567890',
  'oem_serial',
  'systemserialnumb',
  'unknow',
]);

/**
 * Those of several words, without what is between them: an inventory has them so, or with . _ or -, since its schema
 * refuses blanks. GLPI and OCS Inventory have the first, GLPI the next two, FOG the others.
 */
const PHRASES: ReadonlySet<string> = new Set([
  'tobefilledbyoem',
  'systemserialnumber',
  'notspecified',
  'notapplicable',
  'defaultstring',
]);

/** From how many on the same characters are no serial number: the shortest of these lists has six. */
const FEWEST = 4;

/** Says whether many machines have this UUID, in whatever case it is written. */
export function isSharedUuid(uuid: string): boolean {
  return UUIDS.has(uuid.toLowerCase()) || isOneCharacter(uuid.replaceAll('-', ''));
}

/** Says whether many machines have this serial number, in whatever case it is written. */
export function isSharedSerial(serial: string): boolean {
  const text = serial.toLowerCase();
  return SERIALS.has(text) || PHRASES.has(text.replace(/[._-]/g, '')) || isOneCharacter(text);
}

/** 00000000, ffffffff, XXXXXXX. */
function isOneCharacter(text: string): boolean {
  return text.length >= FEWEST && new Set(text.toLowerCase()).size === 1;
}
