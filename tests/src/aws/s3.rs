//! S3, addressed by path: buckets, listings, objects with their metadata.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;

use super::protocol::{ApiError, digest, escape, iso};
use super::server::{Request, Response, decode};
use super::{FakeAws, REGION};

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its metadata, without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// When it was stored.
    pub modified: Timestamp,
    /// `STANDARD`; from `GLACIER` and `DEEP_ARCHIVE` nothing can be read.
    pub storage_class: String,
    /// Whether S3 has its SHA-256, as of those that were stored with it.
    pub sha256: bool,
}

#[derive(Debug, Default)]
struct Bucket {
    region: String,
    objects: BTreeMap<String, Object>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    buckets: BTreeMap<String, Bucket>,
    denied: BTreeSet<(String, String)>,
    page: Option<usize>,
}

/// What tests set and see of S3.
#[derive(Debug)]
pub struct S3<'a> {
    aws: &'a FakeAws,
}

impl<'a> S3<'a> {
    pub(crate) fn new(aws: &'a FakeAws) -> Self {
        Self { aws }
    }

    /// Creates a bucket in a Region; [`S3::put`] creates missing ones in the default Region.
    pub fn bucket(&self, name: &str, region: &str) -> &Self {
        self.aws.state().s3.buckets.entry(name.to_owned()).or_default().region = region.to_owned();
        self
    }

    /// Stores an object.
    pub fn put(
        &self,
        bucket: &str,
        key: &str,
        bytes: impl Into<Vec<u8>>,
        metadata: &[(&str, &str)],
    ) -> &Self {
        let object = Object {
            bytes: bytes.into(),
            metadata: metadata
                .iter()
                .map(|&(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
            modified: Timestamp::now(),
            storage_class: "STANDARD".to_owned(),
            sha256: false,
        };
        let mut state = self.aws.state();
        let bucket = state.s3.buckets.entry(bucket.to_owned()).or_default();
        if bucket.region.is_empty() {
            bucket.region = REGION.to_owned();
        }
        bucket.objects.insert(key.to_owned(), object);
        drop(state);
        self
    }

    /// Stores an object, compressed with gzip.
    pub fn put_gzip(
        &self,
        bucket: &str,
        key: &str,
        bytes: &[u8],
        metadata: &[(&str, &str)],
    ) -> &Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).expect("memory can be written");
        self.put(bucket, key, encoder.finish().expect("memory can be written"), metadata)
    }

    /// Changes an object in place.
    pub fn change(&self, bucket: &str, key: &str, change: impl FnOnce(&mut Object)) -> &Self {
        let mut state = self.aws.state();
        let object =
            state.s3.buckets.get_mut(bucket).and_then(|bucket| bucket.objects.get_mut(key));
        change(object.unwrap_or_else(|| panic!("no object {bucket}/{key}")));
        drop(state);
        self
    }

    /// Deletes an object.
    pub fn delete(&self, bucket: &str, key: &str) -> &Self {
        if let Some(bucket) = self.aws.state().s3.buckets.get_mut(bucket) {
            bucket.objects.remove(key);
        }
        self
    }

    /// Denies reading one object.
    pub fn deny(&self, bucket: &str, key: &str) -> &Self {
        self.aws.state().s3.denied.insert((bucket.to_owned(), key.to_owned()));
        self
    }

    /// Lets listings return at most `size` entries a page, whatever is asked.
    pub fn page(&self, size: usize) -> &Self {
        self.aws.state().s3.page = Some(size);
        self
    }

