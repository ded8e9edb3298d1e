import type { Site } from '../../site/model.ts';

/** How the first script asks for a machine's own one. */
export interface LookUp {
  /** What iPXE calls what it has fetched, where it verifies that. */
  readonly image: string;
  /** iPXE's setting that says what the machine is known by: without a value there is nothing to ask for. */
  readonly setting: string;
  /** The script's path below the document root, as iPXE fills it in. */
  readonly script: string;
}

const BY_MAC: readonly LookUp[] = ['netX', 'net0', 'net1', 'net2', 'net3'].map((nic) => ({
  image: nic,
  setting: `${nic}/mac`,
  script: `ipxe/\${${nic}/mac:hexhyp}.ipxe`,
}));

const BY_IP: LookUp = { image: 'ip', setting: 'ip', script: 'ipxe/${ip}.ipxe' };

const BY_UUID: LookUp = { image: 'uuid', setting: 'uuid', script: 'ipxe/${uuid}.ipxe' };

/** With blanks in it, as boards that nobody has numbered have one, a serial number is no path. */
const BY_SERIAL: LookUp = {
  image: 'serial',
  setting: 'serial',
  script: 'ipxe/serial/${serial:uristring}.ipxe',
};

/**
 * Gives the ways by which a site's nodes are found, in turn: the MAC that booted and those of the first NICs, the address, the
 * UUID and the serial number that the firmware has. A way by which no node can be found is left out.
 * Source: https://ipxe.org/cfg (settings, and their types hexhyp and uristring).
 */
export function lookUps({ nodes }: Site): LookUp[] {
  return [
    ...(nodes.some(({ bootNic }) => bootNic.mac) ? BY_MAC : []),
    ...(nodes.some(({ bootNic }) => !bootNic.mac) ? [BY_IP] : []),
    ...(nodes.some(({ uuid }) => uuid) ? [BY_UUID] : []),
    ...(nodes.some(({ serial }) => serial) ? [BY_SERIAL] : []),
  ];
}
