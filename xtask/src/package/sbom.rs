//! sbom.cdx.json: what is linked into the functions, in CycloneDX 1.5.
//!
//! What cargo would link for these packages and this target is asked of `cargo tree`: it knows
//! the features as they are when only the functions are built. Procedural macros and build
//! scripts run on the building machine and are left out.
//!
//! The document is written here: the crate for it would switch on features of crates that every
//! function links, and all of the SDK would be compiled once more for this task. CI validates the
//! document against CycloneDX's schema.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value, json};

use super::cargo;
use super::digest::Sha256;
use super::error::Error;
use super::release::{Architecture, functions};

/// The product.
const PRODUCT: &str = "fisc-config-rules";

/// A package: name and version.
type Id = (String, String);

/// What the functions link, and what is known of it.
#[derive(Debug, Default)]
pub(crate) struct Linked {
    /// The functions' own packages.
    roots: BTreeSet<Id>,
    /// Every package with those that it uses.
    uses: BTreeMap<Id, BTreeSet<Id>>,
    /// Licence and repository, as the package says.
    facts: BTreeMap<Id, (Option<String>, Option<String>)>,
    /// SHA-256 of what the registry holds, in hexadecimal.
    checksums: BTreeMap<Id, String>,
}

impl Linked {
    /// Asks cargo, and reads Cargo.lock.
    ///
    /// # Errors
    /// When cargo does not answer.
    pub(crate) fn ask(root: &Path, architectures: &[Architecture]) -> Result<Self, Error> {
        let mut linked = Self::default();
        for architecture in architectures {
            linked.add_tree(&tree(root, *architecture)?);
        }
        let metadata = cargo::metadata(root)?;
        for package in metadata.get("packages").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| package.get(name).and_then(Value::as_str).map(str::to_owned);
            if let (Some(name), Some(version)) = (text("name"), text("version")) {
                linked.facts.insert((name, version), (text("license"), text("repository")));
            }
        }
        for package in cargo_lock::Lockfile::load(root.join("Cargo.lock"))?.packages {
            let id = (package.name.to_string(), package.version.to_string());
            if let Some(checksum) = package.checksum {
                linked.checksums.insert(id, checksum.to_string());
            }
        }
        Ok(linked)
    }

    /// Adds what `cargo tree --prefix depth` printed: each line a depth and a package, below the
    /// one that uses it. A package whose own uses were printed before ends with `(*)`.
    fn add_tree(&mut self, text: &str) {
        let mut path: Vec<Id> = Vec::new();
        for line in text.lines() {
            let digits = line.find(|c: char| !c.is_ascii_digit()).unwrap_or_default();
            let (depth, rest) = line.split_at(digits);
            let Ok(depth) = depth.parse::<usize>() else { continue };
            let mut words = rest.split(' ');
            let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
            let version = version.trim_start_matches('v');
            let id = (name.to_owned(), version.to_owned());
            path.truncate(depth);
            match path.last() {
                Some(user) => {
                    self.uses.entry(user.clone()).or_default().insert(id.clone());
                }
                None => {
                    self.roots.insert(id.clone());
                }
            }
            self.uses.entry(id.clone()).or_default();
            path.push(id);
        }
    }
}

fn tree(root: &Path, architecture: Architecture) -> Result<String, Error> {
    let packages =
        functions().into_iter().flat_map(|name| ["-p".to_owned(), format!("fisc-{name}")]);
    let mut args: Vec<String> = ["tree", "--locked", "--prefix", "depth", "--target"]
        .into_iter()
        .chain([architecture.target(), "--edges", "normal,no-proc-macro"])
        .map(str::to_owned)
        .collect();
    args.extend(packages);
    cargo::output(root, &args)
}

fn bom_ref(id: &Id) -> String {
    format!("pkg:cargo/{}@{}", id.0, id.1)
}

fn component(linked: &Linked, id: &Id) -> Value {
    let own = linked.roots.contains(id);
    let mut component = Map::new();
    let mut tell = |name: &str, value: Value| component.insert(name.to_owned(), value);
    tell("type", json!(if own { "application" } else { "library" }));
    tell("bom-ref", json!(bom_ref(id)));
    tell("name", json!(id.0));
    tell("version", json!(id.1));
    // A package that only this workspace has is in no registry: it has no package URL.
    if let Some(checksum) = linked.checksums.get(id) {
        tell("purl", json!(bom_ref(id)));
        tell("hashes", json!([{"alg": "SHA-256", "content": checksum}]));
    }
    let (license, repository) = linked.facts.get(id).cloned().unwrap_or_default();
    if let Some(license) = license {
        // Old manifests separate alternatives by a slash.
        let expression = license.replace(" / ", "/").replace('/', " OR ");
        tell("licenses", json!([{"expression": expression}]));
    }
    if let Some(url) = repository {
        tell("externalReferences", json!([{"type": "vcs", "url": url}]));
    }
    Value::Object(component)
}

