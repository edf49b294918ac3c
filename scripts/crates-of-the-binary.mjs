// Writes the CycloneDX bill of materials of the binary to standard output, from what cargo says: which crates it is made
// of on this machine (`cargo tree`), what each is (`cargo metadata`), and the checksum that Cargo.lock pins. The same
// commit gives the same bytes: the optional serial number and time are left out. `scripts/sbom` calls it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const cargo = (...args) => execFileSync('cargo', [...args, '--locked'], { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 });

/** `NAME VERSION` of every crate behind these kinds of dependency, the binary's own first. */
function crates(edges) {
  const lines = cargo('tree', '--package', 'dingmirror', '--edges', edges, '--prefix', 'none', '--format', '{p}').split('\n');
  const named = lines.map((line) => /^(\S+) v(\S+)/.exec(line)).filter(Boolean);
  return new Set(named.map(([, name, version]) => `${name} ${version}`));
}

/** The checksums of Cargo.lock, by `NAME VERSION`. */
function checksums() {
  const entry = /^name = "(.+)"\nversion = "(.+)"\n(?:source = ".+"\n)?checksum = "([0-9a-f]{64})"$/gm;
  return new Map([...readFileSync('Cargo.lock', 'utf8').matchAll(entry)].map(([, name, version, sum]) => [`${name} ${version}`, sum]));
}

const linked = crates('normal,no-proc-macro');
const needed = crates('normal,build');
const pinned = checksums();

const target = /^host: (.+)$/m.exec(execFileSync('rustc', ['-vV'], { encoding: 'utf8' }))[1];
const { packages, resolve } = JSON.parse(cargo('metadata', '--format-version', '1', '--filter-platform', target));
const called = ({ name, version }) => `${name} ${version}`;
const byId = new Map(packages.map((it) => [it.id, it]));
const made = packages.filter((it) => needed.has(called(it)));
const root = made.find(({ name }) => name === 'dingmirror');
const reference = (it) => `crate:${it.name}@${it.version}`;

/** A crate as CycloneDX's component. */
function component(it) {
  const isPublished = it.source !== null;
  const checksum = pinned.get(called(it));
  if (isPublished && !checksum) throw new Error(`Cargo.lock has no checksum of ${called(it)}`);
  return {
    type: it === root ? 'application' : 'library',
    'bom-ref': reference(it),
    name: it.name,
    version: it.version,
    ...(it.description ? { description: it.description.trim() } : {}),
    // What builds it, and is not in it: build scripts, macros, and what these are made of.
    scope: linked.has(called(it)) ? 'required' : 'excluded',
    ...(checksum ? { hashes: [{ alg: 'SHA-256', content: checksum }] } : {}),
    // Older crates have a slash between their licences.
    ...(it.license ? { licenses: [{ expression: it.license.replaceAll(/ ?\/ ?/g, ' OR ') }] } : {}),
    // A name of ours on crates.io is somebody else's.
    ...(isPublished ? { purl: `pkg:cargo/${it.name}@${it.version}` } : {}),
    ...(it.repository ? { externalReferences: [{ type: 'vcs', url: it.repository }] } : {}),
  };
}

const ofMade = new Set(made.map(({ id }) => id));
const dependencies = resolve.nodes
  .filter(({ id }) => ofMade.has(id))
  .map(({ id, deps }) => {
    const built = deps.filter(({ pkg, dep_kinds: kinds }) => ofMade.has(pkg) && kinds.some(({ kind }) => kind !== 'dev'));
    return { ref: reference(byId.get(id)), dependsOn: built.map(({ pkg }) => reference(byId.get(pkg))).sort() };
  });

const byReference = (one, other) => (one < other ? -1 : 1);
const bom = {
  $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: {
    lifecycles: [{ phase: 'pre-build' }],
    component: { ...component(root), properties: [{ name: 'dingmirror:target', value: target }] },
  },
  components: made
    .filter((it) => it !== root)
    .map(component)
    .sort((one, other) => byReference(one['bom-ref'], other['bom-ref'])),
  dependencies: dependencies.sort((one, other) => byReference(one.ref, other.ref)),
};
console.log(JSON.stringify(bom, null, 2));
