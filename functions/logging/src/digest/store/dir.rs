//! A local copy of a bucket, as `aws s3 sync` makes it.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use futures::{StreamExt, stream};

use super::{Chunks, ObjectStore, Pages, StoreError, StoreErrorKind, StoredObject};
use crate::digest::text::quote;

/// Large enough that most log files take one trip to the blocking threads.
const CHUNK: usize = 256 << 10;

/// A directory that holds one bucket: the object `KEY` is the file `DIR/KEY`.
///
/// A copy has no object metadata, so [`StoredObject::metadata`] is `None`.
#[derive(Clone, Debug)]
pub struct DirStore {
    root: PathBuf,
    bucket: Option<String>,
}

impl DirStore {
    /// Opens a copy. Without `bucket` it answers for any bucket.
    ///
    /// # Errors
    /// When there is no such directory.
    pub fn open(root: impl Into<PathBuf>, bucket: Option<String>) -> Result<Self, StoreError> {
        let root = root.into();
        let is_dir = fs::metadata(&root).and_then(|found| {
            let wrong = || io::Error::from(io::ErrorKind::NotADirectory);
            found.is_dir().then_some(()).ok_or_else(wrong)
        });
        is_dir.map_err(|error| failure(&root, &error))?;
        Ok(Self { root, bucket })
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a key. A key must not lead out of the directory.
    fn path(&self, bucket: &str, key: &str) -> Result<PathBuf, StoreError> {
        let error = |kind, message: String| StoreError {
            action: "read",
            resource: format!("s3://{}/{}", quote(bucket), quote(key)),
            kind,
            message,
        };
        if let Some(own) = self.bucket.as_deref().filter(|own| *own != bucket) {
            let message = format!("the directory holds a copy of {own}");
            return Err(error(StoreErrorKind::OtherBucket, message));
        }
        let mut path = self.root.clone();
        for part in key.split('/') {
            let safe = !matches!(part, "" | "." | "..") && !part.contains(['\\', ':', '\0']);
            if !safe {
                let message = "the key is no path inside the directory".to_owned();
                return Err(error(StoreErrorKind::InvalidKey, message));
            }
            path.push(part);
        }
        Ok(path)
    }
}

#[async_trait]
impl ObjectStore for DirStore {
    fn list(&self, bucket: &str, prefix: &str, start_after: &str) -> Pages {
        // The prefix is a folder, as all prefixes of CloudTrail's keys are.
        let folder = prefix.trim_end_matches('/').to_owned();
        let start = self.path(bucket, &folder);
        let start_after = start_after.to_owned();
        stream::once(async move {
            let start = start?;
            let resource = start.clone();
            let keys = blocking(&resource, move || {
                let mut keys = Vec::new();
                collect(&start, folder, &mut keys)?;
                keys.retain(|key| *key > start_after);
                keys.sort_unstable();
                Ok(keys)
            });
            keys.await
        })
        .boxed()
    }

    async fn get(&self, bucket: &str, key: &str) -> Result<Option<StoredObject>, StoreError> {
        let path = self.path(bucket, key)?;
        let opened = path.clone();
        let first = blocking(&path, move || match File::open(&opened) {
            Ok(file) => read(file).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        });
        Ok(first.await?.map(|first| StoredObject { metadata: None, body: chunks(path, first) }))
    }
}

/// A piece of a file, and the file while there is more.
type Piece = (Vec<u8>, Option<File>);

fn read(mut file: File) -> io::Result<Piece> {
    let mut chunk = Vec::new();
    let size = (&mut file).take(CHUNK as u64).read_to_end(&mut chunk)?;
    Ok((chunk, (size == CHUNK).then_some(file)))
}

fn chunks(path: PathBuf, first: Piece) -> Chunks {
    let rest = stream::unfold((path, first.1), |(path, file)| async move {
        let file = file?;
        match blocking(&path, move || read(file)).await {
            Ok((chunk, file)) => Some((Ok(chunk), (path, file))),
            Err(error) => Some((Err(error), (path, None))),
        }
    });
    stream::iter([Ok(first.0)]).chain(rest).boxed()
}

/// All files below `folder`, by key. A name that is not UTF-8 is no key of CloudTrail's.
fn collect(folder: &Path, key: String, keys: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let key = format!("{key}/{name}");
        // Links to directories are not followed: they could be endless.
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), key, keys)?;
        } else {
            keys.push(key);
        }
    }
    Ok(())
}

async fn blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer.map_err(|error| failure(path, &error)),
        Err(error) => Err(failure(path, &io::Error::other(error))),
    }
}

fn failure(path: &Path, error: &io::Error) -> StoreError {
    StoreError {
        action: "read",
        resource: path.display().to_string(),
        kind: match error.kind() {
            io::ErrorKind::PermissionDenied => StoreErrorKind::AccessDenied,
            _ => StoreErrorKind::Other,
        },
        message: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;

    use super::*;

    #[tokio::test]
    async fn lists_in_key_order_and_reads_in_chunks() {
        let dir = tempfile::tempdir().unwrap();
        let content = vec![7; CHUNK * 2 + 5];
        for key in ["a/2/x", "a/10/y", "a/1-b", "b/z"] {
            let path = dir.path().join(key);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &content).unwrap();
        }
        let store = DirStore::open(dir.path(), Some("bucket".into())).unwrap();
        let keys: Vec<Vec<String>> =
            store.list("bucket", "a/", "a/1-b").try_collect().await.unwrap();
        assert_eq!(keys.concat(), ["a/10/y", "a/2/x"]);
        let none: Vec<Vec<String>> = store.list("bucket", "none/", "").try_collect().await.unwrap();
        assert!(none.concat().is_empty());

        let object = store.get("bucket", "a/2/x").await.unwrap().unwrap();
        let chunks: Vec<Vec<u8>> = object.body.try_collect().await.unwrap();
        assert_eq!(chunks.concat(), content);
        assert!(store.get("bucket", "a/2/none").await.unwrap().is_none());
        assert!(store.get("bucket", "a/2/x/deeper").await.is_err());
    }

    #[tokio::test]
    async fn keys_that_leave_the_directory_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let store = DirStore::open(dir.path(), Some("bucket".into())).unwrap();
        for key in ["../x", "a/../../x", "/etc/passwd", "a//b", "", "a\\..\\b", "C:x", "a\0b", "."]
        {
            let error = store.get("bucket", key).await.err().unwrap();
            assert_eq!(error.kind, StoreErrorKind::InvalidKey, "{key:?}");
        }
        let error = store.get("other", "a").await.err().unwrap();
        assert_eq!(error.kind, StoreErrorKind::OtherBucket);
        assert!(DirStore::open(dir.path().join("none"), None).is_err());
    }
}
