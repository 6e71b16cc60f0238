use std::collections::BTreeMap;

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    given: NewControl,
}

/// The files of a checkout that the task reads.
fn checkout() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut wanted: Vec<String> =
        [subject::TYPES, crate::events::SNAPSHOT, CATALOGUE, "rustfmt.toml"]
            .map(str::to_owned)
            .to_vec();
    for domain in ["secrets", "logging", "identity"] {
        wanted.push(format!("functions/{domain}/src/lib.rs"));
    }
    for name in wanted {
        let to = folder.path().join(&name);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(files::root().join(&name), to).unwrap();
    }
    folder
}

/// Every file of a folder, with its text.
fn contents(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.insert(path.clone(), std::fs::read_to_string(&path).unwrap());
        }
    }
    found
}

fn new_control(folder: &Path, arguments: &[&str]) -> Result<Made, Error> {
    let root = folder.to_str().unwrap();
    let head = ["new-control", "--root", root];
    let line = head.iter().chain(arguments);
    make(&Line::try_parse_from(line).unwrap().given)
}

const SECRET: &[&str] = &[
    "secret-description",
    "--domain",
    "secrets",
    "--resource",
    "AWS::SecretsManager::Secret",
    "--criteria",
    "実1,実3 8",
    "--implied",
    "統24 1",
    "--code",
    "DESCRIPTION_MISSING",
];

#[test]
fn a_control_gets_its_file_its_module_and_its_line_in_the_catalogue() {
    let folder = checkout();
    let made = new_control(folder.path(), SECRET).unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();

    let control = read("functions/secrets/src/secret_description.rs");
    for part in [
        "//! Criteria: 実1, 実3 8 ask for it; 統24 1 implies it.",
        "explicit: &[\"実1\", \"実3 8\"], implied: &[\"統24 1\"]",
        "resources: &[ResourceType::SECRETS_MANAGER_SECRET],",
        "const DESCRIPTION_MISSING: Requirement",
        "domain: Domain::Secrets,",
        // The item is the sample's.
        "\"RotationOccurringAsScheduled\": true",
    ] {
        assert!(control.contains(part), "{part}\n{control}");
    }
    let list = read("functions/secrets/src/lib.rs");
    assert!(list.contains("pub mod plaintext_secrets;\npub mod secret_description;\npub mod"));
    assert!(list.contains("&secret_rotation::CONTROL, &secret_description::CONTROL]"), "{list}");
    assert!(
        read(CATALOGUE)
            .ends_with(&format!("{ADDED}\nsecret-description\tDESCRIPTION_MISSING\t1\n"))
    );
    assert!(contents(folder.path()).keys().all(|path| path.extension().unwrap() != "new"));

    let told = made.next_steps();
    assert!(told.contains("cargo test -p fisc-secrets --lib secret_description"), "{told}");
    assert!(!told.contains("has no item of"), "{told}");
}

#[test]
fn every_kind_is_rust_that_the_formatter_leaves_alone() {
    let folder = checkout();
    let long = "a-control-whose-name-is-as-long-as-can-b";
    for (number, (kind, resources)) in [
        ("item", &["AWS::S3::Bucket", "AWS::KMS::Key"][..]),
        // No item of it is in the sample.
        ("item", &["AWS::Transfer::Server"][..]),
        ("service", &["AWS::S3::Bucket"][..]),
        ("service", &["AWS::S3::Bucket", "AWS::KMS::Key", "AWS::EC2::Instance"][..]),
        ("account", &[][..]),
    ]
    .into_iter()
    .enumerate()
    {
        for (domain, id) in [("logging", "a"), ("identity", long)] {
            let id = if id == long { format!("{long:.39}{number}") } else { format!("a{number}") };
            let mut line =
                vec![id.as_str(), "--domain", domain, "--kind", kind, "--implied", "実3"];
            line.extend(resources.iter().flat_map(|one| ["--resource", one]));
            let made = new_control(folder.path(), &line);
            let made = made.unwrap_or_else(|error| panic!("{line:?}: {error}"));
            let file = format!("functions/{domain}/src/{}.rs", made.module);
            let text = std::fs::read_to_string(folder.path().join(&file)).unwrap();
            let again = rustfmt::format(&files::root(), Path::new(&file), &text).unwrap();
            assert_eq!(text, again);
            let long: Vec<&str> = text
                .lines()
                .filter(|line| line.chars().count() > 100 && !line.contains("\": \""))
                .collect();
            assert_eq!(long, [""; 0], "{line:?}");
        }
    }
    // A second control in a domain follows the first, and the note stands there once.
    let catalogue = std::fs::read_to_string(folder.path().join(CATALOGUE)).unwrap();
    assert_eq!(catalogue.matches(ADDED).count(), 1);
    assert!(catalogue.ends_with("_NOT_MET\t2\n"), "wave 2, as no text asks for it");
}

