import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import type { Node, Site } from '../../src/site/model.ts';
import { plainDiagnostic } from '../../src/source/diagnostics/formats.ts';
import type { SourceLocation } from '../../src/source/source.ts';
import { type Edit, edited, PLANT } from './plant.ts';
import { makeSite } from './scratch.ts';

/** The third node of the common site, as in its text. */
export const HARV_3 = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';
/** The cluster of the common site, as in its text. */
export const CLUSTER = 'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n';
/** Two clusters, to replace it. */
export const CLUSTERS =
  'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}" }\n';
/** A second network, without a gateway. */
export const STORAGE = '  storage: { subnet: 10.0.0.0/24 }\n';

/** Resolves the common site with edits, which must not cause errors. */
export function resolved(...edits: readonly Edit[]): Promise<Site> {
  return resolvedFrom(PLANT, ...edits);
}

/** Resolves a site of one file with edits, which must not cause errors. */
export async function resolvedFrom(text: string, ...edits: readonly Edit[]): Promise<Site> {
  const { site, diagnostics } = await compile(makeSite(edited(text, ...edits)));
  assert.equal(
    diagnostics.flatMap(({ severity, message }) => (severity === 'error' ? message : [])),
    [],
  );
  assert.ok(site);
  return site;
}

/** Returns the diagnostics of the common site with edits: location, code, message, help and related locations. */
export function found(...edits: readonly Edit[]): Promise<unknown[]> {
  return foundIn(PLANT, ...edits);
}

/** Returns the diagnostics of a site of one file with edits, likewise. */
export async function foundIn(text: string, ...edits: readonly Edit[]): Promise<unknown[]> {
  const { diagnostics } = await compile(makeSite(edited(text, ...edits)));
  return diagnostics.map((diagnostic) => {
    const { line, column, code, message, help, related } = plainDiagnostic(diagnostic, '/');
    return [`${line}:${column}`, code, message, help, ...related.map((at) => `${at.line}:${at.column}`)];
  });
}

export function node(site: Site, name: string): Node {
  const one = site.nodes.find((other) => other.name === name);
  assert.ok(one);
  return one;
}

export function at(location: SourceLocation): string {
  const { line, column } = location.source.position(location.start);
  return `${line}:${column}`;
}

/** Returns a value without its source locations. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
