//! What came of reading a file: the table, and the report.

use waft::program::AttributeType;
use waft_columns::Texts;
use waft_ruleset::order;
use waft_ruleset::types::type_name;

use super::columns::{Column, Columns, Declared, Header};
use super::layout::{Format, Layout};
use super::report::{ColumnReport, EXAMPLES, FormCount, Report, example};
use super::settings::Settings;
use crate::population::form::{Cells, DATES, DateForm, NumberForm};
use crate::population::table::{self, Table};

/// How many texts tell whether a form comes into question.
const TRIED: usize = 1_000;
/// How many texts tell whether two forms come to the same.
const COMPARED: usize = 20_000;

/// Makes a table of columns, and adds to the report what there is to be told.
pub(super) fn tell(
    plain: bool,
    settings: &Settings,
    layout: Layout,
    columns: Columns,
    mut report: Report,
) -> (Table, Report) {
    report.encoding = layout.encoding;
    report.format = match layout.format {
        Format::Csv(dialect) => {
            report.separator = Some(char::from(dialect.separator));
            report.quote = Some(char::from(dialect.quote));
            "csv"
        }
        Format::Lines => "ndjson",
        Format::Json => "json",
    };
    report.rows = columns.rows as u64;
    report.sampled_from = columns.is_sample().then_some(columns.met);
    let is_filled = |at: &usize| columns.columns.iter().any(|column| column.attribute == *at);
    let missing = columns.attributes.iter().enumerate().filter(|(at, _)| !is_filled(at));
    report.missing = missing.map(|(_, declared)| declared.name.clone()).collect();
    let mut table = Table { rows: columns.rows, ..Table::default() };
    let Columns { attributes, headers, columns, .. } = columns;
    let is_json = !matches!(layout.format, Format::Csv(_));
    let mut columns: Vec<Option<Column>> = columns.into_iter().map(Some).collect();
    for header in headers {
        let column = header.column.and_then(|at| columns.get_mut(at)).and_then(Option::take);
        let declared = column.as_ref().and_then(|column| attributes.get(column.attribute));
        let (Some(column), Some(declared)) = (column, declared) else {
            table.ignored.push(header.name.clone());
            // Not one that another column fills.
            let proposed = header.proposed.and_then(|at| attributes.get(at)).map(|declared| declared.name.clone());
            let proposed = proposed.filter(|name| report.missing.contains(name));
            let Header { name, matched, examples, .. } = header;
            report.columns.push(ColumnReport { header: name, matched, proposed, examples, ..ColumnReport::default() });
            continue;
        };
        let Column { of, dictionary, .. } = column;
        let texts = dictionary.into_texts();
        let mut told = Told::new(&of, &texts, declared);
        if !plain && !is_json {
            told.forms = told.forms();
        }
        let cells = match (plain, is_json) {
            (true, _) => Cells::Plain,
            (false, true) => Cells::Json,
            (false, false) => told.local(settings),
        };
        // Commands tell columns by their names alone.
        if !plain {
            report.columns.push(told.column(header, cells, settings));
        }
        table.columns.push(table::Column { name: declared.name.clone(), of, texts, cells });
    }
    (table, report)
}

/// A column, to be told.
struct Told<'c> {
    texts: &'c Texts,
    /// How many rows have each text.
    rows: Vec<u64>,
    declared: &'c Declared,
    /// The forms in which it can be read: of a spreadsheet's numbers and dates.
    forms: Vec<(Cells, FormCount)>,
}

impl<'c> Told<'c> {
    fn new(of: &[u32], texts: &'c Texts, declared: &'c Declared) -> Self {
        let mut rows = vec![0; texts.count() + 1];
        for number in of {
            if let Some(rows) = rows.get_mut(*number as usize) {
                *rows += 1;
            }
        }
        Told { texts, rows, declared, forms: Vec::new() }
    }

    fn rows(&self, number: u32) -> u64 {
        self.rows.get(number as usize).copied().unwrap_or(0)
    }

