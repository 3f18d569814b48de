//! todoke: parse, log, dispatch, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    todoke::cli::main()
}
