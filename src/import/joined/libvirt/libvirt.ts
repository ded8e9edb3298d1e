import { Notes } from '../../notes.ts';
import { concealLikely } from '../../secrets.ts';
import type { XmlElement } from '../../xml/element.ts';
import { readXml } from '../../xml/read-xml.ts';
import type { GatheredMachine, GatheredNetwork } from '../gathered.ts';
import type { JoinedKind } from '../kind.ts';
import { gatheredOf, type Reservation } from '../reservations/machine-of.ts';
import { machineOfDomain } from './domain.ts';
import { readNetwork } from './network.ts';

/** The XML of libvirt's networks and domains. */
export const libvirt: JoinedKind = {
  name: 'libvirt',
  what: "XML of libvirt's networks and domains, as virsh net-dumpxml and virsh dumpxml print it",
  isLike({ text }) {
    return LIKE.test(text);
  },
  read(source, report) {
    if (source.text.trim() !== '' && !LIKE.test(source.text)) {
      report.error({
        code: 'import-kind',
        message: 'This has no domain and no network of libvirt.',
        at: { source, start: 0, end: 0 },
        help: 'give what virsh net-dumpxml NETWORK or virsh dumpxml DOMAIN prints, one after another where there are several',
      });
      return undefined;
    }
    concealLikely(source);
    const { roots, fault } = readXml(source);
    if (fault) {
      report.error({ code: 'import-syntax', ...fault });
      return undefined;
    }
    const notes = new Notes();
    const machines: GatheredMachine[] = [];
    const networks: GatheredNetwork[] = [];
    const reservations: Reservation[] = [];
    for (const element of roots.flatMap(unwrapped)) {
      if (element.name === 'domain') machines.push(machineOfDomain(element, notes, report));
      else {
        const read = readNetwork(element, notes, report);
        if (read.network) networks.push(read.network);
        reservations.push(...read.reservations);
      }
    }
    const reserved = gatheredOf(reservations, notes);
    return {
      machines: [...machines, ...reserved.machines],
      bmcs: reserved.bmcs,
      networks,
      notes: notes.sorted(),
    };
  },
};

/** The elements that a file of libvirt has outermost; the last three have a domain or network within. */
const LIKE = /<(?:domain|network|domainsnapshot|domstatus|networkstatus)\b[^<>]*>/;

/** The domains and networks of an outermost element. */
function unwrapped(element: XmlElement): readonly XmlElement[] {
  const isOne = ({ name }: XmlElement) => name === 'domain' || name === 'network';
  return isOne(element) ? [element] : element.children.filter(isOne);
}
