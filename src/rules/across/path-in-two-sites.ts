import type { Server, Site } from '../../site/model.ts';
import { type Place, placeOf } from '../../source/origin.ts';
import { plainPath } from '../../values/plain-path.ts';
import type { AcrossFinding, AcrossRule } from './across-rule.ts';
import { machinesOf } from './one-host.ts';

export const pathInTwoSites: AcrossRule = {
  code: 'path-in-two-sites',
  severity: 'error',
  what: "Sites that share a boot server have paths of their own on it for signatures, the secrets' include and, where boots are signed, iPXE's programs.",
  why: 'What is put there for one site takes the place of what the other has: its machines boot nothing, or get no configuration.',
  check(sites, report) {
    for (const kind of KINDS) checkKind(kind, sites, report);
  },
};

/** Something that each site has at a path of its own. */
interface Kind {
  readonly what: string;
  readonly key: string;
  readonly consequence: string;
  readonly pathOf: (server: Server) => string | undefined;
  readonly placeOf: (server: Server) => Place;
  /** Whether one within another is a fault, too. */
  readonly nests: boolean;
  /** Whether it is a fault only where one of the two signs. */
  readonly signedOnly: boolean;
}

const KINDS: readonly Kind[] = [
  {
    what: 'signatures',
    key: 'server.sign.path',
    consequence: 'signing for one removes those of the other',
    pathOf: ({ sign }) => sign?.path,
    placeOf: (server) => (server.sign ? placeOf(server.sign, 'path') : placeOf(server, 'sign')),
    nests: true,
    signedOnly: false,
  },
  {
    what: "the secrets' include",
    key: 'server.secrets',
    consequence:
      'the one that is put there last is that of both, and nginx hands out no configuration of the other',
    pathOf: ({ secrets }) => secrets,
    placeOf: (server) => placeOf(server, 'secrets'),
    nests: false,
    signedOnly: false,
  },
  {
    what: "iPXE's programs",
    key: 'server.tftp',
    consequence:
      'those that are put there last boot all machines, and they have the first step of one site built in',
    pathOf: ({ tftp }) => tftp,
    placeOf: (server) => placeOf(server, 'tftp'),
    nests: false,
    signedOnly: true,
  },
];

function checkKind(kind: Kind, sites: readonly Site[], report: (finding: AcrossFinding) => void): void {
  const machines = machinesOf(sites);
  // Sorted, so that what lies in a folder comes right after it; and of equals, who signs comes first.
  const paths = sites
    .flatMap((site) => {
      const path = kind.pathOf(site.server);
      return path === undefined ? [] : [{ site, path, at: `${machines.get(site)} ${plainPath(path)}/` }];
    })
    .sort((a, b) => compare(a.at, b.at) || Number(!a.site.server.sign) - Number(!b.site.server.sign));
  let first = paths[0];
  for (const next of paths.slice(1)) {
    if (!first || !(kind.nests ? next.at.startsWith(first.at) : next.at === first.at)) {
      first = next;
      continue;
    }
    if (kind.signedOnly && !first.site.server.sign) continue;
    const [{ site, path }, other] = [next, first];
    report({
      message: `${site.name} has ${kind.what} at ${path}, and ${other.site.name} at ${other.path}, on the same boot server: ${kind.consequence}.`,
      at: kind.placeOf(site.server),
      related: [{ message: `${other.site.name} has it at`, at: kind.placeOf(other.site.server) }],
      help: `choose paths of their own with ${kind.key}; where these are two machines, silence path-in-two-sites with the reason`,
    });
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
