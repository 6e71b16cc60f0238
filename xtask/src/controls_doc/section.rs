//! The section of one control.

use std::cmp::Reverse;
use std::fmt::Write as _;

use fisc_cli::cost;
use fisc_shared::parameter::Kind;
use fisc_shared::{Control, Language, Placement, ResourceType};

use super::{In, link};
use crate::coverage_doc;

/// How many other controls are named for reading on.
const RELATED: usize = 4;

// Writing to a String cannot fail.
pub(super) fn write(page: &mut String, control: &Control, all: &[&Control], language: Language) {
    head(page, control, language);
    decides(page, control, language);
    parameters(page, control, language);
    costs(page, control, language);
    fix(page, control, language);
    read_on(page, control, all, language);
}

fn head(page: &mut String, control: &Control, language: Language) {
    let words = In(language);
    let _ = writeln!(
        page,
        "\n## {}\n\n**{}**\n\n{}\n",
        control.id,
        control.title.get(language),
        control.why.get(language),
    );
    let criteria = |numbers: &[&str]| {
        let link = |number: &&str| coverage_doc::link(number, "../", language);
        numbers.iter().map(link).collect::<Vec<_>>().join(", ")
    };
    for (label, numbers) in [
        (words.t("Asked for by", "明示的に求める基準"), control.criteria.explicit),
        (words.t("Implied by", "間接的に関わる基準"), control.criteria.implied),
    ] {
        if !numbers.is_empty() {
            let _ = writeln!(page, "- {label}: {}", criteria(numbers));
        }
    }
    let resources: Vec<_> = control.resources.iter().map(|resource| resource.name).collect();
    let placement = match control.placement {
        Placement::HomeRegion => words.t("home Region only", "ホームリージョンのみ"),
        Placement::UsEast1 => words.t("us-east-1 only", "us-east-1 のみ"),
        Placement::EveryRegion => words.t("every Region", "全リージョン"),
    };
    let _ = writeln!(
        page,
        "- {}: {}\n- {}: {}, {placement}\n- {}: {}\n",
        words.t("Judges", "評価対象"),
        resources.join(", "),
        words.t("Runs", "実行"),
        control.trigger.as_str(),
        words.t("Severity", "重要度"),
        control.severity.as_str(),
    );
}

fn decides(page: &mut String, control: &Control, language: Language) {
    let words = In(language);
    let _ = writeln!(
        page,
        "| {} | {} | {} |\n|---|---|---|",
        words.t("reason code", "理由コード"),
        words.t("wave", "区分"),
        words.t("how it decides", "判定方法"),
    );
    for requirement in control.requirements {
        let _ = writeln!(
            page,
            "| `{}` | {} | {} |",
            requirement.code,
            requirement.wave,
            cell(requirement.rule.get(language)),
        );
    }
    if control.remarks.is_empty() {
        return;
    }
    let _ = writeln!(
        page,
        "\n{}\n",
        words.t("Remarks and when it does not apply:", "補足と対象外の条件:")
    );
    for remark in control.remarks {
        let _ = writeln!(page, "- `{}`: {}", remark.code, remark.text.get(language));
    }
}

fn parameters(page: &mut String, control: &Control, language: Language) {
    if control.parameters.is_empty() {
        return;
    }
    let words = In(language);
    let _ = writeln!(
        page,
        "\n| {} | {} | {} | {} |\n|---|---|---|---|",
        words.t("parameter", "パラメータ"),
        words.t("type", "型"),
        words.t("default", "既定値"),
        words.t("meaning", "意味"),
    );
    for spec in control.parameters {
        let default = spec.kind.default_text();
        let default = if default.is_empty() { "-".to_owned() } else { format!("`{default}`") };
        let takes = match spec.kind {
            Kind::Integer { min, max, .. } => format!(" {min}–{max}"),
            Kind::Choice { options, .. } => {
                let words: Vec<String> = options
                    .iter()
                    .filter(|word| !word.is_empty())
                    .map(|word| format!("`{word}`"))
                    .collect();
                format!(" {}", words.join(", "))
            }
            _ => String::new(),
        };
        let _ = writeln!(
            page,
            "| `{}` | {}{takes} | {} | {} |",
            spec.name,
            spec.kind.name(),
            cell(&default),
            cell(spec.meaning.get(language)),
        );
    }
}

fn costs(page: &mut String, control: &Control, language: Language) {
    let _ = writeln!(page, "\n**{}**\n", In(language).t("Cost", "費用"));
    for line in cost::lines(control, language) {
        let _ = writeln!(page, "- {line}");
    }
}

fn fix(page: &mut String, control: &Control, language: Language) {
    let words = In(language);
    let _ = writeln!(
        page,
        "\n**{}**\n\n{}",
        words.t("How to fix", "是正方法"),
        control.fix.get(language)
    );
    for (label, code, text) in [
        (words.t("With the AWS CLI:", "AWS CLI:"), "sh", control.remedy.cli),
        (words.t("With CloudFormation:", "CloudFormation:"), "yaml", control.remedy.iac),
    ] {
        if !text.is_empty() {
            let _ = writeln!(page, "\n{label}\n\n```{code}\n{}\n```", text.trim_end());
        }
    }
}

fn read_on(page: &mut String, control: &Control, all: &[&Control], language: Language) {
    let words = In(language);
    let _ = writeln!(page, "\n{}: <{}>", words.t("Read on", "参考"), control.reference);
    let related: Vec<String> =
        related(control, all).into_iter().map(|one| link(one, "", language)).collect();
    if !related.is_empty() {
        let _ = writeln!(page, "\n{}: {}", words.t("See also", "関連"), related.join(", "));
    }
}

/// Controls of the same resources and criteria, the closest first.
fn related<'a>(control: &Control, all: &[&'a Control]) -> Vec<&'a Control> {
    let kinds = |one: &Control| {
        let kinds = one.resources.iter().filter(|kind| **kind != ResourceType::ACCOUNT);
        kinds.filter(|kind| control.resources.contains(kind)).count()
    };
    let criteria = |one: &Control| {
        let asked = one.criteria.explicit.iter();
        asked.filter(|number| control.criteria.explicit.contains(number)).count()
    };
    let mut near: Vec<(usize, &Control)> = all
        .iter()
        .filter(|one| one.id != control.id)
        .map(|one| (2 * kinds(one).min(3) + criteria(one), *one))
        .filter(|(score, _)| *score > 1)
        .collect();
    near.sort_by_key(|(score, _)| Reverse(*score));
    near.into_iter().take(RELATED).map(|(_, one)| one).collect()
}

/// A text inside a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
