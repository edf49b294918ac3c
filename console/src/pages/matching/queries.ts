import { graphql } from '../../generated';

/** How a person of DingTalk is told in lists. */
export const MatchedPersonFragment = graphql(`
  fragment MatchedPerson on User {
    userId
    name
    title
    state
    primaryDepartment {
      deptId
      name
    }
  }
`);

/** A Confluence user, by all that is known of them. The email address needs `directory:contact`. */
export const ConfluenceUserFragment = graphql(`
  fragment ConfluenceUser on ConfluenceIdentity {
    displayName
    username
    userKey
    accountId
    email @include(if: $contact)
  }
`);

/** Links a Confluence user with a person of DingTalk by hand. */
export const LinkIdentityMutation = graphql(`
  mutation LinkIdentity($input: LinkIdentityInput!) {
    linkIdentity(input: $input) {
      link {
        id
        userId
      }
      userErrors {
        code
        field
        statement {
          ...Said
        }
      }
    }
  }
`);

/** Removes a link. */
export const UnlinkIdentityMutation = graphql(`
  mutation UnlinkIdentity($input: UnlinkIdentityInput!) {
    unlinkIdentity(input: $input) {
      userErrors {
        code
        field
        statement {
          ...Said
        }
      }
    }
  }
`);

/** Reads links from CSV; the import tab, and links for those whom another method would take for somebody else. */
export const ImportIdentityLinksMutation = graphql(`
  mutation ImportIdentityLinks($input: ImportIdentityLinksInput!) {
    importIdentityLinks(input: $input) {
      applied
      linked
      relinked
      unchanged
      failed
      mistakes {
        line
        field
        code
        statement {
          ...SaidBriefly
        }
      }
      userErrors {
        code
        field
        statement {
          ...Said
        }
      }
    }
  }
`);

