//! `cargo xtask package` and `cargo xtask rollout`: from the sources to a release that a whole
//! Organization runs.
//!
//! A release is a folder of files that never changes: one zip for each domain and architecture,
//! the members' template, the list of what is linked in, and the manifest. Its id follows from
//! their bytes, so that the same sources give the same release wherever they are built. It is
//! stored in one bucket for each Region; rolling it out, or back, changes one parameter of the
//! organization's stack.

mod binaries;
mod bucket;
mod cargo;
mod digest;
mod error;
mod manifest;
mod release;
mod rollout;
mod sbom;
mod stack;
mod table;
mod zips;

use std::path::{Path, PathBuf};

use aws_types::SdkConfig;
use clap::Args;
use fisc_cli::aws::{Account, AwsArgs};

use crate::files::root;
use crate::unfinished;
use bucket::Buckets;
pub(crate) use error::Error;
#[cfg(test)]
use manifest::Manifest;
use release::{Architecture, Release};
pub(crate) use rollout::RolloutArgs;

/// Options of `cargo xtask package`.
#[derive(Args)]
pub(crate) struct PackageArgs {
    /// Folder for the release; it gets a folder named after the release's id
    #[arg(long, value_name = "DIR", default_value = "target/package")]
    output: PathBuf,
    /// Package the binaries of this folder (DIR/NAME or DIR/NAME/bootstrap; with several
    /// architectures DIR/ARCHITECTURE/NAME) instead of building them
    #[arg(long, value_name = "DIR")]
    prebuilt: Option<PathBuf>,
    /// Take the release in this folder, which an earlier run wrote, as it is
    #[arg(long, value_name = "DIR", conflicts_with_all = ["prebuilt", "architecture", "template"])]
    packaged: Option<PathBuf>,
    /// Architectures, separated by commas
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Architecture::Arm64])]
    architecture: Vec<Architecture>,
    /// Template of the member accounts
    #[arg(long, value_name = "FILE", default_value = "member.yaml")]
    template: PathBuf,
    /// Fail when a zip is larger than this many MB (10^6 bytes)
    #[arg(long, value_name = "MB")]
    max_size: Option<f64>,
    /// Upload the release to the buckets PREFIX-REGION
    #[arg(long, value_name = "PREFIX", requires = "regions")]
    bucket: Option<String>,
    /// Regions to upload to, separated by commas
    #[arg(long, value_name = "REGION", value_delimiter = ',', requires = "bucket")]
    regions: Vec<String>,
    /// After the upload, roll the release out by this organization stack
    #[arg(long, value_name = "STACK", requires = "bucket")]
    rollout: Option<String>,
    #[command(flatten)]
    wait: rollout::WaitArgs,
    #[command(flatten)]
    aws: AwsArgs,
}

/// Writes or takes a release and, if asked, uploads and rolls it out.
pub(crate) fn package(args: &PackageArgs) -> Result<(), Error> {
    let (release, folder) = match &args.packaged {
        Some(folder) => (Release::read(folder)?, folder.clone()),
        None => assemble(args)?,
    };
    say(&table::render(&release.manifest));
    say(&format!("Release {} is in {}", release.manifest.release, folder.display()));
    if let Some(limit) = args.max_size {
        table::check(&release.manifest, limit)?;
    }
    let Some(prefix) = &args.bucket else { return Ok(()) };
    connected(&args.aws, async |sdk| {
        let buckets = Buckets::new(sdk, prefix, &args.regions);
        buckets.upload(&release, say).await?;
        match &args.rollout {
            Some(stack) => {
                let stack = stack::Stack::find(sdk, stack).await?;
                stack.architecture_fits(&release.manifest)?;
                rollout::to(&stack, &release.manifest.release, args.wait, say).await
            }
            None => Ok(()),
        }
    })
}

/// Builds or takes the binaries, and writes the release into a folder.
fn assemble(args: &PackageArgs) -> Result<(Release, PathBuf), Error> {
    let root = root();
    let at = |path: &Path| if path.is_absolute() { path.to_owned() } else { root.join(path) };
    let output = at(&args.output);
    let template = error::read(&at(&args.template))?;
    unfinished::check(&root, &fisc_cli::registry::all())?;
    let (binaries, built) = match &args.prebuilt {
        Some(folder) => (binaries::prebuilt(folder, &args.architecture)?, false),
        None => {
            let folder = output.join("build");
            (binaries::build(&root, &folder, &args.architecture)?, true)
        }
    };
    let release = Release::assemble(
        &binaries,
        template,
        sbom::render(&sbom::Linked::ask(&root, &args.architecture)?)?,
        manifest::Origin::ask(&root, built),
    )?;
    let folder = release.write(&output)?;
    Ok((release, folder))
}

/// Goes forward or back to a release that is there, or lists the releases.
pub(crate) fn rollout(args: &RolloutArgs) -> Result<(), Error> {
    connected(&args.aws, async |sdk| rollout::run(sdk, args, say).await)
}

/// Runs something with the account behind the credentials.
fn connected(
    aws: &AwsArgs,
    work: impl AsyncFnOnce(&SdkConfig) -> Result<(), Error>,
) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Error::Runtime)?;
    runtime.block_on(async {
        let account = Account::load(aws).await?;
        work(&account.sdk).await
    })
}

#[expect(clippy::print_stdout, reason = "a command-line task tells its progress there")]
fn say(line: &str) {
    println!("{line}");
}

#[cfg(test)]
mod tests;
