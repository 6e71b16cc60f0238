//! `cargo xtask new-control`: the file of a control to start from, and its place in the domain.
//!
//! What is written compiles, is formatted, and has a test that fails and says what to fill in.
//! Everything is made before anything is written, and a write that fails is taken back.

mod edits;
mod rustfmt;
mod scaffold;
mod subject;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use fisc_cli::criteria;
use fisc_cli::registry;
use fisc_shared::{Domain, Severity};

use crate::files;
use edits::Edit;
use scaffold::Scaffold;
use subject::Subject;

/// Where the catalogue of requirements is.
const CATALOGUE: &str = "xtask/catalogue.tsv";
/// What follows was not among the requirements that were first read from the reference.
const ADDED: &str = "# Added since, with `cargo xtask new-control`.";

/// Options of `cargo xtask new-control`.
#[derive(Debug, Args)]
pub(crate) struct NewControl {
    /// Id of the control in kebab-case: secret-description. The rule is named after it
    id: String,
    /// The domain that it belongs to: a folder under functions/
    #[arg(long)]
    domain: String,
    /// How it decides
    #[arg(long, value_enum, default_value_t = Kind::Item)]
    kind: Kind,
    /// Resource type that it judges, such as AWS::S3::Bucket (may be repeated)
    #[arg(long = "resource", value_name = "TYPE")]
    resources: Vec<String>,
    /// Criterion whose text asks for it, such as "実3 8" (may be repeated, or with commas)
    #[arg(long, value_name = "NUMBER", value_delimiter = ',')]
    criteria: Vec<String>,
    /// Criterion that it only follows from (may be repeated, or with commas)
    #[arg(long, value_name = "NUMBER", value_delimiter = ',')]
    implied: Vec<String>,
    /// Reason code of its first requirement [default: the id with _NOT_MET]
    #[arg(long)]
    code: Option<String>,
    /// What a failure weighs
    #[arg(long, value_enum, default_value_t = Weight::Medium)]
    severity: Weight,
    /// The checkout to write to [default: this one]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

/// How a control decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// From the configuration item alone, whenever it changes
    Item,
    /// From what a service answers about each resource
    Service,
    /// From what services answer about the account as a whole
    Account,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Item => "item",
            Self::Service => "service",
            Self::Account => "account",
        }
    }
}

/// The severities, as an option takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Weight {
    Low,
    Medium,
    High,
    Critical,
}

impl From<Weight> for Severity {
    fn from(weight: Weight) -> Self {
        match weight {
            Weight::Low => Self::Low,
            Weight::Medium => Self::Medium,
            Weight::High => Self::High,
            Weight::Critical => Self::Critical,
        }
    }
}

