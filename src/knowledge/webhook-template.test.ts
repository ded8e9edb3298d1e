import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { webhookTemplateFault } from './webhook-template.ts';

const testWebhookTemplate = suite('webhook templates');

testWebhookTemplate('accepts what the installer accepts', () => {
  for (const text of [
    'http://192.168.178.7/done',
    'http://192.168.178.7/{{.Hostname}}/{{ .MACAddr }}',
    '{{- .IPAddrV4 -}} {{/* }} .Nothing */}} {{- /* hi */ -}} {{.IPAddrV6}}',
    '{"machine":{"name":"{{.Hostname}}"}} }}',
    '{{if eq .Hostname "harv-1"}}first{{else if .MACAddr}}second{{else}}other{{end}}',
    '{{printf "%s }} %q" .Hostname `{{ .Nothing }}` | urlquery}}{{\n"x"\n|\nprintf\n}}{{-3}}',
    '{{with .Hostname}}{{.}}{{else with .MACAddr}}{{.}}{{else}}{{print 1.5}}{{end}}',
    '${secret:webhook_token}{{.Hostname}}{{if ${secret:condition}}}',
  ])
    assert.is(webhookTemplateFault(text), undefined, text);
});

testWebhookTemplate('finds unknown names', () => {
  assert.equal(webhookTemplateFault('{{.hostname}}'), { unknown: 'hostname' });
  assert.equal(webhookTemplateFault('{{.Hostname}} {{printf "%s" .IP}}'), { unknown: 'IP' });
  assert.equal(webhookTemplateFault('{{.Hostname.Name}}'), { unknown: 'Hostname.Name' });
  assert.equal(webhookTemplateFault('{{if .Hostname}}{{else}}{{.IP}}{{end}}'), { unknown: 'IP' });
  assert.equal(webhookTemplateFault('{{with .Hostname}}{{end}}{{.Serial}}'), { unknown: 'Serial' });
});

for (const [text, invalid] of [
  ['{{.Hostname}', 'a {{ without its }}'],
  ['{{.Hostname}} {{"a }}', 'a {{ without its }}'],
  ['{{/* no end }}', 'a {{ without its }}'],
  ['{{- -}}', 'nothing between {{ and }}'],
  ['{{}}', 'nothing between {{ and }}'],
  ['{{if .Hostname}}', '{{if}} without its {{end}}'],
  ['{{range .}}{{else}}', '{{else}} without its {{end}}'],
  ['{{define "x"}}', '{{define}} without its {{end}}'],
  ['{{end}}', '{{end}} without its {{if}}'],
  ['{{else}}', '{{else}} without its {{if}}'],
  ['{{if .Hostname}}{{else}}{{else}}{{end}}', '{{else}} without its {{if}}'],
  ['{{if .Hostname}}{{else}}{{end}}{{end}}', '{{end}} without its {{if}}'],
  ['{{ Hostname }}', 'Hostname has no dot before it'],
  ['{{ hostname }}', 'hostname has no dot before it'],
  ['{{ toUpper .Hostname }}', 'toUpper is not a function'],
] as const)
  testWebhookTemplate(`refuses ${JSON.stringify(text)}`, () => {
    assert.equal(webhookTemplateFault(text), { invalid });
  });

for (const text of [
  '{{range $name, $value := .}}{{$name}}={{$value}};{{if eq $name "MACAddr"}}{{break}}{{end}}{{end}}',
  '{{range .}}{{$.Hostname}}{{.Any}}{{else}}{{.Hostname}}{{end}}',
  '{{define "id"}}{{.Any.Name}}{{end}}{{template "id" .}}{{block "x" .Hostname}}{{.}}{{end}}',
  '{{(print .Hostname) | printf "%s-%s" (.MACAddr | html)}}',
  "{{print 'a' 0x1F}}",
  '{{ (.Hostname }}',
  '{{ .Hostname .MACAddr }}',
  '{{ .Hostname! }}',
  '{{ print .Hostname"x" }}',
])
  testWebhookTemplate(`does not judge ${JSON.stringify(text)}`, () => {
    const fault = webhookTemplateFault(text);
    assert.equal(Object.keys(fault ?? {}), ['unchecked']);
  });

testWebhookTemplate('names the first action of an unknown form', () => {
  assert.equal(webhookTemplateFault('{{.Hostname}}{{ $x := 1 }}{{$x}}'), { unchecked: '{{ $x := 1 }}' });
});

testWebhookTemplate.run();
