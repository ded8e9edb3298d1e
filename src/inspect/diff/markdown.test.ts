import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SitePlan } from './change.ts';
import { formatMarkdown } from './format.ts';

const test = suite('a plan as Markdown');

/** Returns the Markdown of a site in which one node changes and one file is new, or had another content. */
function markdown(text: string, content = 'a\n', patch = true, before?: string): string {
  const change = { what: 'config', effect: 'boot', text } as const;
  const placed: SitePlan = {
    site: 'plant',
    folder: 'out/plant',
    root: 'out/plant',
    plan: {
      nodes: [{ node: 'harv-1', change: 'changed', consequence: 'boots-otherwise', changes: [change] }],
      changes: [],
      files: [
        before === undefined
          ? { path: 'note', change: 'added', after: { content } }
          : { path: 'note', change: 'changed', before: { content: before }, after: { content } },
      ],
      unchanged: 3,
      added: [],
      removed: [],
    },
    edited: [],
  };
  return formatMarkdown([placed], { isTerminal: true, color: true }, { patch }).join('');
}

test('the summary is in a code block, the patch in another one to unfold, without colors', () => {
  assert.is(
    markdown('boots'),
    `\`\`\`text
out/plant: 1 node changes; 1 file written, 3 unchanged
  harv-1: boots
\`\`\`

<details><summary>Patch</summary>

\`\`\`diff
diff --git a/out/plant/note b/out/plant/note
new file mode 100644
--- /dev/null
+++ b/out/plant/note
@@ -0,0 +1,1 @@
+a
\`\`\`

</details>
`,
  );
  assert.is(markdown('boots', 'a\n', false).includes('<details>'), false);
});

test('no content ends a code block: a fence is longer than any run of backticks in it', () => {
  const hostile = '```\n</details>\n@admin <img src=x>\n';
  // A line that stays begins with a blank, which CommonMark allows before the end of a block.
  const text = markdown('labels: ```` @admin', `${hostile}${'`'.repeat(70_000)}\n`, true, hostile);
  // The rules of CommonMark for the end of a fenced code block.
  const blocks = [...text.matchAll(/^(`{3,})(text|diff)\n([\s\S]*?)^ {0,3}\1`* *$/gm)];
  assert.equal(
    blocks.map(([, , language]) => language),
    ['text', 'diff'],
  );
  const outside = blocks.reduce((rest, [block]) => rest.replace(block, ''), text);
  assert.is(outside.replace(/\s+/g, ' '), ' <details><summary>Patch</summary> </details> ');
  assert.ok(text.length < 65_536);
});

test('a comment has at most 65,000 characters, ends at a line, and counts the others', () => {
  const many = markdown('boots', 'a line of a file\n'.repeat(10_000));
  assert.ok(many.length > 60_000 && many.length <= 65_000, String(many.length));
  assert.match(
    many,
    /\n\+a line of a file\n```\n\n\d{4} more lines: run `harvgen diff` to read everything\.\n\n<\/details>\n$/,
  );
  const long = markdown('a'.repeat(100_000), 'b\n');
  assert.ok(long.length <= 65_000);
  assert.match(long, '```\n\n1 more line: run `harvgen diff` to read everything.\n');
  assert.match(long, '+b\n');
});

test.run();
