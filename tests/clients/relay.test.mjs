// Relay as an application runs it: what relay-compiler makes of relay/app.ts, executed by relay-runtime.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import relay from 'relay-runtime';
import { post } from './support/env.mjs';
import { bin, run } from './support/programs.mjs';
import { schemaPath } from './support/schema.mjs';

const { Environment, Network, RecordSource, Store, fetchQuery, getSingularSelector } = relay;
const app = fileURLToPath(new URL('./relay/app.ts', import.meta.url));

describe('Relay', { concurrency: 1 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'dingmirror-relay-run-'));
  const artefact = (name) => createRequire(join(folder, 'app.js'))(`./__generated__/${name}.graphql.js`);
  const environment = new Environment({
    network: Network.create(({ text }, variables) => post(text, variables)),
    store: new Store(new RecordSource()),
  });
  const ask = (name, variables = {}) => fetchQuery(environment, artefact(name), variables).toPromise();
  const read = (name, reference) => environment.lookup(getSingularSelector(artefact(name), reference)).data;
  const record = (id) => environment.getStore().getSource().get(id);

  before(() => {
    copyFileSync(schemaPath, join(folder, 'schema.graphql'));
    copyFileSync(app, join(folder, 'app.js'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'commonjs' }));
    const config = { src: '.', schema: 'schema.graphql', language: 'javascript', eagerEsModules: false };
    writeFileSync(join(folder, 'relay.config.json'), JSON.stringify(config));
    run(bin('relay-compiler'), ['relay.config.json'], { cwd: folder });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('reads a tree, and each fragment its part of it', async () => {
    const { department } = await ask('appTreeQuery', { deptId: '1' });
    assert.ok(department.children.edges.length > 0);
    const { name, members } = read('app_members', department);
    assert.ok(name);
    for (const { node } of members.edges) assert.ok(read('app_person', node.user).userId);
  });

  test('pages through a connection by refetching its department by id', async () => {
    const wanted = 'query { departments(first: 500) { nodes { deptId memberCount } } }';
    const { nodes } = (await post(wanted)).data.departments;
    const { deptId, memberCount } = nodes.reduce((one, other) => (other.memberCount > one.memberCount ? other : one));
    assert.ok(memberCount > 4);

    const { department } = await ask('appTreeQuery', { deptId });
    const seen = new Set();
    for (let after = null, more = true; more; ) {
      const { node } = await ask('appMembersQuery', { id: department.id, first: 3, after });
      const { id } = record(department.id);
      assert.equal(id, department.id);
      const { members } = read('app_members', node);
      for (const edge of members.edges) seen.add(edge.node.user.id);
      ({ endCursor: after, hasNextPage: more } = members.pageInfo);
    }
    assert.equal(seen.size, memberCount);
  });

  test('keeps what there is one of under its id, and refetches it by that', async () => {
    const { mirror, viewer, settings, delivery } = await ask('appOnlyQuery');
    for (const [type, { id }] of Object.entries({ Mirror: mirror, Viewer: viewer, Settings: settings, DeliveryStatus: delivery })) {
      assert.equal(record(id).__typename, type);
      const { node } = await ask('appNodeQuery', { id });
      assert.equal(node.__typename, type);
    }
  });

  test('keeps what was apart from what is', async () => {
    const past = await ask('appPastQuery', { asOf: new Date().toISOString(), deptId: '1' });
    assert.equal(past.then.id, past.now.id, 'nothing has changed since');
    assert.equal(record(past.now.id).name, past.now.name);
  });
});
