import { ruleTest } from '../../test/support/rule-test.ts';
import { netInstallIso } from './net-install-iso.ts';

const NET = 'iso_url: http://192.168.178.8/harvester-v1.4.1-amd64-net-install.iso';
const WHOLE = 'iso_url: http://192.168.178.8/harvester-v1.4.1-amd64.iso';
const THIRD = 'ip: 192.168.178.43 }';

/** Puts something into the install of the third node, which joins. */
function onThird(install: string) {
  return [THIRD, `ip: 192.168.178.43,\n    config: { install: { ${install} } } }`] as const;
}

ruleTest(netInstallIso, {
  'the net-install ISO without with_net_images': {
    edits: [onThird(NET)],
    finds: [
      {
        at: '26:35',
        message:
          'The net-install ISO holds no images, and with_net_images is not true: the installer would look for them on the ISO and stop.',
      },
    ],
  },
  'the net-install ISO with with_net_images off': {
    edits: [onThird(`with_net_images: false, ${NET}`)],
    finds: [
      {
        at: '26:59',
        message:
          'The net-install ISO holds no images, and with_net_images is not true: the installer would look for them on the ISO and stop.',
      },
    ],
  },
  'the net-install ISO for all nodes, and so for the create node': {
    edits: [['install:\n', `install:\n      ${NET}\n      with_net_images: true\n`]],
    finds: [
      {
        at: '21:16',
        message:
          'The create node would install from the net-install ISO, which holds no images: a cluster begins with the whole ISO.',
      },
    ],
  },
  'with_net_images with the whole ISO': {
    edits: [onThird('with_net_images: true')],
    finds: [
      {
        at: '26:43',
        message:
          'with_net_images is true, and the ISO is the whole one: the node would fetch from the internet the images that its ISO holds.',
      },
    ],
  },
  'the net-install ISO before there was one': {
    edits: [['version: v1.4.1', 'version: v1.2.2'], onThird(NET.replace('v1.4.1', 'v1.2.2'))],
    finds: [{ at: '26:35', message: 'There is no net-install ISO of v1.2.2: the first is that of v1.3.0.' }],
  },
  'the net-install ISO, on a node that joins': { edits: [onThird(`${NET}, with_net_images: true`)] },
  'the net-install ISO for all but the create node': {
    edits: [
      ['install:\n', `install:\n      ${NET}\n      with_net_images: true\n`],
      ['mode: create', `mode: create,\n    config: { install: { ${WHOLE}, with_net_images: false } }`],
    ],
  },
  'an ISO that may be any': {
    edits: [onThird('iso_url: http://192.168.178.8/ours.iso, with_net_images: true')],
  },
  'the whole ISO, said': { edits: [onThird(`${WHOLE}, with_net_images: false`)] },
});
