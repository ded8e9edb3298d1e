import { isKeyword } from './keywords.ts';
import { isOptionName } from './options.ts';
import { isLease } from './read-leases.ts';

/** Which of dnsmasq's files a file is; `status` is the one that libvirt keeps in place of leases. */
export type Form = 'status' | 'leases' | 'configuration' | 'hosts' | 'options' | 'ethers' | 'nothing';

const MAC = '(?:[0-9a-f]{1,2}-)?[0-9a-f*]{1,2}(?::[0-9a-f*]{1,2}){5,}';

/** Keys that each lease of libvirt has, which tell its list from those of other programs. */
const STATUS = /"(?:ip|mac)-address"\s*:/;

const HOST = new RegExp(
  `^(?:${MAC}|id:[^,]*|\\d+\\.\\d+\\.\\d+\\.\\d+|\\[[0-9a-f:]*\\]|[\\w.-]+,.*(?:${MAC}|\\d+\\.\\d+\\.\\d+\\.\\d+))(?:\\s*,|\\s*$|.*$)`,
  'i',
);

/** Tells by the first line that says something which of dnsmasq's files a text is; undefined where it is none. */
export function formOf(text: string): Form | undefined {
  // What libvirt keeps where nobody has a lease, and what many another program answers.
  if (/^[\s\ufeff]*\[\s*\]\s*$/.test(text)) return 'nothing';
  if (/^[\s\ufeff]*\[\s*\{/.test(text)) return STATUS.test(text) ? 'status' : undefined;
  const first = firstLine(text);
  if (first === undefined) return 'nothing';
  if (isLease(first)) return 'leases';
  if (new RegExp(`^${MAC}\\s+[\\w.:-]+\\s*(?:#.*)?$`, 'i').test(first)) return 'ethers';
  const [, keyword] = /^([a-z][a-z0-9-]*)\s*(?:=|$|\s#)/.exec(first) ?? [];
  if (keyword !== undefined && isKeyword(keyword)) return 'configuration';
  const fields = first.split(',').map((field) => field.trim());
  const told = fields.find((field) => !/^(?:set|tag|net):/.test(field));
  if (told === undefined) return undefined;
  if (isOptionName(told)) return 'options';
  return HOST.test(fields.slice(fields.indexOf(told)).join(',')) ? 'hosts' : undefined;
}

function firstLine(text: string): string | undefined {
  for (const { 0: line } of text.matchAll(/[^\r\n]+/g)) {
    const said = line.replace(/^\ufeff/, '').trim();
    if (said !== '' && !said.startsWith('#')) return said;
  }
  return undefined;
}
