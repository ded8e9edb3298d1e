import { ociRegion, regionOfDomain, regionOfOcid } from '../knowledge/tables/oci-regions.ts';
import type { OciInstance } from '../site/model.ts';
import { type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

/** Something of an instance that is in one region. */
interface Regional {
  readonly key: string;
  readonly region: string | undefined;
  readonly at: Place;
}

export const ociRegionsDiffer: Rule = {
  code: 'oci-regions-differ',
  severity: 'error',
  what: 'The subnet, the image, the availability domain and the security groups of an instance of Oracle Cloud Infrastructure are of one region, and of the one that is said.',
  why: 'A region knows nothing of what another has: the launch would be refused as NotAuthorizedOrNotFound, which does not say what is wrong.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (!node?.oci) continue;
      const [first, ...others] = regionals(node.oci).filter(({ region }) => region !== undefined);
      for (const other of others) {
        if (!first || other.region === first.region) continue;
        report({
          node,
          oncePerPlace: true,
          message: `${other.key} of ${node.name} is of the region ${other.region}, and its ${first.key} is of ${first.region}.`,
          at: other.at,
          related: [{ message: `${first.key} is at`, at: first.at }],
          help: 'say what the region of the subnet has: an OCID has its region in its fourth word, an availability domain behind the colon',
        });
      }
    }
  },
};

/** What an instance has of a region, what is most probably right first. */
function regionals(oci: Draft<OciInstance>): Regional[] {
  const { region, subnet, image, availabilityDomain, nsgs } = oci;
  return [
    ...(region ? [{ key: 'region', region: ociRegion(region), at: placeOf(oci, 'region') }] : []),
    ...(subnet ? [{ key: 'subnet', region: regionOfOcid(subnet), at: placeOf(oci, 'subnet') }] : []),
    ...(image ? [{ key: 'image', region: regionOfOcid(image), at: placeOf(oci, 'image') }] : []),
    ...(availabilityDomain
      ? [
          {
            key: 'availability_domain',
            region: regionOfDomain(availabilityDomain),
            at: placeOf(oci, 'availabilityDomain'),
          },
        ]
      : []),
    ...(nsgs ?? []).flatMap((nsg, index) =>
      nsg && nsgs ? [{ key: 'nsgs', region: regionOfOcid(nsg), at: placeOf(nsgs, index) }] : [],
    ),
  ];
}
