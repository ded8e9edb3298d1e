import { nameRanges } from '../source/diagnostics/words.ts';
import { escapeControlChars, printedJson } from '../values/text.ts';
import type { Finding, Findings, Run, Subject } from './findings.ts';

const LABELS: Readonly<Record<Subject, string>> = {
  dhcp: 'DHCP',
  tftp: 'TFTP',
  program: 'boot file',
  http: 'HTTP',
  tls: 'TLS',
  media: 'media',
  iscsi: 'iSCSI',
  libvirt: 'libvirt',
};

/** The number of details that are shown of one difference. */
const MOST = 3;

/** Renders a result as text: a line for each machine, then each difference once, then what could not be checked. */
export function formatText({ site, names, findings }: Run): string {
  const found = findings.sorted(site);
  const count = found.length === 1 ? '1 difference' : `${found.length || 'no'} differences`;
  const lines = [
    `${site.name} at ${site.server.url}: ${count}`,
    '',
    ...[...names].map((name) => machineLine(name, found, findings)),
    ...found.flatMap((finding, index) => ['', `${index + 1}. ${findingText(finding)}`, `   ${finding.help}`]),
    ...(findings.notes.size > 0 ? ['', ...[...findings.notes].sort().map((note) => `note: ${note}`)] : []),
  ];
  return `${lines.map(escapeControlChars).join('\n')}\n`;
}

function machineLine(name: string, found: readonly Finding[], findings: Findings): string {
  const got = findings.gotBy(name).join(', ') || 'nothing was compared';
  const numbers = found.flatMap(({ nodes }, index) => (nodes.includes(name) ? index + 1 : []));
  return `${name}: ${got}${numbers.length > 0 ? `; differs: ${numbers.join(', ')}` : ''}`;
}

function findingText({ subject, message, nodes, details }: Finding): string {
  const whose = nodes.length > 0 ? ` ${nameRanges(nodes)}:` : '';
  const more = details.length > MOST ? ` and ${details.length - MOST} more` : '';
  const shown = details.length > 0 ? `: ${details.slice(0, MOST).join('; ')}${more}` : '';
  return `${LABELS[subject]}:${whose} ${message}${shown}`;
}

/** Renders a result as JSON: schema/verify.schema.json. */
export function formatJson({ site, names, findings }: Run): string {
  const found = findings.sorted(site);
  return printedJson({
    site: site.name,
    url: site.server.url,
    nodes: [...names].map((name) => ({
      name,
      gets: findings.gotBy(name),
      differences: found.flatMap(({ nodes }, index) => (nodes.includes(name) ? index : [])),
    })),
    differences: found,
    programs: [...findings.programs].sort((a, b) => (a.url < b.url ? -1 : 1)),
    notes: [...findings.notes].sort(),
  });
}