    /// The keys of a bucket.
    #[must_use]
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let state = self.aws.state();
        state
            .s3
            .buckets
            .get(bucket)
            .map(|bucket| bucket.objects.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// An object.
    #[must_use]
    pub fn get(&self, bucket: &str, key: &str) -> Option<Object> {
        let state = self.aws.state();
        state.s3.buckets.get(bucket).and_then(|bucket| bucket.objects.get(key)).cloned()
    }
}

fn target(request: &Request) -> (String, String) {
    let path = request.path.trim_start_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    (decode(bucket), decode(key))
}

pub(crate) fn operation(request: &Request) -> Option<String> {
    let (bucket, key) = target(request);
    let operation = match (request.method.as_str(), key.is_empty()) {
        ("GET", true) if bucket.is_empty() => return None,
        ("GET", true) if request.parameter("location").is_some() => "GetBucketLocation",
        ("GET", true) if request.parameter("list-type") == Some("2") => "ListObjectsV2",
        ("GET", true) => {
            let known = ["prefix", "delimiter", "marker", "max-keys", "encoding-type", "x-id"];
            if !request.query.iter().all(|(name, _)| known.contains(&name.as_str())) {
                return None;
            }
            "ListObjects"
        }
        ("GET", false) => "GetObject",
        ("HEAD", true) if !bucket.is_empty() => "HeadBucket",
        ("HEAD", false) => "HeadObject",
        // A copy, a part or a tag is another operation.
        ("PUT", false)
            if request.header("x-amz-copy-source").is_none()
                && request.query.iter().all(|(name, _)| name == "x-id") =>
        {
            "PutObject"
        }
        _ => return None,
    };
    Some(operation.to_owned())
}

pub(crate) fn handle(
    state: &mut State,
    operation: &str,
    request: &Request,
) -> Result<Response, ApiError> {
    let (name, key) = target(request);
    let no_bucket = || ApiError::new(404, "NoSuchBucket", "The specified bucket does not exist");
    if operation == "PutObject" {
        return store(state.buckets.get_mut(&name).ok_or_else(no_bucket)?, &key, request);
    }
    let bucket = state.buckets.get(&name).ok_or_else(no_bucket)?;
    match operation {
        "HeadBucket" => Ok(Response::new(200, "application/xml", "")),
        "GetBucketLocation" => {
            // The oldest Region has no constraint.
            let place = if bucket.region == "us-east-1" { "" } else { bucket.region.as_str() };
            Ok(xml(&format!(
                "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{place}</LocationConstraint>"
            )))
        }
        "ListObjectsV2" | "ListObjects" => {
            list(bucket, &name, state.page, operation == "ListObjectsV2", request)
        }
        _ => {
            if state.denied.contains(&(name.clone(), key.clone())) {
                return Err(ApiError::new(403, "AccessDenied", "Access Denied"));
            }
            let object = bucket.objects.get(&key).ok_or_else(|| {
                ApiError::new(404, "NoSuchKey", "The specified key does not exist.")
            })?;
            get(object, operation == "HeadObject", request)
        }
    }
}

/// What S3 makes of its answer to HeadBucket: whether there is such a bucket, and its Region, it
/// tells everybody, also those whom it denies the bucket, and sends those elsewhere who ask in the
/// wrong Region.
pub(crate) fn locate(
    state: &State,
    request: &Request,
    region: &str,
    mut response: Response,
) -> Response {
    let Some(bucket) = state.buckets.get(&target(request).0) else {
        response.status = 404;
        return response;
    };
    if response.status == 200 && bucket.region != region {
        response.status = 301;
    }
    response.with("x-amz-bucket-region", &bucket.region)
}

/// Stores an object; with `If-None-Match: *` only where there is none.
fn store(bucket: &mut Bucket, key: &str, request: &Request) -> Result<Response, ApiError> {
    match request.header("if-none-match") {
        Some("*") if bucket.objects.contains_key(key) => {
            let message = "At least one of the pre-conditions you specified did not hold";
            return Err(ApiError::new(412, "PreconditionFailed", message));
        }
        None | Some("*") => {}
        Some(_) => return Err(ApiError::new(501, "NotImplemented", "only * is allowed")),
    }
    let told = request.header("x-amz-checksum-sha256");
    if told.is_some_and(|told| told != sha256(&request.body)) {
        let message = "The SHA256 you specified did not match the calculated checksum.";
        return Err(ApiError::bad("BadDigest", message));
    }
    let metadata = request.headers.iter().filter_map(|(name, value)| {
        Some((name.strip_prefix("x-amz-meta-")?.to_owned(), value.clone()))
    });
    let object = Object {
        bytes: request.body.clone(),
        metadata: metadata.collect(),
        modified: Timestamp::now(),
        storage_class: "STANDARD".to_owned(),
        sha256: told.is_some(),
    };
    let mut response = Response::new(200, "application/xml", "").with("ETag", etag(&object));
    if let Some(told) = told {
        response = response.with("x-amz-checksum-sha256", told);
    }
    bucket.objects.insert(key.to_owned(), object);
    Ok(response)
}

fn sha256(bytes: &[u8]) -> String {
    BASE64.encode(ring::digest::digest(&ring::digest::SHA256, bytes))
}

fn xml(body: &str) -> Response {
    Response::new(
        200,
        "application/xml",
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}"),
    )
}

