//! What a control costs, as far as its declaration tells.

use fisc_shared::{Check, Control, Language, ResourceType};

use crate::output::text::Words;

/// Services that bill their requests, read-only ones too, by the prefix of their actions.
const BILLED: &[&str] = &["ce", "cloudwatch", "kms", "s3", "secretsmanager", "sqs"];

/// What a control costs: what is evaluated when, which calls that takes, and the most that a run
/// of its function can use; one line each.
#[must_use]
pub fn lines(control: &Control, language: Language) -> Vec<String> {
    let words = Words(language);
    let mut lines = Vec::new();
    let changing: Vec<&str> = control.changing().map(|kind| kind.name).collect();
    if !changing.is_empty() {
        lines.push(format!("{}: {}", words.cost_one_change(), changing.join(", ")));
    }
    if control.trigger.on_schedule() {
        let account = ResourceType::ACCOUNT.name;
        let swept = control.swept().iter().map(|kind| kind.name);
        let each: Vec<&str> = swept.filter(|name| *name != account).collect();
        if !each.is_empty() {
            lines.push(format!("{}: {}", words.cost_one_each(), each.join(", ")));
        }
        if control.swept().contains(&ResourceType::ACCOUNT) {
            lines.push(words.cost_one_account().to_owned());
        }
    }
    lines.push(calls(control, words));
    let billed = billed(control);
    if !billed.is_empty() {
        lines.push(format!("{}: {}", words.cost_billed(), billed.join(", ")));
    }
    let limits = control.limits;
    lines.push(format!(
        "{}: {} s, {} MB",
        words.cost_limit(),
        limits.timeout_seconds,
        limits.memory_mb
    ));
    lines
}

fn calls(control: &Control, words: Words) -> String {
    if control.actions.is_empty() {
        return words.cost_no_calls().to_owned();
    }
    // What another service does for the function is no call of it.
    let own = control.actions.iter().filter(|action| action.through.is_empty());
    let names: Vec<&str> = own.map(|action| action.name).collect();
    let item_first = matches!(control.check, Check::Service { .. }) && control.trigger.on_change();
    let label = if item_first { words.cost_calls_item() } else { words.cost_calls() };
    format!("{label}: {}", names.join(", "))
}

/// The services among those that a control calls that bill their requests.
fn billed(control: &Control) -> Vec<&'static str> {
    let mut services: Vec<&str> =
        control.actions.iter().filter_map(|action| action.name.split(':').next()).collect();
    services.retain(|service| BILLED.contains(service));
    services.sort_unstable();
    services.dedup();
    services
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;

    fn of(id: &str) -> Vec<String> {
        lines(registry::find(id).unwrap(), Language::En)
    }

    #[test]
    fn cost_follows_from_the_declaration() {
        assert_eq!(
            of("s3-tls-only"),
            [
                "One evaluation for every recorded change of: AWS::S3::Bucket",
                "No AWS call: the recorded item is enough",
                "Lambda, at most for each run: 60 s, 128 MB",
            ]
        );
        let account = of("root-mfa");
        assert_eq!(
            account[0],
            "On schedule, by default once a day, one evaluation for the account"
        );
        assert!(account[1].starts_with("Calls: iam:GetAccountSummary, "), "{account:?}");
        let both = of("kms-key-rotation");
        assert!(both[0].ends_with("change of: AWS::KMS::Key"), "{both:?}");
        assert!(both[1].ends_with("for each of: AWS::KMS::Key"), "{both:?}");
        assert!(both[2].starts_with("Asks a service only where"), "{both:?}");
        assert!(both[3].ends_with("billed: kms"), "{both:?}");
    }

    #[test]
    fn every_control_says_when_it_is_evaluated() {
        for control in registry::all() {
            for language in [Language::En, Language::Ja] {
                let words = Words(language);
                let lines = lines(control, language);
                let says = |part: &str| lines.iter().any(|line| line.starts_with(part));
                assert_eq!(says(words.cost_one_change()), control.trigger.on_change());
                let scheduled = says(words.cost_one_each()) || says(words.cost_one_account());
                assert_eq!(scheduled, control.trigger.on_schedule(), "{}", control.id);
            }
        }
    }
}
