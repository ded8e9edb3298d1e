import type { Severity } from './report.ts';

/** The texts of a kind of diagnostics in the reference and `harvgen rules`: those of a rule, or of errors that no rule reports. */
export interface Code {
  readonly code: string;
  readonly severity: Severity;
  /** The requirement, with "must", in at most 20 words. */
  readonly what: string;
  /** One or two sentences: the consequence of a violation on the machine, with the upstream thread if there is one. */
  readonly why: string;
  /** How an editor shows the text of a finding: faded, because it has no effect, or struck through, because it is for older releases. */
  readonly tag?: 'unnecessary' | 'deprecated';
}

type CodeTexts = Omit<Code, 'code'>;

/** Returns the texts of an error. */
export const asError = (what: string, why: string): CodeTexts => ({ severity: 'error', what, why });
/** Returns the texts of a warning. */
export const asWarning = (what: string, why: string): CodeTexts => ({ severity: 'warning', what, why });

/** Returns the codes of a table as a list. */
export function codes(texts: Readonly<Record<string, CodeTexts>>): readonly Code[] {
  return Object.entries(texts).map(([code, rest]) => ({ code, ...rest }));
}

/** Errors of files and YAML, after which a file cannot be read further. */
export const FILE_CODES: readonly Code[] = codes({
  'no-site': asError(
    'The directory of a site must contain a site.yaml.',
    'Without a `site.yaml`, harvgen has nothing to compile and writes no output tree.',
  ),
  'unreadable-file': asError(
    'Every file of the site must be readable and UTF-8.',
    'The content of the file would be missing from the output.',
  ),
  'yml-not-read': asWarning(
    'Site files must end in .yaml, in lower case, and must not begin with a dot.',
    'Other files, such as .yml or .YAML, are not read: their content would be missing from the output.',
  ),
  'empty-file': asWarning(
    "A site's own files must not be empty; `{}` marks an intentionally empty file.",
    'A node whose file lost its text would be missing from the output.',
  ),
  'folder-not-read': asWarning(
    'A directory with content must not have a name similar to `templates`, `files` or `manifests`; links to directories must have targets.',
    'The content of the directory would be missing from the output.',
  ),
  'yaml-syntax': asError(
    'A file must be valid YAML.',
    'Only the first error of a file is reported: later ones may be consequences of it.',
  ),
  'merge-conflict': asError(
    'A file must not contain conflict markers: `<<<<<<<`, `=======`, `>>>>>>>`.',
    'Only the author of the edit can decide which of the two sides applies.',
  ),
  'yaml-key': asError(
    'A key must be one plain word.',
    'A map, a list or an empty key is nearly always a typo.',
  ),
  'yaml-alias': asError(
    'An alias must refer to an anchor before it, and not to itself.',
    'The value of the alias is unknown.',
  ),
  'yaml-merge': asError(
    '`<<` must be a map, or a list of maps.',
    'Another value cannot be merged: its settings would be missing.',
  ),
  'several-documents': asError(
    'A file must contain one document.',
    'Content after a second `---` is easily overlooked, and the installer ignores it.',
  ),
  'not-a-map': asError(
    'A file must contain a map.',
    'A list or a text contains no keys: no setting in the file would apply.',
  ),
  'yaml-number': asError(
    'A whole number must fit in 53 bits.',
    'A longer number, for example a serial number, would lose its last digits.',
  ),
  'duplicate-key': asError('A key must be unique in its map.', 'Only one of the two values can apply.'),
  'set-twice': asError(
    'A value must be set in only one file of the site.',
    'Only one value can apply, and the choice is ambiguous.',
  ),
  'bad-range': asError(
    "Brackets in a node range's name and values must contain numbers: `[01-06,08]`.",
    'The nodes of the range are unknown.',
  ),
  'range-twice': asError(
    'A node must be in only one range.',
    'Only one range can apply, and the choice is ambiguous.',
  ),
  'range-size': asError(
    'A range value must have as many elements as the range has nodes.',
    'Some nodes would have no value, or an unintended one.',
  ),
  'range-same': asError(
    'The nodes of a range must not share MAC addresses, IP addresses, xnames or numbers.',
    'These values identify machines: with a shared value, one machine gets the files of another.',
  ),
  'include-missing': asError('An included file must exist.', 'Its content would be missing from the output.'),
  'include-site': asError(
    'An included file must not be the `site.yaml` of another site.',
    'All machines and networks of that site would be in both sites; shared content belongs in its own file.',
  ),
  'include-cycle': asError(
    'A file must not include itself, not even indirectly.',
    'Of files that include each other, none takes precedence: the values are ambiguous.',
  ),
  'site-name': asError(
    'The name of a site must be the name of its directory.',
    'The output directory has the name of the site: with another name, its source would be unclear.',
  ),
  'secret-name': asError(
    'A secret must be written as `${secret:name}`.',
    'The machine would receive a malformed reference as text.',
  ),
  'secret-out-of-place': asError(
    'A reference to a secret must be in a value that allows any text, not in a key, IP address, path or name.',
    'Secrets are substituted in configurations only, and checks need real values: the machine would receive the reference.',
  ),
  'secret-mark': asError(
    'A value must not contain `@@secret:`.',
    'The output uses this text for placeholders: the boot server would substitute it.',
  ),
  'control-character': asError(
    'A value must not contain a control character, except in `cloud_init` and `write_files`.',
    'Programs that read the value, and terminals that show it, obey the character: it can hide or reverse text.',
  ),
});

