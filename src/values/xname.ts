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

/** As the schema of inventories has it: without zeros in front, but in the cabinet. */
const SAID_NODE = /^x\d{1,4}c[0-7]s(?:0|[1-9]\d{0,2})b(?:0|[1-9]\d{0,2})n(?:0|[1-9]\d{0,2})$/;

/** Says whether an xname is that of a node, and may stand in an inventory. */
export function isNodeXname(xname: string): boolean {
  return SAID_NODE.test(xname);
}

/** Says whether an xname is that of a BMC. */
export function isBmcXname(xname: string): boolean {
  return /^x\d{1,4}c\d+s\d+b\d+$/.test(xname);
}
