//! Revoking tokens.

statements! {
    REVOCATION_BLANK {} = "this is blank: leave it out, or say what is meant";
    REVOCATION_TOO_LONG { most } = "this has more than {most} bytes, as no token has it";
    REVOCATION_OF_ONE {} = "say either which token is meant (`tokenId`, its `jti`) or whose tokens (`subject`), not both";
    REVOCATION_ISSUER {} = "an issuer goes with `tokenId` alone: a subject has it in its name already, as `viewer` shows it";
    REVOCATION_MOMENT {} = "a moment goes with `subject` alone: one token is revoked whenever it was issued";
    REVOCATION_TO_COME { at } =
        "it is {at, moment} now, and tokens that are yet to be issued can't be revoked: say an earlier time, or none for now";
    REVOCATIONS_TOO_MANY { most } =
        "there are {most} revocations that still matter, as many as there may be: revoke by `subject`, or change the secret";
}
