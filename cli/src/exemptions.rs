//! The exemptions that the options of a command ask for.

use std::path::PathBuf;

use fisc_shared::Control;
use fisc_shared::exemption::{Exemptions, FileError, Reviewed};

use crate::args::ExemptionArgs;

/// What is wrong with a file of exemptions.
#[derive(Debug, thiserror::Error)]
pub enum ExemptionsFileError {
    /// It cannot be read.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is something else.
    #[error("{file}: {source}")]
    Form {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        source: FileError,
    },
}

/// The exemptions that count, and what is wrong with entries of the file that do not. `all` are
/// the controls that the file may name.
///
/// # Errors
/// When there is no such file, or it is none of exemptions.
pub fn read(
    args: &ExemptionArgs,
    all: &[&'static Control],
) -> Result<(Exemptions, Vec<String>), ExemptionsFileError> {
    let mut exemptions = Exemptions { tags: args.exemption_tags, ..Exemptions::default() };
    let Some(file) = &args.exemptions else { return Ok((exemptions, Vec::new())) };
    let text = std::fs::read_to_string(file)
        .map_err(|source| ExemptionsFileError::Read { file: file.clone(), source })?;
    exemptions.reviewed = Reviewed::parse(&text)
        .map_err(|source| ExemptionsFileError::Form { file: file.clone(), source })?;
    let problems = exemptions.reviewed.problems(all).into_iter();
    let problems = problems.map(|one| format!("{}: {one}; it does not count", file.display()));
    Ok((exemptions, problems.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;
    use fisc_shared::exemption::SHIPPED;

    /// What ships with the functions must be right, as a whole and in every entry.
    #[test]
    fn the_shipped_file_is_sound() {
        let reviewed = Reviewed::parse(SHIPPED).unwrap();
        assert_eq!(reviewed.problems(&registry::all()), []);
    }
}
