import { graphql } from '../../../generated';

/** Tries the form out, stored or not. Nobody is sent anything. */
export const TestSettingsMutation = graphql(`
  mutation TestSettings($input: TestSettingsInput!) {
    testSettings(input: $input) {
      checks {
        check
        state
        statement {
          ...Said
        }
        remedyStatement {
          ...Said
        }
        field
        suggestion
        document
        dingtalkCode
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
