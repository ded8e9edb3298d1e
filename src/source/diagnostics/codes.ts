import type { Severity } from './diagnostic.ts';

/** A diagnostic that no rule makes: a fault of the files, of YAML, of the shape or of a reference. */
export interface Code {
  readonly code: string;
  readonly severity: Severity;
  /** What holds where it is not reported. */
  readonly what: string;
  readonly why: string;
}

const error = (code: string, what: string, why: string): Code => ({ code, severity: 'error', what, why });
const warning = (code: string, what: string, why: string): Code => ({
  code,
  severity: 'warning',
  what,
  why,
});

/** Faults of files and YAML, in which nothing can be read beyond them. */
export const FILE_CODES: readonly Code[] = [
  error('no-site', 'The folder of a site is there, and holds a site.yaml.', 'There is nothing to compile.'),
  error(
    'unreadable-file',
    'Every file of the site can be read, and is UTF-8.',
    'What it says would be missing.',
  ),
  warning(
    'yml-not-read',
    'Files of the site end in .yaml, in lower case, and do not begin with a dot.',
    'Others, such as .yml or .YAML, are not read: what they say would be missing.',
  ),
  warning(
    'empty-file',
    "A file of the site's own says something; `{}` says that it is meant to be empty.",
    'A node whose file has lost its text would be gone from the output.',
  ),
  warning(
    'folder-not-read',
    'No folder that holds something is nearly called `templates` or `files`, and no link to a folder leads to nothing.',
    'What it holds would be missing in the output.',
  ),
  error(
    'yaml-syntax',
    'A file is YAML.',
    'Only the first fault of a file is said: the others follow from it.',
  ),
  error(
    'merge-conflict',
    'A file holds no marks of a merge conflict: `<<<<<<<`, `=======`, `>>>>>>>`.',
    'Only who knows what was edited can tell which of the two sides should count.',
  ),
  error(
    'yaml-key',
    'A key is one plain word.',
    'A map or list as a key, or an empty one, is nearly always a slip.',
  ),
  error(
    'yaml-alias',
    'An alias names an anchor before it, and not itself.',
    'What it stands for is not known.',
  ),
  error('yaml-merge', '`<<` takes a map, or a list of maps.', 'There is nothing to merge.'),
  error(
    'several-documents',
    'A file is one document.',
    'What follows a second `---` is easily overlooked, and the installer itself drops it.',
  ),
  error('not-a-map', 'A file is a map.', 'It is written from the root of the inventory.'),
  error(
    'yaml-number',
    'A whole number has no more digits than can be kept.',
    'Numbers have 53 bits here: the last digits of a longer one would be others, in a serial number, say.',
  ),
  error('duplicate-key', 'A key stands once in a map.', 'Only one of the two could count.'),
  error(
    'set-twice',
    'A value is set in one file of the site.',
    'Only one of the two could count, and which one would be a riddle.',
  ),
  error(
    'bad-range',
    'What stands in brackets in the name of a range of nodes, and in its values, is numbers: `[01-06,08]`.',
    'It is not known which machines there are.',
  ),
  error('range-twice', 'A node is of one range.', 'Which of the two should count would be a riddle.'),
  error(
    'range-size',
    'A value of a range has as many as the range has nodes.',
    'Some would have none, or another one than was meant.',
  ),
  error(
    'range-same',
    'The nodes of a range have MAC addresses, addresses, xnames and numbers of their own.',
    'Machines are told apart by them.',
  ),
  error('include-missing', 'What is included is there.', 'What it says would be missing.'),
  error(
    'include-site',
    'What is included is not the `site.yaml` of another site.',
    'All of its machines and networks would be in both; what is shared belongs into a file of its own.',
  ),
  error('include-cycle', 'No file includes itself, on whatever way.', 'It has no lowest layer.'),
  error(
    'site-name',
    'A site is called as its folder is.',
    'The name of the output folder must tell where it comes from.',
  ),
  error(
    'secret-name',
    'A secret is written `${secret:name}`.',
    'A malformed one would reach the machine as text.',
  ),
  error(
    'secret-out-of-place',
    'A reference to a secret stands in a value that takes any text, not in a key or in an address, path or name.',
    'Secrets are filled into configurations alone, and what is to be checked must be there to read: it would reach a machine as it stands.',
  ),
  error(
    'secret-mark',
    'No value holds `@@secret:`.',
    'That is what secrets are written as in the output; the boot server would fill it in.',
  ),
];

