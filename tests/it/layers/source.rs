//! Which names a file of `src` takes from which other file, read from its text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Every Rust file below a folder.
pub(super) fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found
}

/// The text of a file without its tests.
pub(super) fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod tests {").map_or(text, |at| &text[..at])
}

/// Words and signs of a text, without comments and what stands in quotes; `::` is one sign.
fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let starts = |at: usize, sign: &str| sign.chars().enumerate().all(|(n, c)| chars.get(at + n) == Some(&c));
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut at, mut found) = (0, Vec::new());
    while let Some(c) = chars.get(at).copied() {
        let raw = (c == 'r').then(|| chars[at + 1..].iter().take_while(|c| **c == '#').count());
        if starts(at, "//") {
            at += chars[at..].iter().take_while(|c| **c != '\n').count();
        } else if let Some(signs) = raw.filter(|signs| chars.get(at + 1 + signs) == Some(&'"')) {
            let end = format!("\"{}", "#".repeat(signs));
            at += signs + 2;
            while !starts(at, &end) {
                at += 1;
            }
            at += end.len();
        } else if c == '"' {
            at += 1;
            while chars[at] != '"' {
                at += if chars[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if c == '\'' && (chars.get(at + 1) == Some(&'\\') || chars.get(at + 2) == Some(&'\'')) {
            at += 3;
            while chars[at - 1] != '\'' {
                at += 1;
            }
        } else if is_word(c) {
            let word: String = chars[at..].iter().take_while(|c| is_word(**c)).collect();
            at += word.chars().count();
            found.push(word);
        } else {
            let sign = if starts(at, "::") { "::" } else { &c.to_string() };
            at += sign.len();
            if !sign.trim().is_empty() {
                found.push(sign.to_owned());
            }
        }
    }
    found
}

/// A module by its path below `src`.
type Module = Vec<String>;

/// One name that a `use` brings in.
struct Used {
    path: Vec<String>,
    name: String,
    handed_on: bool,
}

/// What a file defines, brings in and names.
#[derive(Default)]
struct File {
    defined: BTreeSet<String>,
    used: Vec<Used>,
    /// Paths in its code.
    paths: Vec<Vec<String>>,
    /// Words of its code, without those of `use` and `mod`.
    words: BTreeSet<String>,
}

impl File {
    fn read(text: &str) -> Self {
        const ITEMS: [&str; 8] = ["fn", "struct", "enum", "trait", "type", "const", "static", "macro_rules"];
        let tokens = tokens(text);
        let mut file = Self::default();
        let mut at = 0;
        while let Some(token) = tokens.get(at).map(String::as_str) {
            let next = tokens.get(at + 1).map(String::as_str).unwrap_or_default();
            match token {
                "use" => {
                    let end = at + tokens[at..].iter().position(|token| token == ";").unwrap();
                    let handed_on = at > 0 && ["pub", ")"].contains(&tokens[at - 1].as_str());
                    file.bring_in(&tokens[at + 1..end], &[], handed_on);
                    at = end;
                }
                "pub" if next == "(" => {
                    at += tokens[at..].iter().position(|token| token == ")").unwrap();
                }
                "mod" => at += 1,
                "codes" if next == "!" => {
                    file.defined.extend(tokens.get(at + 3).cloned());
                    at += 3;
                }
                item if ITEMS.contains(&item) => {
                    file.defined.insert(next.to_owned());
                }
                word if next == "::" && word.starts_with(char::is_alphabetic) => {
                    let mut path = vec![word.to_owned()];
                    while tokens[at + 1] == "::" && tokens[at + 2].starts_with(char::is_alphabetic) {
                        path.push(tokens[at + 2].clone());
                        at += 2;
                    }
                    file.words.insert(path[0].clone());
                    file.paths.push(path);
                }
                word => {
                    file.words.insert(word.to_owned());
                }
            }
            at += 1;
        }
        file
    }

    fn bring_in(&mut self, tree: &[String], before: &[String], handed_on: bool) {
        if let Some(open) = tree.iter().position(|token| token == "{") {
            let words = tree[..open].iter().filter(|token| *token != "::");
            let before: Vec<String> = before.iter().chain(words).cloned().collect();
            let (mut depth, mut start) = (0, open + 1);
            for (at, token) in tree.iter().enumerate().skip(open) {
                depth += i32::from(token == "{") - i32::from(token == "}");
                if (token == "," && depth == 1) || depth == 0 {
                    if start < at {
                        self.bring_in(&tree[start..at], &before, handed_on);
                    }
                    start = at + 1;
                }
            }
            return;
        }
        let (tree, alias) = match tree {
            [path @ .., word, alias] if word == "as" => (path, Some(alias)),
            path => (path, None),
        };
        let words = tree.iter().filter(|token| !["::", "self"].contains(&token.as_str()));
        let path: Vec<String> = before.iter().chain(words).cloned().collect();
        if let Some(name) = alias.or(path.last()).cloned() {
            self.used.push(Used { path, name, handed_on });
        }
    }
}

/// The files of `src` and what they name.
pub(super) struct Sources {
    files: BTreeMap<Module, File>,
}

impl Sources {
    pub(super) fn read(src: &Path) -> Self {
        let module = |path: &Path| -> Module {
            let inside = path.strip_prefix(src).unwrap().with_extension("");
            let mut parts: Module = inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
                parts.pop();
            }
            parts
        };
        let own_tests = |path: &PathBuf| !path.ends_with("tests.rs");
        let read = |path: PathBuf| {
            let text = std::fs::read_to_string(&path).unwrap();
            (module(&path), File::read(without_tests(&text)))
        };
        Self { files: sources(src).into_iter().filter(own_tests).map(read).collect() }
    }

    /// A path as it is meant from the top, if it leads into `src`.
    fn whole_path(&self, module: &Module, path: &[String]) -> Option<Vec<String>> {
        let (mut from, mut rest) = (module.clone(), path);
        match rest.first()?.as_str() {
            "crate" => {
                from.clear();
                rest = &rest[1..];
            }
            "super" => {
                while rest.first().is_some_and(|word| word == "super") {
                    from.pop();
                    rest = &rest[1..];
                }
            }
            child => {
                from.push(child.to_owned());
                let is_child = self.files.contains_key(&from);
                from.pop();
                is_child.then_some(())?;
            }
        }
        Some(from.into_iter().chain(rest.iter().cloned()).collect())
    }

    /// The file that defines what stands at a path from the top, through all that is handed on.
    fn home(&self, path: &[String], depth: u8) -> Option<Module> {
        let inside = (0..=path.len()).rev().find(|end| self.files.contains_key(&path[..*end]))?;
        let module = path[..inside].to_vec();
        let (file, Some(name)) = (&self.files[&module], path.get(inside)) else { return Some(module) };
        if depth == 0 || file.defined.contains(name) {
            return Some(module);
        }
        match file.used.iter().find(|used| used.name == *name) {
            Some(used) => self.home(&self.whole_path(&module, &used.path)?, depth - 1),
            None => Some(module),
        }
    }

    /// The files that a file names.
    fn named_by(&self, module: &Module, file: &File) -> BTreeSet<Module> {
        let mut named = BTreeSet::new();
        for used in &file.used {
            let Some(path) = self.whole_path(module, &used.path) else { continue };
            // What is only handed on is no need of the file, and a module is named where it is used.
            if !(self.files.contains_key(&path) || used.handed_on && !file.words.contains(&used.name)) {
                named.extend(self.home(&path, 8));
            }
        }
        for path in &file.paths {
            let used = file.used.iter().find(|used| used.name == path[0]);
            let whole = used.map_or_else(|| path.clone(), |used| [&used.path, &path[1..]].concat());
            named.extend(self.whole_path(module, &whole).and_then(|path| self.home(&path, 8)));
        }
        named.remove(module);
        named
    }

    /// The files of a room that name each other in a circle: those left when what names none of the
    /// others, and what none of the others names, is taken away again and again.
    pub(super) fn circle(&self, room: &str) -> BTreeSet<String> {
        let inside = |module: &Module| module.first().is_some_and(|first| first == room);
        let mut named: BTreeMap<&Module, BTreeSet<Module>> = self
            .files
            .iter()
            .filter(|(module, _)| inside(module))
            .map(|(module, file)| (module, self.named_by(module, file)))
            .collect();
        loop {
            let left: BTreeSet<Module> = named.keys().map(|module| (*module).clone()).collect();
            let wanted: BTreeSet<Module> = named.values().flatten().cloned().collect();
            named.retain(|module, names| wanted.contains(*module) && !names.is_disjoint(&left));
            if named.len() == left.len() {
                return left.into_iter().map(|module| module.join("::")).collect();
            }
        }
    }
}
