// What application clients make of the four kinds of answer: Apollo Client 3, Apollo Client 4 and urql.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client as UrqlClient, cacheExchange, fetchExchange, gql } from '@urql/core';
import apollo3 from 'apollo-client-3/core/core.cjs';
import * as apollo4 from 'apollo-client-4/core';
import { bearer, graphqlUrl, readerToken } from './support/env.mjs';

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
/** `children` may not be null, so its failure takes the department with it. */
const NON_NULL_ERROR = gql`
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
    const { data, errors } = await client.query({ query, errorPolicy: 'all', fetchPolicy: 'no-cache' });
    return { data, errors };
  },
  'Apollo Client 4': async (query) => {
    const client = new apollo4.ApolloClient({
      cache: new apollo4.InMemoryCache(),
      link: new apollo4.HttpLink({ uri: graphqlUrl, headers: bearer(readerToken) }),
    });
    const { data, error } = await client.query({ query, errorPolicy: 'all', fetchPolicy: 'no-cache' });
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

    test('reads a non-null error: the nullable parent is null, its neighbour is there', async () => {
      const { data, errors } = await ask(NON_NULL_ERROR);
      assert.deepEqual(codes(errors), ['BAD_USER_INPUT']);
      assert.deepEqual(errors[0].path, ['department', 'children']);
      assert.equal(data.department, null);
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
