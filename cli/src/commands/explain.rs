//! `fisc explain`: all about one control.

use std::io::{self, Write};

use anstyle::Style;
use fisc_shared::parameter::{Kind, Spec};
use fisc_shared::{Control, Language};
use serde::Serialize;

use super::controls::{Criteria, Parameter};
use crate::cost;
use crate::output::table::styled;
use crate::output::text::{Words, wrap};
use crate::terminal::Look;

const BOLD: Style = Style::new().bold();
/// Longer lines are hard to read.
const WIDEST: usize = 100;

/// Writes the explanation for people.
///
/// # Errors
/// When it cannot be written.
pub fn write_text(
    out: &mut impl Write,
    control: &Control,
    language: Language,
    look: Look,
) -> io::Result<()> {
    let words = Words(language);
    let mut page = Page { out, look };
    page.bold(0, control.id)?;
    page.text(0, control.title.get(language))?;
    let facts = [control.domain.as_str(), control.severity.as_str(), control.trigger.as_str()];
    page.text(0, &facts.join(" · "))?;

    page.section(words.why())?;
    page.text(2, control.why.get(language))?;

    page.section(words.criteria())?;
    for (label, criteria) in
        [(words.explicit(), control.criteria.explicit), (words.implied(), control.criteria.implied)]
    {
        if !criteria.is_empty() {
            page.text(2, &format!("{label}: {}", criteria.join(", ")))?;
        }
    }
    page.text(2, &format!("{}: {}", words.edition(), fisc_shared::asff::EDITION.get(language)))?;

    page.section(words.how())?;
    for requirement in control.requirements {
        let types: Vec<&str> = requirement.resources.iter().map(|known| known.name).collect();
        page.bold(2, &format!("{}  {}", requirement.code, types.join(", ")))?;
        page.text(4, requirement.title.get(language))?;
        page.text(4, requirement.rule.get(language))?;
    }

    if !control.remarks.is_empty() {
        page.section(words.remarks())?;
        for remark in control.remarks {
            page.bold(2, remark.code)?;
            page.text(4, remark.text.get(language))?;
        }
    }

    page.section(words.parameters())?;
    if control.parameters.is_empty() {
        page.text(2, words.no_parameters())?;
    }
    for spec in control.parameters {
        page.bold(2, &format!("{}  ({})", spec.name, parameter(spec, words)))?;
        page.text(4, spec.meaning.get(language))?;
    }

    page.section(words.actions())?;
    if control.actions.is_empty() {
        page.text(2, words.no_actions())?;
    }
    for action in control.actions {
        page.text(2, action.name)?;
    }

    page.section(words.cost())?;
    for line in cost::lines(control, language) {
        page.text(2, &line)?;
    }
    page.text(2, words.cost_note())?;
    page.section(words.fix())?;
    page.text(2, control.fix.get(language))?;
    page.verbatim(words.remedy_cli(), control.remedy.cli)?;
    page.verbatim(words.remedy_iac(), control.remedy.iac)?;
    page.section(words.reference())?;
    page.text(2, control.reference)
}

struct Page<'a, W> {
    out: &'a mut W,
    look: Look,
}

impl<W: Write> Page<'_, W> {
    fn section(&mut self, title: &str) -> io::Result<()> {
        writeln!(self.out)?;
        self.bold(0, title)
    }

    fn text(&mut self, indent: usize, text: &str) -> io::Result<()> {
        self.lines(indent, text, Style::new())
    }

    fn bold(&mut self, indent: usize, text: &str) -> io::Result<()> {
        self.lines(indent, text, BOLD)
    }

    /// Commands and templates, to be copied: no line of them is broken.
    fn verbatim(&mut self, title: &str, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.bold(2, title)?;
        for line in text.lines() {
            let indent = if line.is_empty() { 0 } else { 4 };
            writeln!(self.out, "{:indent$}{line}", "")?;
        }
        Ok(())
    }

    fn lines(&mut self, indent: usize, text: &str, style: Style) -> io::Result<()> {
        let width = usize::from(self.look.width).min(WIDEST) - indent;
        for line in wrap(text, width) {
            writeln!(self.out, "{:indent$}{}", "", styled(self.look, style, &line))?;
        }
        Ok(())
    }
}

/// Type, default and allowed values of a parameter.
fn parameter(spec: &Spec, words: Words) -> String {
    let default = spec.kind.default_text();
    let default = if default.is_empty() { words.empty() } else { &default };
    let values = match spec.kind {
        Kind::Integer { min, max, .. } => format!("; {min}–{max}"),
        Kind::Choice { options, .. } => {
            let options: Vec<&str> = options
                .iter()
                .map(|option| if option.is_empty() { words.empty() } else { option })
                .collect();
            format!("; {}: {}", words.values(), options.join(", "))
        }
        Kind::Flag { .. } | Kind::Text { .. } | Kind::List { .. } | Kind::Date => String::new(),
    };
    format!("{}; {}: {default}{values}", spec.kind.name(), words.default())
}

