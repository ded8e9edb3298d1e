import { BOOT_SCRIPT, signaturePath, urlOf } from '../paths.ts';
import type { Target } from '../target.ts';

/**
 * The script to build into an iPXE image: for machines on networks without DHCP, to which it gives each its address by
 * MAC; and for a site whose boot is signed, where it verifies the first script.
 */
export const embed: Target = {
  name: 'embed',
  *emit(site, render) {
    const nodes = site.nodes.filter((node) => !node.bootNic.network.dhcp);
    if (nodes.length === 0 && !site.server.sign) return;
    const data = {
      site,
      nodes,
      bootUrl: urlOf(site, BOOT_SCRIPT),
      signer: site.server.sign?.signer,
      bootSignature: site.server.sign && urlOf(site, signaturePath(BOOT_SCRIPT)),
    };
    yield { path: `embed/${site.name}.ipxe`, content: render('embed/embed.ipxe', data) };
  },
};
