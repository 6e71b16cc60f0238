//! A call of EC2's query API and its form.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The version of the API.
pub(super) const VERSION: &str = "2016-11-15";

/// Characters that a form does not escape.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A filter: its name, and the values of which one must match.
pub type Filter<'a> = (&'a str, &'a [&'a str]);

/// A call: an action and its parameters.
#[derive(Debug, Clone)]
pub struct Ec2Call {
    action: &'static str,
    form: String,
    filters: usize,
}

impl Ec2Call {
    /// A call without parameters. `action` is its IAM name, such as `ec2:DescribeVpcs`; EC2's
    /// API has the same names.
    #[must_use]
    pub fn new(action: &'static str) -> Self {
        let name = action.strip_prefix("ec2:").unwrap_or(action);
        Self { action, form: format!("Action={name}&Version={VERSION}"), filters: 0 }
    }

    /// The IAM name.
    #[must_use]
    pub const fn action(&self) -> &'static str {
        self.action
    }

    /// A parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.push(name, value);
        self
    }

    /// A list parameter: `Owner` with one value is sent as `Owner.1`.
    #[must_use]
    pub fn list(mut self, name: &str, values: &[&str]) -> Self {
        self.push_list(name, values);
        self
    }

    /// Filters, each on top of the others.
    #[must_use]
    pub fn filters(mut self, filters: &[Filter<'_>]) -> Self {
        for (name, values) in filters {
            self.filters += 1;
            let filter = format!("Filter.{}", self.filters);
            self.push(&format!("{filter}.Name"), name);
            self.push_list(&format!("{filter}.Value"), values);
        }
        self
    }

    /// Elements of a page. Without it, some calls answer everything at once and time out.
    #[must_use]
    pub fn page(self, size: u16) -> Self {
        self.with("MaxResults", &size.to_string())
    }

    /// The form of one page.
    pub(super) fn form(&self, token: Option<&str>) -> String {
        let mut page = self.clone();
        if let Some(token) = token {
            page.push("NextToken", token);
        }
        page.form
    }

    fn push_list(&mut self, name: &str, values: &[&str]) {
        for (place, value) in values.iter().enumerate() {
            self.push(&format!("{name}.{}", place + 1), value);
        }
    }

    fn push(&mut self, name: &str, value: &str) {
        self.form.push('&');
        self.form.extend(utf8_percent_encode(name, ESCAPED));
        self.form.push('=');
        self.form.extend(utf8_percent_encode(value, ESCAPED));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_filters_are_numbered_from_one() {
        let call = Ec2Call::new("ec2:DescribeVpcs")
            .list("VpcId", &["vpc-1", "vpc-2"])
            .filters(&[("state", &["available"]), ("tag:名 前", &["a&b", "c=d"])])
            .filters(&[("is-default", &["false"])])
            .page(100);
        assert_eq!(
            call.form(Some("a/b+c==")),
            "Action=DescribeVpcs&Version=2016-11-15&VpcId.1=vpc-1&VpcId.2=vpc-2\
             &Filter.1.Name=state&Filter.1.Value.1=available\
             &Filter.2.Name=tag%3A%E5%90%8D%20%E5%89%8D&Filter.2.Value.1=a%26b\
             &Filter.2.Value.2=c%3Dd&Filter.3.Name=is-default&Filter.3.Value.1=false\
             &MaxResults=100&NextToken=a%2Fb%2Bc%3D%3D"
        );
        assert_eq!(call.action(), "ec2:DescribeVpcs");
    }
}
