//! Signed chains of CloudTrail digests with their log files, and damage to them.
//!
//! The files are what CloudTrail writes: names, fields, metadata, signatures by real RSA keys. They
//! go into an emulated S3, a directory, or whatever a test has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::ops::Range;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use crate::aws::{FakeAws, PublicKey};

/// `rsaEncryption` before a PKCS#1 key of 2048 bits makes it a SubjectPublicKeyInfo.
const SPKI_HEAD: [u8; 24] = [
    0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
    0x01, 0x05, 0x00, 0x03, 0x82, 0x01, 0x0f, 0x00,
];

/// Number of a log file that was too late for its hour's digest; so that its events are others.
const LATE: usize = 1 << 20;

/// The keys that sign. CloudTrail changes its key now and then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningKey {
    /// The usual one.
    First,
    /// Another one.
    Second,
}

impl SigningKey {
    fn pair(self) -> RsaKeyPair {
        let der: &[u8] = match self {
            Self::First => include_bytes!("../fixtures/keys/digest-test-key-1.pk8.der"),
            Self::Second => include_bytes!("../fixtures/keys/digest-test-key-2.pk8.der"),
        };
        RsaKeyPair::from_pkcs8(der).expect("a test key")
    }

    /// The MD5 of the public key's PKCS#1 DER, as CloudTrail names its keys.
    #[must_use]
    pub fn fingerprint(self) -> &'static str {
        match self {
            Self::First => "04b06c0bbce7ebedfecc998aea3c101c",
            Self::Second => "d22257623c08f71764dfe6728742bb00",
        }
    }

    /// The public key as PKCS#1 DER, as documented.
    #[must_use]
    pub fn pkcs1(self) -> Vec<u8> {
        self.pair().public().as_ref().to_vec()
    }

    /// The public key as SubjectPublicKeyInfo, as in a published sample.
    #[must_use]
    pub fn spki(self) -> Vec<u8> {
        [&SPKI_HEAD[..], &self.pkcs1()].concat()
    }
}

/// Changes a digest's document before it is hashed and signed.
pub type Edit = fn(&mut Value);

/// The chain to build. Hours count from 0, the oldest.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Account whose activity it is.
    pub account: String,
    /// Trail name.
    pub trail: String,
    /// Account that owns the trail.
    pub owner: String,
    /// Home Region of the trail.
    pub home: String,
    /// Region whose activity it is.
    pub region: String,
    /// Bucket.
    pub bucket: String,
    /// Key prefix.
    pub prefix: Option<String>,
    /// Organization id, for an organization trail.
    pub organization: Option<String>,
    /// Start of the first digest.
    pub start: Timestamp,
    /// Number of hourly digests.
    pub hours: usize,
    /// Log files in each.
    pub logs: usize,
    /// About how many bytes a log file has, inflated.
    pub payload: usize,
    /// Hours without activity: their digest lists no files.
    pub empty: Vec<usize>,
    /// Hours in which validation was off; the chain starts anew after them.
    pub off: Vec<usize>,
    /// Hours for which a backfill digest was written a day later.
    pub backfill: Vec<usize>,
    /// From this hour on the second key signs.
    pub rotated_at: Option<usize>,
    /// Changes to single digests that are signed like all else.
    pub edits: Vec<(usize, Edit)>,
}

impl Plan {
    /// A chain of the default account and Region, with two log files an hour.
    #[must_use]
    pub fn new(start: Timestamp, hours: usize) -> Self {
        Self {
            account: crate::aws::ACCOUNT.to_owned(),
            trail: "bank".to_owned(),
            owner: crate::aws::ACCOUNT.to_owned(),
            home: crate::aws::REGION.to_owned(),
            region: crate::aws::REGION.to_owned(),
            bucket: "audit-logs".to_owned(),
            prefix: None,
            organization: None,
            start,
            hours,
            logs: 2,
            payload: 300,
            empty: Vec::new(),
            off: Vec::new(),
            backfill: Vec::new(),
            rotated_at: None,
            edits: Vec::new(),
        }
    }