/// Writes the explanation as JSON.
///
/// # Errors
/// When it cannot be written.
pub fn write_json(out: &mut impl Write, control: &Control, language: Language) -> io::Result<()> {
    let explanation = Explanation {
        id: control.id,
        domain: control.domain.as_str(),
        severity: control.severity.as_str(),
        title: control.title.get(language),
        why: control.why.get(language),
        criteria: control.into(),
        edition: fisc_shared::asff::EDITION.get(language),
        resources: control.resources.iter().map(|known| known.name).collect(),
        trigger: control.trigger.as_str(),
        requirements: control
            .requirements
            .iter()
            .map(|requirement| Requirement {
                code: requirement.code,
                resources: requirement.resources.iter().map(|known| known.name).collect(),
                title: requirement.title.get(language),
                rule: requirement.rule.get(language),
            })
            .collect(),
        remarks: control
            .remarks
            .iter()
            .map(|remark| Remark { code: remark.code, text: remark.text.get(language) })
            .collect(),
        parameters: control.parameters.iter().map(|spec| Parameter::of(spec, language)).collect(),
        actions: control.actions.iter().map(|action| action.name).collect(),
        cost: cost::lines(control, language),
        fix: control.fix.get(language),
        remedy: Remedy { cli: control.remedy.cli, iac: control.remedy.iac },
        reference: control.reference,
    };
    serde_json::to_writer_pretty(&mut *out, &explanation)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Explanation {
    id: &'static str,
    domain: &'static str,
    severity: &'static str,
    title: &'static str,
    why: &'static str,
    criteria: Criteria,
    edition: &'static str,
    resources: Vec<&'static str>,
    trigger: &'static str,
    requirements: Vec<Requirement>,
    remarks: Vec<Remark>,
    parameters: Vec<Parameter>,
    actions: Vec<&'static str>,
    cost: Vec<String>,
    fix: &'static str,
    remedy: Remedy,
    reference: &'static str,
}

#[derive(Serialize)]
struct Remedy {
    cli: &'static str,
    iac: &'static str,
}

#[derive(Serialize)]
struct Requirement {
    code: &'static str,
    resources: Vec<&'static str>,
    title: &'static str,
    rule: &'static str,
}

#[derive(Serialize)]
struct Remark {
    code: &'static str,
    text: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use fisc_shared::parameter::Param;
    use fisc_shared::{
        Action, Check, Criteria, Domain, Limits, Placement, Remark, ResourceType, Severity, Text,
        Trigger, Verdict,
    };

    const DAYS: Param<i64> = Param::integer(
        "maxDays",
        90,
        1,
        365,
        Text::new("A key may be this old", "キーの作成からこの日数まで認める"),
    );
    const KIND: Param<String> = Param::choice(
        "kind",
        "",
        &["", "strict"],
        Text::new("How to compare; empty: as usual", "比較の方法(空の場合は通常どおり)"),
    );
    const OLD: fisc_shared::Requirement = fisc_shared::Requirement {
        code: "KEY_TOO_OLD",
        wave: 1,
        resources: &[ResourceType::KMS_KEY],
        title: Text::new("The key is too old", "キーが古すぎます"),
        rule: Text::new(
            "Fails when the key was created more than maxDays ago, by the clock of the run; keys \
             that AWS manages are left out, because nobody but AWS can replace them.",
            "キーの作成から maxDays を超える日数が経過しているとき不適合です。AWS が管理するキーは、\
             AWS 以外が交換できないため対象にしません。",
        ),
    };
    const MANAGED: Remark = Remark::new("AWS_MANAGED", "AWS manages the key", "AWS 管理キーです");
    const CONTROL: Control = Control {
        id: "key-age",
        domain: Domain::Encryption,
        severity: Severity::Medium,
        title: Text::new("Keys are young", "キーが古くない"),
        why: Text::new(
            "An old key has been used a lot.",
            "古いキーは多くのデータに使われています。",
        ),
        fix: Text::new("Make a new key.", "新しいキーを作成します。"),
        remedy: fisc_shared::Remedy::new(
            "# KEY_TOO_OLD\naws kms create-key --description \"This one is newer, and its line is not broken\"\n",
            "Resources:\n  Key:\n    Type: AWS::KMS::Key\n\n    Properties: {}\n",
        ),
        reference: "https://docs.aws.amazon.com/kms/",
        criteria: Criteria { explicit: &["実3 8", "実13"], implied: &["統24 1"] },
        resources: &[ResourceType::KMS_KEY],
        trigger: Trigger::ChangeAndPeriodic,
        placement: Placement::EveryRegion,
        actions: &[Action::any("kms:ListKeys"), Action::any("kms:DescribeKey")],
        parameters: &[DAYS.spec, KIND.spec],
        requirements: &[&OLD],
        remarks: &[&MANAGED],
        limits: Limits::SMALL,
        check: Check::Item(|_, _| Ok(Verdict::compliant())),
    };

    fn text(language: Language) -> String {
        let mut out = Vec::new();
        write_text(&mut out, &CONTROL, language, Look { width: 72, colour: false }).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn explanations_read_well() {
        insta::assert_snapshot!("english", text(Language::En));
        insta::assert_snapshot!("japanese", text(Language::Ja));
    }
}
