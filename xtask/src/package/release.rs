//! A release: its files, their names in a bucket, and its id.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use fisc_cli::registry;
use serde::{Deserialize, Serialize};

use super::binaries::Binary;
use super::digest::Sha256;
use super::error::{self, Error};
use super::manifest::{Artifact, File, Manifest, Origin};
use super::zips;

/// The members' template.
pub(crate) const TEMPLATE: &str = "member.yaml";
/// What is linked in, in CycloneDX.
pub(crate) const SBOM: &str = "sbom.cdx.json";
/// The list of all files. It is stored last: a release with a manifest is complete.
pub(crate) const MANIFEST: &str = "manifest.json";
/// Hexadecimal digits of an id.
const DIGITS: usize = 12;

/// The functions, each a program of its own: the domains, and the one that imports findings.
pub(crate) fn functions() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for control in registry::all() {
        let name = control.domain.as_str();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.push("findings");
    names
}

/// What functions run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
pub(crate) enum Architecture {
    /// Graviton.
    #[value(name = "arm64")]
    #[serde(rename = "arm64")]
    Arm64,
    /// Intel and AMD.
    #[value(name = "x86_64")]
    #[serde(rename = "x86_64")]
    X86_64,
}

impl Architecture {
    /// Its name in Lambda.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }

    /// Its name among cargo-lambda's options.
    pub(crate) const fn flag(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86-64",
        }
    }

    /// Its name for the compiler.
    pub(crate) const fn target(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-unknown-linux-gnu",
            Self::X86_64 => "x86_64-unknown-linux-gnu",
        }
    }

    /// Refuses what is no Linux program of this architecture.
    pub(crate) fn check(self, path: &Path, program: &[u8]) -> Result<(), Error> {
        // ELF: magic, and the machine at offset 18.
        let found = match (program.get(..4), program.get(18..20)) {
            (Some(b"\x7fELF"), Some([0x3e, 0])) => "x86_64",
            (Some(b"\x7fELF"), Some([0xb7, 0])) => "arm64",
            (Some(b"\x7fELF"), _) => "another machine",
            _ => "no Linux at all",
        };
        if found == self.as_str() {
            return Ok(());
        }
        let (path, found) = (path.to_owned(), found.to_owned());
        Err(Error::WrongArchitecture { path, found, wanted: self.as_str() })
    }
}

/// A release: every file of it.
pub(crate) struct Release {
    /// Its manifest.
    pub(crate) manifest: Manifest,
    /// Names and bytes, in the order in which they are stored: the manifest is the last.
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

impl Release {
    /// Packs programs, template and the list of what is linked in.
    ///
    /// # Errors
    /// When a zip cannot be written.
    pub(crate) fn assemble(
        binaries: &[Binary],
        template: Vec<u8>,
        sbom: Vec<u8>,
        origin: Origin,
    ) -> Result<Self, Error> {
        let mut files = Vec::new();
        let mut artifacts = Vec::new();
        for binary in binaries {
            let architecture = binary.architecture;
            let name = format!("{}-{}.zip", binary.name, architecture.as_str());
            let zip = zips::zip(binary.name, &binary.bytes)?;
            artifacts.push(Artifact {
                function: binary.name.to_owned(),
                architecture,
                binary_size: binary.bytes.len(),
                binary_sha256: Sha256::of(&binary.bytes).to_string(),
                file: File::of(&name, &zip),
            });
            files.push((name, zip));
        }
        artifacts.sort_by(|a, b| a.file.name.cmp(&b.file.name));
        let mut architectures: Vec<_> = artifacts.iter().map(|one| one.architecture).collect();
        architectures.sort_unstable();
        architectures.dedup();
        let template_file = File::of(TEMPLATE, &template);
        let sbom_file = File::of(SBOM, &sbom);
        files.push((TEMPLATE.to_owned(), template));
        files.push((SBOM.to_owned(), sbom));
        files.sort();
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let manifest = Manifest {
            format: 1,
            release: id(&version, files.iter().map(|(name, bytes)| (name.as_str(), bytes))),
            version,
            architectures,
            artifacts,
            template: template_file,
            sbom: sbom_file,
            origin,
        };
        files.push((MANIFEST.to_owned(), manifest.to_json()?));
        Ok(Self { manifest, files })
    }

    /// Reads a release from its folder, and makes sure that it is what its manifest and its id
    /// say: whoever built it may have been somebody else.
    ///
    /// # Errors
    /// When a file is missing, or is not what the manifest says.
    pub(crate) fn read(folder: &Path) -> Result<Self, Error> {
        let manifest_path = folder.join(MANIFEST);
        let bytes = error::read(&manifest_path)?;
        let wrong =
            |path: &Path, reason: String| Error::NotAsTold { path: path.to_owned(), reason };
        let manifest: Manifest = serde_json::from_slice(&bytes)
            .map_err(|error| wrong(&manifest_path, error.to_string()))?;
        let mut files = Vec::new();
        for file in manifest.files() {
            if file.name.contains(['/', '\\']) {
                return Err(wrong(&manifest_path, format!("{:?} is no file's name", file.name)));
            }
            let path = folder.join(&file.name);
            let bytes = error::read(&path)?;
            let found = File::of(&file.name, &bytes);
            if found != *file {
                let reason = format!("its SHA-256 is {}, not {}", found.sha256, file.sha256);
                return Err(wrong(&path, reason));
            }
            files.push((file.name.clone(), bytes));
        }
        files.sort();
        let id = id(&manifest.version, files.iter().map(|(name, bytes)| (name.as_str(), bytes)));
        if id != manifest.release {
            let reason = format!("its files are release {id}, not {}", manifest.release);
            return Err(wrong(&manifest_path, reason));
        }
        files.push((MANIFEST.to_owned(), bytes));
        Ok(Self { manifest, files })
    }

    /// Writes the files into a folder named after the release, and names it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write(&self, output: &Path) -> Result<PathBuf, Error> {
        let folder = output.join(&self.manifest.release);
        for (name, bytes) in &self.files {
            error::write(&folder.join(name), bytes)?;
        }
        Ok(folder)
    }
}

/// The id of a release: the version, and the first digits of the SHA-256 over what `sha256sum`
/// prints of all files but the manifest, sorted by name. Anybody can compute it again:
/// `LC_ALL=C sha256sum *.zip member.yaml sbom.cdx.json | LC_ALL=C sort -k 2 | sha256sum`.
pub(crate) fn id<'a>(version: &str, files: impl Iterator<Item = (&'a str, &'a Vec<u8>)>) -> String {
    let mut files: Vec<_> = files.map(|(name, bytes)| (name, Sha256::of(bytes))).collect();
    files.sort_by_key(|(name, _)| *name);
    let mut listing = String::new();
    for (name, digest) in files {
        // Writing to a string does not fail.
        let _ = writeln!(listing, "{digest}  {name}");
    }
    let digest = Sha256::of(listing.as_bytes()).to_string();
    format!("{version}-{}", digest.get(..DIGITS).unwrap_or(&digest))
}

/// Refuses what no release is called: it becomes part of object keys.
pub(crate) fn check_id(release: &str) -> Result<(), Error> {
    let fits = release.rsplit_once('-').is_some_and(|(version, digits)| {
        !version.is_empty()
            && version.chars().all(|c| c.is_ascii_alphanumeric() || ".+-".contains(c))
            && digits.len() == DIGITS
            && digits.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
    });
    if fits { Ok(()) } else { Err(Error::NotARelease(release.to_owned())) }
}
