//! What can go wrong with a release, in words that say what to do.

use std::io;
use std::path::{Path, PathBuf};

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use fisc_cli::aws::AccountError;

/// Why there is no release, or why it did not get where it should.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{path}: {error}", path = path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("cannot start the runtime: {0}")]
    Runtime(io::Error),
    #[error(
        "cannot run `{program}`: {error}; `pip install -r .ci/requirements.txt` installs cargo-lambda and zig"
    )]
    Program { program: String, error: io::Error },
    #[error("`{command}` failed with {status}: {output}")]
    Command { command: String, status: String, output: String },
    #[error("{path} is missing: --prebuilt needs the binaries of all domains", path = .0.display())]
    NoBinary(PathBuf),
    #[error("{path} is for {found}, not for {wanted}", path = path.display())]
    WrongArchitecture { path: PathBuf, found: String, wanted: &'static str },
    #[error(
        "{path} names a folder of the building machine ({folder}): it would not be the same elsewhere",
        path = path.display()
    )]
    NamesFolder { path: PathBuf, folder: String },
    #[error("{path} is not what the release's manifest says: {reason}", path = path.display())]
    NotAsTold { path: PathBuf, reason: String },
    #[error("cannot write the zip of {name}: {error}")]
    Zip { name: String, error: zip::result::ZipError },
    /// A control that is still a scaffold gets into no account.
    #[error(transparent)]
    Unfinished(#[from] crate::files::Error),
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("Cargo.lock: {0}")]
    Lock(#[from] cargo_lock::Error),
    #[error("larger than --max-size {limit} MB: {files}")]
    TooLarge { limit: f64, files: String },
    #[error(transparent)]
    Account(#[from] AccountError),
    /// A call that AWS refused.
    #[error("{what}: {code}: {message}{hint}")]
    Aws { what: String, code: String, message: String, hint: &'static str },
    #[error(
        "s3://{bucket}/{key} is there with other bytes (SHA-256 {found}, not {wanted}); nothing was overwritten. A release never changes: find out who stored it, and delete it only if nothing uses it"
    )]
    Differs { bucket: String, key: String, found: String, wanted: String },
    #[error("s3://{bucket}/{key} is missing{hint}")]
    Missing { bucket: String, key: String, hint: &'static str },
    #[error("s3://{bucket}/{key} is not the manifest of release {release}: {reason}")]
    Manifest { bucket: String, key: String, release: String, reason: String },
    #[error("{0:?} is no release id: expected VERSION-12 hexadecimal digits, as `--list` shows")]
    NotARelease(String),
    #[error("the stack {0} is not there (in this account and Region)")]
    NoStack(String),
    #[error(
        "the stack {stack} has no parameter {name}: is it the organization's stack? Else say --{option}"
    )]
    NoParameter { stack: String, name: &'static str, option: &'static str },
    #[error(
        "release {release} has no artifacts for {wanted}, which the stack's parameter Architecture asks for; package with --architecture {wanted}"
    )]
    Architecture { release: String, wanted: String },
    #[error("the stack {stack} is {status}: wait until it is done, then roll out again")]
    Busy { stack: String, status: String },
    #[error("the update of {stack} ended as {status}; its Release is {release} again.\n{reasons}")]
    Failed { stack: String, status: String, release: String, reasons: String },
    #[error(
        "the stack {stack} is still {status} after {minutes} minutes; the update goes on. Look at it in the console, or wait longer with --timeout-minutes"
    )]
    Late { stack: String, status: String, minutes: u64 },
}

impl Error {
    /// An error of a call, with what was to be done and which permission or resource it lacks.
    pub(crate) fn aws<E>(what: impl Into<String>, error: &SdkError<E, Response>) -> Self
    where
        E: std::error::Error + aws_smithy_types::error::metadata::ProvideErrorMetadata + 'static,
    {
        use aws_smithy_types::error::display::DisplayErrorContext;
        let status = error.raw_response().map(|response| response.status().as_u16());
        let (code, message) = match error.as_service_error() {
            Some(service) => (
                // S3 answers HEAD without a body, and so without a code.
                service.code().map_or_else(
                    || match status {
                        Some(301) => "PermanentRedirect".to_owned(),
                        Some(403) => "AccessDenied".to_owned(),
                        Some(404) => "NotFound".to_owned(),
                        Some(other) => format!("HTTP {other}"),
                        None => "unknown".to_owned(),
                    },
                    str::to_owned,
                ),
                service.message().unwrap_or("no message").to_owned(),
            ),
            None => ("no answer".to_owned(), DisplayErrorContext(error).to_string()),
        };
        let hint = match code.as_str() {
            "AccessDenied" | "AccessDeniedException" => {
                ". The deployment role lacks this permission (see docs/organization.en.md)"
            }
            "NoSuchBucket" => {
                ". The organization's stack creates the buckets: deploy it with this Region first"
            }
            "PermanentRedirect" | "AuthorizationHeaderMalformed" => {
                ". The bucket is in another Region than its name says"
            }
            _ => "",
        };
        Self::Aws { what: what.into(), code, message, hint }
    }
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| Error::File { path: path.to_owned(), error })
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    let written = folder.and_then(|()| std::fs::write(path, bytes));
    written.map_err(|error| Error::File { path: path.to_owned(), error })
}
