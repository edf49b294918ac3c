import { graphql } from '../../../generated';

/** Links by hand. */
export const IdentityLinksQuery = graphql(`
  query IdentityLinks($filter: IdentityLinkFilter, $contact: Boolean!, $after: String, $before: String, $first: Int, $last: Int) {
    identityLinks(filter: $filter, after: $after, before: $before, first: $first, last: $last) {
      totalCount
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      nodes {
        id
        userId
        followed
        linkedAt
        linkedBy
        reason
        identity {
          ...ConfluenceUser
        }
        user {
          ...MatchedPerson
        }
      }
    }
    lost: identityLinks(filter: { followed: false }, first: 1) {
      totalCount
    }
  }
`);

/** Who linked whom, when and why: of one link. */
export const LinkHistoryQuery = graphql(`
  query LinkHistory($linkId: ID!) {
    identityLinkHistory(linkId: $linkId, first: 50) {
      totalCount
      nodes {
        at
        by
        action
        reason
        imported
        userIdBefore
        userIdAfter
        userBefore {
          userId
          name
        }
        userAfter {
          userId
          name
        }
      }
    }
  }
`);

/** All links as the import reads them. */
export const ExportLinksQuery = graphql(`
  query ExportLinks {
    exportIdentityLinks
  }
`);
