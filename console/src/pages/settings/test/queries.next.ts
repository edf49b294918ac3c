/**
 * Needs `testSettings`, `Statement` and `UserError.suggestion` of the schema. Until they are in it this is a text that nothing
 * imports: wrap it in `graphql(…)`, and `useTest.ts` takes it.
 */
export const TestSettingsText = `
  mutation TestSettings($input: TestSettingsInput!) {
    testSettings(input: $input) {
      state
      calls
      settingsVersion
      checks {
        check
        state
        message
        statement {
          ...SaidBySettings
        }
        remedy
        remedyStatement {
          ...SaidBySettings
        }
        field
        suggestion
        document
        dingtalkCode
      }
      userErrors {
        code
        field
        message
        suggestion
        statement {
          ...SaidBySettings
        }
      }
    }
  }

  fragment SaidBySettings on Statement {
    code
    text
    args {
      name
      value
    }
  }
`;
