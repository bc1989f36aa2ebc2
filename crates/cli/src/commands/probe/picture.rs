//! Line charts as SVG. Each stands beside a table with the same figures, for whoever does not see it.

use std::ops::Range;

use anyhow::anyhow;
use candor_learn::probe::Figure;
use plotters::prelude::{
    ChartBuilder, Circle, Color, EmptyElement, IntoDrawingArea, IntoFont, LineSeries, PathElement, RGBColor,
    SVGBackend, SeriesLabelPosition, WHITE,
};

/// Size of a picture, in pixels.
const SIZE: (u32, u32) = (720, 400);
/// Colours of lines, which also differ in brightness (Okabe and Ito 2008).
const COLOURS: [RGBColor; 4] =
    [RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115), RGBColor(86, 86, 86)];

/// A value with its interval, somewhere along.
pub(super) struct Point {
    at: f64,
    value: f64,
    low: f64,
    high: f64,
}

impl Point {
    pub(super) fn new(at: f64, figure: &Figure) -> Self {
        Self::between(at, figure.value, (figure.low, figure.high))
    }

    pub(super) fn between(at: f64, value: f64, (low, high): (f64, f64)) -> Self {
        Self { at, value, low, high }
    }
}

/// Values that belong together.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) points: Vec<Point>,
}

/// A chart with one scale.
pub(super) struct Plot {
    pub(super) title: String,
    /// What is told along the bottom.
    pub(super) across: String,
    pub(super) lines: Vec<Line>,
}

impl Plot {
    pub(super) fn svg(&self) -> anyhow::Result<String> {
        let mut svg = String::new();
        self.draw(&mut svg).map_err(|error| anyhow!("draw {}: {error}", self.title))?;
        Ok(svg)
    }

    fn draw(&self, svg: &mut String) -> Result<(), Box<dyn std::error::Error>> {
        let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .caption(&self.title, ("sans-serif", 16).into_font())
            .margin(12)
            .x_label_area_size(40)
            .y_label_area_size(56)
            .build_cartesian_2d(
                self.range(|point| [point.at, point.at], 0.04),
                self.range(|point| [point.low, point.high], 0.08),
            )?;
        // Along the bottom stand whole numbers: generations, percent.
        let whole = |at: &f64| if at.fract() == 0.0 { format!("{at:.0}") } else { String::new() };
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(WHITE)
            .x_label_formatter(&whole)
            .x_desc(&self.across)
            .draw()?;
        for (line, colour) in self.lines.iter().zip(COLOURS.iter().cycle()) {
            let points = line.points.iter().map(|point| (point.at, point.value));
            let drawn = chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
            if !line.name.is_empty() {
                let mark = *colour;
                drawn
                    .label(&line.name)
                    .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], mark.stroke_width(2)));
            }
            let reach = |point: &Point| {
                PathElement::new([(point.at, point.low), (point.at, point.high)], colour.stroke_width(1))
            };
            chart.draw_series(line.points.iter().map(reach))?;
            let dot = |point: &Point| {
                EmptyElement::at((point.at, point.value)) + Circle::new((0, 0), 3, colour.filled())
            };
            chart.draw_series(line.points.iter().map(dot))?;
        }
        if self.lines.iter().any(|line| !line.name.is_empty()) {
            chart
                .configure_series_labels()
                .position(SeriesLabelPosition::UpperRight)
                .background_style(WHITE.mix(0.8))
                .draw()?;
        }
        area.present()?;
        Ok(())
    }

    /// From the lowest to the highest, with some room.
    fn range(&self, ends: fn(&Point) -> [f64; 2], room: f64) -> Range<f64> {
        let ends = self.lines.iter().flat_map(|line| &line.points).flat_map(ends);
        let (low, high) = ends
            .filter(|end| end.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |range, end| (range.0.min(end), range.1.max(end)));
        let reach = (high - low).max(1e-9) * room;
        low - reach..high + reach
    }
}