    /// The trail's ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:cloudtrail:{}:{}:trail/{}", self.home, self.owner, self.trail)
    }

    /// When an hour starts.
    #[must_use]
    pub fn hour(&self, hour: usize) -> Timestamp {
        self.start + SignedDuration::from_hours(i64::try_from(hour).expect("a small number"))
    }

    /// End of the last digest.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.hour(self.hours)
    }

    /// Builds and signs everything.
    #[must_use]
    pub fn build(self) -> Chain {
        let mut chain = Chain {
            plan: self,
            files: Vec::new(),
            removed: BTreeSet::new(),
            digests: Vec::new(),
            logs: Vec::new(),
            backfill: Vec::new(),
        };
        let plan = chain.plan.clone();
        let mut previous = None;
        for hour in 0..plan.hours {
            if plan.off.contains(&hour) {
                previous = None;
                chain.digests.push(None);
                chain.logs.push(0..0);
                continue;
            }
            let count = if plan.empty.contains(&hour) { 0 } else { plan.logs };
            let logs = chain.add_logs(hour, 0..count, "log");
            let file = chain.sign(hour, logs.clone(), previous, false);
            previous = Some(file);
            chain.digests.push(Some(file));
            chain.logs.push(logs);
        }
        let mut previous = None;
        for &hour in &plan.backfill {
            let logs = chain.add_logs(hour, LATE..LATE + 1, "late");
            let file = chain.sign(hour, logs, previous, true);
            previous = Some(file);
            chain.backfill.push(file);
        }
        chain
    }

    fn folder(&self, kind: &str, time: Timestamp) -> String {
        let prefix = self.prefix.iter().map(|prefix| format!("{prefix}/"));
        let organization = self.organization.iter().map(|organization| format!("{organization}/"));
        format!(
            "{}AWSLogs/{}{}/{kind}/{}/{}",
            prefix.collect::<String>(),
            organization.collect::<String>(),
            self.account,
            self.region,
            time.strftime("%Y/%m/%d")
        )
    }

    fn log_key(&self, hour: usize, name: &str) -> String {
        let time = self.hour(hour) + SignedDuration::from_mins(30);
        let folder = self.folder("CloudTrail", time);
        let (account, region) = (&self.account, &self.region);
        let time = time.strftime("%Y%m%dT%H%MZ");
        format!("{folder}/{account}_CloudTrail_{region}_{time}_{name}.json.gz")
    }

    fn digest_key(&self, end: Timestamp, backfill: bool) -> String {
        let folder = self.folder("CloudTrail-Digest", end);
        let Self { account, region, trail, home, .. } = self;
        let time = end.strftime("%Y%m%dT%H%M%SZ");
        let tail = if backfill { "_backfill" } else { "" };
        format!("{folder}/{account}_CloudTrail-Digest_{region}_{trail}_{home}_{time}{tail}.json.gz")
    }

    fn signing_key(&self, hour: usize) -> SigningKey {
        match self.rotated_at {
            Some(rotated) if hour >= rotated => SigningKey::Second,
            _ => SigningKey::First,
        }
    }
}

/// An object of S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Bucket.
    pub bucket: String,
    /// Key.
    pub key: String,
    /// Content, compressed.
    pub bytes: Vec<u8>,
    /// Metadata, without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
}

/// A chain, whole or damaged.
#[derive(Debug, Clone)]
pub struct Chain {
    /// What it was built from.
    pub plan: Plan,
    files: Vec<File>,
    removed: BTreeSet<usize>,
    digests: Vec<Option<usize>>,
    logs: Vec<Range<usize>>,
    backfill: Vec<usize>,
}

