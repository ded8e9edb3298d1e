import type { Severity } from './report.ts';

/** A diagnostic that no rule makes: a fault of the files, of YAML, of the shape or of a reference. */
export interface Code {
  readonly code: string;
  readonly severity: Severity;
  /** What holds where it is not reported. */
  readonly what: string;
  readonly why: string;
}

type Told = Omit<Code, 'code'>;

/** What of an error its code does not say. */
export const asError = (what: string, why: string): Told => ({ severity: 'error', what, why });
/** The same of a warning. */
export const asWarning = (what: string, why: string): Told => ({ severity: 'warning', what, why });

/** Gives the codes of a table, each with its name. */
export function codes(told: Readonly<Record<string, Told>>): readonly Code[] {
  return Object.entries(told).map(([code, rest]) => ({ code, ...rest }));
}

/** Faults of files and YAML, in which nothing can be read beyond them. */
export const FILE_CODES: readonly Code[] = codes({
  'no-site': asError('The folder of a site is there, and holds a site.yaml.', 'There is nothing to compile.'),
  'unreadable-file': asError(
    'Every file of the site can be read, and is UTF-8.',
    'What it says would be missing.',
  ),
  'yml-not-read': asWarning(
    'Files of the site end in .yaml, in lower case, and do not begin with a dot.',
    'Others, such as .yml or .YAML, are not read: what they say would be missing.',
  ),
  'empty-file': asWarning(
    "A file of the site's own says something; `{}` says that it is meant to be empty.",
    'A node whose file has lost its text would be gone from the output.',
  ),
  'folder-not-read': asWarning(
    'No folder that holds something is nearly called `templates` or `files`, and no link to a folder leads to nothing.',
    'What it holds would be missing in the output.',
  ),
  'yaml-syntax': asError(
    'A file is YAML.',
    'Only the first fault of a file is said: the others follow from it.',
  ),
  'merge-conflict': asError(
    'A file holds no marks of a merge conflict: `<<<<<<<`, `=======`, `>>>>>>>`.',
    'Only who knows what was edited can tell which of the two sides should count.',
  ),
  'yaml-key': asError(
    'A key is one plain word.',
    'A map or list as a key, or an empty one, is nearly always a slip.',
  ),
  'yaml-alias': asError(
    'An alias names an anchor before it, and not itself.',
    'What it stands for is not known.',
  ),
  'yaml-merge': asError('`<<` takes a map, or a list of maps.', 'There is nothing to merge.'),
  'several-documents': asError(
    'A file is one document.',
    'What follows a second `---` is easily overlooked, and the installer itself drops it.',
  ),
  'not-a-map': asError('A file is a map.', 'It is written from the root of the inventory.'),
  'yaml-number': asError(
    'A whole number has no more digits than can be kept.',
    'Numbers have 53 bits here: the last digits of a longer one would be others, in a serial number, say.',
  ),
  'duplicate-key': asError('A key stands once in a map.', 'Only one of the two could count.'),
  'set-twice': asError(
    'A value is set in one file of the site.',
    'Only one of the two could count, and which one would be a riddle.',
  ),
  'bad-range': asError(
    'What stands in brackets in the name of a range of nodes, and in its values, is numbers: `[01-06,08]`.',
    'It is not known which machines there are.',
  ),
  'range-twice': asError('A node is of one range.', 'Which of the two should count would be a riddle.'),
  'range-size': asError(
    'A value of a range has as many as the range has nodes.',
    'Some would have none, or another one than was meant.',
  ),
  'range-same': asError(
    'The nodes of a range have MAC addresses, addresses, xnames and numbers of their own.',
    'Machines are told apart by them.',
  ),
  'include-missing': asError('What is included is there.', 'What it says would be missing.'),
  'include-site': asError(
    'What is included is not the `site.yaml` of another site.',
    'All of its machines and networks would be in both; what is shared belongs into a file of its own.',
  ),
  'include-cycle': asError('No file includes itself, on whatever way.', 'It has no lowest layer.'),
  'site-name': asError(
    'A site is called as its folder is.',
    'The name of the output folder must tell where it comes from.',
  ),
  'secret-name': asError(
    'A secret is written `${secret:name}`.',
    'A malformed one would reach the machine as text.',
  ),
  'secret-out-of-place': asError(
    'A reference to a secret stands in a value that takes any text, not in a key or in an address, path or name.',
    'Secrets are filled into configurations alone, and what is to be checked must be there to read: it would reach a machine as it stands.',
  ),
  'secret-mark': asError(
    'No value holds `@@secret:`.',
    'That is what secrets are written as in the output; the boot server would fill it in.',
  ),
});

/** Faults of the shape, by schema/site.schema.json and schema/harvester/config.schema.json. */
export const SHAPE_CODES: readonly Code[] = codes({
  'unknown-key': asError(
    'Every key is one that harvgen, or the installer, knows.',
    "Harvester's installer drops a key that it does not know without a word (harvester/harvester#1318).",
  ),
  'missing-key': asError('A key that must be there is there.', 'Nothing can stand in for it.'),
  'wrong-type': asError(
    'A value is of the type that its key takes.',
    'The installer cannot load a number where a string belongs, such as `token: 12345` (harvester/harvester#1125).',
  ),
  'bad-value': asError(
    'A value is one that its key takes.',
    'It would stop the installer on the console, or be misread by it.',
  ),
  'bad-name': asError(
    'A name can stand in file names and configurations.',
    'It becomes part of paths, scripts and host names (harvester/harvester#1277).',
  ),
  unquotable: asError(
    'A value can be written in every format that it reaches.',
    'In iPXE, nginx or dnsmasq there is no way to say it.',
  ),
});

