// Packs the extension in editors/vscode into a .vsix file: node scripts/pack-vscode.mjs FILE. The same sources make the same bytes.
// Microsoft's own packer, @vscode/vsce, has a hundred dependencies. Source of the format: microsoft/vscode-vsce, src/package.ts.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, deflateRawSync } from 'node:zlib';
import { build } from 'esbuild';
import { licenses } from './licenses.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: node scripts/pack-vscode.mjs FILE');
  process.exit(2);
}

const textOf = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const extension = JSON.parse(textOf('editors/vscode/package.json'));
extension.version = JSON.parse(textOf('package.json')).version;

const { outputFiles, metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['editors/vscode/extension.js'],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minifyWhitespace: true,
  minifySyntax: true,
  external: ['vscode'],
  legalComments: 'none',
  write: false,
  metafile: true,
});
const isOwn = (path) => path.startsWith('editors/');

writeFileSync(
  file,
  zipped({
    'extension.vsixmanifest': manifest(extension),
    '[Content_Types].xml': `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension=".js" ContentType="application/javascript"/>
  <Default Extension=".json" ContentType="application/json"/>
  <Default Extension=".md" ContentType="text/markdown"/>
  <Default Extension=".txt" ContentType="text/plain"/>
  <Default Extension=".vsixmanifest" ContentType="text/xml"/>
</Types>
`,
    'extension/package.json': `${JSON.stringify(extension, null, 2)}\n`,
    'extension/extension.js': outputFiles[0].text,
    'extension/README.md': textOf('editors/vscode/README.md'),
    'extension/LICENSE.txt': textOf('LICENSE'),
    'extension/LICENSES.txt': licenses(root, Object.keys(metafile.inputs), isOwn),
  }),
);

/** Returns the manifest that VS Code and its gallery read. */
function manifest({ name, displayName, description, version, publisher, categories, keywords, engines }) {
  const xml = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
  const asset = (type, path) =>
    `    <Asset Type="Microsoft.VisualStudio.${type}" Path="extension/${path}" Addressable="true"/>\n`;
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${xml(name)}" Version="${xml(version)}" Publisher="${xml(publisher)}"/>
    <DisplayName>${xml(displayName)}</DisplayName>
    <Description xml:space="preserve">${xml(description)}</Description>
    <Tags>${xml(keywords.join(','))}</Tags>
    <Categories>${xml(categories.join(','))}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="${xml(engines.vscode)}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="workspace"/>
    </Properties>
    <License>extension/LICENSE.txt</License>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>
  </Installation>
  <Dependencies/>
  <Assets>
${asset('Code.Manifest', 'package.json')}${asset('Services.Content.Details', 'README.md')}${asset('Services.Content.License', 'LICENSE.txt')}  </Assets>
</PackageManifest>
`;
}

/** Returns texts as a ZIP file, with the oldest date that the format has. Source: PKWARE, APPNOTE.TXT, 4.3.7, 4.3.12 and 4.3.16. */
function zipped(files) {
  const [parts, directory] = [[], []];
  let offset = 0;
  for (const [path, text] of Object.entries(files)) {
    const [name, content] = [Buffer.from(path), Buffer.from(text)];
    const packed = deflateRawSync(content, { level: 9 });
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0); // the version that can read it: 2.0
    facts.writeUInt16LE(8, 4); // deflated
    facts.writeUInt16LE(0x21, 8); // January 1, 1980
    facts.writeUInt32LE(crc32(content), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(content.length, 18);
    facts.writeUInt16LE(name.length, 22);
    parts.push(signature(0x04034b50), facts, name, packed);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(signature(0x02014b50), Buffer.from([20, 0]), facts, place, name);
    offset += 30 + name.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  const count = Object.keys(files).length;
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, list, signature(0x06054b50), end]);
}

function signature(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}
