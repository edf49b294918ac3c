//! Tokens of other issuers, through the real server, by the configuration file.

mod signers;
mod table;
