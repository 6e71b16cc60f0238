//! manifest.json: what a release holds, and where it comes from.

use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};

use super::digest::Sha256;
use super::error::Error;
use super::release::Architecture;

/// The list of a release's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    /// The form of this file.
    pub(crate) format: u32,
    /// The release's id: see `origin.id`.
    pub(crate) release: String,
    /// The product's version.
    pub(crate) version: String,
    /// What there are artifacts for.
    pub(crate) architectures: Vec<Architecture>,
    /// The functions' code.
    pub(crate) artifacts: Vec<Artifact>,
    /// The members' template.
    pub(crate) template: File,
    /// What is linked in.
    pub(crate) sbom: File,
    /// Where the release comes from.
    pub(crate) origin: Origin,
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct File {
    /// Its name within the release.
    #[serde(rename = "file")]
    pub(crate) name: String,
    /// In bytes.
    pub(crate) size: usize,
    /// Hexadecimal.
    pub(crate) sha256: String,
    /// In base64: of a zip, what Lambda calls `CodeSha256`.
    pub(crate) code_sha256: String,
}

impl File {
    pub(crate) fn of(name: &str, bytes: &[u8]) -> Self {
        let digest = Sha256::of(bytes);
        Self {
            name: name.to_owned(),
            size: bytes.len(),
            sha256: digest.to_string(),
            code_sha256: digest.base64(),
        }
    }
}

/// The code of one function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Artifact {
    /// The program: a domain, or `findings`.
    pub(crate) function: String,
    /// What it runs on.
    pub(crate) architecture: Architecture,
    /// The zip.
    #[serde(flatten)]
    pub(crate) file: File,
    /// Bytes of the program in the zip.
    pub(crate) binary_size: usize,
    /// Its SHA-256 in hexadecimal.
    pub(crate) binary_sha256: String,
}

/// Where a release comes from. Only told: the id follows from the files alone, so that the same
/// files of another commit are the same release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Origin {
    /// How the id follows from the files.
    pub(crate) id: String,
    /// The commit of the sources, if they are in a git repository.
    pub(crate) commit: Option<String>,
    /// Whether the sources differed from the commit.
    pub(crate) modified: Option<bool>,
    /// What built the programs; none if they were given.
    pub(crate) toolchain: Option<Toolchain>,
}

/// What built the programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Toolchain {
    /// `rustc --version`
    pub(crate) rustc: String,
    /// `cargo lambda --version`
    pub(crate) cargo_lambda: String,
}

/// How an id follows from the files, for those who read a manifest.
const ID: &str = "version-FIRST12(sha256 of the output of sha256sum of all *.zip, member.yaml \
                  and sbom.cdx.json, sorted by file name)";

impl Origin {
    /// Asks git and the toolchain; what they do not tell stays out.
    pub(crate) fn ask(root: &Path, built: bool) -> Self {
        let commit = output(root, "git", &["rev-parse", "HEAD"]);
        let modified = commit.as_ref().and_then(|_| {
            output(root, "git", &["status", "--porcelain"]).map(|text| !text.is_empty())
        });
        let toolchain = built.then(|| Toolchain {
            rustc: output(root, "rustc", &["--version"]).unwrap_or_default(),
            cargo_lambda: output(root, "cargo", &["lambda", "--version"]).unwrap_or_default(),
        });
        Self { id: ID.to_owned(), commit, modified, toolchain }
    }
}

fn output(root: &Path, program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).current_dir(root).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

impl Manifest {
    /// All files but the manifest itself.
    pub(crate) fn files(&self) -> impl Iterator<Item = &File> {
        self.artifacts.iter().map(|one| &one.file).chain([&self.template, &self.sbom])
    }

    /// Whether two manifests are of the same files, wherever they were built.
    pub(crate) fn same_files(&self, other: &Self) -> bool {
        (self.format, &self.release, &self.version)
            == (other.format, &other.release, &other.version)
            && self.artifacts == other.artifacts
            && (&self.template, &self.sbom) == (&other.template, &other.sbom)
    }

    /// As it is stored.
    pub(crate) fn to_json(&self) -> Result<Vec<u8>, Error> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        Ok(text)
    }
}