fn etag(object: &Object) -> String {
    let text = String::from_utf8_lossy(&object.bytes);
    format!("\"{}{}\"", digest(&text), digest(&format!("{text}'")))
}

fn get(object: &Object, head: bool, request: &Request) -> Result<Response, ApiError> {
    if !head && ["GLACIER", "DEEP_ARCHIVE"].contains(&object.storage_class.as_str()) {
        let message = "The operation is not valid for the object's storage class";
        return Err(ApiError::new(403, "InvalidObjectState", message));
    }
    let total = object.bytes.len();
    let range = request.header("range").map(|range| {
        let range = range.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
        let (from, to) = match range {
            Some(("", last)) => (total.saturating_sub(last.parse().ok()?), total),
            Some((from, "")) => (from.parse().ok()?, total),
            Some((from, to)) => (from.parse().ok()?, total.min(to.parse::<usize>().ok()? + 1)),
            None => return None,
        };
        (from < to).then_some((from, to))
    });
    let mut response = match range {
        None => Response::new(200, "application/octet-stream", object.bytes.clone()),
        Some(Some((from, to))) => {
            Response::new(206, "application/octet-stream", object.bytes[from..to].to_vec())
                .with("Content-Range", format!("bytes {from}-{}/{total}", to - 1))
        }
        Some(None) => {
            return Err(ApiError::new(
                416,
                "InvalidRange",
                "The requested range is not satisfiable",
            ));
        }
    };
    let modified = object.modified.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    response = response
        .with("ETag", etag(object))
        .with("Last-Modified", modified)
        .with("Accept-Ranges", "bytes");
    for (name, value) in &object.metadata {
        response = response.with(&format!("x-amz-meta-{name}"), value);
    }
    if object.sha256 && request.header("x-amz-checksum-mode") == Some("ENABLED") {
        response = response.with("x-amz-checksum-sha256", sha256(&object.bytes));
    }
    if object.storage_class != "STANDARD" {
        response = response.with("x-amz-storage-class", &object.storage_class);
    }
    Ok(response)
}

