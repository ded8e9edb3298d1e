import { managementNetwork } from '../site/management.ts';
import type { Node, Site } from '../site/model.ts';
import { bmcName, eachBmc, networkOf } from '../site/nics.ts';
import { ipv4Number } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { bmcXname, plainXname } from '../values/identifiers.ts';

/** A machine, by its lasting IP address, or the BMC of one. */
export interface Named {
  readonly node: Draft<Node>;
  readonly ip: string;
  /** The names without a domain, or with their own; the first is the host name. */
  readonly names: readonly string[];
  /** The domain of its network. */
  readonly domain: string | undefined;
}

/** Returns the nodes of a site, then their BMCs, with the names by which OpenCHAMI resolves them: host name and xname. */
export function namesOf({ nodes = [], networks = [] }: Draft<Site>): Named[] {
  const own = nodes.flatMap((node): Named[] => {
    const { name, xname, ip } = node ?? {};
    if (!node || name === undefined || ip === undefined) return [];
    const domain = managementNetwork(node)?.domain;
    return [{ node, ip, names: [name, ...(xname ? [plainXname(xname)] : [])], domain }];
  });
  const seen = new Set<string>();
  const bmcs = eachBmc({ nodes }).flatMap(({ node, bmc: { address: ip } }): Named[] => {
    const { name, xname } = node;
    // Nodes can share a BMC, and its address can be a name of another DNS server.
    if (name === undefined || ip === undefined || ipv4Number(ip) === undefined || seen.has(ip)) return [];
    seen.add(ip);
    const names = [bmcName(name), ...(xname ? [bmcXname(xname)] : [])];
    return [{ node, ip, names, domain: networkOf(ip, networks)?.domain }];
  });
  return [...own, ...bmcs];
}

/** Returns a name with its domain. A name with dots has one. */
export function qualified(name: string, domain: string | undefined): string {
  return name.includes('.') || !domain ? name : `${name}.${domain}`;
}

/** Returns the names of a machine in a hosts file: with the domain, then without. */
export function hostNames({ names, domain }: Named): string[] {
  return [...new Set([...names.map((name) => qualified(name, domain)), ...names])];
}
