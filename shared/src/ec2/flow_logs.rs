//! Flow logs.

use jiff::Timestamp;

use super::answers::{owned, tags};
use super::{Ec2, Ec2Call, Filter, Tags, Xml};
use crate::error::Error;

/// The IAM name of the call.
pub const DESCRIBE_FLOW_LOGS: &str = "ec2:DescribeFlowLogs";

/// The largest page.
const PAGE: u16 = 1000;

/// A flow log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlowLog {
    /// Its id.
    pub id: String,
    /// What it logs: a VPC, a subnet, a network interface, a transit gateway or its attachment.
    pub resource_id: String,
    /// `ACTIVE`.
    pub status: String,
    /// `ALL`, `ACCEPT` or `REJECT`; flow logs of transit gateways have none.
    pub traffic_type: Option<String>,
    /// `SUCCESS` or `FAILED`; absent until the first delivery.
    pub delivery: Option<String>,
    /// Why the delivery failed: `Rate limited`, `Access error` or `Unknown error`.
    pub delivery_error: Option<String>,
    /// `cloud-watch-logs`, `s3` or `kinesis-data-firehose`.
    pub destination_type: Option<String>,
    /// ARN of the destination.
    pub destination: Option<String>,
    /// Name of the log group.
    pub log_group: Option<String>,
    /// Its fields, as `${version} ${account-id}` and so on.
    pub format: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Its tags.
    pub tags: Tags,
}

impl FlowLog {
    fn read(xml: &Xml) -> Result<Self, Error> {
        Ok(Self {
            id: xml.required("flowLogId")?.to_owned(),
            resource_id: xml.required("resourceId")?.to_owned(),
            status: xml.required("flowLogStatus")?.to_owned(),
            traffic_type: owned(xml, "trafficType"),
            delivery: owned(xml, "deliverLogsStatus"),
            delivery_error: owned(xml, "deliverLogsErrorMessage"),
            destination_type: owned(xml, "logDestinationType"),
            destination: owned(xml, "logDestination"),
            log_group: owned(xml, "logGroupName"),
            format: owned(xml, "logFormat"),
            created: xml.time("creationTime")?,
            tags: tags(xml)?,
        })
    }

    /// Whether it logs.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == "ACTIVE"
    }

    /// Whether its last delivery failed. A new one has not delivered yet, and has not failed.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.delivery.as_deref() == Some("FAILED")
    }
}

impl Ec2 {
    /// Flow logs, over all pages.
    ///
    /// # Errors
    /// When the call fails, or its answer lacks a field.
    pub async fn flow_logs(&self, filters: &[Filter<'_>]) -> Result<Vec<FlowLog>, Error> {
        let call = Ec2Call::new(DESCRIBE_FLOW_LOGS).filters(filters).page(PAGE);
        self.list(&call, "flowLogSet", FlowLog::read).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(element: &str) -> Result<FlowLog, Error> {
        let answer = format!("<R><flowLogSet><item>{element}</item></flowLogSet></R>");
        let answer = Xml::parse(DESCRIBE_FLOW_LOGS, answer.as_bytes()).expect("XML");
        FlowLog::read(&answer.list("flowLogSet")[0])
    }

    #[test]
    fn flow_logs_are_read() {
        let log = read(
            "<creationTime>2026-01-31T23:30:12.000Z</creationTime>\
             <deliverLogsErrorMessage>Access error</deliverLogsErrorMessage>\
             <deliverLogsPermissionArn>arn:aws:iam::111122223333:role/r</deliverLogsPermissionArn>\
             <deliverLogsStatus>FAILED</deliverLogsStatus><flowLogId>fl-1</flowLogId>\
             <flowLogStatus>ACTIVE</flowLogStatus><logGroupName>vpc</logGroupName>\
             <resourceId>vpc-1</resourceId><trafficType>ALL</trafficType>\
             <logDestinationType>cloud-watch-logs</logDestinationType>\
             <logFormat>${version}</logFormat><maxAggregationInterval>600</maxAggregationInterval>\
             <tagSet><item><key>a</key><value>b</value></item></tagSet>",
        )
        .expect("a flow log");
        assert!(log.is_active() && log.is_failing());
        assert_eq!(log.traffic_type.as_deref(), Some("ALL"));
        assert_eq!(log.delivery_error.as_deref(), Some("Access error"));
        assert_eq!(log.log_group.as_deref(), Some("vpc"));
        assert_eq!(log.format.as_deref(), Some("${version}"));
        assert_eq!(log.tags.len(), 1);
        assert_eq!((log.destination, log.created.is_some()), (None, true));
    }

    #[test]
    fn a_flow_log_that_does_not_say_what_it_logs_is_an_error() {
        let new = "<flowLogId>fl-1</flowLogId><flowLogStatus>ACTIVE</flowLogStatus>";
        let error = read(new).expect_err("no resource").to_string();
        assert_eq!(error, "the answer of ec2:DescribeFlowLogs lacks flowLogSet.item.resourceId");
        let log = read(&format!("{new}<resourceId>tgw-1</resourceId>")).expect("a flow log");
        assert!(!log.is_failing(), "it has not delivered yet");
    }
}
