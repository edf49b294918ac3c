import { graphql } from '../../../generated';

/** Who these Confluence users are, in the order asked. */
export const WhoIsThisQuery = graphql(`
  query WhoIsThis($identities: [ConfluenceIdentityInput!]!, $method: MatchingMethod, $directory: Boolean!) {
    resolve(identities: $identities, method: $method) {
      status
      rule
      key
      reason
      user {
        userId
        name
        title
        jobNumber
        primaryDepartment @include(if: $directory) {
          deptId
          name
        }
      }
      candidates {
        userId
        name
      }
    }
  }
`);
