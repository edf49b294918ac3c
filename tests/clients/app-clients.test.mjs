// What application clients make of the four kinds of answer: Apollo Client 3, Apollo Client 4 and urql.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client as UrqlClient, cacheExchange, fetchExchange, gql } from '@urql/core';
import apollo3 from 'apollo-client-3/core/core.cjs';
import * as apollo4 from 'apollo-client-4/core';
import { print } from 'graphql';
import { bearer, graphqlUrl, query, readerToken, until } from './support/env.mjs';

// The reader may read the directory and nothing else.
const SUCCESS = gql`
  {
    department(deptId: "1") {
      name
    }
  }
`;
/** `settings` may be null, so its failure leaves the rest of the answer standing. */
const NULLABLE_ERROR = gql`
  {
    settings {
      version
    }
    department(deptId: "1") {
      name
    }
  }
`;
/** A list that can't be answered is null by itself: neither its department nor anything else goes with it. */
const DEEP_ERROR = gql`
  {
    department(deptId: "1") {
      name
      children(after: "no cursor of ours") {
        totalCount
      }
    }
    mirror {
      userCount
    }
  }
`;
const INVALID = gql`
  {
    department(deptId: "1") {
      noSuchField
    }
  }
`;

/** Each client as a function: document in, `{ data, errors }` out, whatever shape the client itself prefers. */
const clients = {
  'Apollo Client 3': async (query) => {
    const client = new apollo3.ApolloClient({
      cache: new apollo3.InMemoryCache(),
      link: new apollo3.HttpLink({ uri: graphqlUrl, headers: bearer(readerToken) }),
    });
    const { data, errors } = await client.query({ query, errorPolicy: 'all' });
    return { data, errors };
  },
  'Apollo Client 4': async (query) => {
    const client = new apollo4.ApolloClient({
      cache: new apollo4.InMemoryCache(),
      link: new apollo4.HttpLink({ uri: graphqlUrl, headers: bearer(readerToken) }),
    });
    const { data, error } = await client.query({ query, errorPolicy: 'all' });
    if (error) assert.ok(apollo4.CombinedGraphQLErrors.is(error), `not GraphQL errors: ${error}`);
    return { data, errors: error?.errors };
  },
  urql: async (query) => {
    const client = new UrqlClient({
      url: graphqlUrl,
      preferGetMethod: false,
      exchanges: [cacheExchange, fetchExchange],
      fetchOptions: { headers: bearer(readerToken) },
    });
    const { data, error } = await client.query(query, {}, { requestPolicy: 'network-only' }).toPromise();
    assert.equal(error?.networkError, undefined);
    return { data, errors: error?.graphQLErrors };
  },
};

const codes = (errors) => errors?.map((error) => error.extensions?.code);

for (const [name, ask] of Object.entries(clients)) {
  describe(name, () => {
    test('reads a success', async () => {
      const { data, errors } = await ask(SUCCESS);
      assert.equal(errors, undefined);
      assert.ok(data.department.name);
    });

    test('reads a nullable error: the field is null, its neighbour is there', async () => {
      const { data, errors } = await ask(NULLABLE_ERROR);
      assert.deepEqual(codes(errors), ['FORBIDDEN']);
      assert.deepEqual(errors[0].path, ['settings']);
      assert.equal(data.settings, null);
      assert.ok(data.department.name);
    });

    test('reads an error deep inside: that list is null, and all around it is there', async () => {
      const { data, errors } = await ask(DEEP_ERROR);
      assert.deepEqual(codes(errors), ['BAD_USER_INPUT']);
      assert.deepEqual(errors[0].path, ['department', 'children']);
      assert.equal(data.department.children, null);
      assert.ok(data.department.name);
      assert.ok(data.mirror.userCount > 0);
    });

    test('reads a validation error: a message that names the field, and no data', async () => {
      const { data, errors } = await ask(INVALID);
      assert.deepEqual(codes(errors), ['GRAPHQL_VALIDATION_FAILED']);
      assert.match(errors[0].message, /noSuchField/);
      assert.ok(data === undefined || data === null);
    });
  });
}

