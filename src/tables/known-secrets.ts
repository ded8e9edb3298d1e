/**
 * Tokens and passwords that stand in public examples, or that whoever guesses tries first; in lower case. Sources:
 * harvester/ipxe-examples, samples of other provisioning systems, default logins, and what is written for want of a value.
 */
const KNOWN: ReadonlySet<string> = new Set([
  'secrettoken.123',
  'secretpassword.123',
  'token',
  'mytoken',
  'my-token',
  'clustertoken',
  'cluster-token',
  'cluster_token',
  'token-of-the-cluster',
  'password',
  'p@ssword',
  'p@ssw0rd',
  'passw0rd',
  'changeme',
  'change-me',
  'secret',
  'rancher',
  'harvester',
  'rancheros',
  'suse',
  'linux',
  'admin',
  'root',
  'test',
  'example',
  '123456',
  '12345678',
  '0123456789abcdef',
  '5up3rs3cr3t',
  'd506621a3d4acdf60d62475f1b2cb681',
]);

/** Says whether a token or password is one that everybody knows. */
export function isKnownToAll(value: string): boolean {
  return KNOWN.has(value.toLowerCase());
}
