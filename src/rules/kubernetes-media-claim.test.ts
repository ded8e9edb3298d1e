import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { kubernetesMediaClaim } from './kubernetes-media-claim.ts';

const said = (more: string) => ['server:\n', `server:\n${more}`] as const;

ruleTest(kubernetesMediaClaim, {
  'files of Harvester, and no claim': {
    edits: [said('  kubernetes: {}\n')],
    finds: [{ at: '5:3', message: "Machines fetch Harvester's files from pods that have none." }],
  },
  'signatures, and no claim': {
    edits: [said('  kubernetes: {}\n  sign: { signer: boot.plant }\n  media: http://mirror.plant\n')],
    finds: [{ at: '5:3', message: 'Machines fetch signatures from pods that have none.', related: ['6:9'] }],
  },
  'what machines boot Linux from, and no claim': {
    of: LINUX_PLANT,
    edits: [said('  kubernetes: {}\n')],
    finds: [{ at: '3:3', message: 'Machines fetch what they boot Linux from of pods that have none of it.' }],
  },
  'Linux from another server': {
    of: LINUX_PLANT,
    edits: [said('  kubernetes: {}\n  images: http://10.1.0.9:9000/boot-images\n')],
  },
  'Linux from another server beside a disk: nobody installs Harvester': {
    of: LINUX_PLANT,
    edits: [
      said('  kubernetes: {}\n  images: http://10.1.0.9:9000/boot-images\n'),
      ['nodes:\n', 'nodes:\n  pc: { mac: 52:54:00:7c:52:09, ip: 10.1.0.19, boot: { os: local } }\n'],
    ],
  },
  'a claim': { edits: [said('  kubernetes: { media_claim: media }\n  sign: { signer: boot.plant }\n')] },
  'another server': { edits: [said('  kubernetes: {}\n  media: http://192.168.178.8\n')] },
});
