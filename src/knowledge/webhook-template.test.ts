import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { webhookTemplateError } from './webhook-template.ts';

const testWebhookTemplate = suite('webhook templates');

testWebhookTemplate('accepts what the installer accepts', () => {
  for (const text of [
    'http://192.168.178.7/done',
    'http://192.168.178.7/{{.Hostname}}/{{ .MACAddr }}',
    '{{- .IPAddrV4 -}} {{/* }} .Nothing */}} {{.IPAddrV6}}',
    '{"machine":{"name":"{{.Hostname}}"}}',
    '{{if eq .Hostname "harv-1"}}first{{else}}other{{end}}',
    '{{printf "%s }} %q" .Hostname `{{ .Nothing }}` | urlquery}}',
    '{{$name := .Hostname}}{{$name}}{{len (print .Hostname 1.5e3)}}',
    '${secret:webhook_token}{{.Hostname}}',
  ])
    assert.is(webhookTemplateError(text), undefined, text);
});

testWebhookTemplate('finds unknown names', () => {
  assert.equal(webhookTemplateError('{{.hostname}}'), { unknown: 'hostname' });
  assert.equal(webhookTemplateError('{{.Hostname}} {{printf "%s" .IP}}'), { unknown: 'IP' });
  assert.equal(webhookTemplateError('{{.Hostname.Name}}'), { unknown: 'Hostname.Name' });
});

testWebhookTemplate('finds templates that are invalid in Go', () => {
  assert.equal(webhookTemplateError('{{.Hostname}'), { unreadable: 'a {{ without its }}' });
  assert.equal(webhookTemplateError('{{.Hostname}} {{"a }}'), { unreadable: 'a {{ without its }}' });
  assert.equal(webhookTemplateError('{{/* no end }}'), { unreadable: 'a {{ without its }}' });
  assert.equal(webhookTemplateError('{{ Hostname }}'), { unreadable: 'Hostname has no dot before it' });
  assert.equal(webhookTemplateError('{{- -}}'), { unreadable: 'nothing between {{ and }}' });
  assert.equal(webhookTemplateError('{{}}'), { unreadable: 'nothing between {{ and }}' });
});

testWebhookTemplate('knows what a name refers to within with, range and block', () => {
  for (const text of [
    '{{with .Hostname}}{{.}}{{else with .MACAddr}}{{.}}{{else}}{{.IPAddrV4}}{{end}}',
    '{{range $name, $value := .}}{{$name}}={{$value}};{{if eq $name "MACAddr"}}{{break}}{{end}}{{end}}',
    '{{range .}}{{$.Hostname}}{{else}}{{.Hostname}}{{end}}',
    '{{with print 1}}{{.Anything}}{{end}}',
    '{{define "id"}}{{.Any.Name}}{{end}}{{template "id" .}}{{block "x" .Hostname}}{{.}}{{end}}{{template "x"}}',
  ])
    assert.is(webhookTemplateError(text), undefined, text);
  assert.equal(webhookTemplateError('{{with .Hostname}}{{.Anything}}{{end}}'), {
    unreadable: '.Anything of a text',
  });
  assert.equal(webhookTemplateError('{{range .}}{{.Hostname}}{{end}}'), {
    unreadable: '.Hostname of a text',
  });
  assert.equal(webhookTemplateError('{{with .Hostname}}{{end}}{{.Serial}}'), { unknown: 'Serial' });
});

testWebhookTemplate('accepts the whole syntax of Go', () => {
  for (const text of [
    '{{\n"x"\n|\nprintf\n}}{{ $x \n := \n 1 \n }}',
    '{{- /* hi */ -}} {{- 3 -}} {{-3}}',
    '{{if .Hostname}}1{{else if .MACAddr}}2{{else if .IPAddrV4}}3{{else}}4{{end}}',
    '{{(print .Hostname) | printf "%s-%s" (.MACAddr | html)}}{{.Hostname |}}',
    '{{$x := 1}}{{if .Hostname}}{{$x = 2}}{{$y := $x}}{{end}}{{printf "%d" $x}}',
    String.raw`{{print 'a' '\n' '\'' '☃' 0x1F 0b11 0o17 017 1_000 .5 -1.2e3 true nil "\"\u00e9\x41" }}`,
    '{{and .Hostname (not .MACAddr) | or false}}{{slice .Hostname 0 2}}{{index . "Hostname"}}',
    '{"a": {"b": "{{.Hostname}}"}} }}',
    `{{${'('.repeat(100)}.Hostname${')'.repeat(100)}}}`,
  ])
    assert.is(webhookTemplateError(text), undefined, text);
});