/// What can happen to the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// Another event in a log file, well compressed.
    LogChanged {
        /// Hour of the log file.
        hour: usize,
        /// Number of the log file in that hour.
        log: usize,
    },
    /// A log file gone.
    LogRemoved {
        /// Hour of the log file.
        hour: usize,
        /// Number of the log file in that hour.
        log: usize,
    },
    /// A second gzip member behind a log file. The AWS CLI sees it since version 1.46.
    LogAppended {
        /// Hour of the log file.
        hour: usize,
        /// Number of the log file in that hour.
        log: usize,
    },
    /// The last four bytes of a log file gone: the content is whole, the gzip file is not. The AWS
    /// CLI does not see it.
    LogTruncated {
        /// Hour of the log file.
        hour: usize,
        /// Number of the log file in that hour.
        log: usize,
    },
    /// A log file that is plain text.
    LogNotGzip {
        /// Hour of the log file.
        hour: usize,
        /// Number of the log file in that hour.
        log: usize,
    },
    /// A log file gone from the digest that named it.
    LogUnlisted {
        /// Hour of the digest.
        hour: usize,
    },
    /// A digest gone.
    DigestRemoved {
        /// Its hour.
        hour: usize,
    },
    /// The newest digests gone. The AWS CLI does not see it.
    NewestRemoved {
        /// How many.
        count: usize,
    },
    /// Two digests with each other's content and metadata.
    DigestsSwapped {
        /// One hour.
        hour: usize,
        /// The other.
        with: usize,
    },
    /// One bit of a signature flipped.
    SignatureChanged {
        /// Hour of the digest.
        hour: usize,
    },
    /// A digest without metadata, as a plain copy has it.
    MetadataRemoved {
        /// Hour of the digest.
        hour: usize,
    },
    /// A signature algorithm that CloudTrail does not use. The AWS CLI does not see it.
    AlgorithmChanged {
        /// Hour of the digest.
        hour: usize,
    },
    /// A digest that names a key that CloudTrail does not have.
    UnknownKey {
        /// Hour of the digest.
        hour: usize,
    },
    /// A digest that is not JSON.
    DigestNotJson {
        /// Its hour.
        hour: usize,
    },
    /// A digest that is plain text.
    DigestNotGzip {
        /// Its hour.
        hour: usize,
    },
    /// A backfill digest gone.
    BackfillRemoved {
        /// Its number, oldest first.
        number: usize,
    },
    /// A backfill digest without the time of its writing.
    BackfillTimeRemoved {
        /// Its number, oldest first.
        number: usize,
    },
}

impl Chain {
    fn add_logs(&mut self, hour: usize, numbers: Range<usize>, name: &str) -> Range<usize> {
        let first = self.files.len();
        for log in numbers {
            let content = events(&self.plan, hour, log);
            self.files.push(File {
                bucket: self.plan.bucket.clone(),
                key: self.plan.log_key(hour, &format!("{name}{log:06}")),
                bytes: gzip(&content),
                metadata: BTreeMap::new(),
            });
        }
        first..self.files.len()
    }

    fn sign(
        &mut self,
        hour: usize,
        logs: Range<usize>,
        previous: Option<usize>,
        backfill: bool,
    ) -> usize {
        let plan = &self.plan;
        let (start, end) = (plan.hour(hour), plan.hour(hour + 1));
        let key = plan.digest_key(end, backfill);
        let signer = plan.signing_key(hour);
        let log_files: Vec<Value> = self.files[logs]
            .iter()
            .map(|log| {
                json!({
                    "s3Bucket": log.bucket,
                    "s3Object": log.key,
                    "hashValue": sha256(&gunzip(&log.bytes)),
                    "hashAlgorithm": "SHA-256",
                    "newestEventTime": end.to_string(),
                    "oldestEventTime": start.to_string(),
                })
            })
            .collect();
        let previous = previous.map(|previous| &self.files[previous]);
        let mut document = json!({
            "awsAccountId": plan.account,
            "digestStartTime": start.to_string(),
            "digestEndTime": end.to_string(),
            "digestS3Bucket": plan.bucket,
            "digestS3Object": key,
            "digestPublicKeyFingerprint": signer.fingerprint(),
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": end.to_string(),
            "oldestEventTime": start.to_string(),
            "previousDigestS3Bucket": previous.map(|previous| &previous.bucket),
            "previousDigestS3Object": previous.map(|previous| &previous.key),
            "previousDigestHashValue": previous.map(|previous| sha256(&gunzip(&previous.bytes))),
            "previousDigestHashAlgorithm": "SHA-256",
            "previousDigestSignature": previous.map(|previous| &previous.metadata["signature"]),
            "logFiles": log_files,
        });
        for (_, edit) in plan.edits.iter().filter(|(edited, _)| *edited == hour) {
            edit(&mut document);
        }
        let content = serde_json::to_vec(&document).expect("a document");
        let text = |field: &str| document[field].as_str().unwrap_or("null").to_owned();
        let signed = format!(
            "{}\n{}/{}\n{}\n{}",
            text("digestEndTime"),
            text("digestS3Bucket"),
            text("digestS3Object"),
            sha256(&content),
            text("previousDigestSignature"),
        );
        let mut metadata = BTreeMap::from([
            ("signature".to_owned(), sign(signer, &signed)),
            ("signature-algorithm".to_owned(), "SHA256withRSA".to_owned()),
        ]);
        if backfill {
            let written = end + SignedDuration::from_hours(24);
            metadata.insert("backfill-generation-timestamp".to_owned(), written.to_string());
        }
        let bucket = plan.bucket.clone();
        self.files.push(File { bucket, key, bytes: gzip(&content), metadata });
        self.files.len() - 1
    }

