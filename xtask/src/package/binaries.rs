//! The programs that go into a release: built here, or taken as they are.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::cargo;
use super::error::{self, Error};
use super::release::{Architecture, functions};

/// A program for one architecture.
pub(crate) struct Binary {
    /// Its name, which is its domain's.
    pub(crate) name: &'static str,
    /// What it runs on.
    pub(crate) architecture: Architecture,
    /// The program.
    pub(crate) bytes: Vec<u8>,
}

/// Builds all functions into a folder, as `sam build` does, for each architecture.
///
/// The compiler writes the paths of the sources into a program. They are replaced by names that
/// are the same everywhere, so that two checkouts give the same bytes; flags from the environment
/// would undo that, and are left out.
///
/// # Errors
/// When cargo-lambda is missing or fails, or when a program still names a folder.
pub(crate) fn build(
    root: &Path,
    folder: &Path,
    architectures: &[Architecture],
) -> Result<Vec<Binary>, Error> {
    let metadata = cargo::metadata(root)?;
    let target = metadata
        .get("target_directory")
        .and_then(Value::as_str)
        .map_or_else(|| root.join("target"), PathBuf::from);
    let folders = [(root.to_owned(), "/fisc"), (target, "/fisc/target"), (cargo_home(), "/cargo")];
    for architecture in architectures {
        let mut command = Command::new(cargo::program());
        command
            .current_dir(root)
            .args(["lambda", "build", "--release", "--locked"])
            .arg(format!("--{}", architecture.flag()))
            .arg("--lambda-dir")
            .arg(folder.join(architecture.as_str()))
            .arg("--config")
            .arg(rustflags(&folders))
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("CARGO_BUILD_RUSTFLAGS");
        for name in functions() {
            command.arg("--package").arg(format!("fisc-{name}")).args(["--bin", name]);
        }
        run(&mut command)?;
    }
    let built = load(architectures, |architecture| folder.join(architecture.as_str()))?;
    for (path, binary) in &built {
        if let Some(folder) = named(&binary.bytes, folders.iter().map(|(path, _)| path.as_path())) {
            return Err(Error::NamesFolder { path: path.clone(), folder });
        }
    }
    Ok(built.into_iter().map(|(_, binary)| binary).collect())
}

/// Takes the programs of a folder: `NAME` or `NAME/bootstrap`, as cargo and cargo-lambda leave
/// them; below the name of the architecture if there are several.
///
/// # Errors
/// When one is missing, or is for another architecture.
pub(crate) fn prebuilt(
    folder: &Path,
    architectures: &[Architecture],
) -> Result<Vec<Binary>, Error> {
    let several = architectures.len() > 1;
    let found = load(architectures, |architecture| {
        if several { folder.join(architecture.as_str()) } else { folder.to_owned() }
    })?;
    Ok(found.into_iter().map(|(_, binary)| binary).collect())
}

fn load(
    architectures: &[Architecture],
    folder: impl Fn(Architecture) -> PathBuf,
) -> Result<Vec<(PathBuf, Binary)>, Error> {
    let mut found = Vec::new();
    for &architecture in architectures {
        for name in functions() {
            let plain = folder(architecture).join(name);
            let path = if plain.is_dir() { plain.join("bootstrap") } else { plain };
            if !path.is_file() {
                return Err(Error::NoBinary(path));
            }
            let bytes = error::read(&path)?;
            architecture.check(&path, &bytes)?;
            found.push((path, Binary { name, architecture, bytes }));
        }
    }
    Ok(found)
}

/// The setting that gives folders other names; of two that fit, the compiler takes the last.
fn rustflags(folders: &[(PathBuf, &str)]) -> String {
    let flags = folders.iter().map(|(from, to)| {
        let flag = format!("--remap-path-prefix={}={to}", from.display());
        // A JSON string is a TOML string.
        serde_json::Value::String(flag).to_string()
    });
    format!("build.rustflags=[{}]", flags.collect::<Vec<_>>().join(","))
}

/// The first of the folders that a program names.
pub(crate) fn named<'a>(
    program: &[u8],
    folders: impl IntoIterator<Item = &'a Path>,
) -> Option<String> {
    folders.into_iter().map(|folder| folder.display().to_string()).find(|folder| {
        let folder = folder.as_bytes();
        // The root folder is in every path.
        folder.len() > 1 && memchr::memmem::find(program, folder).is_some()
    })
}

fn cargo_home() -> PathBuf {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).unwrap_or_default()
}

fn run(command: &mut Command) -> Result<(), Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| Error::Program { program, error })?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Command {
        command: "cargo lambda build".to_owned(),
        status: status.to_string(),
        output: "see above; without cargo-lambda, `pip install -r .ci/requirements.txt`, and for another architecture `rustup target add`".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Its own profile would let a panic end the process, where the runtime is to report it.
    #[test]
    fn cargo_lambda_keeps_the_release_profile() {
        let metadata = cargo::metadata(&crate::files::root()).unwrap();
        let disabled = metadata.pointer("/metadata/lambda/build/disable_optimizations");
        assert_eq!(disabled, Some(&Value::Bool(true)));
    }

    #[test]
    fn folders_get_other_names_in_toml() {
        let folders = [(PathBuf::from("/a \"b\""), "/fisc"), (PathBuf::from("/c"), "/cargo")];
        assert_eq!(
            rustflags(&folders),
            r#"build.rustflags=["--remap-path-prefix=/a \"b\"=/fisc","--remap-path-prefix=/c=/cargo"]"#
        );
    }

    #[test]
    fn a_program_that_names_a_folder_is_found() {
        let folders = [Path::new("/"), Path::new("/home/somebody/fisc")];
        let at = |text: &str| named(text.as_bytes(), folders);
        assert_eq!(
            at("\0/home/somebody/fisc/src/main.rs\0").as_deref(),
            Some("/home/somebody/fisc")
        );
        assert_eq!(at("\0/fisc/src/main.rs\0"), None);
    }
}
