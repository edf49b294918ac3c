// The documents, word for word: the commands in them run, and those that can't run here have a reason and lead to
// something that is there; queries are valid.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse, validate } from 'graphql';
import { binary, ownEnvironment, post, until } from './support/env.mjs';
import { blocks, commandsOf, root, spans, table } from './support/manual.mjs';
import { readSchema } from './support/schema.mjs';
import { Daemon, freePort } from './support/server.mjs';

const shell = (command, { env, cwd = root } = {}) => {
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', command], { env, cwd, encoding: 'utf8' });
  assert.equal(status, 0, `${command}\n${stdout}${stderr}`);
  return stdout;
};

const commands = blocks('sh', 'bash').flatMap((block) => commandsOf(block).map((command) => ({ ...block, command })));
const sentences = new Map(commands.map(({ command, page, line }) => [command, `${page}:${line}`]));

/** Somewhere that a block is run in: a demo, a folder that is thrown away, and `dingmirror` on the path. */
class Place {
  async start() {
    this.folder = mkdtempSync(join(tmpdir(), 'dingmirror-manual-'));
    symlinkSync(binary, join(this.folder, 'dingmirror'));
    this.listen = `127.0.0.1:${await freePort()}`;
    this.simulator = `127.0.0.1:${await freePort()}`;
    const args = ['demo', '--users', '60', '--listen', this.listen, '--simulator-listen', this.simulator];
    this.demo = new Daemon('demo', binary, args, ownEnvironment());
    this.token = await this.demo.until('token', async () => /^export TOKEN=(\S+)$/m.exec(this.demo.output)?.[1], 180_000);
    [, this.email] = /email: \\?"([^"\\]+)/.exec(this.demo.output);
  }

  async stop() {
    await this.demo?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  path(env) {
    return { ...env, PATH: `${this.folder}:${process.env.PATH}` };
  }

  /** A command as it stands, with the demo's own ports in the place of the usual ones. */
  ofDemo(command, env = {}) {
    const moved = command.replaceAll('127.0.0.1:8080', this.listen).replaceAll('127.0.0.1:8090', this.simulator);
    return shell(moved, { env: this.path({ ...ownEnvironment(), TOKEN: this.token, ...env }) });
  }

  /** A command where the server's own configuration is. */
  ofServer(command) {
    return shell(command, { env: this.path(process.env) });
  }

  /** A command in a copy of one folder of the repository, which is left as it was. */
  ofFolder(command, ...folders) {
    folders.forEach((folder) => mkdirSync(join(this.folder, folder), { recursive: true }));
    return shell(command, { env: this.path(ownEnvironment()), cwd: this.folder });
  }
}

/** How the commands are run that can be, and what comes of it. */
const RUN = {
  async 'curl -s http://127.0.0.1:8090/control/edits'(place, command) {
    place.ofDemo(command);
    const people = await (await fetch(`http://${place.simulator}/control/directory`)).json();
    assert.ok(people.users.some(({ name }) => name === '新同事'));
  },
  'dingmirror key create'(place, command) {
    place.key = place.ofServer(command).trim().split('\n').at(-1);
    assert.match(place.key, /^dm_[0-9a-f]{32}_[0-9a-f]{64}$/);
  },
  'dingmirror key list'(place, command) {
    assert.match(place.ofServer(command), /\bconfluence\b/);
  },
  async 'dingmirror key revoke ID'(place, command) {
    // The command line writes to the database, from which the server hears of it.
    const isTaken = async () => !(await post('{ viewer { subject } }', {}, { as: place.key })).errors;
    await until('the key to be taken', isTaken, { timeout: 10_000 });
    const id = /^dm_([0-9a-f]{32})/.exec(place.key)[1];
    place.ofServer(command.replace('ID', id));
    await until('the key to be refused', async () => !(await isTaken()), { timeout: 10_000 });
  },
  'dingmirror token revoke'(place, command) {
    assert.match(place.ofServer(command), /: revoked at \d{4}-/);
  },
  'export DINGMIRROR_URL=http://127.0.0.1:8080 DINGMIRROR_TOKEN=$TOKEN'() {
    // With the next one: an export lasts as long as its shell.
  },
  'java examples/DingmirrorClient.java'(place, command) {
    const [exported] = commands.filter(({ command: other }) => other.startsWith('export DINGMIRROR_URL='));
    const said = place.ofDemo(`${exported.command}; ${command.replace('EMAIL', place.email)}`);
    assert.match(said, /^outcome 0 \S+: (DELIVERED_UNREAD|READ)/m);
  },
  'echo "DINGMIRROR_DATABASE_PASSWORD='(place, command) {
    place.ofFolder(command, 'packaging/container');
    const written = readFileSync(join(place.folder, 'packaging/container/.env'), 'utf8');
    assert.match(written, /^DINGMIRROR_DATABASE_PASSWORD=[0-9a-f]{48}\n$/);
  },
  'npm ci'(place) {
    // forge.test.mjs installs by `scripts/npm-ci`, which is this and spares it where nothing changed.
    assert.match(readFileSync(`${root}scripts/npm-ci`, 'utf8'), /^ {2}npm ci /m);
    place.ofServer('scripts/npm-ci examples/forge');
  },
  'npm run typecheck': (place, command) => place.ofServer(`cd examples/forge && ${command}`),
  'npm run build': (place, command) => place.ofServer(`cd examples/forge && ${command}`),
};

