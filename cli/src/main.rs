//! The command `fisc`.

use std::process::ExitCode;

fn main() -> ExitCode {
    fisc_cli::main()
}
