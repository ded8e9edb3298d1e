import { BOOT_SCRIPT, embedPath, signaturePath, urlOf } from '../../tree/paths.ts';
import { hyphenMac } from '../../values/identifiers.ts';
import { hasEmbedded } from '../programs.ts';
import type { Target } from '../target.ts';

/** Seconds to wait after the first failure, the second and so on; the last holds for all after it. */
const PAUSES = [2, 5, 10, 20, 40, 60];

/** Seconds that the menu is shown for to somebody who has asked for it by a key. */
const MENU_BY_KEY = 60;

/** How long a NIC may take to find its link, in milliseconds: a switch port without "port fast" blocks for longer. */
const LINK_WAIT = 15_000;

/**
 * The script to build into an iPXE image: for machines that start from a medium, whether their network has DHCP or not;
 * and for a site whose boot is signed, where it verifies the first script.
 */
export const embed: Target = {
  name: 'embed',
  *emit(site, render) {
    if (!hasEmbedded(site)) return;
    const data = {
      site,
      nodes: site.nodes.filter(({ bootNic }) => bootNic.mac),
      byFirmware: site.nodes.filter(({ uuid, serial }) => uuid || serial),
      asksByAddress: site.nodes.some(({ bootNic, uuid, serial }) => !(bootNic.mac || uuid || serial)),
      networks: [...new Set(site.nodes.map(({ bootNic }) => bootNic.network))],
      asksAll: site.networks.some(({ dhcp }) => dhcp),
      keyOf: hyphenMac,
      pauses: PAUSES,
      menuByKey: MENU_BY_KEY,
      linkWait: LINK_WAIT,
      bootUrl: urlOf(site, BOOT_SCRIPT),
      signer: site.server.sign?.signer,
      bootSignature: site.server.sign && urlOf(site, signaturePath(BOOT_SCRIPT)),
    };
    yield { path: embedPath(site), content: render('embed/embed.ipxe', data) };
  },
};