/** Faults of the shape, by schema/site.schema.json and schema/harvester/config.schema.json. */
export const SHAPE_CODES: readonly Code[] = [
  error(
    'unknown-key',
    'Every key is one that harvgen, or the installer, knows.',
    "Harvester's installer drops a key that it does not know without a word (harvester/harvester#1318).",
  ),
  error('missing-key', 'A key that must be there is there.', 'Nothing can stand in for it.'),
  error(
    'wrong-type',
    'A value is of the type that its key takes.',
    'The installer cannot load a number where a string belongs, such as `token: 12345` (harvester/harvester#1125).',
  ),
  error(
    'bad-value',
    'A value is one that its key takes.',
    'It would stop the installer on the console, or be misread by it.',
  ),
  error(
    'bad-name',
    'A name can stand in file names and configurations.',
    'It becomes part of paths, scripts and host names (harvester/harvester#1277).',
  ),
  error(
    'unquotable',
    'A value can be written in every format that it reaches.',
    'In iPXE, nginx or dnsmasq there is no way to say it.',
  ),
];

/** References between parts of an inventory. */
export const REFERENCE_CODES: readonly Code[] = [
  error(
    'node-value',
    'What `${node:…}` stands for is a value of the node.',
    'It would reach the machine as it stands.',
  ),
  error(
    'missing-release',
    'It is said which release of Harvester a cluster runs.',
    'Its files and the rules of its configuration follow from it.',
  ),
  error('unknown-profile', 'A profile that is listed exists.', 'What it should say would be missing.'),
  error('unknown-group', 'A group that is listed exists.', 'What it should say would be missing.'),
  error(
    'group-twice',
    'A node lists a group once.',
    'What the group says would be done twice: lists of cloud-init follow each other.',
  ),
  error('unknown-network', 'A network that is named exists.', 'The NIC would be on none.'),
  error('unknown-cluster', 'A cluster that is named exists.', 'The node would belong to none.'),
  error('unknown-tenant', 'A tenant that is named exists.', 'The node or the image would be of none.'),
  error(
    'unknown-image',
    'An image that is named exists.',
    'There would be nothing that a disk, or another image, is made of.',
  ),
  error(
    'unknown-node',
    'A node whose disk an image is made of exists.',
    'There would be no disk to make it of.',
  ),
  error(
    'unknown-host-disk',
    "A disk of the host that an image is to lie on is one of the host's.",
    'There would be no folder for the image.',
  ),
  error(
    'expose-without-cluster',
    'It can be told which cluster a port of the host leads to.',
    'It leads to the VIP of one.',
  ),
  error(
    'profile-of-profile',
    'Only nodes and defaults list profiles.',
    'The order in which profiles of profiles count would be a riddle.',
  ),
  error(
    'network-unclear',
    'It can be told which network a NIC is on.',
    'Its mask, gateway and DHCP reservation follow from it.',
  ),
  error(
    'node-without-cluster',
    'A Harvester node belongs to one cluster.',
    'Its release, token and VIP follow from it.',
  ),
  error(
    'secret-missing',
    'Where values of secrets are given, all that the site needs are.',
    'A machine would be handed the mark instead of the secret: its token, say, would be the same as in every plant.',
  ),
  error('cluster-and-clusters', 'A site has `cluster` or `clusters`.', 'One is the short form of the other.'),
  error('mac-and-nics', 'A node has `mac` and `ip`, or `nics`.', 'One is the short form of the other.'),
  error('unknown-rule', 'A rule that is silenced exists.', 'The silence would have no effect.'),
  error(
    'unsilenceable-rule',
    'What nothing can be written without is not silenced.',
    'There would be holes in the output.',
  ),
  warning(
    'idle-silence',
    'A rule that is silenced for the site has something to say in it.',
    'A silence that is left behind hides the next fault.',
  ),
];

