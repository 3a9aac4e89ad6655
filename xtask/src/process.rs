//! Running other programs, and saying so.

use anyhow::{Context, Result, bail};
use std::{
    env,
    io::{self, ErrorKind, IsTerminal},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// Prints one line of progress in cargo's own form: a verb, then what it is done to.
pub fn say(verb: &str, what: impl std::fmt::Display) {
    if io::stdout().is_terminal() {
        println!("\x1b[1;32m{verb:>12}\x1b[0m {what}");
    } else {
        println!("{verb:>12} {what}");
    }
}

/// Shows the command and runs it to its end with this program's own input and output.
///
/// # Errors
/// When the program cannot be started or ends with a failure.
pub fn run(command: &mut Command) -> Result<()> {
    say("Running", describe(command));
    let status = command.status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` failed ({status})", describe(command));
    }
    Ok(())
}

/// Runs the command quietly and returns what it printed on its standard output.
///
/// # Errors
/// When the program cannot be started or ends with a failure; the error then quotes its standard error.
pub fn output(command: &mut Command) -> Result<Vec<u8>> {
    let Output { status, stdout, stderr } =
        command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` failed ({status}):\n{}", describe(command), String::from_utf8_lossy(&stderr).trim());
    }
    Ok(stdout)
}

/// Finds a program on the `PATH`.
pub fn find(program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(&name)).find(|path| path.is_file())
}

/// Whether an error means that the program itself was not found.
pub fn is_missing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::NotFound)
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    command.get_args().fold(program, |line, argument| line + " " + &argument.to_string_lossy())
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start `{}`", command.get_program().to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_told_from_a_failing_one() {
        let missing = output(&mut Command::new("no-such-program-anywhere")).expect_err("there is no such program");
        assert!(is_missing(&missing), "{missing:?}");
        assert!(missing.to_string().contains("no-such-program-anywhere"));
        let failing = output(Command::new("cargo").arg("no-such-subcommand")).expect_err("cargo refuses");
        assert!(!is_missing(&failing));
        assert!(failing.to_string().contains("no-such-subcommand"), "quotes standard error: {failing}");
    }
}
