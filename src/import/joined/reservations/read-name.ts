/** What a name in a list of reservations tells of who has it. */
export type NameRead =
  | { readonly of: 'node' }
  /** A NIC of a node: `cg02-eth0`. */
  | { readonly of: 'nic'; readonly node: string; readonly nic: string }
  /** A management controller: `cg02-bmc`, which names its node, or an xname without a node (`x1000c1s7b0`). */
  | { readonly of: 'bmc'; readonly xname: boolean; readonly node?: string | undefined }
  /** The VIP of a Harvester cluster: `harvest_vip`. */
  | { readonly of: 'vip' };

/** Behind a digit or by itself, and never the end of a word: kilo is a node. */
const BMC = /(?:^|[-_]|(?<=\d))(?:bmc|ipmi|ilo|idrac)(?:\d*$|[-_])|^(?:bmc|ipmi|ilo|idrac)\d/i;
const BMC_OF = /^(.+?)[-_]?(?:bmc|ipmi|ilo|idrac)\d*$/i;
const BMC_XNAME = /^x\d+c\d+(?:s\d+)?b\d+$/i;
const NIC = /^(.+?)[-_](eth\d+|e(?:n|no|ns|np|nx)\d\w*|ib\d+|hsn\d+)$/i;
const VIP = /(?:^|[-_])vip(?:[-_]?\d*)$/i;

/** A domain that is theirs alone: rk01.bmc.example.org. */
const BMC_DOMAIN = /^(?:bmc|ipmi|ilo|idrac)$/i;

/** Reads what a name tells of who has it; of a name with a domain, its first labels count. */
export function readName(name: string): NameRead {
  const [label = '', domain = ''] = name.split('.');
  if (BMC_XNAME.test(label)) return { of: 'bmc', xname: true };
  if (BMC.test(label)) return { of: 'bmc', xname: false, node: BMC_OF.exec(label)?.[1] };
  if (BMC_DOMAIN.test(domain)) return { of: 'bmc', xname: false, node: label };
  if (VIP.test(label)) return { of: 'vip' };
  const [, node, nic] = NIC.exec(label) ?? [];
  if (node !== undefined && nic !== undefined) return { of: 'nic', node, nic };
  return { of: 'node' };
}
