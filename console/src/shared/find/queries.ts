import { graphql } from '../../generated';

/** People and departments by name, pinyin, job number: what a field with suggestions offers. */
export const FindQuery = graphql(`
  query Suggestions($query: String!, $kinds: [SearchKind!]) {
    search(query: $query, kinds: $kinds, first: 8) {
      nodes {
        departmentPath
        matches {
          field
          from
          to
        }
        item {
          __typename
          ... on User {
            userId
            name
            title
            jobNumber
            state
          }
          ... on Department {
            deptId
            name
            state
            totalMemberCount
          }
        }
      }
    }
  }
`);