/** Two looks at what there is one of, each with other fields. */
const FIGURES = gql`
  {
    mirror {
      id
      userCount
    }
    viewer {
      id
      subject
    }
  }
`;
const FRESHNESS = gql`
  {
    mirror {
      id
      revision
      epoch
    }
    viewer {
      id
      permissions
    }
  }
`;
const BOTH = gql`
  {
    mirror {
      id
      userCount
      revision
      epoch
    }
    viewer {
      id
      subject
      permissions
    }
  }
`;

for (const [name, { ApolloClient, HttpLink, InMemoryCache }] of [
  ['Apollo Client 3', apollo3],
  ['Apollo Client 4', apollo4],
]) {
  test(`${name}'s cache keeps what there is one of, whatever was asked of it`, async () => {
    const link = new HttpLink({ uri: graphqlUrl, headers: bearer(readerToken) });
    const client = new ApolloClient({ cache: new InMemoryCache(), link });
    const figures = (await client.query({ query: FIGURES })).data;
    const freshness = (await client.query({ query: FRESHNESS })).data;
    const { data } = await client.query({ query: BOTH, fetchPolicy: 'cache-only' });
    assert.deepEqual(data.mirror, { ...figures.mirror, ...freshness.mirror });
    assert.deepEqual(data.viewer, { ...figures.viewer, ...freshness.viewer });
  });
}

/** A preview twice, and what identities come to by each matching method: where ids were shared, the last one would win. */
const ALIKE = gql`
  query Alike($input: SendMessageInput!) {
    a: previewMessage(input: $input) {
      ...Previewed
    }
    b: previewMessage(input: $input) {
      ...Previewed
    }
    byEmail: matchingCensus(method: EMAIL_TO_EMAIL) {
      ...Found
    }
    byNumber: matchingCensus(method: USERNAME_TO_JOB_NUMBER) {
      ...Found
    }
  }
  fragment Previewed on MessagePreview {
    recipients {
      position
      state
      userId
      user {
        id
        name
      }
    }
  }
  fragment Found on MatchingCensus {
    method
    identities(statuses: [MATCHED, UNMATCHED, AMBIGUOUS, INACTIVE, HELD], first: 500) {
      nodes {
        id
        status
        rule
        user {
          id
          name
        }
      }
    }
  }
`;

for (const [name, cache] of [
  ['Apollo Client 3', new apollo3.InMemoryCache()],
  ['Apollo Client 4', new apollo4.InMemoryCache()],
]) {
  test(`${name}'s normalising cache gives back what the server said: no two things have one id`, async () => {
    const { users } = await query('{ users(first: 500) { nodes { userId name email jobNumber active } } }');
    const [one, other] = users.nodes.filter(({ active, email, jobNumber }) => active && email && jobNumber);
    const identity = { username: other.jobNumber, email: one.email };
    await query('query ($i: [ConfluenceIdentityInput!]!) { resolve(identities: $i) { status } }', { i: [identity] });
    const known = '{ matchingCensus { knownIdentities } }';
    await until('the identity to be known', async () => (await query(known)).matchingCensus.knownIdentities > 0);

    const input = { recipients: { userIds: [one.userId, other.userId] }, content: { text: { content: 'x' } } };
    // As a client sends it: with `__typename` everywhere.
    const document = cache.transformDocument(ALIKE);
    const data = await query(print(document), { input });
    assert.equal(data.a.recipients.length, 2);
    assert.notDeepEqual(data.byEmail.identities.nodes, data.byNumber.identities.nodes);

    cache.writeQuery({ query: document, variables: { input }, data });
    assert.deepEqual(cache.readQuery({ query: document, variables: { input } }), data);
  });
}