/** Why the others are not run here. What they lead to is looked at all the same. */
const NOT_HERE = [
  [/^make (demo|run)$/, 'starts a server and stays; examples.test.mjs and tests/it/demo.rs run the demo'],
  [/^make (test|test-rust|test-clients)\b/, 'is what runs this'],
  [/^make (console|package|sbom|bench|bench-short|audit|prove)\b/, 'takes minutes to hours; stages of `make test` and `make prove` are it, and the CI builds by it'],
  [/^make (schema|fmt)$/, 'changes the sources; a test and a stage of `make test` compare'],
  [/^cargo (check|build|run|nextest run|bench)\b/, 'compiles'],
  [/^scripts\/with-postgres cargo (nextest run|bench)\b/, 'compiles'],
  [/^scripts\/(check|prove)-package$/, 'a stage of `make test`; of `make prove`, as root'],
  [/^(apt-get install \.\/dingmirror_|systemctl |runuser -u dingmirror )/, 'changes the machine, as root; scripts/prove-package does it on a Debian of its own'],
  [/^docker compose\b/, 'needs a container engine; scripts/check-package looks at both files'],
  [/^npx @forge\/cli (register|deploy|install)\b/, 'needs an account of Atlassian'],
  [/^node tests\/clients\/beside\.mjs\b/, 'needs two builds of the server'],
  [/^(DINGMIRROR_URL=\S+ )?npm --prefix console run (dev|typecheck|check)$/, 'serves until it is stopped; the others are of the stage `console`'],
];

const files = (folder) => readdirSync(root + folder).join('\n');

/** What a command that isn't run leads to: a target, a script, a test, an option that is there. */
function leadsSomewhere(command) {
  const words = command.replaceAll(/'[^']*'|"[^"]*"/g, (quoted) => quoted.replaceAll(' ', '\u0000')).split(' ');
  const [program] = words.filter((word) => !/^[A-Z_]+=/.test(word));
  const rest = words.slice(words.indexOf(program) + 1);
  if (program === 'make') {
    const targets = [...readFileSync(`${root}Makefile`, 'utf8').matchAll(/^([a-z-]+):.*##/gm)].map(([, name]) => name);
    assert.ok(targets.includes(rest[0]), `no target ${rest[0]}`);
    const asked = /ARGS="?([^"]*)"?$/.exec(command)?.[1].split(' ') ?? [];
    if (rest[0] === 'test-clients') asked.forEach((word) => assert.match(files('tests/clients'), new RegExp(`${word}.*\\.test\\.mjs`)));
    const options = readFileSync(`${root}bench/reads/options.mjs`, 'utf8');
    if (rest[0] === 'bench') asked.filter((word) => word.startsWith('--')).forEach((flag) => assert.ok(options.includes(flag), flag));
  }
  if (program.startsWith('scripts/')) {
    accessSync(root + program, constants.X_OK);
    if (rest[0] === 'cargo') leadsSomewhere(rest.join(' '));
  }
  if (program === 'node') assert.ok(existsSync(root + rest[0]), rest[0]);
  if (program === 'npm') {
    const { scripts } = JSON.parse(readFileSync(`${root}${rest[rest.indexOf('--prefix') + 1]}/package.json`, 'utf8'));
    assert.ok(scripts[rest.at(-1)], `no script ${rest.at(-1)}`);
  }
  const filter = /test\(([\w:]+?)(?:::)?\)/.exec(command)?.[1];
  if (filter) {
    const path = filter.split('::');
    const places = [path.join('/'), path.slice(0, -1).join('/')].flatMap((it) => [`tests/it/${it}.rs`, `tests/it/${it}/mod.rs`]);
    assert.ok(places.some((it) => existsSync(root + it)), `no tests ${filter}`);
  }
  const bench = /--bench measure -- (\w+)/.exec(command)?.[1];
  if (bench) assert.match(readFileSync(`${root}bench/main.rs`, 'utf8'), new RegExp(`"${bench}" =>`));
  const compose = /docker compose --file (\S+)/.exec(command)?.[1];
  if (compose) assert.ok(existsSync(root + compose), compose);
}

