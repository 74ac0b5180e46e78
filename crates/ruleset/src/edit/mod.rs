//! Edits of a ruleset's text that leave everything else as it is written: comments, order, quotes and indentation.

mod written;

use serde_json::Value as Json;

use crate::finding::Findings;
use crate::source::{self, Node, SourceFile};
use written::{Entry, Item, Written};

/// What environments replace of a flag is in its key `in`.
const IN: &str = "in";

/// A file's text.
#[derive(Clone, Debug)]
pub struct Text<'t> {
    /// The file's name: one of JSON has its keys in quotes.
    pub name: &'t str,
    /// What is in it.
    pub text: &'t str,
}

/// Where something is to be written.
#[derive(Clone, Copy)]
enum Place {
    /// Within braces.
    Flow,
    /// On a line of its own, behind so many spaces.
    Block(usize),
}

impl Text<'_> {
    /// The file with a flag's key for an environment as another environment has it. Fails, saying why, where the text has another form.
    pub fn carry(&self, flag: &str, key: &str, from: &str, to: &str) -> Result<String, String> {
        let root = self.written()?;
        let within = entry(&root, &["flags", flag, IN])?;
        let source = entry(&root, &["flags", flag, IN, from, key])?;
        let environments = entries(within)?;
        let Some(environment) = environments.iter().find(|entry| entry.key == to) else {
            // Behind the last environment, in the form that they have.
            let place = self.place(within)?;
            let inner = match (place, self.is_inline(source)) {
                (Place::Block(indent), false) => {
                    let step = 2;
                    let inner = self.entry_text(source, Place::Block(indent + step))?;
                    format!("{}:\n{}{inner}", self.key(to), " ".repeat(indent + step))
                }
                _ => format!("{}: {{ {} }}", self.key(to), self.entry_text(source, Place::Flow)?),
            };
            return self.insert(within, &inner, place);
        };
        let keys = entries(environment)?;
        let place = self.place(environment)?;
        let told = self.entry_text(source, place)?;
        match keys.iter().find(|entry| entry.key == key) {
            Some(old) => Ok(self.replaced(old.start, old.value.end, &told)),
            None => self.insert(environment, &told, place),
        }
    }

    /// The file without a flag's key for an environment. What is then empty goes, too.
    pub fn take(&self, flag: &str, key: &str, environment: &str) -> Result<String, String> {
        let root = self.written()?;
        let mut path = vec!["flags", flag, IN, environment, key];
        while let Some((last, above)) = path.split_last() {
            let parent = entry(&root, above)?;
            let keys = entries(parent)?;
            if keys.len() > 1 || above.len() < 3 {
                return self.without(parent, last);
            }
            path.pop();
        }
        Err("it is not there".to_owned())
    }

    /// The file with a key that all environments replace alike as the flag's own, and without it in the environments. Fails, saying why,
    /// where the text has another form.
    pub fn fold(&self, flag: &str, key: &str, environments: &[&str]) -> Result<String, String> {
        let root = self.written()?;
        let find = |environment: &&str| entry(&root, &["flags", flag, IN, environment, key]);
        let all = environments.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let source = all.first().ok_or("there is no environment")?;
        let within = entry(&root, &["flags", flag])?;
        let place = self.place(within)?;
        let told = self.entry_text(source, place)?;
        let mut text = match entries(within)?.iter().find(|entry| entry.key == key) {
            Some(old) => self.replaced(old.start, old.value.end, &told),
            None => self.insert(within, &told, place)?,
        };
        for environment in environments {
            text = Text { name: self.name, text: &text }.take(flag, key, environment)?;
        }
        Ok(text)
    }

    fn written(&self) -> Result<Entry, String> {
        written::read(self.text).ok_or_else(|| "the text cannot be edited by a program: write it by hand".to_owned())
    }

    fn key(&self, key: &str) -> String {
        if self.name.ends_with(".json") { Json::from(key).to_string() } else { key.to_owned() }
    }

    fn slice(&self, from: usize, to: usize) -> &str {
        self.text.get(from..to).unwrap_or("")
    }

    /// How many characters are in front of a place in its line.
    fn column(&self, at: usize) -> usize {
        at - self.line_start(at)
    }

    fn line_start(&self, at: usize) -> usize {
        self.slice(0, at).rfind('\n').map_or(0, |end| end + 1)
    }

    fn line_end(&self, at: usize) -> usize {
        self.text.get(at..).and_then(|rest| rest.find('\n')).map_or(self.text.len(), |length| at + length)
    }

    /// How a map's entries are written.
    fn place(&self, map: &Entry) -> Result<Place, String> {
        match (&map.value, entries(map)?.first()) {
            (Written { flow: true, .. }, _) => Ok(Place::Flow),
            (_, Some(first)) => Ok(Place::Block(self.column(first.start))),
            (_, None) => Err(format!("`{}` is empty: write it by hand", map.key)),
        }
    }

    fn is_inline(&self, entry: &Entry) -> bool {
        entry.value.flow || !self.slice(entry.value.start, entry.value.end).contains('\n')
    }

    /// An entry as it would be written elsewhere.
    fn entry_text(&self, entry: &Entry, place: Place) -> Result<String, String> {
        let value = self.slice(entry.value.start, entry.value.end);
        let whole = self.slice(entry.start, entry.value.end);
        Ok(match place {
            Place::Flow if self.is_inline(entry) && !(value.contains('\n') && value.contains('#')) => {
                format!("{}: {value}", self.key(&entry.key))
            }
            // Comments and lines have no place in braces.
            Place::Flow => format!("{}: {}", self.key(&entry.key), self.json(entry)?),
            Place::Block(indent) => {
                let own = self.column(entry.start);
                let mut lines = whole.lines();
                let first = lines.next().unwrap_or("").to_owned();
                let rest = lines.map(|line| {
                    let spaces = line.len() - line.trim_start_matches(' ').len();
                    format!("\n{}{}", " ".repeat((spaces + indent).saturating_sub(own)), line.trim_start_matches(' '))
                });
                first + &rest.collect::<String>()
            }
        })
    }

    /// A value as JSON, which YAML reads within braces.
    fn json(&self, entry: &Entry) -> Result<String, String> {
        let file = SourceFile { name: self.name.to_owned(), bytes: self.text.as_bytes().to_vec() };
        let root = source::read(0, &file, &mut Findings::new(vec![self.name.to_owned()]));
        let at = (self.slice(0, entry.start).matches('\n').count() + 1, entry.key.as_str());
        fn find<'n>(node: &'n Node, (line, key): (usize, &str)) -> Option<&'n Node> {
            let inner = |node: &'n Node| find(node, (line, key));
            match &node.kind {
                source::Kind::Scalar(_) => None,
                source::Kind::List(items) => items.iter().find_map(inner),
                source::Kind::Map(entries) => entries.iter().find_map(|entry| {
                    let is_it = entry.key == key && entry.place.line == line;
                    if is_it { Some(&entry.value) } else { inner(&entry.value) }
                }),
            }
        }
        let found = root.as_ref().and_then(|root| find(root, at)).map(|node| node.to_json().to_string());
        found.ok_or_else(|| format!("`{}` cannot be written in one line: write it by hand", entry.key))
    }

    fn replaced(&self, from: usize, to: usize, by: &str) -> String {
        format!("{}{by}{}", self.slice(0, from), self.text.get(to..).unwrap_or(""))
    }

    /// Behind the last entry of a map.
    fn insert(&self, map: &Entry, told: &str, place: Place) -> Result<String, String> {
        let last = entries(map)?.last();
        Ok(match (place, last) {
            (Place::Block(indent), Some(last)) => {
                let end = self.line_end(last.value.end);
                self.replaced(end, end, &format!("\n{}{told}", " ".repeat(indent)))
            }
            (_, Some(last)) => self.replaced(last.value.end, last.value.end, &format!(", {told}")),
            (_, None) => self.replaced(map.value.start, map.value.end, &format!("{{ {told} }}")),
        })
    }

    /// Without one entry of a map, which has others or stays empty.
    fn without(&self, map: &Entry, key: &str) -> Result<String, String> {
        let all = entries(map)?;
        let at = all.iter().position(|entry| entry.key == key).ok_or("it is not there")?;
        let next = all.get(at + 1);
        let before = at.checked_sub(1).and_then(|before| all.get(before));
        let Some(own) = all.get(at) else { return Err("it is not there".to_owned()) };
        if !map.value.flow {
            let start = self.line_start(own.start);
            let end = (self.line_end(own.value.end) + 1).min(self.text.len());
            return Ok(self.replaced(start, end, ""));
        }
        Ok(match (before, next) {
            (_, Some(next)) => self.replaced(own.start, next.start, ""),
            (Some(before), None) => self.replaced(before.value.end, own.value.end, ""),
            (None, None) => self.replaced(map.value.start, map.value.end, "{}"),
        })
    }
}

fn entries(entry: &Entry) -> Result<&[Entry], String> {
    match &entry.value.item {
        Item::Map(entries) => Ok(entries),
        Item::Other => Err(format!("`{}` is no map", entry.key)),
    }
}

fn entry<'e>(root: &'e Entry, path: &[&str]) -> Result<&'e Entry, String> {
    let mut at = root;
    for key in path {
        at = entries(at)?
            .iter()
            .find(|entry| entry.key == *key)
            .ok_or_else(|| format!("`{key}` is not in this file"))?;
    }
    Ok(at)
}
