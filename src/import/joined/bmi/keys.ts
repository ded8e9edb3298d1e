/** What a key of BMI's configuration becomes, where it becomes anything. */
export type Carried =
  | 'uid'
  | 'snapshot'
  | 'id'
  | 'pool'
  | 'conf'
  | 'keyring'
  | 'address'
  | 'driver'
  | 'store'
  | 'pxelinux'
  | 'ipxe';

/** What a key is: carried, or why it is not. */
export type Meaning =
  | { readonly carried: Carried }
  /** `isAll` where the same holds for all of its section. */
  | { readonly why: string; readonly isAll?: boolean };

const CEPH: Readonly<Record<string, Meaning>> = {
  id: { carried: 'id' },
  pool: { carried: 'pool' },
  conf_file: { carried: 'conf' },
  keyring: { carried: 'keyring' },
};

const HIL: Readonly<Record<string, Meaning>> = {
  url: {
    why: 'harvgen asks no HIL while machines run: give what it answers at /v0/node/NODE by --join hil:FILE, and nodes have a tenant, whose network is theirs',
  },
};

const ISCSI: Readonly<Record<string, Meaning>> = {
  ip: { carried: 'address' },
  password: {
    why: 'the password of sudo, which BMI gave to a shell and wrote to its log: nothing of harvgen takes it. Whoever runs scripts/put-targets.sh is root there. Give that user another one',
  },
  update_shell_url: { why: 'scripts/put-targets.sh takes its place' },
};

const RPC: Meaning = { why: 'no server of harvgen runs: the tree is files', isAll: true };

const REST: Meaning = {
  why: 'no API of harvgen runs: who may change the inventory may provision. harvgen build writes what a call of BMI did',
  isAll: true,
};

const LOGS: Meaning = {
  why: 'harvgen keeps no log: nginx and the iSCSI server have theirs',
  isAll: true,
};

const CATALOGUE: Meaning = {
  why: "BMI's catalogue of projects, images and snapshots, which this file does not hold: name golden images below images, each with its source, and snapshots with parent. scripts/images.sh imports them",
};

/**
 * The sections of BMI's configuration, of all its ages, with their keys. Source: CCI-MOC/ims, bmi_config.cfg and
 * ims/common/constants.py with their history: identity, filesystem, ceph, haas and http are the oldest, those with dots
 * (fs.ceph, netiso.hil, iscsi.tgt) came between.
 */
export const SECTIONS: Readonly<Record<string, Readonly<Record<string, Meaning>>>> = {
  bmi: {
    uid: { carried: 'uid' },
    snapshot: { carried: 'snapshot' },
    service: { why: 'no server of harvgen runs' },
  },
  identity: { uid: { carried: 'uid' } },
  db: { path: CATALOGUE, url: CATALOGUE },
  fs: CEPH,
  ceph: CEPH,
  'fs.ceph': CEPH,
  filesystem: { ceph: { carried: 'store' } },
  driver: {
    iscsi: { carried: 'driver' },
    fs: { carried: 'store' },
    net_isolator: {
      why: 'harvgen sets up no switch: the VLAN of a network is for people, and for the nodes',
    },
  },
  net_isolator: HIL,
  haas: HIL,
  'netiso.hil': HIL,
  iscsi: ISCSI,
  'iscsi.tgt': ISCSI,
  rpc: { name_server_ip: RPC, name_server_port: RPC, rpc_server_ip: RPC, rpc_server_port: RPC },
  tftp: {
    pxelinux_path: { carried: 'pxelinux' },
    pxelinux_url: { carried: 'pxelinux' },
    ipxe_path: { carried: 'ipxe' },
    ipxe_url: { carried: 'ipxe' },
  },
  rest_api: { ip: REST, port: REST },
  http: { bind_ip: REST, bind_port: REST },
  logs: { path: LOGS, url: LOGS, debug: LOGS, verbose: LOGS },
};

/** Sections of which no key is anything to a site. */
export const LEFT_SECTIONS: Readonly<Record<string, string>> = {
  test: "for BMI's own tests",
  tests: "for BMI's own tests",
};
