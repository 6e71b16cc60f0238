//! What must hold in every Markdown file of the project: links lead somewhere, both languages
//! keep in step, and quoted JSON and YAML can be read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::files::root;

/// A page as far as the tests look at it.
#[derive(Default)]
struct Page {
    anchors: BTreeSet<String>,
    links: Vec<String>,
    headings: Vec<HeadingLevel>,
    /// Language and text of the fenced blocks.
    blocks: Vec<(String, String)>,
    /// Rows and columns of the tables.
    tables: Vec<(usize, usize)>,
}

fn read(text: &str) -> Page {
    let mut page = Page::default();
    let mut slugs: BTreeMap<String, usize> = BTreeMap::new();
    let (mut heading, mut block) = (None, None);
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                page.headings.push(level);
                heading = Some(String::new());
            }
            Event::End(TagEnd::Heading(_)) => {
                let slug = slug(&heading.take().unwrap_or_default());
                let seen = slugs.entry(slug.clone()).or_default();
                page.anchors.insert(if *seen == 0 { slug } else { format!("{slug}-{seen}") });
                *seen += 1;
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                page.links.push(dest_url.into_string());
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                block = Some((info.into_string(), String::new()));
            }
            Event::End(TagEnd::CodeBlock) => page.blocks.extend(block.take()),
            Event::Start(Tag::Table(columns)) => page.tables.push((0, columns.len())),
            Event::Start(Tag::TableRow) => {
                if let Some((rows, _)) = page.tables.last_mut() {
                    *rows += 1;
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let ids = html.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next());
                for id in ids {
                    assert!(page.anchors.insert(id.to_owned()), "{id} stands there twice");
                }
                // Pictures for light and dark backgrounds.
                for name in ["src=\"", "srcset=\"", "href=\""] {
                    let found = html.split(name).skip(1).filter_map(|rest| rest.split('"').next());
                    page.links.extend(found.map(str::to_owned));
                }
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, block)) = &mut block {
                    block.push_str(&text);
                } else if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            _ => {}
        }
    }
    page
}

/// The anchor that a heading has where the pages are read.
fn slug(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
}

/// Every Markdown file, by its path below the workspace.
fn pages() -> BTreeMap<PathBuf, Page> {
    fn walk(folder: &Path, pages: &mut BTreeMap<PathBuf, Page>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && name != "node_modules" && !name.starts_with('.') {
                    walk(&path, pages);
                }
            } else if name.ends_with(".md") {
                let text = std::fs::read_to_string(&path).unwrap();
                pages.insert(path.strip_prefix(root()).unwrap().to_owned(), read(&text));
            }
        }
    }
    let mut pages = BTreeMap::new();
    walk(&root(), &mut pages);
    assert!(pages.len() > 20, "{} pages", pages.len());
    pages
}

/// A path without `..`; none where it leaves the project.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if !plain.pop() => return None,
            Component::Normal(part) => plain.push(part),
            _ => {}
        }
    }
    Some(plain)
}

#[test]
fn links_lead_somewhere() {
    let pages = pages();
    let mut broken = Vec::new();
    for (path, page) in &pages {
        for link in &page.links {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                Some(path.clone())
            } else {
                plain(&path.parent().unwrap().join(file))
            };
            let found = target.filter(|target| root().join(target).exists());
            let there = found.is_some_and(|target| {
                let anchors = pages.get(&target).map(|page| &page.anchors);
                anchor.is_empty() || anchors.is_some_and(|anchors| anchors.contains(anchor))
            });
            if !there {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
}

/// The page in the other language, and the same in both: sections, tables, quoted code.
#[test]
fn both_languages_keep_in_step() {
    let pages = pages();
    for (path, page) in &pages {
        let name = path.to_string_lossy();
        let other = match name.strip_suffix(".en.md") {
            Some(stem) => format!("{stem}.ja.md"),
            // At the top, what has no language in its name is the English page.
            None if !name.contains('/') && !name.ends_with(".ja.md") => {
                let Some(stem) = name.strip_suffix(".md") else { continue };
                format!("{stem}.ja.md")
            }
            None if name.ends_with(".ja.md") => {
                let english = [".en.md", ".md"].map(|end| name.replace(".ja.md", end));
                let is_there = |name: &String| pages.contains_key(Path::new(name));
                assert!(english.iter().any(is_there), "{name}");
                continue;
            }
            None => continue,
        };
        let other = pages.get(Path::new(&other)).unwrap_or_else(|| panic!("{other} is missing"));
        assert_eq!(page.headings, other.headings, "{name}: headings");
        assert_eq!(page.tables, other.tables, "{name}: rows and columns of tables");
        let languages = |page: &Page| -> Vec<String> {
            page.blocks.iter().map(|(language, _)| language.clone()).collect()
        };
        assert_eq!(languages(page), languages(other), "{name}: quoted code");
    }
}

#[test]
fn quoted_json_and_yaml_can_be_read() {
    for (path, page) in pages() {
        for (language, text) in page.blocks {
            let read = match language.as_str() {
                "json" => serde_json::from_str::<serde_json::Value>(&text)
                    .map(drop)
                    .map_err(|error| error.to_string()),
                "yaml" => serde_yaml_ng::from_str::<serde_yaml_ng::Value>(&text)
                    .map(drop)
                    .map_err(|error| error.to_string()),
                _ => Ok(()),
            };
            assert_eq!(read, Ok(()), "{}:\n{text}", path.display());
        }
    }
}

#[test]
fn anchors_are_those_of_the_headings() {
    let page = read("# One\n\n## `a-b` and *two*: c (d)\n\n## One\n\n### 設定する、値\n");
    let anchors: Vec<&str> = page.anchors.iter().map(String::as_str).collect();
    assert_eq!(anchors, ["a-b-and-two-c-d", "one", "one-1", "設定する値"]);
}
