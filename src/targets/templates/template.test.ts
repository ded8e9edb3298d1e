import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Source } from '../../source/source.ts';
import { compileTemplate, TemplateError } from './template.ts';

const test = suite('a template');

const render = (text: string, data: object = {}, name = 'a.sh') =>
  compileTemplate(name, new Source(`${name}.eta`, text))(data);

test('writes text, values with the quotes of its syntax, and unquoted values', () => {
  assert.is(
    render("a \\ ' $ ` ${x}\n<%= it.x %> <%~ it.x %>\n", { x: 'b c' }),
    "a \\ ' $ ` ${x}\n'b c' b c\n",
  );
  assert.is(render('<%= it.x %>', { x: '*a_b*' }, 'README.md'), '&#42;a_b&#42;');
  assert.is(render('<%= it.x %>', { x: 'a b' }, 'x/y.nginx'), '"a b"');
});

test('rejects a name with an unknown extension', () => {
  assert.throws(() => render('x', {}, 'a.exe'), /the template a\.exe has no known syntax/);
});

test('removes lines with only code', () => {
  const text =
    'a\n  <% for (const x of it.xs) { %>  \n  <%~ x % 2 %>\n<% const y = x % 2;\n if (y) { %>\nodd\n<% } %>\n\t<% } %>\nb\n';
  assert.is(render(text, { xs: [1, 2] }), 'a\n  1\nodd\n  0\nb\n');
});

test('keeps the lines of tags that write, and of tags with their own trim characters', () => {
  assert.is(render('<%~ 1 %>\n<% = 2 %>\n<%- = 3 %>\nx <% -%>\ny\n<%_ it _%>\n  z'), '1\n23\nx yz');
});

test('supports comments in tags, even to the end of a line, and text that looks like code', () => {
  assert.is(
    render('<% // nothing %>\n<%= 1 // one %>\n<%/* two */%>\n__eta.res = "";\n'),
    '1\n__eta.res = "";\n',
  );
});

test('supports lines that end in CR and LF, and writes lines that end in LF', () => {
  assert.is(render('a\r\n<% if (true) { %>\r\n<%~ `b\r\nc` %>\r\n<% } %>\r\n'), 'a\nb\nc\n');
});

/** Returns the error of a template: its code, its location and text, and its message. */
function errorOf(text: string, data: object = {}, name?: string): unknown {
  try {
    render(text, data, name);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { source, start, end } = error.at;
    const { line, column } = source.position(start);
    assert.ok(error.help);
    return [error.code, `${line}:${column}`, text.slice(start, end), error.message];
  }
  return undefined;
}

const node = { name: 'harv-1' };

