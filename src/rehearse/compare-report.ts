import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import { isOwnDhcpServer } from '../knowledge/boot-programs.ts';
import { asWritten, marked } from '../secrets/uses-of.ts';
import type { Node } from '../site/model.ts';
import { isValueMap } from '../source/origin.ts';
import { configPath } from '../tree/paths.ts';

/** The report of the stand-in for Harvester's installer on the serial port. */
interface StandInReport {
  /** Returns the value of a line such as `STAND-IN address 192.168.178.41/24`, or undefined. */
  reported(what: string): string | undefined;
  /** The fetched configuration, parsed; null if it is missing. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read any part of it
  readonly config: any;
}

/** Reads the stand-in's report from a machine's console. */
export function readReport(console: string): StandInReport {
  const config = /STAND-IN config begin\r?\n([\s\S]*?)STAND-IN config end/.exec(console)?.[1] ?? '';
  return {
    reported: (what) => new RegExp(`STAND-IN ${what} (.*)`).exec(console)?.[1],
    config: parse(config),
  };
}

/** Returns the values that the installer or Linux got instead of those in the inventory, a line each. */
export function compareReport(node: Node, console: string, fill: (text: string) => string): string[] {
  const { reported, config } = readReport(console);
  const differences: string[] = [];
  const compare = (what: string, got: unknown, expected: unknown) => {
    if (!isDeepStrictEqual(got, expected))
      differences.push(`${what}: ${shown(got)} instead of ${shown(expected)}`);
  };
  compare(
    'IP address',
    reported('address')?.trim(),
    `${node.bootNic.ip}/${node.bootNic.network.subnet.prefix}`,
  );
  if (isOwnDhcpServer(node.bootNic.network.dhcp?.server) && node.os === 'harvester')
    compare('host name by DHCP', reported('hostname-from-dhcp')?.trim(), node.name);
  const words = reported('cmdline')?.trim().split(' ') ?? [];
  for (const word of node.linux?.args ?? node.installerArgs ?? [])
    if (!reported('cmdline')?.includes(word)) differences.push(`kernel command line: no ${word}`);
  if (reported('root')?.trim()) compare('root file system answers', reported('root-answers')?.trim(), 'yes');
  if (node.os === 'harvester') {
    if (!words.includes('harvester.install.automatic=true'))
      differences.push('kernel command line: no harvester.install.automatic=true');
    const url = words
      .find((word) => word.startsWith('harvester.install.config_url='))
      ?.replace(/^[^=]*=/, '');
    if (!url?.endsWith(`/${configPath(node)}`)) differences.push(`configuration: requested from ${url}`);
    const expected = JSON.parse(fill(JSON.stringify(marked(asWritten(node.config)))));
    compareValues('configuration', config, expected, compare);
  }
  for (const [, file, why] of console.matchAll(/STAND-IN (\S+) failed (.*)/g))
    differences.push(`${file}: ${why}`);
  const metaData = /STAND-IN meta-data begin\r?\n([\s\S]*?)STAND-IN meta-data end/.exec(console)?.[1];
  if (node.cloudInit && !metaData?.includes(node.name))
    differences.push(`meta-data: no host name ${node.name}`);
  return differences;
}

/** Compares each value of the inventory with the one that arrived. A site's template may add others. */
function compareValues(
  key: string,
  got: unknown,
  expected: unknown,
  compare: (what: string, got: unknown, expected: unknown) => void,
): void {
  if (!isValueMap(expected) || !isValueMap(got)) {
    compare(key, got, expected);
    return;
  }
  for (const [name, value] of Object.entries(expected))
    if (value !== undefined) compareValues(`${key}.${name}`, got[name], value, compare);
}

/** Returns a value on one line. */
function shown(value: unknown): string {
  return value === undefined
    ? 'nothing'
    : stringify(value, { collectionStyle: 'flow' }).trim().replaceAll('\n', ' ');
}