/// Why no control was made. Nothing was written then.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(
        "{0:?} is no id for a control: words of lower-case letters and digits, joined by single \
         hyphens, 40 characters at most, no word of the Rust language: secret-description"
    )]
    Id(String),
    #[error("a control {0} is there already: `fisc explain {0}` tells all about it")]
    Exists(String),
    #[error("{path} is there already: choose another id", path = .0.display())]
    FileExists(PathBuf),
    #[error("no domain is called {given:?}: take one of {known}")]
    Domain { given: String, known: String },
    #[error("the reference has no criterion {given:?}{near}; `fisc coverage --all` lists them")]
    Criterion { given: String, near: String },
    #[error("{0} is named twice: a criterion is asked for by the text, or only implied")]
    CriterionTwice(String),
    #[error("a control speaks to at least one criterion: add --criteria or --implied")]
    NoCriterion,
    #[error("{0:?} is no reason code: capital letters, digits and underscores: KEY_TOO_OLD")]
    Code(String),
    #[error(
        "no resource type here is called {given:?}{near}; a type that no control judged so far is \
         first added to {types}, as the others there",
        types = subject::TYPES
    )]
    Resource { given: String, near: String },
    #[error("a control of kind {0} judges resources: name them with --resource AWS::S3::Bucket")]
    NoResource(&'static str),
    #[error("a control of kind account judges the account: leave --resource out")]
    ResourceOfAccount,
    #[error("{file} has no {what} in the usual form: put the control there by hand, as the others")]
    Form { file: PathBuf, what: &'static str },
    #[error("rustfmt, a part of the Rust toolchain, did not format {file}: {problem}")]
    Format { file: PathBuf, problem: String },
    #[error("{path}: {error}", path = path.display())]
    File { path: PathBuf, error: std::io::Error },
    #[error("the scaffold cannot be rendered: {0}")]
    Template(#[from] askama::Error),
    #[error("{0}")]
    Snapshot(#[from] serde_json::Error),
    #[error("{0}")]
    Criteria(#[from] criteria::CriteriaError),
}

/// What was made, for the words at the end.
pub(crate) struct Made {
    id: String,
    module: String,
    domain: Domain,
    kind: Kind,
    /// Types of which the sample snapshot has no item.
    without_sample: Vec<String>,
}

/// Makes a control.
///
/// # Errors
/// [`Error`]; then nothing was written.
pub(crate) fn make(given: &NewControl) -> Result<Made, Error> {
    let root = given.root.clone().unwrap_or_else(files::root);
    let id = checked_id(&given.id)?;
    let domain = domain(&given.domain)?;
    let [explicit, implied] = checked_criteria(given)?;
    let code = code(given)?;
    let subjects = subject::find(&root, given.kind, &given.resources)?;

    let module = id.replace('-', "_");
    let src = Path::new("functions").join(domain.as_str()).join("src");
    let file = src.join(format!("{module}.rs"));
    for taken in [file.clone(), src.join(&module)] {
        if root.join(&taken).exists() {
            return Err(Error::FileExists(taken));
        }
    }
    let scaffold = Scaffold {
        id: id.clone(),
        kind: given.kind.as_str(),
        domain: format!("{domain:?}"),
        severity: format!("{:?}", Severity::from(given.severity)),
        explicit,
        implied,
        code: code.clone(),
        subjects: &subjects,
    };
    let text = rustfmt::format(&root, &file, &scaffold.render()?)?;
    let edits = [
        Edit::new(&root, &file, text),
        edits::listed(&root, &src.join("lib.rs"), &module)?,
        edits::catalogued(&root, &id, &code, scaffold.wave())?,
    ];
    edits::apply(&edits)?;
    let without_sample =
        subjects.iter().filter(|one| one.needs_sample()).map(Subject::name).collect();
    Ok(Made { id, module, domain, kind: given.kind, without_sample })
}

/// Words that no module may be called.
const RESERVED: &[&str] = &[
    "as", "async", "await", "box", "break", "const", "continue", "crate", "dyn", "do", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "lib",
    "loop", "macro", "main", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "abstract", "become",
];

fn checked_id(id: &str) -> Result<String, Error> {
    let word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let formed = id.len() <= 40
        && id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.split('-').all(word)
        && !RESERVED.contains(&id);
    if !formed {
        return Err(Error::Id(id.to_owned()));
    }
    match registry::find(id) {
        Some(_) => Err(Error::Exists(id.to_owned())),
        None => Ok(id.to_owned()),
    }
}

/// The domains are those of the controls that there are: none is empty.
fn domain(given: &str) -> Result<Domain, Error> {
    let mut domains: Vec<Domain> = registry::all().iter().map(|control| control.domain).collect();
    domains.dedup();
    domains.iter().copied().find(|domain| domain.as_str() == given).ok_or_else(|| {
        let known: Vec<&str> = domains.iter().map(|domain| domain.as_str()).collect();
        Error::Domain { given: given.to_owned(), known: known.join(", ") }
    })
}

/// The criteria that ask for the control, and those that imply it.
fn checked_criteria(given: &NewControl) -> Result<[Vec<String>; 2], Error> {
    let all = criteria::all()?;
    let mut seen: Vec<String> = Vec::new();
    let mut checked = |numbers: &[String]| {
        numbers
            .iter()
            .map(|number| {
                let number = number.trim().to_owned();
                if seen.contains(&number) {
                    return Err(Error::CriterionTwice(number));
                }
                if all.iter().any(|one| one.number == number) {
                    seen.push(number.clone());
                    return Ok(number);
                }
                let stem = number.split(' ').next().unwrap_or_default();
                let near: Vec<&str> = all
                    .iter()
                    .map(|one| one.number)
                    .filter(|one| one.split(' ').next() == Some(stem))
                    .collect();
                let near = match near.as_slice() {
                    [] => String::new(),
                    near => format!(" (near: {})", near.join(", ")),
                };
                Err(Error::Criterion { given: number, near })
            })
            .collect::<Result<Vec<String>, Error>>()
    };
    let found = [checked(&given.criteria)?, checked(&given.implied)?];
    if found.iter().all(Vec::is_empty) { Err(Error::NoCriterion) } else { Ok(found) }
}

fn code(given: &NewControl) -> Result<String, Error> {
    let code = given
        .code
        .clone()
        .unwrap_or_else(|| format!("{}_NOT_MET", given.id.replace('-', "_").to_ascii_uppercase()));
    let formed = code.starts_with(|c: char| c.is_ascii_uppercase())
        && code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if formed { Ok(code) } else { Err(Error::Code(code)) }
}

impl Made {
    /// What was written, and what comes next.
    pub(crate) fn next_steps(&self) -> String {
        let Self { id, module, .. } = self;
        let domain = self.domain.as_str();
        let sample = match self.without_sample.as_slice() {
            [] => String::new(),
            types => format!(
                "     events/config-snapshot.json has no item of {}: add a good and a bad one,\n     \
                 and the verdicts that you expect to events/samples/expected.json.\n",
                types.join(", ")
            ),
        };
        let asked = match self.kind {
            Kind::Item => String::new(),
            Kind::Service | Kind::Account => format!(
                "  4. Test the calls against the emulated AWS, as tests/{domain}.rs does for others.\n"
            ),
        };
        format!(
            "\
Written:
  functions/{domain}/src/{module}.rs  the control; every TODO is for you
  functions/{domain}/src/lib.rs  its module, and its line in CONTROLS
  {CATALOGUE}  its reason code

Next:
  1. cargo test -p fisc-{domain} --lib {module}
     fails, and says what is missing.
  2. Fill in the TODOs, from the requirement's rule to the rows of the test, until it passes.
     A further reason code gets a line in {CATALOGUE}.
  3. cargo xtask generate
     writes template, role, documentation and sample event; it refuses while a TODO is left.
{sample}{asked}  Then .ci/run, or at least `cargo test --workspace`. `fisc explain {id}` shows the result.
"
        )
    }
}

#[cfg(test)]
mod tests;