/** Schema errors, by knowledge/site.schema.json and knowledge/harvester/config.schema.json. */
export const SHAPE_CODES: readonly Code[] = codes({
  'unknown-key': asError(
    'Every key must be a key of harvgen or of the installer.',
    "Harvester's installer silently ignores unknown keys (harvester/harvester#1318).",
  ),
  'missing-key': asError(
    'Every required key must be present.',
    'The key has no default: the files that need its value cannot be written.',
  ),
  'wrong-type': asError(
    'A value must have the type of its key.',
    'The installer cannot load a number instead of a string, such as `token: 12345` (harvester/harvester#1125).',
  ),
  'bad-value': asError(
    'A value must be valid for its key.',
    'The installer would stop at the console, or misread the value.',
  ),
  'bad-name': asError(
    'A name must be valid in file names and configurations.',
    'The name becomes part of paths, scripts and host names (harvester/harvester#1277).',
  ),
  unquotable: asError(
    'A value must be writable in every format that contains it.',
    'The syntax of iPXE, nginx or dnsmasq cannot express the value.',
  ),
});

/** References between parts of an inventory. */
export const REFERENCE_CODES: readonly Code[] = codes({
  'site-value': asError(
    'A reference `${site:…}` of a manifest must name a value that the site has.',
    'The cluster would receive the reference as text.',
  ),
  'manifest-cluster': asError(
    'A directory below `manifests/` must have the name of a cluster.',
    'No cluster would get its objects.',
  ),
  'manifest-kind': asError(
    'The release of the cluster must have the kind of an object, in its apiVersion.',
    'The cluster rejects the object.',
  ),
  'manifest-twice': asError(
    'The manifests of a site and its inventory must define an object only once; included manifests are lower layers. Two objects must not have one path in the output tree.',
    'Only one of the definitions can apply.',
  ),
  'manifest-per-node': asError(
    'An object with values of a node must have `${node:name}` in its name.',
    'There is one object for each node: with one name, each would overwrite the others.',
  ),
  'node-value': asError(
    'A reference `${node:…}` must name an existing value of the node.',
    'The machine would receive the reference as text.',
  ),
  'missing-release': asError(
    'A cluster must have a Harvester release.',
    'Without a release, the installation media are unknown, and no configuration can be checked.',
  ),
  'unknown-profile': asError('A listed profile must exist.', 'Its settings would be missing.'),
  'unknown-group': asError('A listed group must exist.', 'Its settings would be missing.'),
  'group-twice': asError(
    'A node must list a group only once.',
    "The group's settings would apply twice: lists of cloud-init are concatenated.",
  ),
  'unknown-network': asError('A named network must exist.', 'The NIC would have no network.'),
  'unknown-cluster': asError('A named cluster must exist.', 'The node would have no cluster.'),
  'unknown-tenant': asError('A named tenant must exist.', 'The node or image would have no tenant.'),
  'unknown-image': asError(
    'A named image must exist.',
    'There would be no source for a disk or another image.',
  ),
  'unknown-node': asError(
    'A node whose disk is the source of an image must exist.',
    'There would be no disk to make the image from.',
  ),
  'unknown-host-disk': asError(
    "A host disk that is named for an image must be one of the host's disks.",
    'There would be no directory for the image.',
  ),
  'expose-without-cluster': asError(
    'The cluster of an exposed port of the host must be unambiguous.',
    'The port forwards to the VIP of one cluster: without it, clients reach nothing.',
  ),
  'profile-of-profile': asError(
    'Only nodes and defaults may list profiles.',
    'The precedence of nested profiles would be ambiguous.',
  ),
  'network-unclear': asError(
    'The network of a NIC must be unambiguous.',
    'Without its network, the NIC has no mask, gateway and DHCP reservation.',
  ),
  'node-without-cluster': asError(
    'A Harvester node must belong to one cluster.',
    'The release, the token and the VIP come from the cluster: without one, the node cannot be installed.',
  ),
  'secret-missing': asError(
    'If secret values are provided, no secret of the site may be missing.',
    'A machine would receive the placeholder instead of the secret: its token, for example, would be the same at every site.',
  ),
  'cluster-and-clusters': asError(
    'A site must not have both `cluster` and `clusters`.',
    'One is the short form of the other: only one can apply.',
  ),
  'mac-and-nics': asError(
    'A node must have `mac` and `ip`, or `nics`.',
    'One is the short form of the other: only one can apply.',
  ),
  'unknown-rule': asError('A silenced rule must exist.', 'The silence would have no effect.'),
  'unsilenceable-rule': asError(
    'A rule that the output depends on must not be silenced.',
    'The output would be incomplete.',
  ),
  'idle-silence': {
    tag: 'unnecessary',
    ...asWarning(
      'A rule that is silenced for the site must report something in it.',
      'An unneeded silence hides the next error.',
    ),
  },
});