    /// In how many rows cells can be read, if so many as to be worth a question.
    fn fits(&self, cells: Cells) -> u64 {
        let fits = |(_, text): &(u32, &[u8])| cells.fits(self.declared.kind, text);
        if !self.texts.all().take(TRIED).any(|one| fits(&one)) {
            return 0;
        }
        self.texts.all().filter(fits).map(|(number, _)| self.rows(number)).sum()
    }

    /// The forms in which the column can be read, the likeliest first; of those that come to the same, one.
    fn forms(&self) -> Vec<(Cells, FormCount)> {
        let (number, date) = (NumberForm::default(), DateForm::default());
        let forms: Vec<(Cells, String)> = match self.declared.kind {
            AttributeType::Number => [NumberForm::Point, NumberForm::Comma]
                .map(|number| (Cells::Local { number, date }, number.name().to_owned()))
                .into(),
            AttributeType::Date => DATES.map(|date| (Cells::Local { number, date }, date.name().to_owned())).into(),
            AttributeType::String
            | AttributeType::Boolean
            | AttributeType::Semver
            | AttributeType::List
            | AttributeType::Unknown => return Vec::new(),
        };
        let counted = forms.into_iter().map(|(cells, form)| (cells, FormCount { form, rows: self.fits(cells) }));
        let mut forms: Vec<(Cells, FormCount)> = counted.filter(|(_, count)| count.rows > 0).collect();
        order::sort(&mut forms, |(_, one), (_, other)| other.rows.cmp(&one.rows));
        let Some((best, _)) = forms.first() else { return forms };
        let (best, kind) = (*best, self.declared.kind);
        let is_other = |cells: Cells| {
            let mut texts = self.texts.all().take(COMPARED);
            texts.any(|(_, text)| {
                let amount = cells.amount(kind, text);
                amount.is_some() && amount != best.amount(kind, text)
            })
        };
        forms.retain(|(cells, _)| *cells == best || is_other(*cells));
        forms
    }

    /// How the cells of a spreadsheet are read: as was chosen, or as most can be.
    fn local(&self, settings: &Settings) -> Cells {
        let (mut number, mut date) = (NumberForm::default(), DateForm::default());
        if let Some(chosen) = settings.forms.get(&self.declared.name) {
            if let Some(form) = [NumberForm::Point, NumberForm::Comma].into_iter().find(|form| form.name() == chosen) {
                number = form;
            }
            if let Some(form) = DATES.into_iter().find(|form| form.name() == chosen) {
                date = form;
            }
            return Cells::Local { number, date };
        }
        self.forms.first().map_or(Cells::Local { number, date }, |(cells, _)| *cells)
    }

    fn column(&self, header: Header, cells: Cells, settings: &Settings) -> ColumnReport {
        let Declared { name, kind } = self.declared;
        let mut report = ColumnReport {
            header: header.name,
            attribute: Some(name.clone()),
            matched: header.matched,
            kind: Some(type_name(*kind)),
            empty: self.rows(0),
            distinct: self.texts.count() as u64,
            ..ColumnReport::default()
        };
        if let Cells::Local { number, date } = cells {
            report.numbers = (*kind == AttributeType::Number).then_some(number);
            report.dates = (*kind == AttributeType::Date).then_some(date);
            report.forms = self.forms.iter().map(|(_, count)| count.clone()).collect();
        }
        let values = settings.enums.get(name);
        for (number, text) in self.texts.all() {
            if !cells.fits(*kind, text) {
                report.unread.add(self.rows(number), text);
            } else if let Some(values) = values
                && !values.iter().any(|value| value.as_bytes() == text_of(cells, text))
            {
                report.outside.add(self.rows(number), text);
            }
        }
        report.examples = self.texts.all().take(EXAMPLES).map(|(_, text)| example(text)).collect();
        report
    }
}

/// A text without JSON's quotes.
fn text_of(cells: Cells, text: &[u8]) -> &[u8] {
    let inner = || text.strip_prefix(b"\"")?.strip_suffix(b"\"");
    if cells == Cells::Json { inner().unwrap_or(text) } else { text }
}