/** A site's own templates and files. */
export const OWN_CODES: readonly Code[] = [
  error(
    'unknown-template',
    'Every file below `templates/` overrides a built-in template.',
    'It would never be rendered, and nobody would know.',
  ),
  error('template-syntax', 'A template can be read.', 'There is nothing to render.'),
  error(
    'template-fault',
    'The code of a template runs to its end, and writes something; an iPXE script begins with `#!ipxe`.',
    'What it should write would be missing, or iPXE would refuse it on the machine.',
  ),
  error(
    'template-value',
    'A template writes values that are there, and that its syntax can say.',
    'A machine would read the word undefined, or take a piece of a value for a command.',
  ),
  error(
    'file-link',
    'A link below `templates/` and `files/` leads to something within the folder that holds the site.',
    'By one that leads out of it, an edit of the site could publish any file of the machine that builds it.',
  ),
  error(
    'file-kind',
    '`templates` and `files` are folders, and hold files and folders.',
    'Anything else, such as a pipe or a device, cannot be copied.',
  ),
  error(
    'file-size',
    'A file below `templates/` and `files/` has at most 100 MiB.',
    'It would be committed to git with the site, and the usual hosts refuse it there. Large files go beside the tree, with the media.',
  ),
  error(
    'file-name',
    'The name of a file can be written everywhere.',
    'Control characters, backslashes and what is not UTF-8 are read differently, or not at all, elsewhere.',
  ),
  error(
    'too-many-files',
    'There are not more than 100,000 files below `templates/`, or below `files/`.',
    'Links that lead to folders full of links would never come to an end.',
  ),
  error(
    'file-conflict',
    'A file below `files/` has its place in the tree to itself.',
    'One of two would be lost: what harvgen makes, or a file that a file system takes for the same.',
  ),
  error(
    'file-not-served',
    'What lies below `files/www/` can be served by nginx.',
    'The web server would not start, or hand out something else.',
  ),
  error(
    'file-hidden',
    'Nothing below `files/www/` begins with a dot, but for `.well-known`.',
    'It would be public. Dotfiles hold settings and credentials, and come along unseen.',
  ),
  error(
    'kubernetes-too-large',
    'What pods serve of a tree without an image of its own fits into ConfigMaps: no file above 1000 KiB, 16 MiB and 4000 files at most.',
    'The cluster would refuse it, at once or at the next change. An image holds any tree.',
  ),
  error(
    'template-secret',
    'A template writes no reference to a secret and no mark of one.',
    'Secrets are filled into configurations alone, which are made without a template: a machine would read the reference.',
  ),
  error(
    'file-secret',
    'A file below `files/` refers to no secret.',
    'Nothing fills it in there: a machine would read the mark.',
  ),
];

