import { DHCP_ARCHITECTURES, type DhcpArchitecture } from '../../knowledge/tables/dhcp-architectures.ts';
import type { Network, Node, Site } from '../../site/model.ts';
import { BOOT_SCRIPT, urlOf } from '../../tree/paths.ts';
import type { Mac } from '../../values/mac.ts';
import { type LoaderKind, loaderKindOf, loadersOfKind } from '../programs.ts';
import { controllerReservations } from './reservations.ts';
import { vendorClassesOf } from './vendor-class.ts';

/** What a boot in two stages needs of a DHCP server: firmware gets its program, and iPXE gets the first script. */
export interface Stages {
  readonly architectures: readonly DhcpArchitecture[];
  /** What firmware that boots by HTTP calls itself in option 60, and the name of its architecture. */
  readonly vendorClasses: readonly { readonly name: string; readonly vendorClass: string }[];
  /** The lines of the first stage. */
  readonly loaders: readonly StageLoader[];
  /** The names of the architectures that boot by HTTP. */
  readonly httpNames: readonly string[];
  /** Nodes whose firmware loads something else than iPXE: their MACs, and the tag that they get. */
  readonly others: readonly Others[];
  /** What these are handed, for people. */
  readonly othersLoad: string;
  /** The MACs of management controllers, which get the tag `bmc` and boot nothing. */
  readonly controllers: readonly Mac[];
  /** The URL of the first script. */
  readonly bootUrl: string;
}

/** What firmware of an architecture loads, as a TFTP file or a URL. */
interface StageLoader {
  /** The architecture's. */
  readonly name: string;
  readonly file: string;
  /** The tag of the nodes that it is for. */
  readonly tag?: string;
  /** The tags of the nodes that it is not for. */
  readonly notFor: readonly string[];
}

/** Nodes whose firmware loads something else than iPXE. */
interface Others {
  readonly tag: Exclude<LoaderKind, 'ipxe'>;
  readonly macs: readonly Mac[];
}

/** Gives what a DHCP server says of the boot, whoever runs it, on the networks of a site that it serves. */
export function stagesOf(site: Site, networks: readonly Network[]): Stages {
  const http = DHCP_ARCHITECTURES.filter(({ transport }) => transport === 'http');
  const others = othersOf(site.nodes.filter(({ bootNic }) => networks.includes(bootNic.network)));
  const known = loadersOfKind(site, 'ipxe');
  const files = new Set(known.map(({ file }) => file));
  // Firmware that GRUB or PXELINUX has no program for loads iPXE on any node.
  const different = others.flatMap(({ tag }) =>
    loadersOfKind(site, tag).flatMap(({ name, file }) =>
      files.has(file) ? [] : [{ name, file, tag, notFor: [] }],
    ),
  );
  return {
    architectures: DHCP_ARCHITECTURES,
    vendorClasses: http.flatMap(({ code, name, transport }) =>
      vendorClassesOf(transport, [code]).map((vendorClass) => ({ name, vendorClass })),
    ),
    loaders: [
      ...known.map(({ name, file }) => ({
        name,
        file,
        notFor: different.filter((one) => one.name === name).map(({ tag }) => tag),
      })),
      ...different,
    ],
    httpNames: [...new Set(http.map(({ name }) => name))],
    others,
    othersLoad: [...new Set(others.map(({ tag }) => (tag === 'pxelinux' ? 'PXELINUX' : 'GRUB')))].join(
      ' or ',
    ),
    controllers: networks.flatMap((network) =>
      controllerReservations(site, network).flatMap(({ macs }) => macs),
    ),
    bootUrl: urlOf(site, BOOT_SCRIPT),
  };
}

/** Any NIC of a node's management network may be the one that its firmware asks by. */
function othersOf(nodes: readonly Node[]): Others[] {
  const others = nodes.filter((node) => loaderKindOf(node) !== 'ipxe');
  if (others.length === 0) return [];
  return (['grub', 'shim', 'pxelinux'] as const).flatMap((tag) => {
    const members = others.filter((node) => loaderKindOf(node) === tag);
    const macs = members.flatMap(({ bond }) => bond.flatMap(({ mac }) => mac ?? []));
    return macs.length > 0 ? [{ tag, macs }] : [];
  });
}
