//! Which settings there are: the names stand in the definition of the command line and nowhere else. And
//! sizes, as settings give them.

use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::Command;

use crate::domain::Refusal;
use crate::domain::text::nearest;

/// What every setting of this program begins with, but those that other programs know too.
const PREFIX: &str = "TODOKE_";
/// Read by the tests alone, and harmless where they are not run.
const OF_THE_TESTS: &str = "TODOKE_TEST_POSTGRES_URL";

/// The first environment variable that looks like a setting and is none: a slip that would
/// otherwise leave the default in force without a word.
pub(super) fn unknown(program: &Command, variables: impl Iterator<Item = OsString>) -> Option<Refusal> {
    let mut strangers = variables
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.starts_with(PREFIX))
        .peekable();
    strangers.peek()?;
    let known = names(program);
    let name = strangers.find(|name| !known.contains(name) && name != OF_THE_TESTS)?;
    let refusal = Refusal::new(
        "unknown_setting",
        &name,
        format!("環境変数 {name} という設定はありません"),
        "no such setting",
    )
    .allowed(known.iter().map(String::as_str).collect::<Vec<_>>().join(", "));
    Some(match nearest(&name, known.iter().map(String::as_str)) {
        Some(near) => refusal.suggest(near),
        None => refusal,
    })
}

/// The variables of every command, as they are defined.
fn names(program: &Command) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    collect(program, &mut names);
    names.retain(|name| name.starts_with(PREFIX));
    names
}

fn collect(command: &Command, names: &mut BTreeSet<String>) {
    let variables = command.get_arguments().filter_map(|argument| argument.get_env()?.to_str());
    names.extend(variables.map(str::to_owned));
    command.get_subcommands().for_each(|part| collect(part, names));
}

/// A number of bytes, such as `20MiB`.
///
/// # Errors
///
/// Anything but a whole number, bare or with `KiB`, `MiB` or `GiB`, of at least 1 KiB and at most
/// 1 GiB.
pub(super) fn parse_size(text: &str) -> Result<usize, Refusal> {
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1_usize << 30), ("", 1)];
    units
        .iter()
        .find_map(|(unit, bytes)| text.strip_suffix(unit)?.parse::<usize>().ok()?.checked_mul(*bytes))
        .filter(|bytes| (1 << 10..=1 << 30).contains(bytes))
        .ok_or_else(|| {
            Refusal::new("size_format", text, "大きさの書き方が正しくありません", "not a size")
                .allowed("20MiB のような整数と単位（KiB、MiB、GiB）。1KiB から 1GiB まで")
        })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn sizes_have_units() {
        assert_eq!(parse_size("20MiB"), Ok(20 * 1024 * 1024));
        assert_eq!(parse_size("4096"), Ok(4096));
        for text in ["", "MiB", "20MB", "-1MiB", "1", "2GiB", "99999999999999999999"] {
            assert_eq!(parse_size(text).unwrap_err().code, "size_format", "{text}");
        }
    }

    fn refused(name: &str) -> Option<Refusal> {
        unknown(&Cli::command(), ["PATH", name].map(OsString::from).into_iter())
    }

    #[test]
    fn a_misspelt_setting_is_told_with_the_nearest_one() {
        assert_eq!(refused("TODOKE_LISTN").unwrap().suggestion.as_deref(), Some("TODOKE_LISTEN"));
        assert_eq!(refused("TODOKE_").unwrap().code, "unknown_setting");
    }

    #[test]
    fn what_a_command_defines_is_a_setting() {
        let names = names(&Cli::command());
        assert!(names.len() > 10, "{names:?}");
        for name in names {
            assert_eq!(refused(&name), None);
        }
        assert_eq!(refused(OF_THE_TESTS), None);
    }
}
