//! Controls that are still the scaffold of `cargo xtask new-control`. None of them gets into a
//! template, and with that into an account: `cargo xtask generate` refuses.

use std::path::{Path, PathBuf};

use fisc_shared::Control;

use crate::files::Error;

/// What the scaffold leaves to the author.
const MARK: &str = "TODO";

/// Refuses controls whose source still says what is to be written there, or that the scaffold's
/// texts are left in.
///
/// # Errors
/// When there is one, with the lines that are left; and when a source cannot be read.
pub(crate) fn check(root: &Path, controls: &[&'static Control]) -> Result<(), Error> {
    for control in controls {
        let src = Path::new("functions").join(control.domain.as_str()).join("src");
        let module = control.id.replace('-', "_");
        let file = src.join(format!("{module}.rs"));
        let mut left = left_in(root, &file)?;
        for part in parts(root, &src.join(&module))? {
            left.extend(left_in(root, &part)?);
        }
        if !left.is_empty() {
            return Err(Error::Unfinished { control: control.id, left: left.join("\n") });
        }
    }
    Ok(())
}

/// The files in the folder of a control's parts, where it has one.
fn parts(root: &Path, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let path = root.join(folder);
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |error| Error::File { path: path.clone(), error };
    let mut parts = Vec::new();
    for entry in std::fs::read_dir(&path).map_err(failed)? {
        let name = folder.join(entry.map_err(failed)?.file_name());
        if name.extension().is_some_and(|extension| extension == "rs") {
            parts.push(name);
        }
    }
    parts.sort();
    Ok(parts)
}

/// The lines of a file that are left to the author.
fn left_in(root: &Path, file: &Path) -> Result<Vec<String>, Error> {
    let path = root.join(file);
    let text = std::fs::read_to_string(&path).map_err(|error| Error::File { path, error })?;
    Ok(lines(&text).map(|(line, text)| format!("  {}:{line}: {text}", file.display())).collect())
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(text.lines().map(str::trim));
    lines.filter(|(_, line)| line.contains(MARK))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::root;
    use fisc_cli::registry;

    #[test]
    fn no_control_is_a_scaffold() {
        check(&root(), &registry::all()).unwrap();
    }

    #[test]
    fn what_is_left_is_named_with_its_place() {
        let text = "//! `a`: TODO: what\n\nfn a() {}\n    // TODO: more\n";
        let left: Vec<_> = lines(text).collect();
        assert_eq!(left, [(1, "//! `a`: TODO: what"), (4, "// TODO: more")]);
        let folder = tempfile::tempdir().unwrap();
        let control = registry::all()[0];
        let src = folder.path().join("functions").join(control.domain.as_str()).join("src");
        std::fs::create_dir_all(src.join("root_mfa")).unwrap();
        std::fs::write(src.join("root_mfa.rs"), "fn a() {}\n").unwrap();
        check(folder.path(), &[control]).unwrap();
        std::fs::write(src.join("root_mfa").join("tests.rs"), text).unwrap();
        let error = check(folder.path(), &[control]).unwrap_err().to_string();
        assert!(error.starts_with("root-mfa is not finished"), "{error}");
        assert!(error.contains("functions/identity/src/root_mfa/tests.rs:4: // TODO"), "{error}");
    }
}
