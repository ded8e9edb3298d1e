import type { Version } from '../../values/version.ts';
import { whence } from '../whence.ts';
import { type Content, type ContentMap, flow, headed, noted, yamlOf } from '../yaml-of.ts';
import type { Said } from './boot-php.ts';
import type { Launch } from './launch.ts';
import type { OciMachine } from './machines.ts';
import { doDiffer } from './report-nodes.ts';
import type { OciNetwork } from './subnet.ts';

/** What a site is made of. */
export interface SitePlan {
  readonly name: string;
  /** What the host names begin with. */
  readonly stem: string;
  readonly release: Said<Version> | Version;
  readonly server: Said<string> | string | undefined;
  readonly tty: Said<string> | undefined;
  readonly launch: Launch | undefined;
  readonly network: OciNetwork;
  readonly head: string;
}

/** Stands where somebody must fill something in: `harvgen check` refuses it, at its place. */
const OPEN = '…';

/** The time server of OCI. Source: OCI, "Configuring the Oracle Cloud Infrastructure NTP Service for an Instance". */
const OCI_NTP = '169.254.169.254';

/** Writes the inventory of a site, each value with where it came from. */
export function siteYaml(plan: SitePlan): string {
  const { name, release, server, network } = plan;
  return yamlOf(
    {
      site: name,
      harvester: {
        version: 'at' in release ? noted(release.value.text, whence([release.at])) : release.text,
      },
      server: {
        url: headed(
          'It answers /harvester/boot.php as the old one did, so machines that boot by that need no new script. A web server\n' +
            'other than nginx does so with compat: [oci].',
          server === undefined ? noted(OPEN, 'http:// and the address of the boot server') : said(server),
        ),
      },
      networks: { mgmt: networkOf(network) },
      cluster: {
        vip: noted(OPEN, 'a free address of the subnet, which OCI must know: see docs/oci.md'),
        token: '${secret:cluster_token}',
      },
      defaults: defaultsOf(plan),
      nodes: headed(
        'Known by address alone: launch them with these. A MAC or serial number may be added to each.\n' +
          'Names are host names: in a cluster that runs, each node has one, and is to have it here.',
        nodesOf(plan),
      ),
    },
    plan.head,
  );
}

function said(value: Said<string> | string): Content {
  return typeof value === 'string' ? value : noted(value.value, whence([value.at]));
}

function networkOf({ subnet, gateway, isGuessed }: OciNetwork): ContentMap {
  return {
    subnet: isGuessed ? noted(subnet.text, 'a guess: see above') : subnet.text,
    gateway: noted(gateway, "OCI's router has the first address of a subnet"),
    ntp: flow([OCI_NTP], "OCI's own time server"),
    dhcp: flow({ server: 'external' }, "OCI's own"),
  };
}

function defaultsOf({ launch, tty }: SitePlan): ContentMap {
  return {
    oci: launch && {
      ...Object.fromEntries(
        Object.entries(launch.asked).map(([key, value]) => [
          key,
          value ? said(value) : noted(OPEN, 'see above'),
        ]),
      ),
      ...Object.fromEntries(
        launch.further.map(({ key, value, whence: from }) => [
          key,
          typeof value === 'object' ? flow(value, from) : noted(value, from),
        ]),
      ),
    },
    config: {
      os: { password: '${secret:node_password}' },
      install: {
        tty: tty && said(tty),
        device: noted(OPEN, 'the disk to install to, such as /dev/disk/by-path/pci-0000:03:00.0-nvme-1'),
      },
    },
  };
}

function nodesOf({ stem, network }: SitePlan): ContentMap {
  const nodes = network.machines.map((machine, index): [string, Content] => [
    nameOf(stem, machine, network),
    {
      ip: noted(machine.ip, `${whence(machine.at)}${installOf(machine)}`),
      mode: index === 0 ? 'create' : undefined,
    },
  ]);
  return Object.fromEntries(nodes);
}

function installOf(machine: OciMachine): string {
  if (doDiffer(machine)) return '; install was 0 and 1';
  return machine.reinstalled.length > 0 ? '; install was 1' : '';
}

/** Names a node by the octets of its address in which it differs from others of its subnet: oci-7, oci-10-7. */
export function nameOf(stem: string, { ip }: OciMachine, { subnet }: OciNetwork): string {
  return `${stem}-${ip
    .split('.')
    .slice(Math.floor(Math.min(subnet.prefix, 24) / 8))
    .join('-')}`;
}
