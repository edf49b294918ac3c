// graphql-eslint's judgement of schema.graphql: everything it recommends for schemas and for Relay, tuned where our
// conventions are wider, each with its reason.
import graphqlPlugin from '@graphql-eslint/eslint-plugin';
import { schemaPath } from './support/schema.mjs';

export default [
  {
    files: ['**/*.graphql'],
    languageOptions: {
      parser: graphqlPlugin.parser,
      parserOptions: { graphQLConfig: { schema: schemaPath } },
    },
    plugins: { '@graphql-eslint': graphqlPlugin },
    rules: {
      ...graphqlPlugin.configs['flat/schema-recommended'].rules,
      ...graphqlPlugin.configs['flat/schema-relay'].rules,
      // GraphiQL is the manual: not only types and root fields, every element is described.
      '@graphql-eslint/require-description': [
        'error',
        {
          types: true,
          rootField: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          EnumValueDefinition: true,
          DirectiveDefinition: true,
        },
      ],
      // Only what `node(id:)` can fetch again has an id. Connections, payloads and values are parts of something else.
      '@graphql-eslint/strict-id-in-types': 'off',
      // `userId` and `deptId` are DingTalk's own words for these keys.
      '@graphql-eslint/no-typename-prefix': 'off',
      // Lists page forwards; both directions would double the cursors' meaning for no one's benefit.
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
      // A connection is the same list whether it is read by `edges` or by `nodes`; an edge holds what the list holds.
      '@graphql-eslint/relay-edge-types': ['error', { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false }],
    },
  },
];
