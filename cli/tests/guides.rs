//! What the guides quote: every `console` block is run, and must say what stands there. A line
//! that is only `…` stands for any lines.

// Helpers of tests fail by panicking, as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Between the outputs of two commands; nothing writes it.
const DIVIDER: char = '\u{1e}';

fn guides() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides")
}

/// A command with what it is said to write.
#[derive(Debug, Default)]
struct Quoted {
    command: String,
    output: Vec<String>,
}

/// The commands of each `console` block.
fn blocks(text: &str) -> Vec<Vec<Quoted>> {
    let mut blocks = Vec::new();
    for block in text.split("\n```console\n").skip(1) {
        let block = block.split("\n```").next().unwrap();
        let mut commands: Vec<Quoted> = Vec::new();
        for line in block.lines() {
            let last = commands.last_mut();
            if let Some(command) = line.strip_prefix("$ ") {
                commands.push(Quoted { command: command.to_owned(), ..Quoted::default() });
            } else if let Some(last) = last {
                // A command that ends in a backslash goes on.
                if last.command.ends_with('\\') && last.output.is_empty() {
                    last.command.push_str(&format!("\n{line}"));
                } else {
                    last.output.push(line.to_owned());
                }
            } else {
                panic!("a block that begins without a command: {line}");
            }
        }
        blocks.push(commands);
    }
    blocks
}

/// Runs the commands of a block in one shell, so that `$?` is that of the command before.
fn run(commands: &[Quoted]) -> Vec<Vec<String>> {
    let script: String = commands
        .iter()
        .map(|one| {
            format!("{{ (exit $status)\n{}\n}} 2>&1; status=$?; printf '{DIVIDER}'\n", one.command)
        })
        .collect();
    let bin = Path::new(env!("CARGO_BIN_EXE_fisc")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("bash")
        .args(["-c", &format!("status=0\n{script}")])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .env_clear()
        .env("PATH", path)
        .output()
        .expect("bash runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let said = text.trim_end_matches(DIVIDER).split(DIVIDER);
    said.map(|one| one.lines().map(|line| line.trim_end().to_owned()).collect()).collect()
}

/// Whether lines are those that are quoted.
fn agree(quoted: &[String], said: &[String]) -> bool {
    match quoted {
        [] => said.is_empty(),
        [any, rest @ ..] if any == "…" => (0..=said.len()).any(|from| agree(rest, &said[from..])),
        [line, rest @ ..] => {
            said.first().is_some_and(|first| first == line) && agree(rest, &said[1..])
        }
    }
}

#[test]
fn quoted_output_is_what_the_commands_say() {
    let (mut commands, mut wrong) = (0, Vec::new());
    for entry in std::fs::read_dir(guides()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        for block in blocks(&std::fs::read_to_string(&path).unwrap()) {
            let said = run(&block);
            assert_eq!(said.len(), block.len(), "{}: {block:?}", path.display());
            for (quoted, said) in block.iter().zip(said) {
                commands += 1;
                if !agree(&quoted.output, &said) {
                    let (name, said) = (path.display(), said.join("\n"));
                    wrong.push(format!("{name}: $ {}\n{said}\n", quoted.command));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "the guides quote something else:\n{}", wrong.join("\n"));
    assert!(commands >= 10, "only {commands} commands: are the blocks found?");
}

#[test]
fn an_ellipsis_stands_for_any_lines() {
    let lines = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
    let agrees = |quoted: &str, said: &str| agree(&lines(quoted), &lines(said));
    assert!(agrees("a b", "a b"));
    assert!(agrees("a … d", "a b c d"));
    assert!(agrees("… c …", "c"));
    assert!(!agrees("a … d", "a b c"));
    assert!(!agrees("a b", "a b c"));
}
