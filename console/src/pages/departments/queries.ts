import { graphql } from '../../generated';

/** What a row of the tree says of a department. */
export const TreeNodeFragment = graphql(`
  fragment TreeNode on Department {
    deptId
    name
    state
    parentId
    childCount
    memberCount
    totalMemberCount
  }
`);

/** A department with a page of those below it: a level of the tree. */
export const TreeLevelQuery = graphql(`
  query TreeLevel($deptId: BigInt!, $first: Int!, $after: String, $asOf: DateTime) {
    department(deptId: $deptId, asOf: $asOf) {
      ...TreeNode
      children(first: $first, after: $after) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          ...TreeNode
        }
      }
    }
  }
`);

/** Where the company itself is out of sight: all departments in the tree's order, of which the tops are at level 0. */
export const TreeTopsQuery = graphql(`
  query TreeTops($after: String, $asOf: DateTime) {
    departments(first: 500, after: $after, orderBy: { field: DINGTALK }, asOf: $asOf) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        ...TreeNode
        level
      }
    }
  }
`);

/** The way from the top of the tree down to a department. */
export const TreePathQuery = graphql(`
  query TreePath($deptId: BigInt!, $asOf: DateTime) {
    department(deptId: $deptId, asOf: $asOf) {
      path {
        ...TreeNode
      }
    }
  }
`);

/** What rows say now, after changes that may have moved people. */
export const TreeRowsQuery = graphql(`
  query TreeRows($deptIds: [BigInt!]!) {
    departments(first: 500, filter: { deptIdIn: $deptIds, states: [ACTIVE, HELD, GONE] }) {
      nodes {
        ...TreeNode
      }
    }
  }
`);

/** Departments by what is typed in the tree, as it sounds. */
export const TreeTypedQuery = graphql(`
  query TreeTyped($query: String!) {
    search(query: $query, kinds: [DEPARTMENT], first: 50) {
      nodes {
        matches {
          field
          from
        }
        item {
          __typename
          ... on Department {
            deptId
          }
        }
      }
    }
  }
`);

/** How many there are, and how far the change feed reaches: where the live feed begins, and how old the past can be. */
export const DirectoryHeadQuery = graphql(`
  query DirectoryHead {
    mirror {
      userCount
      departmentCount
    }
    newest: changes(last: 1) {
      pageInfo {
        endCursor
      }
      nodes {
        at
      }
    }
    oldest: changes(first: 1) {
      nodes {
        at
      }
    }
  }
`);

/** How many there were. */
export const DirectoryThenQuery = graphql(`
  query DirectoryThen($asOf: DateTime!) {
    users(first: 1, asOf: $asOf) {
      totalCount
    }
    departments(first: 1, asOf: $asOf) {
      totalCount
    }
  }
`);

/** Each change of the directory, from a cursor on. */
export const DirectoryLiveSubscription = graphql(`
  subscription DirectoryLive($after: String) {
    directoryChanges(after: $after, filter: { entities: [DEPARTMENT, USER] }) {
      cursor
      at
      kind
      entity
      entityId
      fields {
        field
        before
        after
      }
      department {
        ...TreeNode
      }
      user {
        userId
        name
        title
        jobNumber
        state
        departments {
          deptId
        }
      }
    }
  }
`);

/** A page of a department's people. */
export const DepartmentMembersQuery = graphql(`
  query DepartmentMembers($deptId: BigInt!, $first: Int!, $after: String, $deep: Boolean!, $asOf: DateTime) {
    department(deptId: $deptId, asOf: $asOf) {
      deptId
      members(first: $first, after: $after, includeSubtree: $deep) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          leader
          department {
            deptId
            name
          }
          user {
            userId
            name
            title
            jobNumber
            avatar
            state
          }
        }
      }
    }
  }
`);

/** What is typed in the search box: people and departments, each the best first. */
export const FindQuery = graphql(`
  query Find($query: String!, $people: Int!, $departments: Int!, $contact: Boolean!) {
    people: search(query: $query, kinds: [USER], first: $people) {
      pageInfo {
        hasNextPage
      }
      nodes {
        ...HitPlace
        item {
          __typename
          ... on User {
            userId
            name
            title
            jobNumber
            avatar
            state
            primaryDepartment {
              deptId
            }
            email @include(if: $contact)
            orgEmail @include(if: $contact)
            mobile @include(if: $contact)
          }
        }
      }
    }
    departments: search(query: $query, kinds: [DEPARTMENT], first: $departments) {
      pageInfo {
        hasNextPage
      }
      nodes {
        ...HitPlace
        item {
          __typename
          ...FoundDepartment
        }
      }
    }
  }
`);

/** The same among those who are gone; asked after the others, for it costs more. */
export const FindGoneQuery = graphql(`
  query FindGone($query: String!, $asOf: DateTime) {
    users(first: 20, filter: { search: $query, states: [GONE] }, asOf: $asOf) {
      totalCount
      nodes {
        userId
        name
        title
        jobNumber
        avatar
        state
        primaryDepartment {
          deptId
          path {
            name
          }
        }
      }
    }
    departments(first: 20, filter: { search: $query, states: [GONE] }, asOf: $asOf) {
      totalCount
      nodes {
        deptId
        name
        state
        totalMemberCount
        ancestors {
          name
        }
      }
    }
  }
`);

