// Records what a release promises (docs/reference/compatibility.md) into test/data/releases/<major>.<minor>.json: the inventories of the
// samples, and facts about them. A test builds them with every later version. Run by tsx, after npm run build:
//
//   node --import tsx scripts/record-release.mjs 1.0
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { harvgenWarm } from '../test/support/cli.ts';
import { promisesFor, textsBelow } from '../test/support/promises.ts';

const [release = ''] = process.argv.slice(2);
if (!/^\d+\.\d+$/.test(release)) throw new Error('the release is missing: major.minor, such as 1.0');
const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'test', 'data', 'releases');
const path = join(folder, `${release}.json`);
if (existsSync(path)) throw new Error(`${path} exists: a patch of a release promises the same`);
const sites = textsBelow('sites');
mkdirSync(folder, { recursive: true });
writeFileSync(
  path,
  `${JSON.stringify({ sites, promises: await promisesFor(sites, harvgenWarm) }, null, 1)}\n`,
);
console.log(path);
process.exit();
