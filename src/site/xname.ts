/** The name of a node by its place: cabinet, chassis, slot, BMC, node. Source: Cray-HPE/hms-xname, xnametypes. */
const NODE = /^x([0-9]{1,4})c([0-7])s([0-9]{1,3})b([0-9]{1,3})n([0-9]{1,3})$/;

/** Gives an xname of a node as OpenCHAMI's services compare it: without zeros at the beginning of a number. */
export function plainXname(xname: string): string {
  return xname.replace(/0*([0-9]+)/g, '$1');
}

/** Gives the xname of the management controller that a node has by its own: `x1000c1s7b0` of `x1000c1s7b0n0`. */
export function bmcXname(xname: string): string {
  return plainXname(xname).replace(/n[0-9]+$/, '');
}

/** Gives the numbers of a node's xname, from the cabinet on; none for what is no such xname. */
export function xnameNumbers(xname: string): readonly string[] {
  return NODE.exec(plainXname(xname))?.slice(1) ?? [];
}
