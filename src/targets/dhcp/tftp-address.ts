import type { Site } from '../../site/model.ts';
import { type Ipv4, ipv4Number } from '../../values/ipv4.ts';

/**
 * Gives the address that firmware asks for its program by TFTP. Undefined where it is the DHCP server's own for all that is known:
 * the boot server is known by a name, which a DHCP server cannot tell, or the tree is served by pods, which do no TFTP.
 */
export function tftpAddress({ server }: Site): Ipv4 | undefined {
  return server.kubernetes || ipv4Number(server.host) === undefined ? undefined : server.host;
}
