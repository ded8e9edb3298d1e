/**
 * What firmware says of machines whose maker has set neither UUID nor serial number: the same of very many. In lower case.
 * Sources: `sd_id128_get_machine` and `id128_get_product` of systemd, which take neither 0 nor f alone; the reference
 * firmware of AMI, whose defaults these UUIDs are (`dmidecode` of boards in public reports); the placeholders that fwupd,
 * OCS Inventory and osquery pass over. Only what a serial number of the inventory can be: those with blanks, such as "To be
 * filled by O.E.M." and "Default string", its schema refuses.
 */
const UUIDS: ReadonlySet<string> = new Set([
  '03000200-0400-0500-0006-000700080009',
  '00020003-0004-0005-0006-000700080009',
  '00010203-0405-0607-0809-0a0b0c0d0e0f',
  '12345678-1234-5678-90ab-cddeefaabbcc',
  '12345678-1234-1234-1234-123456789abc',
  'deadbeef-dead-beef-dead-beefdeadbeef',
]);

const SERIALS: ReadonlySet<string> = new Set([
  '0123456789',
  '01234567890123456789',
  '012345678',
  '1234567890',
  '123456789',
  '12345678',
  '1234567',
  '123456',
  '12345',
  '1234',
  'default',
  'default_string',
  'default-string',
  'defaultstring',
  'empty',
  'invalid',
  'n.a.',
  'na',
  'no',
  'none',
  'notapplicable',
  'notavailable',
  'notspecified',
  'not-specified',
  'not_specified',
  'null',
  'o.e.m.',
  'oem',
  'serial',
  'serialnumber',
  'systemserialnumber',
  'system-serial-number',
  'system_serial_number',
  'to-be-filled-by-o.e.m.',
  'tobefilledbyo.e.m.',
  'unknown',
]);

/** Says whether many machines have this UUID, in whatever case it is written. */
export function isSharedUuid(uuid: string): boolean {
  return UUIDS.has(uuid.toLowerCase()) || isOneCharacter(uuid.replaceAll('-', ''));
}

/** Says whether many machines have this serial number, in whatever case it is written. */
export function isSharedSerial(serial: string): boolean {
  return SERIALS.has(serial.toLowerCase()) || isOneCharacter(serial);
}

/** 0, 00000000, ffffffff, XXXXXXX. */
function isOneCharacter(text: string): boolean {
  return new Set(text.toLowerCase()).size === 1;
}
