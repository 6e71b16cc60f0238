//! What EC2 plans to do with instances.

use jiff::Timestamp;

use super::{Ec2, Ec2Call, Xml};
use crate::error::Error;

/// The IAM name of the call.
pub const DESCRIBE_INSTANCE_STATUS: &str = "ec2:DescribeInstanceStatus";

/// The largest page.
const PAGE: u16 = 1000;

/// An instance with what EC2 plans to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceStatus {
    /// The instance's id.
    pub id: String,
    /// `pending`, `running`, `stopped` …
    pub state: String,
    /// What is planned; for a week also what was done or cancelled.
    pub events: Vec<ScheduledEvent>,
}

/// What EC2 plans to do with an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledEvent {
    /// `instance-reboot`, `system-reboot`, `system-maintenance`, `instance-retirement` or
    /// `instance-stop`.
    pub code: String,
    /// When it begins at the earliest.
    pub not_before: Timestamp,
    /// Whether it was done or cancelled: EC2 says so at the beginning of its description.
    pub over: bool,
}

impl InstanceStatus {
    fn read(xml: &Xml) -> Result<Self, Error> {
        let state = xml.at("instanceState").ok_or_else(|| xml.missing("instanceState"))?;
        let events = xml.list("eventsSet").iter().map(ScheduledEvent::read);
        Ok(Self {
            id: xml.required("instanceId")?.to_owned(),
            state: state.required("name")?.to_owned(),
            events: events.collect::<Result<_, Error>>()?,
        })
    }
}

impl ScheduledEvent {
    fn read(xml: &Xml) -> Result<Self, Error> {
        let description = xml.text("description").unwrap_or_default();
        Ok(Self {
            code: xml.required("code")?.to_owned(),
            not_before: xml.time("notBefore")?.ok_or_else(|| xml.missing("notBefore"))?,
            over: ["[Completed]", "[Canceled]"].iter().any(|mark| description.starts_with(mark)),
        })
    }
}

impl Ec2 {
    /// All instances, stopped ones too, with what is planned. EC2 keeps terminated ones for a
    /// while.
    ///
    /// # Errors
    /// When the call fails, or its answer lacks a field.
    pub async fn instance_statuses(&self) -> Result<Vec<InstanceStatus>, Error> {
        let call = Ec2Call::new(DESCRIBE_INSTANCE_STATUS);
        let call = call.with("IncludeAllInstances", "true").page(PAGE);
        self.list(&call, "instanceStatusSet", InstanceStatus::read).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(xml: &str) -> Result<InstanceStatus, Error> {
        InstanceStatus::read(&Xml::parse(DESCRIBE_INSTANCE_STATUS, xml.as_bytes()).expect("XML"))
    }

    #[test]
    fn what_is_over_is_told_by_the_description() {
        let status = read(
            "<item><instanceId>i-1</instanceId><instanceState><code>16</code><name>running</name>\
             </instanceState><eventsSet><item><code>instance-reboot</code><description>[Completed] \
             The instance is scheduled for a reboot</description><notBefore>\
             2026-11-20T10:00:00.000Z</notBefore></item><item><code>instance-stop</code>\
             <description>[Canceled] Stop</description><notBefore>2026-11-25T00:00:00.000Z\
             </notBefore></item><item><code>instance-retirement</code><description>The instance is \
             running on degraded hardware</description><notBefore>2026-12-01T00:00:00.000Z\
             </notBefore></item></eventsSet></item>",
        )
        .expect("a status");
        let over: Vec<_> = status.events.iter().map(|e| (e.code.as_str(), e.over)).collect();
        let expected =
            [("instance-reboot", true), ("instance-stop", true), ("instance-retirement", false)];
        assert_eq!(over, expected);
        assert_eq!((status.id.as_str(), status.state.as_str()), ("i-1", "running"));
    }

    #[test]
    fn an_event_without_a_time_is_no_answer() {
        let bare = "<item><instanceId>i-1</instanceId><instanceState><name>stopped</name>\
                    </instanceState>";
        assert!(read(&format!("{bare}</item>")).expect("a status").events.is_empty());
        let event = "<eventsSet><item><code>instance-stop</code></item></eventsSet>";
        let cut = read(&format!("{bare}{event}</item>"));
        assert!(matches!(cut, Err(Error::Answer { .. })));
        read("<item><instanceId>i-1</instanceId></item>").unwrap_err();
    }
}