/** A site's templates and files. */
export const OWN_CODES: readonly Code[] = codes({
  'unknown-template': asError(
    'Every file below `templates/` must override a built-in template.',
    'The file would never be rendered, silently.',
  ),
  'template-syntax': asError(
    'A template must have valid syntax.',
    'The file of the template would be missing from the output.',
  ),
  'template-fault': asError(
    'A template must finish and write text; an iPXE script must begin with `#!ipxe`.',
    'The file would be missing, or iPXE would reject it on the machine.',
  ),
  'template-value': asError(
    'A template must write only defined values that the syntax of its file can express.',
    'A machine would read the word undefined, or a part of a value as a command.',
  ),
  'template-not-run': asWarning(
    'With `--no-templates`, the templates of a site must be reviewed: they are not run.',
    'The files of these templates are those of the built-in ones, so their errors and effects on machines are not shown.',
  ),
  'file-link': asError(
    'A link below `templates/` and `files/` must lead to a target within the directory that contains the site.',
    'Through a link to the outside, an edit of the site could publish any file of the machine that builds it.',
  ),
  'file-kind': asError(
    '`templates` and `files` must be directories that contain only files and directories.',
    'Other types, such as a pipe or a device, cannot be copied.',
  ),
  'file-size': asError(
    'A file below `templates/` and `files/` must have at most 100 MiB.',
    'The usual git hosts reject larger files. Put large files next to the output tree, with the installation media.',
  ),
  'file-name': asError(
    'A file name must be valid on every system.',
    'Other systems misread or reject control characters, backslashes and names that are not UTF-8.',
  ),
  'too-many-files': asError(
    '`templates/` and `files/` must each contain at most 100,000 files.',
    'Links to directories full of links would never end.',
  ),
  'file-conflict': asError(
    'A file below `files/` must have a path in the output tree that no other file has.',
    "One of two files would be lost: harvgen's own, or one with a name that a file system treats as equal.",
  ),
  'file-not-served': asError(
    'A file below `files/www/` must have a path that nginx can serve.',
    'The web server would not start, or would serve something else.',
  ),
  'file-hidden': asError(
    'No file below `files/www/` may begin with a dot, except `.well-known`.',
    'The file would be public. Dotfiles contain settings and credentials, and are easily copied by mistake.',
  ),
  'kubernetes-too-large': asError(
    'Without an image, the tree for pods must fit into ConfigMaps: 1000 KiB per file, 16 MiB and 4000 files in total.',
    'The cluster would reject the tree, now or after the next change. An image can hold any tree.',
  ),
  'template-secret': asError(
    'A template must not write a reference to a secret or its placeholder.',
    'Secrets are substituted in configurations only, which have no template: a machine would read the reference.',
  ),
  'file-not-executable': asWarning(
    'A script below `files/` that begins with `#!` must be executable, except below `files/www/`.',
    'Its copy in the output tree has the same mode: nothing can start it there, such as a timer or a command of an operator.',
  ),
  'file-secret': asError(
    'A file below `files/` must not refer to a secret.',
    'Secrets are not substituted there: a machine would read the placeholder.',
  ),
});

/** Output trees on the disk: `harvgen build --check`. */
export const OUTPUT_CODES: readonly Code[] = codes({
  'output-differs': asError(
    'An output tree must match a build of its inventory.',
    'The deployed tree would not contain what the inventory sets, or the next build would discard a manual edit.',
  ),
  'output-unmanaged': asError(
    'An output tree must contain only files that harvgen has written.',
    'Other files are deployed with the tree, and the web server may serve them.',
  ),
  'output-filled': asError(
    'An output tree with the values of secrets must be compared with these values.',
    'A build without the values differs in every file that contains one.',
  ),
});
