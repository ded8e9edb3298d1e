import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLOUD_INIT_PLANT, GROUP_USER_DATA, OWN_USER_DATA } from '../../test/support/cloud-init-plant.ts';
import { edited } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { mediaOf } from './media.ts';

const test = suite("the media of cloud-init's data");

test('accounts, repositories, commands and includes are media; URLs in written files are not', async () => {
  const { site, tree, diagnostics } = await compile(
    makeSite(
      edited(
        CLOUD_INIT_PLANT,
        [
          GROUP_USER_DATA,
          `user_data:
        ssh_import_id: ["gh:octocat", someone]
        apt: { sources: { a: { source: "deb http://deb.example.org/debian bookworm main" } } }
        write_files: [{ path: /etc/x, content: "http://file.example.org/" }]
        runcmd: [curl -u a:pa55 "http://a:pa55@tools.example.org/s3cr3t", "curl http://192.168.178.7/images/a.img"]`,
        ],
        [OWN_USER_DATA, 'vendor_data: "#include\\nhttp://include.example.org/more\\n"'],
      ),
    ),
  );
  assert.ok(site && tree, diagnostics.map(({ message }) => message).join('\n'));
  assert.equal(
    mediaOf(site, tree)
      .filter(({ kind }) => kind === 'ssh-keys' || kind === 'command')
      .map(({ kind, url, served, nodes }) => [kind, url, served, nodes.join(' ')]),
    [
      ['ssh-keys', 'https://api.github.com/users/octocat/keys', false, 'cg01 cg02'],
      ['ssh-keys', 'https://launchpad.net/~someone/+sshkeys', false, 'cg01 cg02'],
      ['command', 'http://192.168.178.7/images/a.img', true, 'cg01 cg02'],
      ['command', 'http://deb.example.org/', false, 'cg01 cg02'],
      ['command', 'http://include.example.org/', false, 'cg01'],
      ['command', 'http://tools.example.org/', false, 'cg01 cg02'],
    ],
  );
});

test.run();
