// Checks the words of pages, messages, comments and emitted files against docs/contributing/writing.md: its table of words, the
// beginning of a sentence, and its length. Prints one line for each finding, and exits with 1 if there is one.
//
//   node scripts/check-prose.mjs [PATH…]      all files of git below the paths
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const GUIDE = 'docs/contributing/writing.md';
/** The longest sentence of a page or comment, in words. */
const LONGEST = 30;
/** Generated, words of other projects, and the planted words of a test. */
const SKIPPED =
  /^(out|test\/data|test\/broken|schema\/sarif|LICENSE|test\/prose\.test\.ts|test\/support\/machine-files\.ts)|package-lock|\.gen\.ts$/;

const READERS = {
  '.md': ofPage,
  '.ts': ofCode,
  '.mjs': ofCode,
  '.json': ofJson,
  '.eta': ofScript,
  '.sh': ofScript,
  '.yaml': ofScript,
};

const words = glossary();
const paths = process.argv.slice(2).map((path) => relative(root, path) || '.');
const files = execFileSync('git', ['ls-files', '-z', ...(paths.length > 0 ? paths : ['.'])], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((path) => READERS[extname(path)] && !SKIPPED.test(path) && path !== GUIDE);
let count = 0;
for (const path of files)
  for (const { line, text } of READERS[extname(path)](readFileSync(join(root, path), 'utf8')))
    for (const finding of findingsOf(text)) {
      console.log(`${path}:${line}: ${finding}`);
      count += 1;
    }
console.log(`${files.length} files, ${count} findings`);
process.exitCode = count > 0 ? 1 : 0;

/** Returns the words that the guide forbids, as expressions, each with what to write instead. */
function glossary() {
  const [, section = ''] = /^## Words\n([\s\S]*?)^## /m.exec(readFileSync(join(root, GUIDE), 'utf8')) ?? [];
  const rows = section.matchAll(/^\| (`.*`) \| (.*) \|$/gm);
  return [...rows].flatMap(([, avoided, instead]) =>
    Array.from(avoided.matchAll(/`([^`]+)`/g), ([, word]) => ({
      pattern: new RegExp(`(?<![\\w-])(?:${word})(?![\\w-])`, 'i'),
      instead,
    })),
  );
}

function findingsOf(text) {
  const findings = [];
  for (const { pattern, instead } of words) {
    const [found = ''] = pattern.exec(text) ?? [];
    // Capitals are a command or constant of another program.
    if (found !== found.toUpperCase()) findings.push(`"${found}": write ${instead}`);
  }
  for (const sentence of sentencesOf(text)) {
    const length = sentence.split(/\s+/).filter((word) => /\w/.test(word)).length;
    const [first] = /^(?:What|Who|Whoever|Whose|Of what)\b/.exec(sentence) ?? [];
    if (first && !sentence.endsWith('?'))
      findings.push(`a sentence begins with "${first}": begin with the subject`);
    if (length > LONGEST) findings.push(`a sentence of ${length} words: ${sentence.slice(0, 60)}…`);
  }
  return findings;
}

function sentencesOf(text) {
  return text.split(/(?<=[.!?:;])\s+(?=[A-Z`"(*])|\s\|\s/).map((sentence) => sentence.trim());
}

/** Returns the paragraphs of a page: without code and generated parts, and each list entry and table row by itself. */
function ofPage(text) {
  const paragraphs = [];
  let isCode = false;
  let isGenerated = false;
  let last;
  for (const [index, line] of text.split('\n').entries()) {
    if (/^<!-- \/?[\w-]+(?: -->|: generated)/.test(line)) isGenerated = !line.startsWith('<!-- /');
    else if (isGenerated) continue;
    else if (/^\s*```/.test(line)) isCode = !isCode;
    else if (!isCode && line.trim() !== '') {
      const plain = line
        .replace(/`[^`]*`/g, 'code')
        .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/<!--.*?-->|[*_]{1,2}(?=\S)|(?<=\S)[*_]{1,2}/g, '');
      if (last && !/^\s*(?:[-*|#>]|\d+\.)/.test(line)) last.text += ` ${plain.trim()}`;
      else {
        last = { line: index + 1, text: plain.replace(/^\s*(?:[-*#>]+|\d+\.)\s*/, '') };
        paragraphs.push(last);
      }
      if (/^\s*[|#]/.test(line)) last = undefined;
      continue;
    }
    last = undefined;
  }
  return paragraphs;
}

/** Returns the comments of TypeScript, and the strings that are no identifiers. */
function ofCode(text) {
  const found = [];
  const TOKEN =
    /\/\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*\n?)+|\/\/.*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|\$\{(?:[^{}]|\{[^{}]*\})*\}|[^`\\])*`|(?<=[=(,:[!&|?{};\n]\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/\w*/gm;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const line = text.slice(0, index).split('\n').length;
    if (/^\s*\/[/*]/.test(token)) {
      const plain = token.replace(/^\s*(?:\/\*+|\*\/|\*|\/\/)|\*\/$/gm, ' ').replace(/`[^`]*`/g, 'code');
      for (const text of plain.split(/\n\s*\n/)) found.push({ line, text: text.replace(/\s+/g, ' ').trim() });
    } else if (/^['"`]/.test(token)) {
      const plain = token
        .slice(1, -1)
        .replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}|`[^`]*`|\\`.*?\\`/g, 'code')
        .replace(/\\n/g, ' ');
      // Strings of several lines are scripts and configurations: their lines are not sentences.
      const isData = /\n.*\n/.test(token);
      if (/[a-z]{2,} [a-z]/i.test(plain))
        found.push({ line, text: isData ? plain.replace(/\n/g, ' | ') : plain });
    }
  }
  return found;
}

/** Returns the strings of JSON that are sentences. */
function ofJson(text) {
  return text.split('\n').flatMap((line, index) => {
    const [, value = ''] = /: "((?:\\.|[^"\\])*)",?$/.exec(line) ?? [];
    return / .* /.test(value) ? [{ line: index + 1, text: value.replace(/`[^`]*`/g, 'code') }] : [];
  });
}

/** Returns the comments of a script or template, and what it prints. */
function ofScript(text) {
  return text.split('\n').flatMap((line, index) => {
    const [, comment, printed] = /(?:^|\s)# (.*)|\b(?:echo|printf|say|log|die|fail) (.*)/.exec(line) ?? [];
    const prose = comment ?? printed;
    return prose ? [{ line: index + 1, text: prose.replace(/<%.*?%>|\$\{?\w+\}?/g, 'code') }] : [];
  });
}
