import type { Node, Site } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { type AwayServer, awayServers } from './away-servers.ts';
import type { Finding, Rule } from './rule.ts';

const PUBLIC_MEDIA = /^[a-z]+:\/\/((?:releases\.rancher|(?:[\w-]+\.)*github)\.com)(?![^:/])/i;

export const airGapped: Rule = {
  code: 'air-gapped',
  severity: 'warning',
  what: 'In a site that is air-gapped, machines need nothing of the internet.',
  why: 'DNS and time servers on the internet never answer there, `github:` keys are not fetched, so that nobody can log in, and an installation from media on the internet stops at its first download.',
  check(site, report) {
    if (!site.airGapped) return;
    const related = [{ message: 'the site is said to be air-gapped at', at: placeOf(site, 'airGapped') }];
    for (const finding of findings(site)) report({ ...finding, related });
  },
};

function* findings({ server, networks = [], nodes = [] }: Draft<Site>): Iterable<Finding> {
  const media = server?.media?.url?.match(PUBLIC_MEDIA)?.[1];
  if (server && media) {
    yield {
      message: `Machines fetch Harvester from ${media}, and the site is air-gapped: none could be installed.`,
      at: placeOf(server, 'media'),
      help: 'put the files on the boot server, and remove media or name their folder with it',
    };
  }
  const site = { networks };
  for (const network of networks) if (network) yield* awayServers(network, network, site).map(unanswered);
  for (const node of nodes) {
    if (node?.os !== 'harvester') continue;
    const os = node.said?.os;
    const said = { dns: os?.dns_nameservers, ntp: os?.ntp_servers };
    for (const server of awayServers(said, node.bootNic?.network, site))
      yield { ...unanswered(server), node };
    for (const finding of ofDownloads(node)) yield { ...finding, node };
  }
}

function unanswered({ kind, server, at, help }: AwayServer): Finding {
  return {
    message: `The ${kind} server ${server} is on the internet, and the site is air-gapped: it would never answer.`,
    at,
    help,
  };
}

function* ofDownloads({ said }: Draft<Node>): Iterable<Finding> {
  const keys = said?.os?.ssh_authorized_keys ?? [];
  for (const [index, key] of keys.entries()) {
    if (!key?.startsWith('github:')) continue;
    yield {
      message: `The SSH key ${key} is fetched from GitHub, and the site is air-gapped: nobody could log in with it.`,
      at: placeOf(keys, index),
      help: 'write the key itself, as it stands in a .pub file',
    };
  }
  const iso = said?.install?.iso_url?.match(PUBLIC_MEDIA)?.[1];
  if (said?.install && iso) {
    yield {
      message: `The ISO is fetched from ${iso}, and the site is air-gapped: the installation would stop.`,
      at: placeOf(said.install, 'iso_url'),
      help: 'remove iso_url: it follows from server.media',
    };
  }
}
