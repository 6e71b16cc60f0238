//! The artifact buckets, one for each Region: storing a release, and checking that it is there.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode};
use aws_types::SdkConfig;
use aws_types::region::Region;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures::future::try_join_all;
use jiff::Timestamp;

use super::digest::Sha256;
use super::error::Error;
use super::manifest::{File, Manifest};
use super::release::{MANIFEST, Release};

/// What a bucket said of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stored {
    Now,
    Before,
}

/// A release that a bucket has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its id.
    pub(crate) release: String,
    /// When its manifest was stored; none if it has none, as when an upload broke off.
    pub(crate) stored: Option<Timestamp>,
}

/// The buckets of all Regions.
pub(crate) struct Buckets(Vec<Bucket>);

/// The bucket of one Region.
struct Bucket {
    client: Client,
    name: String,
    region: String,
}

impl Buckets {
    /// The buckets `PREFIX-REGION`.
    pub(crate) fn new(sdk: &SdkConfig, prefix: &str, regions: &[String]) -> Self {
        let mut regions: Vec<&String> = regions.iter().collect();
        regions.sort();
        regions.dedup();
        let bucket = |region: &String| {
            let config =
                aws_sdk_s3::config::Builder::from(sdk).region(Region::new(region.clone())).build();
            Bucket {
                client: Client::from_conf(config),
                name: format!("{prefix}-{region}"),
                region: region.clone(),
            }
        };
        Self(regions.into_iter().map(bucket).collect())
    }

    /// Stores a release in all Regions, its manifest last. What is there already stays.
    ///
    /// # Errors
    /// When a call is refused, or something else is stored under a name of the release.
    pub(crate) async fn upload(&self, release: &Release, say: fn(&str)) -> Result<(), Error> {
        let id = &release.manifest.release;
        let regions: Vec<&str> = self.0.iter().map(|bucket| bucket.region.as_str()).collect();
        say(&format!("Uploading release {id} to {}", regions.join(", ")));
        for (number, (name, bytes)) in release.files.iter().enumerate() {
            let key = format!("{id}/{name}");
            let stores = self.0.iter().map(|bucket| async {
                if name == MANIFEST {
                    bucket.store_manifest(&key, bytes, &release.manifest).await
                } else {
                    bucket.store(&key, bytes).await
                }
            });
            let stored = try_join_all(stores).await?;
            let before = stored.iter().filter(|stored| **stored == Stored::Before).count();
            let note = match before {
                0 => String::new(),
                all if all == stored.len() => " (was there)".to_owned(),
                some => format!(" (was there in {some} of {} Regions)", stored.len()),
            };
            say(&format!("  {}/{} {name}{note}", number + 1, release.files.len()));
        }
        Ok(())
    }

    /// Makes sure that a release is complete in every Region, and gives its manifest.
    ///
    /// # Errors
    /// When something is missing, or is not what the manifest says.
    pub(crate) async fn verify(&self, release: &str) -> Result<Manifest, Error> {
        let manifests = try_join_all(self.0.iter().map(|bucket| bucket.verify(release))).await?;
        let mut manifests = manifests.into_iter();
        let first = manifests.next().ok_or_else(|| Error::NotARelease(release.to_owned()))?;
        for (bucket, other) in self.0.iter().skip(1).zip(manifests) {
            if !first.same_files(&other) {
                return Err(Error::Manifest {
                    bucket: bucket.name.clone(),
                    key: format!("{release}/{MANIFEST}"),
                    release: release.to_owned(),
                    reason: "it names other files than the one of the first Region".to_owned(),
                });
            }
        }
        Ok(first)
    }

    /// The releases of the first Region, the newest first.
    ///
    /// # Errors
    /// When a call is refused.
    pub(crate) async fn list(&self) -> Result<Vec<Found>, Error> {
        match self.0.first() {
            Some(bucket) => bucket.list().await,
            None => Ok(Vec::new()),
        }
    }
}

impl Bucket {
    /// Stores a file that must not be there, or be there with the same bytes. S3 decides which,
    /// so that of two uploads at the same time only one writes.
    async fn store(&self, key: &str, bytes: &[u8]) -> Result<Stored, Error> {
        let digest = Sha256::of(bytes);
        let put = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(key)
            .if_none_match("*")
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .checksum_sha256(digest.base64())
            .content_type(content_type(key))
            .body(ByteStream::from(bytes.to_vec()));
        match put.send().await {
            Ok(_) => Ok(Stored::Now),
            Err(error) if is_there(&error) => {
                let found = self.digest(key).await?.ok_or_else(|| self.missing(key, ""))?;
                if found == digest.base64() {
                    return Ok(Stored::Before);
                }
                Err(self.differs(key, &found, &digest.to_string()))
            }
            Err(error) => Err(Error::aws(format!("storing s3://{}/{key}", self.name), &error)),
        }
    }

    /// A manifest also says where its release was built: one of the same files stays as it is.
    async fn store_manifest(
        &self,
        key: &str,
        bytes: &[u8],
        manifest: &Manifest,
    ) -> Result<Stored, Error> {
        match self.store(key, bytes).await {
            Err(Error::Differs { bucket, key, found, wanted }) => {
                match self.manifest(&manifest.release).await {
                    Ok(there) if there.same_files(manifest) => Ok(Stored::Before),
                    _ => Err(Error::Differs { bucket, key, found, wanted }),
                }
            }
            other => other,
        }
    }

