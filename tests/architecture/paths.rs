//! Finds every path (`a::b::c`) that a Rust source names, wherever it stands.
//!
//! It works on tokens, not on items, so that a path inside a macro or an attribute's text
//! counts like any other. `super` and `self` are resolved against the module the file is.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// One path named in a source, resolved: `crate::…` or an external name first.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    pub line: usize,
    pub segments: Vec<String>,
    /// Whether it stands in a module of tests.
    pub in_tests: bool,
}

impl Named {
    fn new(line: usize, path: &[String], module: &[String]) -> Self {
        let in_tests = module.iter().any(|part| part == "tests");
        Self { line, segments: resolve(path, module), in_tests }
    }
}

/// Every path of `source`, which is the file of `module` (`["ledger", "codec"]`).
pub fn named(source: &str, module: &[String]) -> Vec<Named> {
    let stream: TokenStream = source.parse().expect("the source is Rust");
    let mut found = Vec::new();
    scan(stream, module, &mut found);
    found
}

/// The module that a file under `src/` is: `src/ledger/codec.rs` is `["ledger", "codec"]`.
pub fn module_of(file: &str) -> Vec<String> {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    inner
        .split('/')
        .filter(|part| !matches!(*part, "mod" | "lib" | "main"))
        .map(str::to_owned)
        .collect()
}

fn scan(stream: TokenStream, module: &[String], found: &mut Vec<Named>) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(name) = inline_module(&tokens, at) {
            let TokenTree::Group(body) = &tokens[at + 2] else { unreachable!() };
            let mut inner = module.to_vec();
            inner.push(name);
            scan(body.stream(), &inner, found);
            at += 3;
            continue;
        }
        if is_doc(&tokens, at) {
            at += 2;
            continue;
        }
        match &tokens[at] {
            TokenTree::Ident(first) => {
                let line = first.span().start().line;
                let prefix = vec![first.to_string()];
                at = follow(&tokens, at + 1, prefix, line, module, found);
            }
            TokenTree::Group(group) => {
                scan(group.stream(), module, found);
                at += 1;
            }
            TokenTree::Literal(text) => {
                in_text(&text.to_string(), text.span().start().line, module, found);
                at += 1;
            }
            TokenTree::Punct(_) => at += 1,
        }
    }
}

/// Reads on from `at` while `::` goes on; returns where the path ended.
fn follow(
    tokens: &[TokenTree],
    mut at: usize,
    mut path: Vec<String>,
    line: usize,
    module: &[String],
    found: &mut Vec<Named>,
) -> usize {
    while is_colons(tokens, at) {
        match tokens.get(at + 2) {
            Some(TokenTree::Ident(next)) => {
                path.push(next.to_string());
                at += 3;
            }
            Some(TokenTree::Punct(star)) if star.as_char() == '*' => {
                path.push("*".to_owned());
                at += 3;
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                branches(group.stream(), &path, module, found);
                return at + 3;
            }
            // `::<…>`: what is between the angles is scanned as any other tokens.
            _ => {
                at += 2;
                break;
            }
        }
    }
    found.push(Named::new(line, &path, module));
    at
}

/// The branches of a grouped `use`, each continued from `prefix`.
fn branches(stream: TokenStream, prefix: &[String], module: &[String], found: &mut Vec<Named>) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut starts_branch = true;
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(name) if starts_branch => {
                let mut path = prefix.to_vec();
                path.push(name.to_string());
                at = follow(&tokens, at + 1, path, name.span().start().line, module, found);
                starts_branch = false;
                continue;
            }
            TokenTree::Punct(mark) if mark.as_char() == ',' => starts_branch = true,
            TokenTree::Punct(mark) if mark.as_char() == '*' && starts_branch => {
                let mut path = prefix.to_vec();
                path.push("*".to_owned());
                let line = mark.span().start().line;
                found.push(Named::new(line, &path, module));
            }
            TokenTree::Punct(_)
            | TokenTree::Ident(_)
            | TokenTree::Group(_)
            | TokenTree::Literal(_) => {}
        }
        at += 1;
    }
}

