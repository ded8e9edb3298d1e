import type { Server } from '../site/model.ts';
import { type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { ipv4Number } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const ociHostName: Rule = {
  code: 'oci-host-name',
  severity: 'warning',
  what: 'On a site on Oracle Cloud Infrastructure without a way to the internet, what machines fetch from is given by its address.',
  why: 'The security list lets them out to what the inventory names, and its rules take addresses alone: what is outside the subnet, and has a name, they do not reach.',
  check({ airGapped, server, nodes = [] }, report) {
    if (!airGapped || !server || !nodes.some((node) => node?.oci)) return;
    for (const { what, host, at } of fetchedFrom(server)) {
      if (ipv4Number(host) !== undefined) continue;
      report({
        message: `${what} is ${host}, and no rule of the security list can have a name: the instances do not reach it unless it is in their subnet.`,
        at,
        help: 'say it by its address, or add a rule for it to the list yourself and silence this one',
      });
    }
  },
};

/** Where machines fetch from, each host once. */
function fetchedFrom(server: Draft<Server>): { what: string; host: string; at: Place }[] {
  const { host, media } = server;
  const files = media?.url === undefined ? undefined : new URL(media.url).hostname;
  return [
    ...(host ? [{ what: 'The boot server', host, at: placeOf(server, 'url') }] : []),
    ...(files && files !== host
      ? [{ what: "The server of Harvester's files", host: files, at: placeOf(server, 'media') }]
      : []),
  ];
}
