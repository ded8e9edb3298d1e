// Runs the test files that are named, one after the other, in this process.
import { join } from 'node:path';
import { run } from 'uvu/run';

const suites = process.argv.slice(2).map((name) => ({ name, file: join(process.cwd(), name) }));
await run(suites, { bail: false });
