//! A picture of what was measured: a panel for each work, a bar for each contender.

use std::fmt::Write;

/// A column of panels has this width, in the picture's own units.
const PANEL_WIDTH: f64 = 460.0;
const GAP: f64 = 20.0;
const MARGIN: f64 = 28.0;
const HEADER: f64 = 84.0;
/// What a panel has above its first bar and below its last one.
const PANEL_HEAD: f64 = 62.0;
const PANEL_FOOT: f64 = 8.0;
const ROW: f64 = 25.0;
const BAR: f64 = 13.0;
const LABEL_WIDTH: f64 = 154.0;
/// Where numbers end, behind the bars: the value, and how it compares with ours.
const VALUE_END: f64 = 56.0;
const RATIO_END: f64 = 112.0;
const PADDING: f64 = 18.0;

/// Colours and letters; light, then dark.
const STYLE: &str = "\
    .page{fill:#f4f5f7}.panel{fill:#fff;stroke:#e1e4e8}.track{fill:#f0f2f4}.ours{fill:#d9480f}.peer{fill:#9aa5b1}.limit{fill:#d3dae2}.mark{stroke:#d9480f;stroke-width:1;stroke-dasharray:2 3}\
    .spread{stroke:#3e4c59;stroke-width:1.25}\
    text{fill:#1f2933;font-family:ui-sans-serif,system-ui,'Segoe UI',Helvetica,Arial,sans-serif}\
    .h1{font-size:21px;font-weight:650}.h2{font-size:14px;font-weight:600}.label{font-size:12.5px}\
    .weak{fill:#616e7c;font-size:12px}.strong{font-weight:650}.value{font-size:12.5px;text-anchor:end;font-variant-numeric:tabular-nums}\
    @media (prefers-color-scheme:dark){.page{fill:#0d1117}.panel{fill:#161b22;stroke:#2b323b}.track{fill:#20262e}\
    .ours{fill:#ff7b3d}.peer{fill:#66768a}.limit{fill:#38434f}.mark{stroke:#ff7b3d}.spread{stroke:#c5ced8}text{fill:#e6edf3}.weak{fill:#9aa7b4}}";

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
    pub(crate) kind: Kind,
    pub(crate) median: f64,
    pub(crate) lowest: f64,
    pub(crate) highest: f64,
    /// The median, as it stands beside the bar, and how it compares with ours.
    pub(crate) value: String,
    pub(crate) ratio: String,
}

/// Whose a bar is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Ours,
    Peer,
    /// Nobody's: what can be reached at all.
    Limit,
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
            (x + PADDING + LABEL_WIDTH, PANEL_WIDTH - 2.0 * PADDING - LABEL_WIDTH - RATIO_END);
        let most = self.bars.iter().map(|bar| bar.highest).fold(f64::MIN_POSITIVE, f64::max);
        let at = |value: f64| from + width * value / most;
        for (index, bar) in self.bars.iter().enumerate() {
            let top = y + PANEL_HEAD + ROW * index as f64;
            let (middle, baseline) = (top + BAR / 2.0, top + BAR - 2.0);
            let fill = match bar.kind {
                Kind::Ours => "ours",
                Kind::Peer => "peer",
                Kind::Limit => "limit",
            };
            let strong = if bar.kind == Kind::Ours { " strong" } else { "" };
            text(out, &format!("label{strong}"), x + PADDING, baseline, &bar.label);
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
            text(out, &format!("value{strong}"), from + width + VALUE_END, baseline, &bar.value);
            text(out, "value weak", from + width + RATIO_END, baseline, &bar.ratio);
        }
        if let Some(ours) = self.bars.iter().find(|bar| bar.kind == Kind::Ours) {
            let (x, top) = (at(ours.median), y + PANEL_HEAD - 4.0);
            let bottom = y + PANEL_HEAD + ROW * (self.bars.len() - 1) as f64 + BAR + 4.0;
            let _ = writeln!(out, r#"<line class="mark" x1="{x:.1}" x2="{x:.1}" y1="{top}" y2="{bottom}"/>"#);
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
            kind: if median > 1.0 { Kind::Ours } else { Kind::Limit },
            median,
            lowest: median / 2.0,
            highest: median * 2.0,
            value: format!("{median}"),
            ratio: String::new(),
        };
        let panel = |title: &str| Panel {
            title: title.to_owned(),
            unit: "a & b".to_owned(),
            bars: vec![bar("ours", 2.0), bar("<theirs>", 1.0)],
        };
        let chart = draw("Title", "Subtitle", &[panel("one"), panel("two"), panel("three")]);
        assert_eq!(chart.matches(r#"class="panel""#).count(), 3);
        assert_eq!(chart.matches(r#"class="ours""#).count(), 3);
        assert_eq!(chart.matches(r#"class="limit""#).count(), 3);
        assert_eq!(chart.matches("&lt;theirs&gt;").count(), 3);
        assert_eq!(chart.matches("a &amp; b").count(), 3);
    }
}
