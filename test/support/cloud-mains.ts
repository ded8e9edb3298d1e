import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { textOf } from '../../src/tree/tree.ts';
import { cloudSite, FULL, PROVIDER_NAMES } from './cloud-sites.ts';
import { makeSite } from './scratch.ts';

/** A map of Terraform's JSON syntax. */
export type Block = { readonly [key: string]: unknown };

/** The parts of `main.tf.json` that tests read. */
export interface MainFile {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Block>>>>;
  readonly data?: MainFile['resource'];
  readonly provider: Readonly<Record<string, Block>>;
  readonly output: Readonly<Record<string, { readonly value: string }>>;
  readonly locals?: Readonly<Record<string, string>>;
}

/** Returns `cloud/main.tf.json` of a site. */
export async function mainOf(text: string): Promise<MainFile> {
  const { tree, diagnostics } = await compile(makeSite({ 'site.yaml': text }), {});
  const file = tree?.get('cloud/main.tf.json');
  assert.ok(file, diagnostics.map(({ message }) => message).join('\n'));
  return JSON.parse(textOf(file)) as MainFile;
}

/** The sites of each provider: with the least keys of `host.cloud`, and with all. */
export const CLOUD_TEXTS = PROVIDER_NAMES.flatMap((name) => [
  { name, text: cloudSite(name) },
  {
    name: `${name}, every key`,
    // These sizes of VMs have other types of disks.
    text: cloudSite(
      name,
      FULL[name],
      name === 'google' ? '{ data1: { size: 350Gi, type: pd-ssd }, data2: { size: 1TB } }' : undefined,
    ),
  },
]);

/** Returns `cloud/main.tf.json` of all of them. */
export function mainsOf(): Promise<MainFile[]> {
  return Promise.all(CLOUD_TEXTS.map(({ text }) => mainOf(text)));
}
