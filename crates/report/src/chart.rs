//! Charts of the page, as SVG in its colours.

use plotters::chart::MeshStyle;
use plotters::prelude::*;

use crate::results::{Cell, Day};

/// What plotters is told, and what the page makes of it: its own colours, which follow light and dark.
const INK: RGBColor = RGBColor(1, 1, 1);
const SOFT: RGBColor = RGBColor(2, 2, 2);
const LINE: RGBColor = RGBColor(3, 3, 3);
const SERIES: [RGBColor; 6] =
    [RGBColor(4, 4, 4), RGBColor(5, 5, 5), RGBColor(6, 6, 6), RGBColor(7, 7, 7), RGBColor(8, 8, 8), RGBColor(9, 9, 9)];
const COLOURS: [(&str, &str); 9] = [
    ("#010101", "var(--ink)"),
    ("#020202", "var(--soft)"),
    ("#030303", "var(--line)"),
    ("#040404", "var(--series-1)"),
    ("#050505", "var(--series-2)"),
    ("#060606", "var(--series-3)"),
    ("#070707", "var(--series-4)"),
    ("#080808", "var(--series-5)"),
    ("#090909", "var(--series-6)"),
];

const SIZE: (u32, u32) = (640, 220);

/// Units of each arm by the day on which they entered.
pub(crate) fn units_by_day(cells: &[Cell], arms: &[&str]) -> Option<String> {
    let last = cells.len().checked_sub(1).filter(|last| *last > 0)?;
    let most = cells.iter().flat_map(|cell| &cell.units).max().copied()?.max(1);
    drawn(|root| {
        let mut chart = ChartBuilder::on(root)
            .margin(6)
            .margin_right(24)
            .x_label_area_size(28)
            .y_label_area_size(56)
            .build_cartesian_2d(0..last, 0..most + most / 10 + 1)?;
        // Without the year, which the table below has: whole dates would run into each other.
        let name = |at: &usize| {
            let day = cells.get(*at).map_or("", |cell| cell.of.as_str());
            day.get(5..).unwrap_or(day).to_owned()
        };
        mesh(chart.configure_mesh().x_labels(cells.len().min(10)).x_label_formatter(&name))?;
        for (at, colour) in (0..arms.len()).zip(SERIES.iter().cycle()) {
            let points = cells.iter().enumerate().map(|(day, cell)| (day, cell.units.get(at).copied().unwrap_or(0)));
            chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
        }
        Ok(())
    })
}

/// The difference on each day since units entered, with its interval.
pub(crate) fn difference_by_day(days: &[Day], in_words: &dyn Fn(f64) -> String) -> Option<String> {
    let last = days.iter().map(|day| day.day).max().filter(|last| *last > 0)?;
    let ends = days.iter().flat_map(|day| [day.difference.low, day.difference.high]).filter(|end| end.is_finite());
    let most = ends.map(f64::abs).fold(0.0, f64::max);
    if most == 0.0 {
        return None;
    }
    drawn(|root| {
        let mut chart = ChartBuilder::on(root)
            .margin(6)
            .x_label_area_size(28)
            .y_label_area_size(72)
            .build_cartesian_2d(-0.5..last as f64 + 0.5, -most * 1.05..most * 1.05)?;
        let mut configured = chart.configure_mesh();
        mesh(
            configured
                .x_labels(days.len().min(15))
                .x_label_formatter(&|day| if day.fract() == 0.0 { format!("day {day:.0}") } else { String::new() })
                .y_label_formatter(&|value| in_words(*value)),
        )?;
        chart.draw_series(LineSeries::new([(-0.5, 0.0), (last as f64 + 0.5, 0.0)], INK.stroke_width(1)))?;
        let style = SERIES[1].filled();
        chart.draw_series(days.iter().filter(|day| day.difference.low.is_finite()).map(|day| {
            let range = day.difference;
            ErrorBar::new_vertical(day.day as f64, range.low, range.value, range.high, style, 8)
        }))?;
        Ok(())
    })
}

type Root<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Failed = Box<dyn std::error::Error>;

/// What is common to both axes' looks.
fn mesh<'a, X, Y>(style: &mut MeshStyle<'a, '_, X, Y, SVGBackend<'a>>) -> Result<(), Failed>
where
    X: plotters::coord::ranged1d::Ranged + plotters::coord::ranged1d::ValueFormatter<X::ValueType>,
    Y: plotters::coord::ranged1d::Ranged + plotters::coord::ranged1d::ValueFormatter<Y::ValueType>,
{
    style
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(LINE)
        .axis_style(LINE)
        .label_style(("sans-serif", 12, &SOFT))
        .draw()?;
    Ok(())
}

/// A drawing, or none if it fails: the table beside it says the same.
fn drawn(draw: impl FnOnce(&Root<'_>) -> Result<(), Failed>) -> Option<String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        draw(&root).and_then(|()| Ok(root.present()?)).ok()?;
    }
    for (from, to) in COLOURS {
        svg = svg.replace(from, to);
    }
    // It takes the width it is given.
    Some(svg.replacen(&format!("width=\"{}\" height=\"{}\" ", SIZE.0, SIZE.1), "aria-hidden=\"true\" ", 1))
}
