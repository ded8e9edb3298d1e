import { ruleTest } from '../../test/support/rule-test.ts';
import { settingNotJson } from './setting-not-json.ts';

function withSetting(setting: string) {
  return ['config:\n    os:', `config:\n    system_settings:\n      ${setting}\n    os:`] as const;
}

ruleTest(settingNotJson, {
  'text that is no JSON': {
    edits: [withSetting('overcommit-config: "cpu=1600"')],
    finds: [
      {
        at: '19:26',
        message:
          'system_settings.overcommit-config is a string that is no JSON of a map: Harvester would not take it.',
      },
    ],
  },
  'JSON of something else': {
    edits: [withSetting('overcommit-config: "[1600, 150, 200]"')],
    finds: [
      {
        at: '19:26',
        message:
          'system_settings.overcommit-config is a string that is no JSON of a map: Harvester would not take it.',
      },
    ],
  },
  'an empty string that the installer reads': {
    edits: [withSetting('containerd-registry: ""')],
    finds: [
      {
        at: '19:28',
        message:
          'system_settings.containerd-registry is a string that is no JSON of a map: Harvester would not take it.',
      },
    ],
  },
  'an empty string that the installer of an older release does not read': {
    edits: [['version: v1.4.1', 'version: v1.2.1'], withSetting('containerd-registry: ""')],
  },
  'an empty string': { edits: [withSetting('overcommit-config: ""')] },
  JSON: { edits: [withSetting(`overcommit-config: '{"cpu": 1600, "memory": 150, "storage": 200}'`)] },
  'a map': { edits: [withSetting('overcommit-config: { cpu: 1600, memory: 150, storage: 200 }')] },
  'JSON with secrets': {
    edits: [
      withSetting(
        `backup-target: '{"type": "s3", "secretAccessKey": "\${secret:key}", "refreshIntervalInSeconds": \${secret:interval}}'`,
      ),
    ],
  },
  'a secret that may be JSON': { edits: [withSetting(`backup-target: \${secret:backup}`)] },
  'plain text where a map came later': {
    edits: [withSetting('cluster-registration-url: https://rancher.example.org/v3/import/x.yaml')],
  },
  'a setting of plain text': { edits: [withSetting('log-level: debug')] },
});
