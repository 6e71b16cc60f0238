//! What parameters of several controls hold.

use fisc_shared::parameter::{Param, ParameterError};
use fisc_shared::{Error, Run};

/// The account in a parameter; none when it is empty.
///
/// # Errors
/// When it is no account id.
pub(crate) fn account_id(run: &Run<'_>, param: &Param<String>) -> Result<Option<String>, Error> {
    let text = run.parameters.get(param);
    if text.is_empty() {
        return Ok(None);
    }
    if is_account_id(&text) {
        return Ok(Some(text));
    }
    Err(invalid(param.spec.name, "takes a 12-digit account id", &text))
}

/// Whether it is the id of an account.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A value that does not fit its parameter.
pub(crate) fn invalid(name: &'static str, problem: &str, got: &str) -> Error {
    let got = format!("{:?}", got.chars().take(40).collect::<String>());
    ParameterError::Invalid { name, problem: problem.to_owned(), got }.into()
}

#[cfg(test)]
mod tests {
    use super::is_account_id;

    #[test]
    fn an_account_id_has_twelve_digits() {
        assert!(is_account_id("111122223333"));
        for other in ["", "11112222333", "1111-2222-3333", "１１１１２２２２３３３３"] {
            assert!(!is_account_id(other), "{other}");
        }
    }
}