/// Percent-encodes as `encoding-type=url` asks.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => {
                char::from(byte).to_string()
            }
            b' ' => "+".to_owned(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

enum Entry<'a> {
    Object(&'a str, &'a Object),
    Prefix(&'a str),
}

fn list(
    bucket: &Bucket,
    name: &str,
    page: Option<usize>,
    second: bool,
    request: &Request,
) -> Result<Response, ApiError> {
    let invalid = |message: &str| ApiError::bad("InvalidArgument", message);
    let parameter = |name: &str| request.parameter(name).filter(|value| !value.is_empty());
    let url = match parameter("encoding-type") {
        None => false,
        Some("url") => true,
        Some(_) => return Err(invalid("Invalid Encoding Method specified in Request")),
    };
    let max = parameter("max-keys")
        .map_or(Ok(1000), str::parse::<usize>)
        .map_err(|_| invalid("Provided max-keys not an integer or within integer range"))?;
    let size = page.unwrap_or(usize::MAX).min(max).min(1000);
    let prefix = parameter("prefix").unwrap_or_default();
    let delimiter = parameter("delimiter");
    let token = parameter("continuation-token").filter(|_| second);
    let after = match token {
        Some(token) => {
            let decoded = BASE64.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            Some(decoded.ok_or_else(|| invalid("The continuation token provided is incorrect"))?)
        }
        None => parameter(if second { "start-after" } else { "marker" }).map(str::to_owned),
    };
    let (entries, truncated) = entries(bucket, prefix, delimiter, after.as_deref(), size);

    let show = |text: &str| if url { encode(text) } else { escape(text) };
    let mut out =
        String::from("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    let mut tag = |name: &str, value: &str| out.push_str(&format!("<{name}>{value}</{name}>"));
    tag("Name", name);
    tag("Prefix", &show(prefix));
    tag("MaxKeys", &max.to_string());
    tag("IsTruncated", if truncated { "true" } else { "false" });
    if let Some(delimiter) = delimiter {
        tag("Delimiter", &show(delimiter));
    }
    if url {
        tag("EncodingType", "url");
    }
    let last = entries.last().map(|entry| match entry {
        Entry::Object(key, _) => *key,
        Entry::Prefix(prefix) => *prefix,
    });
    if second {
        tag("KeyCount", &entries.len().to_string());
        if let Some(token) = token {
            tag("ContinuationToken", &escape(token));
        }
        if let Some(start) = parameter("start-after") {
            tag("StartAfter", &show(start));
        }
        if let Some(last) = last.filter(|_| truncated) {
            tag("NextContinuationToken", &BASE64.encode(last));
        }
    } else {
        tag("Marker", &show(after.as_deref().unwrap_or_default()));
        // Without a delimiter S3 names no next marker: the last key serves.
        if let Some(last) = last.filter(|_| truncated && delimiter.is_some()) {
            tag("NextMarker", &show(last));
        }
    }
    for entry in &entries {
        match entry {
            Entry::Object(key, object) => tag(
                "Contents",
                &format!(
                    "<Key>{}</Key><LastModified>{}</LastModified><ETag>{}</ETag><Size>{}</Size><StorageClass>{}</StorageClass>",
                    show(key),
                    iso(object.modified),
                    escape(&etag(object)),
                    object.bytes.len(),
                    object.storage_class
                ),
            ),
            Entry::Prefix(prefix) => {
                tag("CommonPrefixes", &format!("<Prefix>{}</Prefix>", show(prefix)))
            }
        }
    }
    out.push_str("</ListBucketResult>");
    Ok(xml(&out))
}

/// One page of keys and common prefixes after a key, and whether more follow.
fn entries<'a>(
    bucket: &'a Bucket,
    prefix: &str,
    delimiter: Option<&str>,
    after: Option<&str>,
    size: usize,
) -> (Vec<Entry<'a>>, bool) {
    let mut found: Vec<Entry<'_>> = Vec::new();
    for (key, object) in &bucket.objects {
        let Some(rest) = key.strip_prefix(prefix) else { continue };
        let common = delimiter
            .and_then(|delimiter| rest.find(delimiter).map(|at| at + delimiter.len()))
            .map(|length| &key[..prefix.len() + length]);
        // Behind a marker that is a common prefix, all that the prefix stands for is done.
        let behind = after.is_some_and(|after| key.as_str() <= after || common == Some(after));
        if behind {
            continue;
        }
        let entry = match common {
            Some(common) => {
                if matches!(found.last(), Some(Entry::Prefix(last)) if *last == common) {
                    continue;
                }
                Entry::Prefix(common)
            }
            None => Entry::Object(key, object),
        };
        if found.len() >= size {
            return (found, size > 0);
        }
        found.push(entry);
    }
    (found, false)
}