for (const [text, ...expected] of [
  // Errors of Eta's parser.
  ['a\n<% b', 'template-syntax', '2:1', '<%', 'This tag has no end: %> is missing.'],
  ['<% if (true) { %>\n  <%= "x %>', 'template-syntax', '2:7', '"', 'This string has no end.'],
  ["<% 1 %>\n<% 2 %>\n <% // don't %>", 'template-syntax', '3:11', "'", 'This string has no end.'],
  ['<% 1 %>\r\n<% /* x %>', 'template-syntax', '2:4', '/*', 'This comment has no end.'],
  // Errors of JavaScript's parser.
  [
    '<% 1 %>\n<%= a b %>',
    'template-syntax',
    '2:5',
    'a b',
    "This is not JavaScript: Unexpected identifier 'b'.",
  ],
  [
    'ä\n\t<% const a = 1; const a = 2 %>',
    'template-syntax',
    '2:5',
    'const a = 1; const a = 2',
    "This is not JavaScript: Identifier 'a' has already been declared.",
  ],
  [
    '<%\n const a = 1;\n a b;\n%>',
    'template-syntax',
    '3:2',
    'a b;',
    "This is not JavaScript: Unexpected identifier 'b'.",
  ],
  ['x\n<% } %>', 'template-syntax', '2:4', '}', "This is not JavaScript: Unexpected token '}'."],
  ['<% f( %>\nx', 'template-syntax', '1:4', 'f(', 'This is not JavaScript: missing ) after argument list.'],
  [
    'x <% if (a) { %>\ny\n<% if (b) { %>\nz\n<% } %>',
    'template-syntax',
    '1:6',
    'if (a) {',
    'This block has no end.',
  ],
  [
    '<% if (a) { for (const b of c) { %>\nx\n<% } } if (d) { if (e) { %>\ny\n<% } %>',
    'template-syntax',
    '3:4',
    '} } if (d) { if (e) {',
    'This block has no end.',
  ],
  [
    '<% for (const x of it) {\ntext\n<%= x %>',
    'template-syntax',
    '1:4',
    '',
    'This tag does not end before the next one begins.',
  ],
  ['<%= await 1 %>', 'template-syntax', '1:5', 'await 1', 'This is not JavaScript: Unexpected number.'],
  // Errors at run time.
  [
    'x\n  <% if (true) { %>\n  <%= it.node.nme.x %>\n<% } %>',
    'template-fault',
    '3:7',
    'it.node.nme.x',
    "This fails: Cannot read properties of undefined (reading 'x').",
  ],
  [
    '<% const a = it.node;\n   a.nope() %>',
    'template-fault',
    '2:4',
    'a.nope()',
    'This fails: a.nope is not a function.',
  ],
  ['<%~ unknown %>', 'template-fault', '1:5', 'unknown', 'This fails: unknown is not defined.'],
  ['<% leak = 1 %>', 'template-fault', '1:4', 'leak = 1', 'This fails: leak is not defined.'],
  [
    '<% [1].forEach((x) => {\n x.a.b\n}) %>',
    'template-fault',
    '2:2',
    'x.a.b',
    "This fails: Cannot read properties of undefined (reading 'b').",
  ],
  [
    'a\n<% throw new Error("mine") %>',
    'template-fault',
    '2:4',
    'throw new Error("mine")',
    'This fails: mine.',
  ],
  ['a\n<% throw "mine" %>', 'template-fault', '1:1', '', 'This fails: mine.'],
  [
    '<% const f = () => f(); f() %>',
    'template-fault',
    '1:4',
    'const f = () => f(); f()',
    'This fails: Maximum call stack size exceeded.',
  ],
  [
    'a\n<%~ include("ipxe/boot.ipxe") %>',
    'template-fault',
    '2:5',
    'include("ipxe/boot.ipxe")',
    "This fails: Failed to get template 'ipxe/boot.ipxe'.",
  ],
  // Errors in values.
  [
    'a\nb <%= it.node.nme %>',
    'template-value',
    '2:7',
    'it.node.nme',
    'This has no value, so there is nothing to write.',
  ],
  ['<%~ null %>', 'template-value', '1:5', 'null', 'This has no value, so there is nothing to write.'],
  [
    '\n<% if (true) { %><%= it.node %><% } %>',
    'template-value',
    '2:22',
    'it.node',
    'This is an object, not text.',
  ],
  ['<%~ [1, 2] %>', 'template-value', '1:5', '[1, 2]', 'This is a list, not text.'],
  ['<%= () => 1 %>', 'template-value', '1:5', '() => 1', 'This is a function, not text.'],
  [
    'x\n<%= it.node.name\n + "\\0" %>',
    'template-value',
    '2:5',
    'it.node.name\n + "\\0"',
    '"harv-1\\u0000" cannot be written in a shell script: it contains a NUL.',
  ],
] as const) {
  test(`reports the error in ${JSON.stringify(text)}`, () => {
    assert.equal(errorOf(text, { node }), expected);
  });
}

test('reports a value that the syntax cannot express', () => {
  assert.equal(errorOf('echo\n\t<%= it.x %>', { x: '$(reboot) ${ip}' }, 'a.ipxe'), [
    'template-value',
    '2:6',
    'it.x',
    '"$(reboot) ${ip}" cannot be written in an iPXE script: it contains a blank, a control character or a character that is not ASCII.',
  ]);
});

test('renders again after an error', () => {
  const template = compileTemplate('a.sh', new Source('a', '<%= it.a.b %>'));
  assert.throws(() => template({}));
  assert.is(template({ a: { b: 'c' } }), 'c');
});

test.run();
