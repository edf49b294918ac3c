import { graphql } from '../../../generated';

/** People and departments to choose as a filter. */
export const SubjectsQuery = graphql(`
  query ChangeSubjects($query: String!) {
    search(query: $query, first: 8) {
      nodes {
        departmentPath
        item {
          __typename
          ... on User {
            userId
            name
            jobNumber
          }
          ... on Department {
            deptId
            name
          }
        }
      }
    }
  }
`);
