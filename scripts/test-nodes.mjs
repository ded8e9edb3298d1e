// Runs the quick tests by each release of Node that harvgen supports: npm run test:nodes. Patterns select test files, as in scripts/test.mjs.
import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { NODES, nodeOf } from './nodes.mjs';

const failed = NODES.filter((release) => {
  const node = nodeOf(release);
  console.log(`Node ${release}`);
  const PATH = `${dirname(node)}${delimiter}${process.env.PATH}`;
  const args = ['scripts/test.mjs', '--quick', ...process.argv.slice(2)];
  return spawnSync(node, args, { stdio: 'inherit', env: { ...process.env, PATH } }).status !== 0;
});
console.log(failed.length > 0 ? `FAILED by Node ${failed.join(', ')}` : `passed by Node ${NODES.join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;
