//! A picture of what was measured: a panel for each work, a bar for each contender.

use std::fmt::Write;

/// A column of panels has this width, in the picture's own units.
const PANEL_WIDTH: f64 = 460.0;
const GAP: f64 = 20.0;
const MARGIN: f64 = 28.0;
const HEADER: f64 = 84.0;
/// What a panel has above its first bar and below its last one.
const PANEL_HEAD: f64 = 62.0;
const PANEL_FOOT: f64 = 14.0;
const ROW: f64 = 25.0;
const BAR: f64 = 13.0;
const LABEL_WIDTH: f64 = 146.0;
const VALUE_WIDTH: f64 = 112.0;
const PADDING: f64 = 18.0;

/// Ours, others, text, weak text, page, panel, line; light, then dark.
const STYLE: &str = "\
    .page{fill:#f4f5f7}.panel{fill:#fff;stroke:#e1e4e8}.track{fill:#f0f2f4}.ours{fill:#d9480f}.other{fill:#9aa5b1}\
    .spread{stroke:#3e4c59;stroke-width:1.25}\
    text{fill:#1f2933;font-family:ui-sans-serif,system-ui,'Segoe UI',Helvetica,Arial,sans-serif}\
    .h1{font-size:21px;font-weight:650}.h2{font-size:14px;font-weight:600}.label{font-size:12.5px}\
    .weak{fill:#616e7c;font-size:12px}.strong{font-weight:650}.value{font-size:12.5px;font-variant-numeric:tabular-nums}\
    @media (prefers-color-scheme:dark){.page{fill:#0d1117}.panel{fill:#161b22;stroke:#2b323b}.track{fill:#20262e}\
    .ours{fill:#ff7b3d}.other{fill:#5d6b7a}.spread{stroke:#c5ced8}text{fill:#e6edf3}.weak{fill:#9aa7b4}}";

/// What is drawn of one work.
pub(crate) struct Panel {
    /// At most two lines.
    pub(crate) title: String,
    /// What the bars are.
    pub(crate) unit: String,
    pub(crate) bars: Vec<Bar>,
}

/// What is drawn of one contender.
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) is_ours: bool,
    pub(crate) median: f64,
    pub(crate) lowest: f64,
    pub(crate) highest: f64,
    /// What stands beside it.
    pub(crate) text: String,
}

impl Panel {
    fn height(&self) -> f64 {
        PANEL_HEAD + ROW * self.bars.len() as f64 + PANEL_FOOT
    }

    fn draw(&self, out: &mut String, x: f64, y: f64) {
        let height = self.height();
        let _ = writeln!(
            out,
            r#"<rect class="panel" x="{x}" y="{y}" width="{PANEL_WIDTH}" height="{height}" rx="8"/>"#
        );
        text(out, "h2", x + PADDING, y + 27.0, &self.title);
        text(out, "weak", x + PADDING, y + 46.0, &self.unit);
        let (from, width) =
            (x + PADDING + LABEL_WIDTH, PANEL_WIDTH - 2.0 * PADDING - LABEL_WIDTH - VALUE_WIDTH);
        let most = self.bars.iter().map(|bar| bar.highest).fold(f64::MIN_POSITIVE, f64::max);
        let at = |value: f64| from + width * value / most;
        for (index, bar) in self.bars.iter().enumerate() {
            let top = y + PANEL_HEAD + ROW * index as f64;
            let (middle, baseline) = (top + BAR / 2.0, top + BAR - 2.0);
            let (fill, weight) = if bar.is_ours { ("ours", "label strong") } else { ("other", "label") };
            text(out, weight, x + PADDING, baseline, &bar.label);
            let _ = writeln!(
                out,
                r#"<rect class="track" x="{from}" y="{top}" width="{width}" height="{BAR}" rx="3"/><rect class="{fill}" x="{from}" y="{top}" width="{:.1}" height="{BAR}" rx="3"/>"#,
                (at(bar.median) - from).max(2.0),
            );
            let _ = writeln!(
                out,
                r#"<line class="spread" x1="{:.1}" x2="{:.1}" y1="{middle}" y2="{middle}"/>"#,
                at(bar.lowest),
                at(bar.highest),
            );
            let weight = if bar.is_ours { "value strong" } else { "value" };
            text(out, weight, from + width + 10.0, baseline, &bar.text);
        }
    }
}

/// An SVG with all panels in two columns, readable in light and dark.
pub(crate) fn draw(title: &str, subtitle: &str, panels: &[Panel]) -> String {
    let mut body = String::new();
    text(&mut body, "h1", MARGIN, 40.0, title);
    text(&mut body, "weak", MARGIN, 63.0, subtitle);
    // Each goes into the column that is shorter so far.
    let mut columns = [HEADER, HEADER];
    for panel in panels {
        let column = usize::from(columns[1] < columns[0]);
        panel.draw(&mut body, MARGIN + column as f64 * (PANEL_WIDTH + GAP), columns[column]);
        columns[column] += panel.height() + GAP;
    }
    let width = 2.0 * (MARGIN + PANEL_WIDTH) + GAP;
    let height = columns[0].max(columns[1]) - GAP + MARGIN;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\">\n<title>{}</title>\n<style>{STYLE}</style>\n\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\" rx=\"12\"/>\n{body}</svg>\n",
        escaped(title)
    )
}

fn text(out: &mut String, class: &str, x: f64, y: f64, text: &str) {
    let _ = writeln!(out, r#"<text class="{class}" x="{x}" y="{y}">{}</text>"#, escaped(text));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_all_bars_and_no_bare_markup() {
        let bar = |label: &str, median| Bar {
            label: label.to_owned(),
            is_ours: median > 1.0,
            median,
            lowest: median / 2.0,
            highest: median * 2.0,
            text: format!("{median}"),
        };
        let panel = |title: &str| Panel {
            title: title.to_owned(),
            unit: "a & b".to_owned(),
            bars: vec![bar("ours", 2.0), bar("<theirs>", 1.0)],
        };
        let chart = draw("Title", "Subtitle", &[panel("one"), panel("two"), panel("three")]);
        assert_eq!(chart.matches(r#"class="panel""#).count(), 3);
        assert_eq!(chart.matches(r#"class="ours""#).count(), 3);
        assert_eq!(chart.matches("&lt;theirs&gt;").count(), 3);
        assert_eq!(chart.matches("a &amp; b").count(), 3);
    }
}
