//! Patterns for lines of fields: `[ip, user, ..., status = 4*, bytes]`.

use super::cursor::{Cursor, Operand, Operator};
use super::{FilterPatternError, Match, Undecided};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fields(pub(super) Vec<Slot>);

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Slot {
    /// `...`: any number of fields.
    Rest,
    /// One field: one of these lists of conditions must hold; without any, every field fits.
    Field(Vec<Vec<(Operator, Operand)>>),
}

pub(super) fn parse(text: &str) -> Result<Fields, FilterPatternError> {
    let mut cursor = Cursor::new(text);
    cursor.expect("[", "an opening bracket is missing")?;
    let mut slots = Vec::new();
    if !cursor.take("]") {
        loop {
            slots.push(slot(&mut cursor)?);
            if cursor.take("]") {
                break;
            }
            cursor.expect(",", "a comma or the closing bracket is missing")?;
        }
    }
    cursor.skip_blanks();
    if cursor.at_end() {
        Ok(Fields(slots))
    } else {
        Err(cursor.wrong("there is more after the closing bracket"))
    }
}

fn slot(cursor: &mut Cursor<'_>) -> Result<Slot, FilterPatternError> {
    if cursor.take("...") {
        return Ok(Slot::Rest);
    }
    let mut any: Vec<Vec<(Operator, Operand)>> = Vec::new();
    let mut all = Vec::new();
    loop {
        cursor.skip_blanks();
        let name = cursor.take_until(|one| one.is_whitespace() || "=!<>,[]&|\"%".contains(one));
        cursor.skip_blanks();
        // A name alone stands for any field, and may be left out.
        if any.is_empty() && all.is_empty() && matches!(cursor.peek(), Some(',' | ']')) {
            return Ok(Slot::Field(Vec::new()));
        }
        if name.is_empty() {
            return Err(cursor.wrong("the name of a field is missing"));
        }
        let operator = cursor.operator()?;
        all.push((operator, cursor.operand(operator, |one| matches!(one, ',' | ']'))?));
        if cursor.take("&&") {
            continue;
        }
        any.push(std::mem::take(&mut all));
        if !cursor.take("||") {
            return Ok(Slot::Field(any));
        }
    }
}

/// The fields of a line: what stands between blanks, in brackets or in quotation marks.
fn split(line: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '[' => Some(']'),
            '"' => Some('"'),
            _ => None,
        };
        let enclosed = close
            .and_then(|close| rest.strip_prefix(first).and_then(|inner| inner.split_once(close)));
        let (field, after) = match enclosed {
            Some(enclosed) => enclosed,
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        fields.push(field);
        rest = after.trim_start();
    }
    fields
}

impl Slot {
    fn fits(&self, field: &str) -> Match {
        let Self::Field(any) = self else { return Match::Yes };
        if any.is_empty() {
            return Match::Yes;
        }
        let holds = |(operator, operand): &(Operator, Operand)| match (operator, operand) {
            (Operator::Unequal, operand) => !operand.equals_text(field),
            (Operator::Equal, Operand::Number(want, written)) => {
                (written == field || field.parse().ok() == Some(*want)).into()
            }
            (Operator::Equal, operand) => operand.equals_text(field),
            (operator, Operand::Number(want, _)) => {
                field.parse().is_ok_and(|have| operator.compare(have, *want)).into()
            }
            _ => Match::No,
        };
        Match::any(any.iter().map(|all| Match::all(all.iter().map(holds))))
    }
}

impl Fields {
    pub(super) fn matches(&self, message: &str) -> Match {
        let fields = split(message);
        let counted = !self.0.contains(&Slot::Rest);
        // For each slot, from the last to the first: whether it and those behind it fit the
        // fields from a place on.
        let mut behind = vec![Match::No; fields.len()];
        behind.push(Match::Yes);
        for (index, slot) in self.0.iter().enumerate().rev() {
            let last = index + 1 == self.0.len();
            let mut here = vec![Match::No; fields.len() + 1];
            let mut later = Match::No;
            for place in (0..=fields.len()).rev() {
                let rest = |place: usize| behind.get(place).copied().unwrap_or(Match::No);
                let fit = match (slot, fields.get(place)) {
                    (Slot::Rest, _) => {
                        later = later.or(|| rest(place));
                        later
                    }
                    (Slot::Field(_), None) => Match::No,
                    // The last name takes what is left of the line.
                    (Slot::Field(any), Some(_)) if last && any.is_empty() => Match::Yes,
                    (Slot::Field(_), Some(_)) if last && counted && place + 1 < fields.len() => {
                        Match::Undecided(Undecided::Undocumented)
                    }
                    (slot, Some(field)) => rest(place + 1).and(|| slot.fits(field)),
                };
                if let Some(entry) = here.get_mut(place) {
                    *entry = fit;
                }
            }
            behind = here;
        }
        behind.first().copied().unwrap_or(Match::No)
    }
}
