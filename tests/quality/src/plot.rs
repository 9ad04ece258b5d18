use std::fmt::Write as _;

use crate::Row;

/// In SVG's units.
const WIDTH: f64 = 900.0;
const LABELS: f64 = 330.0;
const BAR: f64 = 9.0;
const GAP: f64 = 8.0;
const TOP: f64 = 46.0;

/// Bars of what is missing, ours above the oracle's, in percent of the time: an SVG picture.
#[must_use]
pub fn plot(rows: &[Row]) -> String {
    let percent = |row: &Row, millis: f64| millis / row.length * 100.0;
    let most = rows.iter().map(|row| percent(row, row.missing.max(row.oracle))).fold(1.0, f64::max);
    let height = TOP + rows.len() as f64 * (2.0 * BAR + GAP) + 10.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"10\" y=\"18\" font-weight=\"bold\">Sound that is missing, in percent of the time, at the same mean delay</text>\n\
         <rect x=\"10\" y=\"27\" width=\"12\" height=\"9\" fill=\"#1f6f8b\"/><text x=\"27\" y=\"36\">Cooee</text>\n\
         <rect x=\"90\" y=\"27\" width=\"12\" height=\"9\" fill=\"#c8a24a\"/><text x=\"107\" y=\"36\">oracle with one delay</text>\n"
    );
    for (at, row) in rows.iter().enumerate() {
        let y = TOP + at as f64 * (2.0 * BAR + GAP);
        let label = format!("{}, {}", row.title, row.kind);
        let _written = writeln!(svg, "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", LABELS - 8.0, y + BAR + 4.0);
        for (below, (value, colour)) in [(row.missing, "#1f6f8b"), (row.oracle, "#c8a24a")].into_iter().enumerate() {
            let value = percent(row, value);
            let (y, long) = (y + below as f64 * BAR, value / most * (WIDTH - LABELS - 70.0));
            let _written = writeln!(
                svg,
                "<rect x=\"{LABELS}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{BAR}\" fill=\"{colour}\"/><text x=\"{:.1}\" y=\"{:.1}\" font-size=\"9\">{value:.2}</text>",
                long.max(0.5),
                LABELS + long + 5.0,
                y + BAR - 1.0,
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}
