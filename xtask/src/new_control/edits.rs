//! The files that change, all or none.

use std::path::{Path, PathBuf};

use super::{ADDED, CATALOGUE, Error, rustfmt};

/// A file as it will be.
#[derive(Debug)]
pub(super) struct Edit {
    path: PathBuf,
    text: String,
}

impl Edit {
    pub(super) fn new(root: &Path, file: &Path, text: String) -> Self {
        Self { path: root.join(file), text }
    }

    /// Where the new text waits until all of them are written.
    fn waiting(&self) -> PathBuf {
        self.path.with_added_extension("new")
    }
}

fn read(root: &Path, file: &Path) -> Result<String, Error> {
    let path = root.join(file);
    std::fs::read_to_string(&path).map_err(|error| Error::File { path, error })
}

/// A domain's lib.rs with the module, and with its control at the end of the list.
pub(super) fn listed(root: &Path, file: &Path, module: &str) -> Result<Edit, Error> {
    const LIST: &str = "pub const CONTROLS: &[&Control] =";
    let form = |what| Error::Form { file: file.to_owned(), what };
    let text = read(root, file)?;
    let (head, rest) = text.split_once("\npub mod ").ok_or_else(|| form("`pub mod`"))?;
    let (between, list) = rest.split_once(LIST).ok_or_else(|| form("list CONTROLS"))?;
    // The formatter may begin the list on a line of its own.
    let list = list.trim_start().strip_prefix("&[").ok_or_else(|| form("list CONTROLS"))?;
    let (list, tail) = list.split_once("];").ok_or_else(|| form("end of the list CONTROLS"))?;
    let list = list.trim_end().trim_end_matches(',');
    // The formatter sorts the modules, and breaks the list into lines.
    let text = format!(
        "{head}\npub mod {module};\npub mod {between}{LIST} &[{list}, &{module}::CONTROL,\n];{tail}"
    );
    Ok(Edit::new(root, file, rustfmt::format(root, file, &text)?))
}

/// The catalogue with the reason code.
pub(super) fn catalogued(root: &Path, id: &str, code: &str, wave: u8) -> Result<Edit, Error> {
    let file = Path::new(CATALOGUE);
    let mut text = read(root, file)?;
    if !text.contains(ADDED) {
        text.push_str(ADDED);
        text.push('\n');
    }
    text.push_str(&format!("{id}\t{code}\t{wave}\n"));
    Ok(Edit::new(root, file, text))
}

/// Writes all of them, or none: the new texts are first put beside their files, and what was
/// there is put back where a file cannot be replaced.
///
/// # Errors
/// When a file cannot be written; then all are as they were.
pub(super) fn apply(edits: &[Edit]) -> Result<(), Error> {
    let written = edits.iter().try_for_each(|edit| {
        let path = edit.waiting();
        std::fs::write(&path, &edit.text).map_err(|error| Error::File { path, error })
    });
    let mut replaced: Vec<(&Path, Option<Vec<u8>>)> = Vec::new();
    let done = written.and_then(|()| {
        edits.iter().try_for_each(|edit| {
            let before = std::fs::read(&edit.path).ok();
            std::fs::rename(edit.waiting(), &edit.path)
                .map_err(|error| Error::File { path: edit.path.clone(), error })?;
            replaced.push((&edit.path, before));
            Ok(())
        })
    });
    if done.is_err() {
        // The first error is the one to tell; what cannot be taken back either stays in git.
        for edit in edits {
            let _ = std::fs::remove_file(edit.waiting());
        }
        for (path, before) in replaced {
            let _ = match before {
                Some(text) => std::fs::write(path, text),
                None => std::fs::remove_file(path),
            };
        }
    }
    done
}
