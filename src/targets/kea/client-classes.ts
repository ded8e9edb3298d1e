import type { Network, Site } from '../../site/model.ts';
import { BOOT_SCRIPT, urlOf } from '../../tree/paths.ts';
import { reservationsOf } from '../dhcp/reservations.ts';
import { vendorClassesOf } from '../dhcp/vendor-class.ts';
import { type LoaderKind, loadersOfKind } from '../programs.ts';

/** Gives the class that a reservation puts its client into, by what its firmware loads. */
export function classOf(kind: LoaderKind): string {
  return `loads-${kind}`;
}

/** iPXE, by its user class. */
const IS_IPXE = { name: 'is-ipxe', test: startsWith(77, 4, "'iPXE'") };

/**
 * Gives Kea's client classes for a boot in two stages: by what the inventory says that a node loads, and by what asks, firmware of
 * an architecture or iPXE. A management controller is in none of them. A test that stands on KNOWN or UNKNOWN is made when the
 * reservation has been looked up, which the others stand on. Source: Kea 2.2, Administrator Reference Manual, section 14.
 */
export function classesOf(site: Site, networks: readonly Network[]): object[] {
  const reservations = networks.flatMap((network) => reservationsOf(site, network));
  const kinds = new Set(reservations.flatMap(({ loads }) => loads ?? []));
  // Who is not known loads iPXE.
  if (networks.some(({ dhcp }) => dhcp?.pool)) kinds.add('ipxe');
  if (kinds.size === 0) return [];
  const all = [...kinds];
  return [
    IS_IPXE,
    ...all.map((kind) => ({ name: classOf(kind) })),
    ...all.map((kind) => ({ name: bootsOf(kind), test: isOf(kind) })),
    {
      name: 'first-script',
      test: `(${all.map((kind) => isMember(bootsOf(kind))).join(' or ')}) and ${isMember(IS_IPXE.name)}`,
      'boot-file-name': urlOf(site, BOOT_SCRIPT),
      'option-data': [
        { name: 'ipxe', 'always-send': true },
        { name: 'no-pxedhcp', space: 'ipxe', data: '1' },
      ],
    },
    ...all.flatMap((kind) => firmwareClasses(site, kind)),
  ];
}

function bootsOf(kind: LoaderKind): string {
  return `boots-${kind}`;
}

function isMember(name: string): string {
  return `member('${name}')`;
}

function isOf(kind: LoaderKind): string {
  const isKnown = `member('KNOWN') and ${isMember(classOf(kind))}`;
  return kind === 'ipxe' ? `(${isKnown}) or member('UNKNOWN')` : isKnown;
}

/** Firmware gets a program, never iPXE itself, or it would load itself for ever. */
function firmwareClasses(site: Site, kind: LoaderKind): object[] {
  return loadersOfKind(site, kind).map(({ name, codes, transport, file }) => {
    const says = [
      ...codes.map((code) => startsWith(93, 2, `0x${code.toString(16).padStart(4, '0')}`)),
      ...vendorClassesOf(transport, codes).map((text) => startsWith(60, text.length, `'${text}'`)),
    ];
    return {
      name: `${kind}-for-${name}`,
      test: `${isMember(bootsOf(kind))} and not ${isMember(IS_IPXE.name)} and (${says.join(' or ')})`,
      'boot-file-name': file,
      // UEFI HTTP boot takes an answer only from a server that calls itself an HTTP client, too.
      ...(transport === 'http' && {
        'option-data': [{ name: 'vendor-class-identifier', data: 'HTTPClient', 'always-send': true }],
      }),
    };
  });
}

function startsWith(option: number, length: number, value: string): string {
  return `substring(option[${option}].hex, 0, ${length}) == ${value}`;
}
