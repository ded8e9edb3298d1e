import type { Report } from '../../source/diagnostics/report.ts';
import type { Gathered } from '../model/gathered.ts';
import type { ImportedSite, ImportSettings } from '../model/import-format.ts';
import { displayName } from '../model/names.ts';
import { Findings } from '../model/notes.ts';
import { Secrets } from '../model/secrets.ts';
import { withBootFiles } from './boot-files.ts';
import { isLocal, modelOf } from './joined-model.ts';
import { bootNicOf } from './machine.ts';
import { networkOfNic } from './networks.ts';
import { type JoinedSite, planOf } from './site-plan.ts';
import { type SiteModel, writeSite } from './write-site.ts';

/** The settings of one site. */
interface SiteSettings extends ImportSettings {
  /** The first line of its head. */
  readonly title: string;
  /** Adds what only one format has. */
  readonly amend?: (model: SiteModel) => SiteModel;
}

/**
 * Returns the site of data from files; of conflicting values, which are reported, the first applies. Returns undefined if it
 * reports an error, or if there is no machine.
 */
export function gatheredSite(
  files: readonly Gathered[],
  options: SiteSettings,
  report: Report,
): ImportedSite | undefined {
  const findings = new Findings(report);
  const { notes } = findings;
  for (const note of files.flatMap((one) => one.notes)) notes.add(note);
  const secrets = new Secrets(notes);
  const plan = planOf(withBootFiles(files, notes), options, secrets, findings);
  if (!plan) return undefined;
  const model = modelOf(plan);
  noteOpen(plan);
  for (const [name, secret] of plan.data.secrets) secrets.keep(name, secret);
  const { amend = (one) => one, title } = options;
  return writeSite(plan.name, amend(model), title, notes, secrets);
}

/** Adds notes on required values that no file contains. Their placeholder is `…`, which `harvgen check` rejects. */
function noteOpen(plan: JoinedSite): void {
  const { networks, profiles, machines, hasDisks, isOpen, openNetworks } = plan;
  const open = plan.notes.open.bind(plan.notes);
  const why = 'not found in the files read: set the URL of the boot server for downloads; or add --server';
  if (plan.server === undefined) open('server.url', why);
  const subnet = 'no IP address found in the files read';
  for (const name of openNetworks)
    open(`networks.${name}.subnet`, openNetworks.length > 1 ? subnet : `${subnet}; or add --subnet`);
  for (const { name, input: network, boots } of networks)
    if (boots && !network?.gateway)
      open(
        `networks.${name}.gateway`,
        network?.dhcp && network.dhcp !== 'proxy'
          ? 'not found in the files read, but the installer requires a default route'
          : 'not found in the files read: add gateway if machines must reach other networks',
      );
  const { pool, id, conf, keyring, snapshot } = plan.bootServer.iscsi ?? {};
  if (!pool && (id || conf || keyring || snapshot))
    open('server.iscsi.rbd.pool', 'the Ceph pool of images and disks was not found in the files read');
  const owned = new Set([...plan.tenants.values()].flatMap(({ network }) => network ?? []));
  for (const { name, vlan } of networks)
    if (owned.has(name) && owned.size > 1 && !vlan)
      open(
        `networks.${name}.vlan`,
        'not found in the files read, but VLANs separate the tenants: HIL has it in the channels of the network, /v0/network/NETWORK',
      );
  if (isOpen && plan.isDiskless)
    open(
      'defaults.boot.image',
      'the boot of machines was not found in the files read: set the image of their disks here and in images; or add the scripts of BMI with --join ipxe:FILE',
    );
  else if (isOpen)
    open(
      'defaults.boot',
      "the boot of machines was not found in the files read: set kernel and initrd; or add BSS's boot parameters with --join bss:FILE",
    );
  for (const { name, boot } of profiles)
    if (!boot.kernel) open(`profiles.${name}.boot.kernel`, 'not found in the files read');
  const reason =
    'no machine found in the files read: add answers of HIL for nodes with --join hil:FILE, and scripts of nodes with --join ipxe:FILE';
  if (machines.length === 0) open('nodes', reason);
  for (const machine of machines) {
    const name = plan.names.get(machine) ?? '';
    const nic = bootNicOf(machine);
    const lacks = [...(nic?.mac ? [] : ['MAC address']), ...(nic?.ips[0] ? [] : ['IP address'])];
    const [alias] = nic?.ips[0] ? [] : (machine.aliases ?? []);
    const lookup = alias
      ? `, only the name ${displayName(alias.value)}: its DHCP server looks it up: add its hosts file with --join dnsmasq:/etc/hosts`
      : '';
    for (const one of machine.nics)
      if (one.network && one.ips.length === 0 && networks.length > 0 && !networkOfNic(one, networks))
        open(
          `a NIC of ${name}`,
          `it is on the network ${displayName(one.network.value)}, whose subnet was not found in the files read: until you add that to networks, and network to the NIC, it is on ${networks[0]?.name}`,
          one.network.at,
        );
    if (lacks.length > 0)
      open(
        name,
        `its ${lacks.join(' and ')} ${lacks.length > 1 ? 'were' : 'was'} not found in the files read${lookup}`,
        machine.at,
      );
    const todo = `its boot was not found in the files read: it boots its disk until you set ${hasDisks ? 'an image' : 'a profile'}`;
    if (!isOpen && isLocal(machine, plan) && !machine.disk) open(name, todo, machine.at);
  }
}