for (const [text, unreadable] of [
  ['{{if .Hostname}}', '{{if}} without its {{end}}'],
  ['{{range .}}{{else}}', '{{else}} without its {{end}}'],
  ['{{define "x"}}', '{{define}} without its {{end}}'],
  ['{{end}}', '{{end}} without its {{if}}'],
  ['{{else}}', '{{else}} without its {{if}}'],
  ['{{if .Hostname}}{{else}}{{else}}{{end}}', '{{else}} without its {{if}}'],
  ['{{if .Hostname}}{{else}}{{end}}{{end}}', '{{end}} without its {{if}}'],
  ['{{range .}}{{else range .}}{{end}}', 'an unexpected range'],
  ['{{if}}{{end}}', 'nothing after if'],
  ['{{if 1}}{{end .Hostname}}', 'an unexpected .Hostname'],
  ['{{break}}', '{{break}} outside {{range}}'],
  ['{{range .}}{{else}}{{continue}}{{end}}', '{{continue}} outside {{range}}'],
  ['{{range .Hostname}}{{end}}', '{{range}} over a single text'],
  ['{{if .Hostname}}{{define "x"}}{{end}}{{end}}', '{{define}} inside another block'],
  ['{{define .Hostname}}{{end}}', 'define without a name in quotes'],
  ['{{template "x"}}', 'no template x'],
  ['{{$x}}', 'the variable $x is not set'],
  ['{{$x = 1}}', 'the variable $x is not set'],
  ['{{if $x := 1}}{{end}}{{$x}}', 'the variable $x is not set'],
  ['{{with $x, $y := .}}{{end}}', 'two variables outside {{range}}'],
  ['{{ (.Hostname }}', 'a ( without its )'],
  ['{{ .Hostname) }}', 'an unexpected )'],
  ['{{ ( ) }}', 'nothing after ('],
  [`{{${'('.repeat(101)}1${')'.repeat(101)}}}`, 'brackets nested too deeply'],
  ["{{ 'ab' }}", "'ab' is not valid"],
  ['{{ 08 }}', '08 is not valid'],
  ['{{ 1.E }}', '1.E is not valid'],
  ['{{ "\\q" }}', '"\\q" is not valid'],
  ['{{ .Hostname! }}', '! is not valid'],
  ['{{ .Hostname\u00a0}}', '\u00a0 is not valid'],
  ['{{ printf }}', 'printf with too few arguments'],
  ['{{ len .Hostname .MACAddr }}', 'len with too many arguments'],
  ['{{ print len }}', 'len with too few arguments'],
  ['{{ .Hostname | eq }}', 'eq with too few arguments'],
  ['{{ call .Hostname }}', 'call with too few arguments'],
  ['{{ toUpper .Hostname }}', 'toUpper is not a function'],
  ['{{ hostname }}', 'hostname has no dot before it'],
  ['{{ .Hostname .MACAddr }}', '.Hostname takes no arguments'],
  ['{{ .Hostname | .MACAddr }}', '.MACAddr takes no arguments'],
  ['{{ .Hostname | "x" }}', '"x" takes no arguments'],
  ['{{ print .Hostname"x" }}', 'an unexpected "x"'],
  ['{{ print .Hostname, 1 }}', 'an unexpected ,'],
  ['{{ .Hostname | | print }}', 'an unexpected |'],
  ['{{ "x".Hostname }}', 'an unexpected .Hostname'],
  ['{{ ..Hostname }}', 'an unexpected .Hostname'],
  ['{{ nil }}', 'nil alone'],
] as const)
  testWebhookTemplate(`refuses ${JSON.stringify(text.slice(0, 60))}`, () => {
    assert.equal(webhookTemplateError(text), { unreadable });
  });

testWebhookTemplate.run();
