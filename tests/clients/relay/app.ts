// What a Relay application would write. relay-compiler reads the tags; relay.test.mjs runs what it makes of them.
declare function graphql(strings: TemplateStringsArray): unknown;

/** A refetchable object by `node(id:)`, and a list with `@connection`, which needs Relay's exact pagination shape. */
export const members = graphql`
  fragment app_members on Department
  @refetchable(queryName: "appMembersQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
    name
    members(first: $first, after: $after) @connection(key: "app_members_members") {
      edges {
        cursor
        node {
          leader
          user {
            id
            ...app_person
          }
        }
      }
    }
  }
`;

export const person = graphql`
  fragment app_person on User @refetchable(queryName: "appPersonQuery") {
    userId
    name
    title
  }
`;

export const tree = graphql`
  query appTreeQuery($deptId: BigInt!) {
    department(deptId: $deptId) {
      id
      children(first: 50) @connection(key: "app_children") {
        edges {
          node {
            id
            name
          }
        }
      }
      ...app_members
    }
  }
`;

export const search = graphql`
  query appSearchQuery($search: String!) {
    users(filter: { search: $search }, first: 20) @connection(key: "app_users") {
      edges {
        node {
          ...app_person
        }
      }
    }
  }
`;

export const anything = graphql`
  query appNodeQuery($id: ID!) {
    node(id: $id) {
      __typename
      ... on SyncRun {
        runState: state
      }
      ... on Message {
        messageState: state
      }
    }
  }
`;

/** What there is one of. */
export const only = graphql`
  query appOnlyQuery {
    mirror {
      id
      revision
    }
    viewer {
      id
      subject
    }
    settings {
      id
      version
    }
    delivery {
      id
      mode
    }
  }
`;

export const past = graphql`
  query appPastQuery($deptId: BigInt!, $asOf: DateTime!) {
    now: department(deptId: $deptId) {
      id
      name
    }
    then: department(deptId: $deptId, asOf: $asOf) {
      id
      name
    }
  }
`;

export const send = graphql`
  mutation appSendMutation($input: SendMessageInput!) {
    sendMessage(input: $input) {
      message {
        id
        state
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`;

export const progress = graphql`
  subscription appProgressSubscription {
    syncProgress {
      id
      state
      progress {
        fraction
      }
    }
  }
`;