/// The document. It holds neither a time nor a random number: the same sources give the same.
///
/// # Errors
/// When it cannot be written as JSON.
pub(crate) fn render(linked: &Linked) -> Result<Vec<u8>, Error> {
    let product: Id = (PRODUCT.to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    let depends = |id: &Id, on: &BTreeSet<Id>| json!({"ref": bom_ref(id), "dependsOn": on.iter().map(bom_ref).collect::<Vec<_>>()});
    let own = std::iter::once(depends(&product, &linked.roots));
    let dependencies = own.chain(linked.uses.iter().map(|(id, on)| depends(id, on)));
    let mut bom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {
            "type": "application",
            "bom-ref": bom_ref(&product),
            "name": product.0,
            "version": product.1,
            "description": "FISC security criteria as AWS Config custom rules",
            "licenses": [{"expression": "Apache-2.0"}],
        }},
        "components": linked.uses.keys().map(|id| component(linked, id)).collect::<Vec<_>>(),
        "dependencies": dependencies.collect::<Vec<_>>(),
    });
    let serial = serial(&serde_json::to_vec(&bom)?);
    if let Some(members) = bom.as_object_mut() {
        members.insert("serialNumber".to_owned(), json!(serial));
    }
    let mut bytes = serde_json::to_vec_pretty(&bom)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A serial number that follows from the content: a UUID of version 8, whose bits its maker
/// defines.
fn serial(content: &[u8]) -> String {
    let digits = Sha256::of(content).to_string();
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 15),
        part(15, 18),
        part(18, 30)
    )
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::files::root;

    const TREE: &str = "0fisc-a v0.1.0 (/somewhere/functions/a)\n1b v1.0.0\n2c v2.0.0\n1c v2.0.0\n\n0fisc-d v0.1.0 (/somewhere/functions/d)\n1b v1.0.0 (*)\n";

    fn id(name: &str, version: &str) -> Id {
        (name.to_owned(), version.to_owned())
    }

    #[test]
    fn a_tree_gives_roots_and_uses() {
        let mut linked = Linked::default();
        linked.add_tree(TREE);
        assert_eq!(linked.roots, BTreeSet::from([id("fisc-a", "0.1.0"), id("fisc-d", "0.1.0")]));
        let uses = |name: &Id| linked.uses[name].iter().map(|(name, _)| name.as_str()).collect();
        let of = |name, version| -> Vec<&str> { uses(&id(name, version)) };
        assert_eq!(of("fisc-a", "0.1.0"), ["b", "c"]);
        assert_eq!(of("b", "1.0.0"), ["c"]);
        assert_eq!(of("fisc-d", "0.1.0"), ["b"]);
        assert_eq!(of("c", "2.0.0"), [""; 0]);
    }

    #[test]
    fn the_real_list_is_complete_and_the_same_every_time() {
        let ask = || Linked::ask(&root(), &[Architecture::Arm64]).unwrap();
        let linked = ask();
        let bytes = render(&linked).unwrap();
        assert_eq!(render(&ask()).unwrap(), bytes);
        let bom: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!((&bom["bomFormat"], &bom["specVersion"]), (&"CycloneDX".into(), &"1.5".into()));
        let components = bom["components"].as_array().unwrap();
        let find = |name: &str| components.iter().find(|one| one["name"] == name);
        for name in functions() {
            let own = find(&format!("fisc-{name}")).unwrap();
            assert_eq!(own["type"], "application");
        }
        let sdk = find("aws-sdk-config").unwrap();
        assert_eq!(sdk["licenses"][0]["expression"], "Apache-2.0");
        assert_eq!(sdk["hashes"][0]["content"].as_str().unwrap().len(), 64);
        assert!(sdk["purl"].as_str().unwrap().starts_with("pkg:cargo/aws-sdk-config@"));
        for not_linked in ["clap", "serde_derive", "askama", "rust_xlsxwriter", "cc", "proptest"] {
            assert!(find(not_linked).is_none(), "{not_linked}");
        }
        // Every edge has both ends, and what comes from a registry has hash and licence.
        let refs: BTreeSet<&str> =
            components.iter().filter_map(|one| one["bom-ref"].as_str()).collect();
        for dependency in bom["dependencies"].as_array().unwrap() {
            for on in dependency["dependsOn"].as_array().into_iter().flatten() {
                assert!(refs.contains(on.as_str().unwrap()), "{on}");
            }
        }
        for one in components {
            let own = one["name"].as_str().unwrap().starts_with("fisc-");
            assert!(own || one["hashes"].is_array(), "{}", one["name"]);
            assert!(one["licenses"].is_array(), "{}", one["name"]);
        }
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains(&root().display().to_string()), "no path of this machine");
    }
}