/// Turns `self::`, `super::` and `crate::` prefixes into one absolute `crate::…` path.
fn resolve(path: &[String], module: &[String]) -> Vec<String> {
    let mut base: Option<Vec<String>> = None;
    let mut rest = path;
    loop {
        match rest.first().map(String::as_str) {
            Some("crate") => base = Some(Vec::new()),
            Some("self") => base = base.or_else(|| Some(module.to_vec())),
            Some("super") => {
                let mut up = base.unwrap_or_else(|| module.to_vec());
                up.pop();
                base = Some(up);
            }
            Some(_) | None => break,
        }
        rest = &rest[1..];
    }
    let Some(base) = base else { return path.to_vec() };
    let mut absolute = vec!["crate".to_owned()];
    absolute.extend(base);
    absolute.extend(rest.iter().cloned());
    absolute
}

/// A path written as text, as in `#[serde(with = "crate::ledger::codec")]`.
fn in_text(text: &str, line: usize, module: &[String], found: &mut Vec<Named>) {
    let inner = text.trim_matches('"');
    let is_path = (inner.starts_with("crate::") || inner.starts_with("super::"))
        && inner.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ':');
    if is_path {
        let path: Vec<String> = inner.split("::").map(str::to_owned).collect();
        found.push(Named::new(line, &path, module));
    }
}

fn inline_module(tokens: &[TokenTree], at: usize) -> Option<String> {
    let [TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Group(body)] =
        tokens.get(at..at + 3)?
    else {
        return None;
    };
    (word == "mod" && body.delimiter() == Delimiter::Brace).then(|| name.to_string())
}

/// `#[doc = …]`, which is how a doc comment reaches the tokens: words, not code.
fn is_doc(tokens: &[TokenTree], at: usize) -> bool {
    let Some([TokenTree::Punct(hash), TokenTree::Group(body)]) = tokens.get(at..at + 2) else {
        return false;
    };
    hash.as_char() == '#'
        && body.stream().into_iter().next().is_some_and(|first| first.to_string() == "doc")
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    let colon =
        |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == ':');
    colon(at) && colon(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_paths(source: &str, file: &str) -> Vec<String> {
        named(source, &module_of(file))
            .into_iter()
            .filter(|n| n.segments[0] == "crate")
            .map(|n| n.segments.join("::"))
            .collect()
    }

    #[test]
    fn grouped_and_nested_imports_are_taken_apart() {
        let source = "use crate::{estimating::{Money, id::{ItemId}}, http::live as hub, cli};";
        assert_eq!(
            crate_paths(source, "src/ledger/mod.rs"),
            [
                "crate::estimating::Money",
                "crate::estimating::id::ItemId",
                "crate::http::live",
                "crate::cli"
            ]
        );
    }

    #[test]
    fn super_reaches_are_resolved_from_the_file_and_from_inline_modules() {
        assert_eq!(
            crate_paths("use super::super::http::live;", "src/ledger/codec.rs"),
            ["crate::http::live"]
        );
        assert_eq!(
            crate_paths("mod tests { use super::super::super::cli; }", "src/ledger/codec.rs"),
            ["crate::cli"]
        );
        assert_eq!(
            crate_paths("use super::{super::jobs};", "src/ledger/codec.rs"),
            ["crate::jobs"]
        );
    }

    #[test]
    fn paths_in_bodies_macros_and_attribute_texts_count() {
        let source = r#"
            #[serde(with = "crate::http::money")]
            fn f() { vec![crate::cli::run()]; let x: Vec<crate::jobs::Job> = Vec::<super::A>::new(); }
        "#;
        let found = crate_paths(source, "src/ledger/mod.rs");
        for path in ["crate::http::money", "crate::cli::run", "crate::jobs::Job", "crate::A"] {
            assert!(found.contains(&path.to_owned()), "{path} in {found:?}");
        }
    }

    #[test]
    fn words_in_comments_are_not_imports() {
        let source = "/// See `crate::http::live`.\n// crate::cli\nfn f() {}";
        assert!(crate_paths(source, "src/ledger/mod.rs").is_empty());
    }
}
