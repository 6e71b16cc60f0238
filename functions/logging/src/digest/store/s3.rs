//! Amazon S3.

use std::{collections::HashMap, error::Error as StdError};

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    config::Region,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    primitives::ByteStream,
};
use aws_types::SdkConfig;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::RwLock;

use super::{Chunks, Metadata, ObjectStore, Pages, StoreError, StoreErrorKind, StoredObject};
use crate::digest::text::quote;

/// S3 with one client per Region; the Region of a bucket is asked for once.
#[derive(Clone)]
pub struct S3Store {
    clients: std::sync::Arc<Clients>,
}

struct Clients {
    base: aws_sdk_s3::Config,
    /// Answers where a bucket is, from wherever the caller is.
    locator: Client,
    by_bucket: RwLock<HashMap<String, Client>>,
}

impl S3Store {
    /// A store with the credentials and the endpoint of `config`.
    pub fn new(config: &SdkConfig) -> Self {
        // A name like bucket.localhost does not resolve.
        let custom_endpoint = config.endpoint_url().is_some();
        let region = config.region().cloned().unwrap_or(Region::from_static("us-east-1"));
        let base = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(custom_endpoint)
            .region(region)
            .build();
        Self {
            clients: std::sync::Arc::new(Clients {
                locator: Client::from_conf(base.clone()),
                base,
                by_bucket: RwLock::new(HashMap::new()),
            }),
        }
    }
}

impl Clients {
    async fn of(&self, bucket: &str) -> Result<Client, StoreError> {
        if let Some(client) = self.by_bucket.read().await.get(bucket) {
            return Ok(client.clone());
        }
        // Held across the call, so that many tasks ask once.
        let mut clients = self.by_bucket.write().await;
        if let Some(client) = clients.get(bucket) {
            return Ok(client.clone());
        }
        let answer = self.locator.get_bucket_location().bucket(bucket).send().await;
        let answer =
            answer.map_err(|error| failure("s3:GetBucketLocation", bucket, None, error))?;
        // Two buckets' worth of history: no answer is us-east-1, EU is eu-west-1.
        let region = match answer.location_constraint().map(|region| region.as_str()) {
            None | Some("") => "us-east-1",
            Some("EU") => "eu-west-1",
            Some(region) => region,
        };
        let config = self.base.to_builder().region(Region::new(region.to_owned()));
        let client = Client::from_conf(config.build());
        clients.insert(bucket.to_owned(), client.clone());
        Ok(client)
    }
}

#[async_trait]
impl ObjectStore for S3Store {
    fn list(&self, bucket: &str, prefix: &str, start_after: &str) -> Pages {
        let clients = self.clients.clone();
        let (bucket, prefix) = (bucket.to_owned(), prefix.to_owned());
        let start_after = start_after.to_owned();
        stream::once(async move {
            let client = clients.of(&bucket).await?;
            let pages = client
                .list_objects_v2()
                .bucket(&bucket)
                .prefix(prefix)
                .start_after(start_after)
                .into_paginator()
                .send();
            Ok(stream::unfold(pages, |mut pages| async {
                let page = pages.next().await?;
                Some((page, pages))
            })
            .map(move |page| {
                let page = page.map_err(|error| failure("s3:ListBucket", &bucket, None, error))?;
                let objects = page.contents.unwrap_or_default();
                Ok(objects.into_iter().filter_map(|object| object.key).collect())
            }))
        })
        .try_flatten()
        .boxed()
    }

    async fn get(&self, bucket: &str, key: &str) -> Result<Option<StoredObject>, StoreError> {
        let client = self.clients.of(bucket).await?;
        let object = match client.get_object().bucket(bucket).key(key).send().await {
            Ok(object) => object,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(failure("s3:GetObject", bucket, Some(key), error)),
        };
        let mut metadata = object.metadata.unwrap_or_default();
        Ok(Some(StoredObject {
            metadata: Some(Metadata {
                signature: metadata.remove("signature"),
                signature_algorithm: metadata.remove("signature-algorithm"),
                backfill_generation: metadata.remove("backfill-generation-timestamp"),
            }),
            body: chunks(object.body, format!("s3://{bucket}/{key}")),
        }))
    }
}

fn chunks(body: ByteStream, resource: String) -> Chunks {
    stream::unfold((body, resource), |(mut body, resource)| async {
        let chunk = body.next().await?;
        let chunk = chunk.map(Vec::from).map_err(|error| StoreError {
            action: "s3:GetObject",
            resource: resource.clone(),
            kind: StoreErrorKind::Interrupted,
            message: quote(&DisplayErrorContext(&error).to_string()),
        });
        Some((chunk, (body, resource)))
    })
    .boxed()
}

fn failure<E, R>(
    action: &'static str,
    bucket: &str,
    key: Option<&str>,
    error: SdkError<E, R>,
) -> StoreError
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let code = error.code().unwrap_or_default();
    let kind = match code {
        "AccessDenied" | "AllAccessDisabled" | "Forbidden" => StoreErrorKind::AccessDenied,
        "SlowDown"
        | "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "ServiceUnavailable"
        | "TooManyRequestsException" => StoreErrorKind::Throttled,
        "InvalidObjectState" => StoreErrorKind::Archived,
        "NoSuchBucket" => StoreErrorKind::NoSuchBucket,
        // S3 names its errors: an answer without a name is none of its.
        "" => match &error {
            SdkError::ServiceError(_) | SdkError::ResponseError(_) => StoreErrorKind::Malformed,
            _ => StoreErrorKind::NoAnswer,
        },
        _ => StoreErrorKind::Other,
    };
    let words = error.message().unwrap_or_default();
    // Reading an object under a customer key needs a second permission, and S3 says which.
    let action = match kind {
        StoreErrorKind::AccessDenied if words.contains("kms:Decrypt") => "kms:Decrypt",
        _ => action,
    };
    let message = match code {
        "" => quote(&DisplayErrorContext(&error).to_string()),
        code => quote(&format!("{code}: {words}")),
    };
    StoreError {
        action,
        resource: format!("s3://{bucket}/{}", key.unwrap_or_default()),
        kind,
        message,
    }
}
