import { graphql } from '../../generated';

/** Where a hit is in the tree, and what of it matched. */
export const HitPlaceFragment = graphql(`
  fragment HitPlace on SearchHit {
    departmentPath
    matches {
      field
      from
      to
    }
  }
`);

/** A department that was found. */
export const FoundDepartmentFragment = graphql(`
  fragment FoundDepartment on Department {
    deptId
    name
    state
    totalMemberCount
  }
`);

/** People and departments by name, pinyin, job number: what a field with suggestions offers. */
export const FindQuery = graphql(`
  query Suggestions($query: String!, $kinds: [SearchKind!]) {
    search(query: $query, kinds: $kinds, first: 8) {
      nodes {
        ...HitPlace
        item {
          __typename
          ... on User {
            userId
            name
            title
            jobNumber
            state
          }
          ...FoundDepartment
        }
      }
    }
  }
`);
