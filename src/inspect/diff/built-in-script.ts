import type { Site } from '../../site/model.ts';
import { ipxe } from '../../targets/ipxe/ipxe.ts';
import { builtIn } from '../../targets/templates/template.ts';
import { parseCidr } from '../../values/ipv4.ts';
import type { NetworkFacts, NodeFacts } from './facts.ts';

const NODE_SCRIPTS: readonly string[] = ['ipxe/node.ipxe', 'ipxe/linux.ipxe', 'ipxe/iscsi.ipxe'];

/**
 * Gives the script that the built-in template makes of what is known of a node; `media` is where it fetches Harvester's
 * files. Undefined where too little is known, and where the facts are none that a script can be made of.
 */
export function builtInScript(node: NodeFacts, media: string): string | undefined {
  try {
    const files = [
      ...ipxe.emit(
        siteOf(node, media),
        (name, data) => (NODE_SCRIPTS.includes(name) ? builtIn(name)(data) : ''),
        [],
      ),
    ];
    return files.at(-1)?.content as string;
  } catch {
    // The facts may be of a damaged tree: whatever they lack, or cannot be written, the script is not made of them.
    return undefined;
  }
}

/** Gives where the nodes' files of Harvester may lie: as the configuration has it, by default, and as a script has it. */
export function mediaOf({ config = '', url }: NodeFacts, script: string): string[] {
  const iso = /^ {2}iso_url: "([^"\\]+)\/[^/"\\]+\/[^/"\\]+"$/m.exec(config)?.[1];
  const kernel = /^kernel (\S+)\/[^/\s]+\/[^/\s]+ /m.exec(script)?.[1];
  return [...new Set([iso, `${url}/harvester`, kernel])].filter((place) => place !== undefined);
}

/** As much of a site as a node's script is made of. */
function siteOf(node: NodeFacts, media: string): Site {
  const { network = {}, nics = [], bootNic, networks, config = '' } = node;
  const boots = { ...bootNic, network: networkOf(network) };
  const tty = /^ {2}tty: ("[^"]*")$/m.exec(config)?.[1];
  const signer = /^imgverify --signer (\S+) /m.exec(node.script ?? '')?.[1];
  const site = {
    name: node.site,
    server: {
      url: node.url,
      tls: { url: node.configUrl },
      media: { url: media },
      sign: signer && { signer },
    },
    nodes: [
      {
        ...node,
        // What follows from it stands in the configuration.
        domain: undefined,
        cluster: node.cluster && { version: { text: node.release }, arch: node.arch },
        nics: nics.map((nic) =>
          nic === bootNic ? boots : { ...nic, network: networkOf(networks?.get(nic.network ?? '') ?? {}) },
        ),
        bootNic: boots,
        bond: [boots, ...nics.filter((nic) => nic !== bootNic && nic.network === bootNic?.network)],
        // What it says of a NIC that nothing else is known of is said, since nothing could derive it.
        said: {
          install: {
            tty: tty && JSON.parse(tty),
            management_interface: /^ {4}interfaces:/m.test(config) ? { interfaces: [] } : {},
          },
        },
      },
    ],
  };
  return site as unknown as Site;
}

function networkOf(network: NetworkFacts) {
  const dhcp = network['dhcp.server'] === undefined ? undefined : {};
  return { ...network, subnet: parseCidr(String(network.subnet)), dhcp };
}