    fn file(&self, index: usize) -> &File {
        &self.files[index]
    }

    /// All files that are there; log files come before the digest that names them.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        let there = |(index, _): &(usize, &File)| !self.removed.contains(index);
        self.files.iter().enumerate().filter(there).map(|(_, file)| file)
    }

    /// Changes the bytes of a file, whatever it is.
    pub fn change(&mut self, key: &str, change: impl FnOnce(&mut File)) {
        let file = self.files.iter_mut().find(|file| file.key == key);
        change(file.expect("a file of the chain"));
    }

    /// Takes a file away, whatever it is.
    pub fn remove_key(&mut self, key: &str) {
        let index = self.files.iter().position(|file| file.key == key);
        self.remove(&[index.expect("a file of the chain")]);
    }

    /// The digest of an hour.
    #[must_use]
    pub fn digest(&self, hour: usize) -> &File {
        self.file(self.digests[hour].expect("an hour with validation on"))
    }

    /// A backfill digest, oldest first.
    #[must_use]
    pub fn backfill(&self, number: usize) -> &File {
        self.file(self.backfill[number])
    }

    /// The log files of an hour's digest.
    #[must_use]
    pub fn logs(&self, hour: usize) -> &[File] {
        &self.files[self.logs[hour].clone()]
    }

    /// The public keys as ListPublicKeys returns them, valid from the chain's start on.
    #[must_use]
    pub fn public_keys(&self) -> Vec<PublicKey> {
        let (from, to) = (self.plan.start, self.plan.end() + SignedDuration::from_hours(24 * 30));
        let key = |key: SigningKey| PublicKey {
            der: key.pkcs1(),
            fingerprint: key.fingerprint().to_owned(),
            from,
            to,
        };
        match self.plan.rotated_at {
            None => vec![key(SigningKey::First)],
            Some(_) => vec![key(SigningKey::First), key(SigningKey::Second)],
        }
    }

    /// The public keys as the AWS CLI prints them.
    #[must_use]
    pub fn public_keys_json(&self) -> Value {
        let keys = self.public_keys().into_iter().map(|key| {
            json!({
                "Value": BASE64.encode(key.der),
                "Fingerprint": key.fingerprint,
                "ValidityStartTime": key.from.as_second(),
                "ValidityEndTime": key.to.to_string(),
            })
        });
        json!({"PublicKeyList": keys.collect::<Vec<_>>()})
    }

    /// Stores all files, in S3, and the public keys, in CloudTrail.
    pub fn put_into(&self, aws: &FakeAws) {
        for file in self.files() {
            let metadata: Vec<(&str, &str)> =
                file.metadata.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            aws.s3().put(&file.bucket, &file.key, file.bytes.clone(), &metadata);
        }
        for key in self.public_keys() {
            aws.cloudtrail().add_public_key(&self.plan.region, key);
        }
    }

    /// Writes all files below a directory, without metadata, as `aws s3 sync` does.
    pub fn write_to(&self, dir: &Path) {
        for file in self.files() {
            let path = dir.join(&file.key);
            fs::create_dir_all(path.parent().expect("a key in a folder")).expect("a folder");
            fs::write(path, &file.bytes).expect("a file");
        }
    }

    /// The chain with one damage more.
    #[must_use]
    pub fn damaged(mut self, damage: Damage) -> Self {
        let at = |hour: usize| self.digests[hour].expect("an hour with validation on");
        let log_at = |hour: usize, log: usize| self.logs[hour].start + log;
        match damage {
            Damage::LogChanged { hour, log } => {
                let file = &mut self.files[log_at(hour, log)];
                let text = String::from_utf8(gunzip(&file.bytes)).expect("JSON");
                file.bytes = gzip(text.replacen("AssumeRole", "assumeRole", 1).as_bytes());
            }
            Damage::LogRemoved { hour, log } => self.remove(&[log_at(hour, log)]),
            Damage::LogAppended { hour, log } => {
                let more = gzip(b"{\"Records\":[]}");
                self.files[log_at(hour, log)].bytes.extend(more);
            }
            Damage::LogTruncated { hour, log } => {
                let file = &mut self.files[log_at(hour, log)];
                file.bytes.truncate(file.bytes.len() - 4);
            }
            Damage::LogNotGzip { hour, log } => {
                let file = &mut self.files[log_at(hour, log)];
                file.bytes = gunzip(&file.bytes);
            }
            Damage::LogUnlisted { hour } => self.rewrite(at(hour), |document| {
                let logs = document["logFiles"].as_array_mut().expect("a list");
                logs.pop();
            }),
            Damage::DigestRemoved { hour } => self.remove(&[at(hour)]),
            Damage::NewestRemoved { count } => {
                let newest: Vec<usize> =
                    self.digests.iter().rev().take(count).copied().flatten().collect();
                self.remove(&newest);
            }
            Damage::DigestsSwapped { hour, with } => {
                let (one, other) = (at(hour), at(with));
                let keys = (self.files[one].key.clone(), self.files[other].key.clone());
                self.files.swap(one, other);
                self.files[one].key = keys.0;
                self.files[other].key = keys.1;
            }
            Damage::SignatureChanged { hour } => {
                let metadata = &mut self.files[at(hour)].metadata;
                let signature = metadata.get_mut("signature").expect("a signature");
                let first = if signature.starts_with('0') { "1" } else { "0" };
                signature.replace_range(..1, first);
            }
            Damage::MetadataRemoved { hour } => self.files[at(hour)].metadata.clear(),
            Damage::AlgorithmChanged { hour } => {
                let metadata = &mut self.files[at(hour)].metadata;
                metadata.insert("signature-algorithm".to_owned(), "SHA1withRSA".to_owned());
            }
            Damage::UnknownKey { hour } => self.rewrite(at(hour), |document| {
                document["digestPublicKeyFingerprint"] = json!("00000000000000000000000000000000");
            }),
            Damage::DigestNotJson { hour } => {
                self.files[at(hour)].bytes = gzip(b"{\"awsAccountId\":")
            }
            Damage::DigestNotGzip { hour } => {
                let file = &mut self.files[at(hour)];
                file.bytes = gunzip(&file.bytes);
            }
            Damage::BackfillRemoved { number } => self.remove(&[self.backfill[number]]),
            Damage::BackfillTimeRemoved { number } => {
                let file = &mut self.files[self.backfill[number]];
                file.metadata.remove("backfill-generation-timestamp");
            }
        }
        self
    }

    fn remove(&mut self, indices: &[usize]) {
        self.removed.extend(indices);
    }

    fn rewrite(&mut self, index: usize, change: impl FnOnce(&mut Value)) {
        let file = &mut self.files[index];
        let mut document = serde_json::from_slice(&gunzip(&file.bytes)).expect("JSON");
        change(&mut document);
        file.bytes = gzip(&serde_json::to_vec(&document).expect("a document"));
    }
}

