import { graphql } from '../../generated';

/** The form as it is stored. */
export const StoredSettingsFragment = graphql(`
  fragment StoredSettings on Settings {
    id
    version
    updatedAt
    updatedBy
    complete
    missing
    unused {
      field
      code
      allow
      statement {
        ...Said
      }
    }
    agentId
    appKey
    appSecret {
      isSet
      setAt
    }
    getTokenUrl
    asyncSendUrl
    departmentListSubUrl
    departmentGetUrl
    userListIdUrl
    userGetUrl
    userGetByMobileUrl
    userListUrl
    authScopesUrl
    userCountUrl
    getSendResultUrl
    getSendProgressUrl
    recallUrl
    callBackFailedResultUrl
    streamOpenUrl
    matchingMethod
    deliveryMode
    redirectTo
    includeDepartments
    excludeDepartments
  }
`);

/** The page. */
export const SettingsFormQuery = graphql(`
  query SettingsForm {
    settings {
      ...StoredSettings
    }
  }
`);

/** How many people each matching method can find. It counts everybody, so it is asked once. */
export const MethodFiguresQuery = graphql(`
  query MethodFigures {
    email: matchingCensus(method: EMAIL_TO_EMAIL) {
      ...MethodFigures
    }
    jobNumber: matchingCensus(method: USERNAME_TO_JOB_NUMBER) {
      ...MethodFigures
    }
  }

  fragment MethodFigures on MatchingCensus {
    usersWithKey
    usersSharingAKey
    usersHidden
  }
`);

/** What another matching method would do, in numbers, and the token of this rehearsal. */
export const MethodConsequencesQuery = graphql(`
  query MethodConsequences($method: MatchingMethod!) {
    rehearseMatching(method: $method) {
      token
      settingsVersion
      noticeStatements {
        ...Said
      }
      changesPerson(first: 1) {
        totalCount
      }
      loses(first: 1) {
        totalCount
      }
      gains(first: 1) {
        totalCount
      }
    }
  }
`);

/** Writes the changed fields. */
export const SubmitSettingsMutation = graphql(`
  mutation SubmitSettings($input: UpdateSettingsInput!) {
    updateSettings(input: $input) {
      settings {
        ...StoredSettings
      }
      userErrors {
        code
        field
        suggestion
        statement {
          ...Said
        }
      }
    }
  }
`);

/** Every field back to its default. */
export const ResetSettingsMutation = graphql(`
  mutation ResetSettings($input: ResetSettingsInput!) {
    resetSettings(input: $input) {
      settings {
        ...StoredSettings
      }
      userErrors {
        code
        field
        suggestion
        statement {
          ...Said
        }
      }
    }
  }
`);

/** Who the tester is. */
export const TesterQuery = graphql(`
  query SettingsTester($userId: String!) {
    user(userId: $userId) {
      userId
      name
      state
    }
  }
`);
