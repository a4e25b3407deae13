//! Bars that lie, one below the other, with their figures at the end.

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::coord::ranged1d::SegmentValue;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::figures::{Bar, Panel};
use crate::theme::Theme;

const WIDTH: u32 = 760;
/// Of the names at the left.
const NAMES: u32 = 200;
const TITLE: i32 = 30;
/// From one bar to the next.
const STEP: usize = 26;
const FONT: &str = "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif";

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The picture as SVG, with nothing behind it.
pub(crate) fn draw(panels: &[Panel], theme: Theme) -> Result<String> {
    let mut picture = String::new();
    let height = panels.iter().map(height).sum();
    let area = SVGBackend::with_string(&mut picture, (WIDTH, height)).into_drawing_area();
    draw_all(area, panels, theme).map_err(|error| anyhow!("cannot draw: {error}"))?;
    picture.push('\n');
    Ok(picture)
}

fn height(panel: &Panel) -> u32 {
    u32::try_from(panel.bars.len() * STEP).unwrap_or(u32::MAX / 4) + TITLE.unsigned_abs() + 14
}

fn draw_all(
    mut area: Area,
    panels: &[Panel],
    theme: Theme,
) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
    area.fill(&TRANSPARENT)?;
    for panel in panels {
        let (upper, lower) = area.split_vertically(height(panel));
        draw_panel(&upper, panel, theme)?;
        area = lower;
    }
    area.present()
}

fn draw_panel(
    area: &Area,
    panel: &Panel,
    theme: Theme,
) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
    let style = |size: i32| (FONT, size).into_font().color(&theme.text);
    let title = format!(
        "A call, {}: microseconds of the caller's processor",
        panel.title
    );
    area.draw(&Text::new(title, (8, 8), style(15)))?;

    let longest = panel.bars.iter().map(|bar| bar.cpu_us).fold(0.0, f64::max);
    let names: Vec<_> = panel.bars.iter().rev().collect();
    // plotters takes the end for one more place.
    let places = 0..names.len().saturating_sub(1);
    let mut chart = ChartBuilder::on(area)
        .margin_top(TITLE)
        .margin_right(56)
        .margin_bottom(8)
        .set_label_area_size(LabelAreaPosition::Left, NAMES)
        .build_cartesian_2d(0.0..longest, places.into_segmented())?;
    let name = |place: &SegmentValue<usize>| match place {
        SegmentValue::CenterOf(index) => names.get(*index).map_or("", |bar| bar.label).to_owned(),
        _ => String::new(),
    };
    chart
        .configure_mesh()
        .disable_x_axis()
        .disable_mesh()
        .axis_style(theme.lines)
        .y_labels(names.len())
        .y_label_formatter(&name)
        .y_label_style(style(14))
        .draw()?;
    chart.draw_series(
        (0..)
            .zip(&names)
            .map(|(index, bar)| body(index, bar, theme)),
    )?;
    let figure = style(14).pos(Pos::new(HPos::Left, VPos::Center));
    chart.draw_series((0..).zip(&names).map(|(index, bar)| {
        let end = (bar.cpu_us, SegmentValue::CenterOf(index));
        EmptyElement::at(end) + Text::new(format!("{:.0}", bar.cpu_us), (6, 0), figure.clone())
    }))?;
    Ok(())
}

fn body(index: usize, bar: &Bar, theme: Theme) -> Rectangle<(f64, SegmentValue<usize>)> {
    let colour = if bar.is_ours {
        theme.ours
    } else {
        theme.others
    };
    let corners = [
        (0.0, SegmentValue::Exact(index)),
        (bar.cpu_us, SegmentValue::Exact(index + 1)),
    ];
    let mut body = Rectangle::new(corners, colour.filled());
    body.set_margin(4, 4, 0, 0);
    body
}