    /// The SHA-256 of a stored file, in base64; none if it is not there. S3 tells it of files
    /// that were stored with it; of others it is computed here.
    async fn digest(&self, key: &str) -> Result<Option<String>, Error> {
        let head = self.client.head_object().bucket(&self.name).key(key);
        match head.checksum_mode(ChecksumMode::Enabled).send().await {
            Ok(head) => match head.checksum_sha256 {
                Some(digest) => Ok(Some(digest)),
                None => Ok(self.get(key).await?.map(|bytes| Sha256::of(&bytes).base64())),
            },
            // An answer to HEAD has no body, and so no code.
            Err(error)
                if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 404) =>
            {
                Ok(None)
            }
            Err(error) => Err(Error::aws(format!("looking at s3://{}/{key}", self.name), &error)),
        }
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let what = || format!("reading s3://{}/{key}", self.name);
        match self.client.get_object().bucket(&self.name).key(key).send().await {
            Ok(object) => {
                let bytes = object.body.collect().await.map_err(|error| Error::Aws {
                    what: what(),
                    code: "no answer".to_owned(),
                    message: error.to_string(),
                    hint: "",
                })?;
                Ok(Some(bytes.to_vec()))
            }
            Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_key()) => {
                Ok(None)
            }
            Err(error) => Err(Error::aws(what(), &error)),
        }
    }

    async fn manifest(&self, release: &str) -> Result<Manifest, Error> {
        let key = format!("{release}/{MANIFEST}");
        let hint = ": there is no such release in this Region, or its upload broke off";
        let bytes = self.get(&key).await?.ok_or_else(|| self.missing(&key, hint))?;
        let wrong = |reason: String| Error::Manifest {
            bucket: self.name.clone(),
            key: key.clone(),
            release: release.to_owned(),
            reason,
        };
        let manifest: Manifest =
            serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        if manifest.release != release {
            return Err(wrong(format!("it is of {}", manifest.release)));
        }
        if manifest.artifacts.is_empty() {
            return Err(wrong("it names no artifacts".to_owned()));
        }
        Ok(manifest)
    }

    async fn verify(&self, release: &str) -> Result<Manifest, Error> {
        let manifest = self.manifest(release).await?;
        let checks = manifest.files().map(|file| self.check(release, file));
        try_join_all(checks).await?;
        Ok(manifest)
    }

    async fn check(&self, release: &str, file: &File) -> Result<(), Error> {
        let key = format!("{release}/{}", file.name);
        let hint = ": the release is not complete; upload it again with `cargo xtask package`";
        let found = self.digest(&key).await?.ok_or_else(|| self.missing(&key, hint))?;
        if found == file.code_sha256 {
            return Ok(());
        }
        Err(self.differs(&key, &found, &file.sha256))
    }

    async fn list(&self) -> Result<Vec<Found>, Error> {
        let what = || format!("listing s3://{}", self.name);
        let mut found: Vec<Found> = Vec::new();
        let listing = self.client.list_objects_v2().bucket(&self.name);
        let mut pages = listing.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Error::aws(what(), &error))?;
            for object in page.contents() {
                let Some((release, name)) = object.key().and_then(|key| key.split_once('/')) else {
                    continue;
                };
                if super::release::check_id(release).is_err() {
                    continue;
                }
                if found.last().is_none_or(|last| last.release != release) {
                    found.push(Found { release: release.to_owned(), stored: None });
                }
                if let Some(last) = found.last_mut().filter(|_| name == MANIFEST) {
                    last.stored = object
                        .last_modified()
                        .and_then(|time| Timestamp::from_second(time.secs()).ok());
                }
            }
        }
        found.sort_by(|a, b| b.stored.cmp(&a.stored).then_with(|| a.release.cmp(&b.release)));
        Ok(found)
    }

    fn missing(&self, key: &str, hint: &'static str) -> Error {
        Error::Missing { bucket: self.name.clone(), key: key.to_owned(), hint }
    }

    /// `found` in base64, as S3 tells it.
    fn differs(&self, key: &str, found: &str, wanted: &str) -> Error {
        let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Error::Differs {
            bucket: self.name.clone(),
            key: key.to_owned(),
            found: BASE64.decode(found).map_or_else(|_| found.to_owned(), hex),
            wanted: wanted.to_owned(),
        }
    }
}

/// Whether S3 did not store because the key is taken: at once (409), or before (412).
fn is_there<E: aws_sdk_s3::error::ProvideErrorMetadata>(
    error: &SdkError<E, aws_smithy_runtime_api::http::Response>,
) -> bool {
    error.code() == Some("PreconditionFailed") || error.code() == Some("ConditionalRequestConflict")
}

fn content_type(key: &str) -> &'static str {
    match key.rsplit_once('.') {
        Some((_, "zip")) => "application/zip",
        Some((_, "json")) => "application/json",
        _ => "application/yaml",
    }
}