/// A log file's content: events that compress about as well as real ones.
fn events(plan: &Plan, hour: usize, log: usize) -> Vec<u8> {
    let mut state = (hour as u64) << 32 | log as u64 | 1 << 63;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut content = b"{\"Records\":[".to_vec();
    loop {
        let event = json!({
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "AssumedRole",
                "principalId": format!("AROA{:016X}:session", random()),
                "arn": format!("arn:aws:sts::{}:assumed-role/batch/session", plan.account),
                "accountId": plan.account,
            },
            "eventTime": plan.hour(hour).to_string(),
            "eventSource": "sts.amazonaws.com",
            "eventName": "AssumeRole",
            "awsRegion": plan.region,
            "sourceIPAddress": format!("198.51.100.{}", random() % 250),
            "requestParameters": {"roleArn": format!("arn:aws:iam::{}:role/batch", plan.account)},
            "requestID": format!("{:016x}{:016x}", random(), random()),
            "eventID": format!("{:016x}{:016x}", random(), random()),
            "readOnly": true,
            "recipientAccountId": plan.account,
        });
        content.extend_from_slice(event.to_string().as_bytes());
        if content.len() >= plan.payload {
            content.extend_from_slice(b"]}");
            return content;
        }
        content.push(b',');
    }
}

fn sign(key: SigningKey, text: &str) -> String {
    let pair = key.pair();
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
        .expect("a signature");
    hex(&signature)
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compresses as CloudTrail does.
#[must_use]
pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

/// The content of a gzip file.
#[must_use]
pub fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(bytes), &mut content)
        .expect("a gzip file");
    content
}
