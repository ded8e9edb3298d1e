import {
  asError,
  asWarning,
  type Code,
  codes,
  FILE_CODES,
  OWN_CODES,
  REFERENCE_CODES,
  SHAPE_CODES,
} from './codes.ts';

/** Files of other systems, which `harvgen import` reads. */
export const IMPORT_CODES: readonly Code[] = codes({
  'import-kind': asError(
    'A file is of the kind that it is imported as.',
    'What it says would be taken for something else, or be passed over.',
  ),
  'import-value': asError(
    'A value of a file that is imported is of the type that its kind has there.',
    'What was meant is a guess.',
  ),
  'import-syntax': asError(
    "A file that is imported can be read by the syntax of its kind: of dnsmasq, of ISC's dhcpd, XML, a table.",
    'Machines that stand behind the fault would be missing in the site.',
  ),
  'import-nothing': asError('One of the files that are joined names a machine.', 'A site has one at least.'),
  'import-conflict': asWarning(
    'Files that are joined do not contradict each other.',
    'Only one of two values can be right: the one that is read first counts.',
  ),
  'tfvars-syntax': asError(
    'A `terraform.tfvars` is made of `name = value`, by the syntax of HCL, or is a JSON object.',
    'Only the first fault of a file is said: the others follow from it.',
  ),
  'tfvars-expression': asError(
    'A value in a `terraform.tfvars` is written out.',
    'Terraform takes no variables and functions there, and harvgen works nothing out.',
  ),
  'tfvars-value': asError(
    'A variable has a value that harvester-cloud takes.',
    'Terraform would have stopped at it: what was meant is a guess.',
  ),
  'not-harvester-cloud': asError(
    'A `terraform.tfvars` sets variables of harvester-cloud.',
    'Another project means something else by its own.',
  ),
  'not-phs': asError('A data file of phs has a `maclist`.', 'It is what phs knows machines by.'),
  'phs-value': asError(
    'A value in a data file of phs is one that phs, or the installer behind it, takes.',
    'What it cannot read phs does not look at: it starts with less, or hands it to a machine.',
  ),
  'phs-server': asError(
    'It is known where machines fetch from.',
    'It stands in every script. The first generation of phs had it built in, and the next appends its port to it.',
  ),
  'phs-address': asError(
    'The machines of a cluster have addresses of their own in one network, and a gateway in it.',
    'They go onto the kernel line as they stand: the installer has no network otherwise.',
  ),
  'phs-vip': asError(
    'A cluster has a VIP, a free address in the network of its nodes.',
    'Harvester is not installed without one.',
  ),
  'phs-key': asWarning(
    'No key of a data file of phs is nearly called as one that phs reads.',
    'Keys that it does not know phs passes over without a word.',
  ),
  'phs-duplicate-mac': asWarning(
    'A MAC address stands once in `maclist`, in whatever spelling.',
    'The last entry that is spelt as iPXE asks is what phs answers with, and the others are never found.',
  ),
  'phs-merge': asWarning(
    'What a machine says beside `<<` says all that it takes the place of.',
    'YAML merges the outermost keys alone: `os: {hostname: …}` beside it leaves no password and no SSH key.',
  ),
  'phs-network': asWarning(
    'The machines of a cluster have one netmask and one gateway, the same while they install and afterwards.',
    'They are on one network. The site says what the first of them says.',
  ),
  'phs-interface': asWarning(
    'A machine boots from the NIC that its configuration names.',
    'The address would be on another NIC once it is installed.',
  ),
  'phs-bond': asWarning(
    'The NICs of the management bond are known by their MAC addresses.',
    'Names of NICs differ from machine to machine, and harvgen tells them by MAC address. The node would be without the second link.',
  ),
  'phs-join': asWarning(
    'Nodes join at the VIP of their cluster.',
    'They would join while one certain node is up, and no longer. The site lets them join at the VIP.',
  ),
  'phs-iso': asWarning(
    'The ISO is of the version of the kernel.',
    'The installer would be put together of two releases. The site has one for both.',
  ),
  'phs-version': asWarning(
    'The machines of a cluster boot one release, which there is.',
    'A cluster is of one release.',
  ),
  'phs-mode': asWarning(
    'The `type` of a machine is its `install.mode`.',
    'The first is passed over by phs, and the installer goes by the other.',
  ),
  'phs-cluster': asWarning(
    'One machine creates a cluster, and all have its token.',
    'Without it nobody can join; two would make two clusters with one VIP; with another token a node is not let in.',
  ),
  'not-oci-harvester': asError(
    'A file is what it is given as: the table `nodes` with the columns `ip` and `install`, a `launch.sh`.',
    'Another program means something else by its own.',
  ),
  'oci-no-node': asError(
    'A row of the table is of a machine.',
    'The table comes with two rows, of `0.0.0.0` and `127.0.0.1`, which are none.',
  ),
  'oci-subnet': asError(
    'The machines of the table are in one subnet.',
    'Their mask and gateway follow from it. The table has addresses alone.',
  ),
  'oci-address': asWarning(
    'A row of the table has an address that a machine can have.',
    'It is compared with the address of who asks boot.php: any other row never counts.',
  ),
  'oci-stranger': asWarning(
    'A row of the table is of a machine in the subnet.',
    'Every client that asks boot.php gets one, a crawler too. It is no node of the site.',
  ),
  'oci-install': asWarning('`install` is 0 or 1.', 'Anything else boot.php takes for one of these.'),
  'oci-reinstall': asWarning(
    'No row has `install` at 1 any more.',
    'The machine would be wiped at every boot. The site never does so unasked: it is said there anew, where it is meant.',
  ),
  'oci-duplicate': asWarning(
    'The rows of an address agree on `install`.',
    'Nothing keeps the table from several rows of one address; boot.php answers with the script of each, and the first counts.',
  ),
  'oci-launch': asWarning(
    'A variable of launch.sh is what the OCI CLI takes for it, written out.',
    'The launch would be refused. The site asks for it instead.',
  ),
});

/** Every diagnostic that no rule makes. */
export const CODES: readonly Code[] = [
  ...FILE_CODES,
  ...SHAPE_CODES,
  ...REFERENCE_CODES,
  ...OWN_CODES,
  ...IMPORT_CODES,
];