/** Who and what was found by it then. */
export const FindThenQuery = graphql(`
  query FindThen($query: String!, $people: Int!, $departments: Int!, $asOf: DateTime!) {
    users(first: $people, filter: { search: $query }, asOf: $asOf) {
      totalCount
      nodes {
        userId
        name
        title
        jobNumber
        avatar
        state
        primaryDepartment {
          deptId
          path {
            name
          }
        }
      }
    }
    departments(first: $departments, filter: { search: $query }, asOf: $asOf) {
      totalCount
      nodes {
        deptId
        name
        state
        totalMemberCount
        ancestors {
          name
        }
      }
    }
  }
`);

/** A department on its card. */
export const DepartmentCardQuery = graphql(`
  query DepartmentCard($deptId: BigInt!, $asOf: DateTime, $identities: Boolean!) {
    department(deptId: $deptId, asOf: $asOf) {
      deptId
      name
      state
      goneCause
      brief
      childCount
      memberCount
      totalMemberCount
      hideDept
      outerDept
      createDeptGroup
      autoAddUser
      sourceIdentifier
      firstSeen
      lastSeen
      lastVerifiedAt
      ancestors {
        deptId
        name
      }
      managers {
        userId
        name
        title
      }
      changes(first: 3, orderBy: NEWEST_FIRST) {
        totalCount
        nodes {
          ...ChangeFacts
        }
      }
    }
  }
`);

/** A person on their card. */
export const PersonCardQuery = graphql(`
  query PersonCard($userId: String!, $asOf: DateTime, $contact: Boolean!, $identities: Boolean!, $messages: Boolean!) {
    user(userId: $userId, asOf: $asOf) {
      userId
      name
      avatar
      title
      jobNumber
      state
      goneCause
      active
      admin
      boss
      senior
      workPlace
      hiredDate
      firstSeen
      lastSeen
      lastVerifiedAt
      primaryDepartment {
        deptId
      }
      memberships(first: 50) {
        nodes {
          leader
          department {
            deptId
            name
            state
            ancestors {
              deptId
              name
            }
          }
        }
      }
      manager {
        userId
        name
        title
        state
        primaryDepartment {
          name
        }
      }
      managementIsCircular
      reportCount {
        direct
        all
      }
      stateCode @include(if: $contact)
      mobile @include(if: $contact)
      hideMobile
      telephone @include(if: $contact)
      email @include(if: $contact)
      orgEmail @include(if: $contact)
      remark @include(if: $contact)
      confluenceIdentities(first: 5) @include(if: $identities) {
        totalCount
        nodes {
          id
          status
          rule
          identity {
            displayName
            username
            email @include(if: $contact)
          }
        }
      }
      changes(first: 3, orderBy: NEWEST_FIRST) {
        totalCount
        nodes {
          ...ChangeFacts
        }
      }
    }
    messages(first: 3, filter: { userId: $userId }) @include(if: $messages) {
      totalCount
      nodes {
        id
        msgType
        title
        createdAt
      }
    }
    recipients(first: 10, filter: { userId: $userId }) @include(if: $messages) {
      nodes {
        id
        messageId
        state
      }
    }
  }
`);

/** Those whose direct manager the person is. */
export const ReportsQuery = graphql(`
  query Reports($userId: String!, $first: Int!, $after: String, $asOf: DateTime) {
    user(userId: $userId, asOf: $asOf) {
      userId
      directReports(first: $first, after: $after, orderBy: { field: NAME }) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          userId
          name
          title
          avatar
          state
        }
      }
    }
  }
`);

/** What happened to a person or department, as far back as the feed is kept. */
export const HistoryQuery = graphql(`
  query History($userIds: [String!], $deptIds: [BigInt!], $first: Int!, $after: String, $identities: Boolean!) {
    changes(
      first: $first
      after: $after
      orderBy: NEWEST_FIRST
      filter: { userIds: $userIds, deptIds: $deptIds, entities: [DEPARTMENT, USER] }
    ) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        ...ChangeFacts
      }
    }
  }
`);

/** Reads a person from DingTalk now. */
export const RefreshUserMutation = graphql(`
  mutation RefreshUserOfCard($input: RefreshUserInput!) {
    refreshUser(input: $input) {
      revision
      user {
        userId
        state
      }
      userErrors {
        code
        statement {
          ...Said
        }
      }
    }
  }
`);

/** Reads a department from DingTalk now. */
export const RefreshDepartmentMutation = graphql(`
  mutation RefreshDepartmentOfCard($input: RefreshDepartmentInput!) {
    refreshDepartment(input: $input) {
      revision
      department {
        deptId
        state
      }
      userErrors {
        code
        statement {
          ...Said
        }
      }
    }
  }
`);