/** References between parts of an inventory. */
export const REFERENCE_CODES: readonly Code[] = codes({
  'node-value': asError(
    'What `${node:…}` stands for is a value of the node.',
    'It would reach the machine as it stands.',
  ),
  'missing-release': asError(
    'It is said which release of Harvester a cluster runs.',
    'Its files and the rules of its configuration follow from it.',
  ),
  'unknown-profile': asError('A profile that is listed exists.', 'What it should say would be missing.'),
  'unknown-group': asError('A group that is listed exists.', 'What it should say would be missing.'),
  'group-twice': asError(
    'A node lists a group once.',
    'What the group says would be done twice: lists of cloud-init follow each other.',
  ),
  'unknown-network': asError('A network that is named exists.', 'The NIC would be on none.'),
  'unknown-cluster': asError('A cluster that is named exists.', 'The node would belong to none.'),
  'unknown-tenant': asError('A tenant that is named exists.', 'The node or the image would be of none.'),
  'unknown-image': asError(
    'An image that is named exists.',
    'There would be nothing that a disk, or another image, is made of.',
  ),
  'unknown-node': asError(
    'A node whose disk an image is made of exists.',
    'There would be no disk to make it of.',
  ),
  'unknown-host-disk': asError(
    "A disk of the host that an image is to lie on is one of the host's.",
    'There would be no folder for the image.',
  ),
  'expose-without-cluster': asError(
    'It can be told which cluster a port of the host leads to.',
    'It leads to the VIP of one.',
  ),
  'profile-of-profile': asError(
    'Only nodes and defaults list profiles.',
    'The order in which profiles of profiles count would be a riddle.',
  ),
  'network-unclear': asError(
    'It can be told which network a NIC is on.',
    'Its mask, gateway and DHCP reservation follow from it.',
  ),
  'node-without-cluster': asError(
    'A Harvester node belongs to one cluster.',
    'Its release, token and VIP follow from it.',
  ),
  'secret-missing': asError(
    'Where values of secrets are given, all that the site needs are.',
    'A machine would be handed the mark instead of the secret: its token, say, would be the same as in every plant.',
  ),
  'cluster-and-clusters': asError(
    'A site has `cluster` or `clusters`.',
    'One is the short form of the other.',
  ),
  'mac-and-nics': asError('A node has `mac` and `ip`, or `nics`.', 'One is the short form of the other.'),
  'unknown-rule': asError('A rule that is silenced exists.', 'The silence would have no effect.'),
  'unsilenceable-rule': asError(
    'What nothing can be written without is not silenced.',
    'There would be holes in the output.',
  ),
  'idle-silence': asWarning(
    'A rule that is silenced for the site has something to say in it.',
    'A silence that is left behind hides the next fault.',
  ),
});

/** A site's own templates and files. */
export const OWN_CODES: readonly Code[] = codes({
  'unknown-template': asError(
    'Every file below `templates/` overrides a built-in template.',
    'It would never be rendered, and nobody would know.',
  ),
  'template-syntax': asError('A template can be read.', 'There is nothing to render.'),
  'template-fault': asError(
    'The code of a template runs to its end, and writes something; an iPXE script begins with `#!ipxe`.',
    'What it should write would be missing, or iPXE would refuse it on the machine.',
  ),
  'template-value': asError(
    'A template writes values that are there, and that its syntax can say.',
    'A machine would read the word undefined, or take a piece of a value for a command.',
  ),
  'file-link': asError(
    'A link below `templates/` and `files/` leads to something within the folder that holds the site.',
    'By one that leads out of it, an edit of the site could publish any file of the machine that builds it.',
  ),
  'file-kind': asError(
    '`templates` and `files` are folders, and hold files and folders.',
    'Anything else, such as a pipe or a device, cannot be copied.',
  ),
  'file-size': asError(
    'A file below `templates/` and `files/` has at most 100 MiB.',
    'It would be committed to git with the site, and the usual hosts refuse it there. Large files go beside the tree, with the media.',
  ),
  'file-name': asError(
    'The name of a file can be written everywhere.',
    'Control characters, backslashes and what is not UTF-8 are read differently, or not at all, elsewhere.',
  ),
  'too-many-files': asError(
    'There are not more than 100,000 files below `templates/`, or below `files/`.',
    'Links that lead to folders full of links would never come to an end.',
  ),
  'file-conflict': asError(
    'A file below `files/` has its place in the tree to itself.',
    'One of two would be lost: what harvgen makes, or a file that a file system takes for the same.',
  ),
  'file-not-served': asError(
    'What lies below `files/www/` can be served by nginx.',
    'The web server would not start, or hand out something else.',
  ),
  'file-hidden': asError(
    'Nothing below `files/www/` begins with a dot, but for `.well-known`.',
    'It would be public. Dotfiles hold settings and credentials, and come along unseen.',
  ),
  'kubernetes-too-large': asError(
    'What pods serve of a tree without an image of its own fits into ConfigMaps: no file above 1000 KiB, 16 MiB and 4000 files at most.',
    'The cluster would refuse it, at once or at the next change. An image holds any tree.',
  ),
  'template-secret': asError(
    'A template writes no reference to a secret and no mark of one.',
    'Secrets are filled into configurations alone, which are made without a template: a machine would read the reference.',
  ),
  'file-secret': asError(
    'A file below `files/` refers to no secret.',
    'Nothing fills it in there: a machine would read the mark.',
  ),
});
