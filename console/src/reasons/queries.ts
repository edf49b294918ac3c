import { graphql } from '../generated';

/** A sentence of the server as data, with the sentences that it is made of. */
export const SaidFragment = graphql(`
  fragment Said on Statement {
    code
    text
    args {
      name
      value
      statement {
        code
        text
        args {
          name
          value
        }
      }
    }
  }
`);

/** The same where a list has many of them, without the sentences within. */
export const SaidBrieflyFragment = graphql(`
  fragment SaidBriefly on Statement {
    code
    text
    args {
      name
      value
    }
  }
`);
