//! Account ids in rule parameters.

use fisc_shared::parameter::{Param, ParameterError};
use fisc_shared::{Error, Run};

/// The one account id that a parameter holds; `None` when it is not set. An id that begins with a
/// zero is no number: such parameters are lists of at most one text.
pub(crate) fn account_id(
    run: &Run<'_>,
    param: &Param<Vec<String>>,
) -> Result<Option<String>, Error> {
    let given = run.parameters.get(param);
    let is_id = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    match given.as_slice() {
        [] => Ok(None),
        [one] if is_id(one) => Ok(Some(one.clone())),
        _ => Err(ParameterError::Invalid {
            name: param.spec.name,
            problem: "takes one account id of 12 digits, or nothing".to_owned(),
            got: format!("{:?}", given.join(",").chars().take(40).collect::<String>()),
        }
        .into()),
    }
}
