import { ruleTest } from '../../test/support/rule-test.ts';
import { serverUrlNeedsPort } from './server-url-needs-port.ts';

const URL = 'config:\n    server_url: https://192.168.178.40\n    os:';

ruleTest(serverUrlNeedsPort, {
  'a server_url without a port, said for all nodes': {
    edits: [
      ['version: v1.4.1', 'version: v1.1.1'],
      ['config:\n    os:', URL],
    ],
    finds: [
      {
        at: '18:17',
        message:
          'The server_url https://192.168.178.40 has no port: v1.1.1 does not add it, and the node would never join.',
      },
    ],
  },
  'a server_url with the port': {
    edits: [
      ['version: v1.4.1', 'version: v1.1.1'],
      ['config:\n    os:', `${URL.replace('.40', '.40:443')}`],
    ],
  },
  'a server_url without a port, and the first release that adds it': {
    edits: [
      ['version: v1.4.1', 'version: v1.1.2'],
      ['config:\n    os:', URL],
    ],
  },
  'the derived one': { edits: [['version: v1.4.1', 'version: v1.1.1']] },
});
