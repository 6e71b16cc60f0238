//! Ports and address ranges in rule parameters.

use fisc_shared::network::{AddressSet, Ports, parse_network, port_range};
use fisc_shared::parameter::Param;
use fisc_shared::{Error, Run};

/// The ports of a parameter: numbers and ranges.
pub(crate) fn ports(run: &Run<'_>, param: &Param<Vec<String>>) -> Result<Ports, Error> {
    parsed(run, param, "takes ports such as 443 or 1024-65535", port_range)
}

/// The addresses of a parameter: ranges and single addresses.
pub(crate) fn addresses(run: &Run<'_>, param: &Param<Vec<String>>) -> Result<AddressSet, Error> {
    parsed(run, param, "takes address ranges such as 203.0.113.0/24", parse_network)
}

fn parsed<T, S: FromIterator<T>>(
    run: &Run<'_>,
    param: &Param<Vec<String>>,
    takes: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<S, Error> {
    let invalid = |text: &str| param.spec.refuse(takes, text);
    let given = run.parameters.get(param);
    let each = given.iter().map(|text| parse(text).ok_or_else(|| invalid(text)));
    Ok(each.collect::<Result<S, _>>()?)
}
