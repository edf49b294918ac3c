import { graphql } from '../../generated';

/** Starts a run. */
export const StartSyncMutation = graphql(`
  mutation StartSync($mode: SyncMode!) {
    startSync(input: { mode: $mode }) {
      alreadyRunning
      run {
        id
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