#[test]
fn types_without_a_sample_are_told() {
    let folder = checkout();
    let line = ["a-type", "--domain", "secrets", "--criteria", "実3", "--resource"];
    let line = [&line[..], &["AWS::Transfer::Server"]].concat();
    let told = new_control(folder.path(), &line).unwrap().next_steps();
    assert!(told.contains("has no item of AWS::Transfer"), "{told}");
}

#[test]
fn what_cannot_be_is_refused_and_nothing_is_written() {
    let folder = checkout();
    std::fs::write(folder.path().join("functions/secrets/src/taken.rs"), "").unwrap();
    let before = contents(folder.path());
    let usual = ["--resource", "AWS::S3::Bucket", "--criteria", "実3"];
    let with = |head: &[&'static str]| [head, &usual[..]].concat();
    let secrets = |id: &'static str| with(&[id, "--domain", "secrets"]);
    for (line, part) in [
        (secrets("Secret"), "is no id"),
        (secrets("secret_age"), "is no id"),
        (secrets("secret--age"), "is no id"),
        (secrets("secret-"), "is no id"),
        (secrets("4-eyes"), "is no id"),
        (secrets("秘密"), "is no id"),
        (secrets(""), "is no id"),
        (secrets("type"), "is no id"),
        (secrets("main"), "is no id"),
        (secrets("a-name-that-is-longer-than-forty-characters"), "is no id"),
        (secrets("root-mfa"), "is there already: `fisc explain root-mfa`"),
        (secrets("taken"), "taken.rs is there already"),
        (with(&["a-b", "--domain", "secret"]), "take one of identity, secrets, encryption"),
        (with(&["a-b", "--domain", "findings"]), "no domain is called"),
        (with(&["a-b", "--domain", "secrets", "--implied", "実3 99"]), "(near: 実3, 実3 "),
        (with(&["a-b", "--domain", "secrets", "--implied", "FISC"]), "no criterion \"FISC\";"),
        (with(&["a-b", "--domain", "secrets", "--implied", "実3"]), "named twice"),
        (with(&["a-b", "--domain", "secrets", "--code", "too-old"]), "is no reason code"),
        (
            with(&["a-b", "--domain", "secrets", "--resource", "AWS::S3::Buckets"]),
            "AWS::S3::Bucket",
        ),
        (with(&["a-b", "--domain", "secrets", "--resource", "Bucket"]), "AWS::S3::Bucket"),
        (
            with(&["a-b", "--domain", "secrets", "--resource", "AWS::Nix::Da"]),
            "\"AWS::Nix::Da\"; a",
        ),
        (with(&["a-b", "--domain", "secrets", "--kind", "account"]), "leave --resource out"),
        (vec!["a-b", "--domain", "secrets", "--criteria", "実3"], "name them with --resource"),
        (
            vec!["a-b", "--domain", "secrets", "--resource", "AWS::S3::Bucket"],
            "at least one criterion",
        ),
    ] {
        let error = new_control(folder.path(), &line).err().map(|error| error.to_string());
        let error = error.unwrap_or_else(|| panic!("{line:?} is taken"));
        assert!(error.contains(part), "{line:?}: {error}");
        assert_eq!(contents(folder.path()), before, "{line:?}");
    }
}

#[test]
fn a_write_that_fails_leaves_everything_as_it_was() {
    // The new text of one file cannot be put down.
    let folder = checkout();
    let blocked = folder.path().join("functions/secrets/src/lib.rs.new");
    std::fs::create_dir(&blocked).unwrap();
    let before = contents(folder.path());
    assert!(matches!(new_control(folder.path(), SECRET), Err(Error::File { .. })));
    assert_eq!(contents(folder.path()), before);
    std::fs::remove_dir(&blocked).unwrap();

    // The last file cannot be replaced, after the others were.
    let last = folder.path().join("no-file");
    std::fs::create_dir_all(last.join("in it")).unwrap();
    let list = Path::new("functions/secrets/src/lib.rs");
    let edits = [
        Edit::new(folder.path(), Path::new("new.rs"), "new".to_owned()),
        Edit::new(folder.path(), list, "changed".to_owned()),
        Edit::new(folder.path(), Path::new("no-file"), "text".to_owned()),
    ];
    assert!(matches!(edits::apply(&edits), Err(Error::File { .. })));
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn a_list_in_another_form_is_left_alone() {
    let folder = checkout();
    let list = folder.path().join("functions/secrets/src/lib.rs");
    std::fs::write(&list, "pub mod a;\npub fn controls() {}\n").unwrap();
    let before = contents(folder.path());
    let error = new_control(folder.path(), SECRET).err().unwrap().to_string();
    assert!(error.contains("lib.rs has no"), "{error}");
    assert_eq!(contents(folder.path()), before);
}
