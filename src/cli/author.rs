//! Who runs a command, for the audit log.

use std::{fs, os::unix::fs::MetadataExt};

use crate::{
    audit::{Author, Proof},
    directory::COMMAND_LINE,
};

/// Whoever runs this command.
pub(super) fn of_this_command() -> Author {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let account = match fs::metadata("/proc/self") {
        Ok(process) => name_of(process.uid(), &users).map_or_else(|| process.uid().to_string(), str::to_owned),
        Err(_) => "unknown".to_owned(),
    };
    Author {
        subject: COMMAND_LINE.to_owned(),
        proof: Proof::CommandLine { account },
        origin: None,
    }
}

/// The name of a user of the system, by the lines of `/etc/passwd`. Users of a directory service stand in none of them.
fn name_of(uid: u32, users: &str) -> Option<&str> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_named_as_the_system_has_them() {
        let users = "root:x:0:0:root:/root:/bin/sh\nbroken\ndingmirror:x:998:997::/var/lib/dingmirror:/bin/false\n";
        assert_eq!(name_of(998, users), Some("dingmirror"));
        assert_eq!(name_of(0, users), Some("root"));
        assert_eq!(name_of(1, users), None);
    }
}
