// Fails for a call of fast-check without a seed: a test that fails once in many runs tells nobody which change broke it.
import { readFileSync } from 'node:fs';
import fastGlob from 'fast-glob';

for (const file of await fastGlob('{src,test,bench}/**/*.ts')) {
  const text = readFileSync(file, 'utf8');
  for (const { index, 0: call } of text.matchAll(/\bfc\.(?:assert|check|sample)\(/g)) {
    let end = index + call.length;
    for (let depth = 1; depth > 0; end += 1) depth += { '(': 1, ')': -1 }[text[end]] ?? 0;
    if (/\bseed\b/.test(text.slice(index, end))) continue;
    const line = text.slice(0, index).split('\n').length;
    console.error(`${file}:${line} ${call}…) has no seed: add \`seed: SEED\` of test/support/effort.ts`);
    process.exitCode = 1;
  }
}