/** The help of a command of ours. */
const help = (...names) => execFileSync(binary, [...names, '--help'], { encoding: 'utf8', env: ownEnvironment() });

/** Whether a command line of ours is one: its commands are there, and so are its flags. */
function isKnown(line) {
  const words = line.replaceAll(/\[([^\]]*)\]/g, '$1').split(/\s+/).filter(Boolean);
  const names = [];
  for (const word of words) {
    if (word.startsWith('-')) break;
    if (!/^[a-z][a-z|-]*$/.test(word)) break;
    for (const name of word.split('|')) assert.match(help(...names), new RegExp(`^ {2}${name}\\b`, 'm'), `${line}: no command ${name}`);
    names.push(word.split('|')[0]);
  }
  const told = help(...names);
  for (const word of words.filter((it) => it.startsWith('--'))) {
    const flag = word.split('=')[0];
    assert.ok(flag === '--version' || told.includes(`${flag} `) || told.includes(`${flag}\n`), `${line}: no flag ${flag}`);
  }
}

describe('the commands of the documents', { concurrency: 1 }, () => {
  const place = new Place();
  before(() => place.start());
  after(() => place.stop());

  test('there are some, and a shell can read them', () => {
    assert.ok(commands.length > 50, `${commands.length} commands`);
    for (const { text, page, line } of blocks('sh', 'bash')) {
      const { status, stderr } = spawnSync('bash', ['-n', '-c', text], { encoding: 'utf8' });
      assert.equal(status, 0, `${page}:${line}: ${stderr}`);
    }
  });

  const runs = Object.keys(RUN);
  for (const [command, where] of sentences) {
    const how = runs.find((beginning) => command.startsWith(beginning));
    const why = NOT_HERE.find(([pattern]) => pattern.test(command));
    if (how) test(`${where} runs: ${command}`, () => RUN[how](place, command));
    else {
      test(`${where} leads somewhere: ${command}`, () => {
        assert.ok(why, 'it is neither run nor is there a reason why not: see RUN and NOT_HERE');
        leadsSomewhere(command);
      });
    }
  }

  test('no entry is left of a command that no document has any more', () => {
    const all = [...sentences.keys()];
    assert.deepEqual(runs.filter((beginning) => !all.some((command) => command.startsWith(beginning))), []);
    assert.deepEqual(NOT_HERE.filter(([pattern]) => !all.some((command) => pattern.test(command))).map(String), []);
  });

  test("operating.md's table of commands has each of them, with flags that are there", () => {
    const cells = table('docs/operating.md', 'Commands').map(([cell]) => cell);
    const named = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text)).filter((text) => !text.startsWith('--'));
    named.forEach((line) => isKnown(line.replace('…', '')));
    const listed = [...help().matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name).filter((name) => name !== 'help');
    assert.ok(listed.length > 10);
    assert.deepEqual(listed.filter((name) => !named.some((line) => line.split(' ')[0] === name)), []);
  });

  test('commands in sentences are commands, too', () => {
    const ours = spans().filter(({ text }) => /^dingmirror( [a-z-]|$)/.test(text) && !text.includes(': '));
    assert.ok(ours.length > 15);
    ours.forEach(({ text }) => isKnown(text.replace(/^dingmirror ?/, '')));

    const others = spans().filter(({ text }) => /^(make [a-z]|scripts\/)/.test(text));
    assert.ok(others.length > 25);
    others.forEach(({ text }) => leadsSomewhere(text));
  });
});

describe('the queries of the documents', () => {
  const schema = readSchema();
  const documents = blocks('graphql').map((block) => {
    const text = block.text.trim();
    // Several in one block, one below the other, are read one by one; so are those without a name.
    const several = text.split(/\n(?=(?:query|mutation|subscription|\{|fragment)\b|\{)/);
    return { ...block, texts: text.includes('fragment ') ? [text] : several };
  });

  test('there are some', () => assert.ok(documents.length > 20, `${documents.length} blocks`));

  for (const { page, line, texts } of documents) {
    test(`${page}:${line} is valid`, () => {
      for (const text of texts) assert.deepEqual(validate(schema, parse(text)).map(String), [], text);
    });
  }
});
