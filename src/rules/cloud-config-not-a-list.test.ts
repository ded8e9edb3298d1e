import { CLOUD_INIT_PLANT, GROUP_USER_DATA, OWN_USER_DATA } from '../../test/support/cloud-init-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { cloudConfigNotAList } from './cloud-config-not-a-list.ts';

ruleTest(cloudConfigNotAList, {
  'a command by itself, where a group has a list, and a file by itself': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [GROUP_USER_DATA, 'user_data: { runcmd: [a] }'],
      [OWN_USER_DATA, 'user_data: { runcmd: reboot, write_files: { path: /etc/x } }'],
    ],
    finds: [
      {
        at: '20:28',
        message: 'runcmd of user_data is no list: cloud-init would do nothing of it.',
        help: 'write a list: runcmd: […]',
      },
      {
        at: '20:49',
        message: 'write_files of user_data is no list: cloud-init would do nothing of it.',
        help: 'write a list: write_files: [{ path: /etc/example, content: … }]',
      },
    ],
  },
  'a key and a mount by themselves': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: { ssh_authorized_keys: ssh-ed25519 AAAA, mounts: a b }']],
    finds: [
      {
        at: '20:41',
        message: 'ssh_authorized_keys of user_data is no list: cloud-init would do nothing of it.',
        help: 'write a list: ssh_authorized_keys: [ssh-ed25519 …]',
      },
      {
        at: '20:67',
        message: 'mounts of user_data is no list: cloud-init would do nothing of it.',
        help: 'write a list: mounts: [[/dev/vdb, /scratch, xfs]]',
      },
    ],
  },
  'lists, and what cloud-init takes otherwise, too': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: { bootcmd: [a], packages: vim, users: default }']],
  },
});