/** Files of other systems, which `harvgen import` reads. */
export const IMPORT_CODES: readonly Code[] = [
  error(
    'import-kind',
    'A file is of the kind that it is imported as.',
    'What it says would be taken for something else, or be passed over.',
  ),
  error(
    'import-value',
    'A value of a file that is imported is of the type that its kind has there.',
    'What was meant is a guess.',
  ),
  error(
    'import-syntax',
    "A file that is imported can be read by the syntax of its kind: of dnsmasq, of ISC's dhcpd, XML, a table.",
    'Machines that stand behind the fault would be missing in the site.',
  ),
  error('import-nothing', 'One of the files that are joined names a machine.', 'A site has one at least.'),
  warning(
    'import-conflict',
    'Files that are joined do not contradict each other.',
    'Only one of two values can be right: the one that is read first counts.',
  ),
  error(
    'tfvars-syntax',
    'A `terraform.tfvars` is made of `name = value`, by the syntax of HCL, or is a JSON object.',
    'Only the first fault of a file is said: the others follow from it.',
  ),
  error(
    'tfvars-expression',
    'A value in a `terraform.tfvars` is written out.',
    'Terraform takes no variables and functions there, and harvgen works nothing out.',
  ),
  error(
    'tfvars-value',
    'A variable has a value that harvester-cloud takes.',
    'Terraform would have stopped at it: what was meant is a guess.',
  ),
  error(
    'not-harvester-cloud',
    'A `terraform.tfvars` sets variables of harvester-cloud.',
    'Another project means something else by its own.',
  ),
  error('not-phs', 'A data file of phs has a `maclist`.', 'It is what phs knows machines by.'),
  error(
    'phs-value',
    'A value in a data file of phs is one that phs, or the installer behind it, takes.',
    'What it cannot read phs does not look at: it starts with less, or hands it to a machine.',
  ),
  error(
    'phs-server',
    'It is known where machines fetch from.',
    'It stands in every script. The first generation of phs had it built in, and the next appends its port to it.',
  ),
  error(
    'phs-address',
    'The machines of a cluster have addresses of their own in one network, and a gateway in it.',
    'They go onto the kernel line as they stand: the installer has no network otherwise.',
  ),
  error(
    'phs-vip',
    'A cluster has a VIP, a free address in the network of its nodes.',
    'Harvester is not installed without one.',
  ),
  warning(
    'phs-key',
    'No key of a data file of phs is nearly called as one that phs reads.',
    'Keys that it does not know phs passes over without a word.',
  ),
  warning(
    'phs-duplicate-mac',
    'A MAC address stands once in `maclist`, in whatever spelling.',
    'The last entry that is spelt as iPXE asks is what phs answers with, and the others are never found.',
  ),
  warning(
    'phs-merge',
    'What a machine says beside `<<` says all that it takes the place of.',
    'YAML merges the outermost keys alone: `os: {hostname: …}` beside it leaves no password and no SSH key.',
  ),
  warning(
    'phs-network',
    'The machines of a cluster have one netmask and one gateway, the same while they install and afterwards.',
    'They are on one network. The site says what the first of them says.',
  ),
  warning(
    'phs-interface',
    'A machine boots from the NIC that its configuration names.',
    'The address would be on another NIC once it is installed.',
  ),
  warning(
    'phs-bond',
    'The NICs of the management bond are known by their MAC addresses.',
    'Names of NICs differ from machine to machine, and harvgen tells them by MAC address. The node would be without the second link.',
  ),
  warning(
    'phs-join',
    'Nodes join at the VIP of their cluster.',
    'They would join while one certain node is up, and no longer. The site lets them join at the VIP.',
  ),
  warning(
    'phs-iso',
    'The ISO is of the version of the kernel.',
    'The installer would be put together of two releases. The site has one for both.',
  ),
  warning(
    'phs-version',
    'The machines of a cluster boot one release, which there is.',
    'A cluster is of one release.',
  ),
  warning(
    'phs-mode',
    'The `type` of a machine is its `install.mode`.',
    'The first is passed over by phs, and the installer goes by the other.',
  ),
  warning(
    'phs-cluster',
    'One machine creates a cluster, and all have its token.',
    'Without it nobody can join; two would make two clusters with one VIP; with another token a node is not let in.',
  ),
  error(
    'not-oci-harvester',
    'A file is what it is given as: the table `nodes` with the columns `ip` and `install`, a `launch.sh`.',
    'Another program means something else by its own.',
  ),
  error(
    'oci-no-node',
    'A row of the table is of a machine.',
    'The table comes with two rows, of `0.0.0.0` and `127.0.0.1`, which are none.',
  ),
  error(
    'oci-subnet',
    'The machines of the table are in one subnet.',
    'Their mask and gateway follow from it. The table has addresses alone.',
  ),
  warning(
    'oci-address',
    'A row of the table has an address that a machine can have.',
    'It is compared with the address of who asks boot.php: any other row never counts.',
  ),
  warning(
    'oci-stranger',
    'A row of the table is of a machine in the subnet.',
    'Every client that asks boot.php gets one, a crawler too. It is no node of the site.',
  ),
  warning('oci-install', '`install` is 0 or 1.', 'Anything else boot.php takes for one of these.'),
  warning(
    'oci-reinstall',
    'No row has `install` at 1 any more.',
    'The machine would be wiped at every boot. The site never does so unasked: it is said there anew, where it is meant.',
  ),
  warning(
    'oci-duplicate',
    'The rows of an address agree on `install`.',
    'Nothing keeps the table from several rows of one address; boot.php answers with the script of each, and the first counts.',
  ),
  warning(
    'oci-launch',
    'A variable of launch.sh is what the OCI CLI takes for it, written out.',
    'The launch would be refused. The site asks for it instead.',
  ),
];

/** Every diagnostic that no rule makes. */
export const CODES: readonly Code[] = [
  ...FILE_CODES,
  ...SHAPE_CODES,
  ...REFERENCE_CODES,
  ...OWN_CODES,
  ...IMPORT_CODES,
];
