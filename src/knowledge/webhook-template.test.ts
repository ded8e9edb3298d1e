import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { templateFault } from './config-values.ts';

const test = suite('webhook templates');

test('knows what the installer knows', () => {
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
    assert.is(templateFault(text), undefined, text);
});

test('finds names that it does not know', () => {
  assert.equal(templateFault('{{.hostname}}'), { unknown: 'hostname' });
  assert.equal(templateFault('{{.Hostname}} {{printf "%s" .IP}}'), { unknown: 'IP' });
  assert.equal(templateFault('{{.Hostname.Name}}'), { unknown: 'Hostname.Name' });
});

test('finds what Go could not read', () => {
  assert.equal(templateFault('{{.Hostname}'), { unreadable: 'a {{ without its }}' });
  assert.equal(templateFault('{{.Hostname}} {{"a }}'), { unreadable: 'a {{ without its }}' });
  assert.equal(templateFault('{{/* no end }}'), { unreadable: 'a {{ without its }}' });
  assert.equal(templateFault('{{ Hostname }}'), { unreadable: 'Hostname has no dot before it' });
  assert.equal(templateFault('{{- -}}'), { unreadable: 'nothing between {{ and }}' });
  assert.equal(templateFault('{{}}'), { unreadable: 'nothing between {{ and }}' });
});

test('says nothing of names within with and range, which may be of something else', () => {
  assert.is(templateFault('{{with .Hostname}}{{.Anything}}{{end}}'), undefined);
});

test.run();
