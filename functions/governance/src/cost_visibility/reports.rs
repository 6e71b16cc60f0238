//! What usage reports and data exports hold.

use aws_sdk_bcmdataexports::types::{Export, ExportStatus, ExportStatusCode};
use aws_sdk_costandusagereport::types::{LastStatus, ReportDefinition, SchemaElement, TimeUnit};

/// What a report must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Needed {
    pub(super) hourly: bool,
    pub(super) resource_ids: bool,
}

impl Needed {
    fn granularity(self, found: &str) -> bool {
        found == "HOURLY" || found == "DAILY" && !self.hourly
    }

    /// Whether a usage report is enough. One that is new has no status yet.
    pub(super) fn met_by_report(self, report: &ReportDefinition) -> bool {
        let granularity = match report.time_unit {
            TimeUnit::Hourly => "HOURLY",
            TimeUnit::Daily => "DAILY",
            _ => "",
        };
        let status = report.report_status.as_ref().and_then(|status| status.last_status.as_ref());
        self.granularity(granularity)
            && (!self.resource_ids
                || report.additional_schema_elements.contains(&SchemaElement::Resources))
            && status.is_none_or(|status| *status == LastStatus::Success)
    }

    /// Whether a data export is enough: the table holds what is needed, and the query selects it.
    pub(super) fn met_by_export(self, export: &Export, status: Option<&ExportStatus>) -> bool {
        let Some(query) = &export.data_query else { return false };
        let tables = query.table_configurations.iter().flatten();
        let setting = |table: &std::collections::HashMap<String, String>, key: &str| {
            table.get(key).map(|value| value.to_ascii_uppercase()).unwrap_or_default()
        };
        let statement = query.query_statement.to_ascii_lowercase();
        let mut suitable = tables.filter(|(name, table)| {
            statement.contains(&name.to_ascii_lowercase())
                && self.granularity(&setting(table, "TIME_GRANULARITY"))
                && (!self.resource_ids
                    || setting(table, "INCLUDE_RESOURCES") == "TRUE"
                        && statement.contains("line_item_resource_id"))
        });
        let code = status.and_then(|status| status.status_code.as_ref());
        suitable.next().is_some() && code.is_none_or(|code| *code == ExportStatusCode::Healthy)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aws_sdk_bcmdataexports::types::DataQuery;
    use aws_sdk_costandusagereport::types::{
        AwsRegion, CompressionFormat, ReportFormat, ReportStatus,
    };

    use super::*;

    const ALL: Needed = Needed { hourly: true, resource_ids: true };
    const LESS: Needed = Needed { hourly: false, resource_ids: false };

    fn report(
        unit: TimeUnit,
        with: &[SchemaElement],
        status: Option<LastStatus>,
    ) -> ReportDefinition {
        let status = status.map(|status| ReportStatus::builder().last_status(status).build());
        ReportDefinition::builder()
            .report_name("usage")
            .time_unit(unit)
            .format(ReportFormat::Parquet)
            .compression(CompressionFormat::Parquet)
            .set_additional_schema_elements(Some(with.to_vec()))
            .s3_bucket("usage")
            .s3_prefix("cur")
            .s3_region(AwsRegion::from("us-east-1"))
            .set_report_status(status)
            .build()
            .unwrap()
    }

    #[test]
    fn a_report_has_granularity_resources_and_deliveries() {
        let with = [SchemaElement::Resources];
        assert!(ALL.met_by_report(&report(TimeUnit::Hourly, &with, Some(LastStatus::Success))));
        assert!(ALL.met_by_report(&report(TimeUnit::Hourly, &with, None)), "it is new");
        assert!(!ALL.met_by_report(&report(TimeUnit::Daily, &with, None)));
        assert!(!ALL.met_by_report(&report(TimeUnit::Hourly, &[], None)));
        assert!(LESS.met_by_report(&report(TimeUnit::Daily, &[], None)));
        assert!(!LESS.met_by_report(&report(TimeUnit::Monthly, &[], None)));
        let lost = Some(LastStatus::ErrorNoBucket);
        assert!(!LESS.met_by_report(&report(TimeUnit::Hourly, &with, lost)));
    }

    fn export(query: &str, settings: &[(&str, &str)]) -> Export {
        let settings: HashMap<String, String> =
            settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let query = DataQuery::builder()
            .query_statement(query)
            .table_configurations("COST_AND_USAGE_REPORT", settings)
            .build()
            .unwrap();
        Export::builder().name("usage").data_query(query).build().unwrap()
    }

    #[test]
    fn an_export_has_them_in_its_table_and_its_query() {
        const QUERY: &str =
            "SELECT line_item_resource_id, line_item_unblended_cost FROM COST_AND_USAGE_REPORT";
        let hourly = [("TIME_GRANULARITY", "HOURLY"), ("INCLUDE_RESOURCES", "TRUE")];
        assert!(ALL.met_by_export(&export(QUERY, &hourly), None));
        let daily = [("TIME_GRANULARITY", "DAILY"), ("INCLUDE_RESOURCES", "FALSE")];
        assert!(!ALL.met_by_export(&export(QUERY, &daily), None));
        assert!(LESS.met_by_export(&export(QUERY, &daily), None));
        let without = [("TIME_GRANULARITY", "HOURLY"), ("INCLUDE_RESOURCES", "FALSE")];
        assert!(!ALL.met_by_export(&export(QUERY, &without), None));
        let left_out = "SELECT line_item_unblended_cost FROM COST_AND_USAGE_REPORT";
        assert!(!ALL.met_by_export(&export(left_out, &hourly), None));
        // Another table of Data Exports.
        let other = "SELECT account_id FROM COST_OPTIMIZATION_RECOMMENDATIONS";
        assert!(!LESS.met_by_export(&export(other, &hourly), None));
        let ill = ExportStatus::builder().status_code(ExportStatusCode::Unhealthy).build();
        assert!(!ALL.met_by_export(&export(QUERY, &hourly), Some(&ill)));
        let well = ExportStatus::builder().status_code(ExportStatusCode::Healthy).build();
        assert!(ALL.met_by_export(&export(QUERY, &hourly), Some(&well)));
    }
}
