//! Bars for the overview, as geometry; the page draws them as SVG.

/// Where the bars begin.
const LEFT: usize = 170;
/// The longest bar.
const LENGTH: usize = 480;
/// Height of a row.
const ROW: usize = 26;
/// Height of a bar.
const BAR: usize = 18;
/// Narrower pieces carry no number.
const NUMBERED: usize = 18;

/// A chart of stacked bars.
#[derive(Debug)]
pub(super) struct Chart {
    /// Width of the picture.
    pub(super) width: usize,
    /// Height of the picture.
    pub(super) height: usize,
    /// The rows.
    pub(super) rows: Vec<Row>,
}

/// A row: a label, a bar of pieces, and their sum.
#[derive(Debug)]
pub(super) struct Row {
    /// The label to the left.
    pub(super) label: String,
    /// Where the bar begins at the top.
    pub(super) top: usize,
    /// Height of the bar.
    pub(super) height: usize,
    /// Where the baseline of texts is.
    pub(super) baseline: usize,
    /// The pieces that are not empty.
    pub(super) pieces: Vec<Piece>,
    /// The sum.
    pub(super) total: usize,
    /// Where the sum stands.
    pub(super) end: usize,
}

/// A piece of a bar.
#[derive(Debug)]
pub(super) struct Piece {
    /// Where it begins at the left.
    pub(super) left: usize,
    /// Its width.
    pub(super) width: usize,
    /// Where its number stands.
    pub(super) middle: usize,
    /// Whether there is room for the number.
    pub(super) numbered: bool,
    /// The CSS class of its colour.
    pub(super) class: &'static str,
    /// What it counts.
    pub(super) name: &'static str,
    /// How many.
    pub(super) count: usize,
}

/// A row to be drawn: its label, and of every piece the CSS class, the name and the count.
pub(super) type Bar = (String, Vec<(&'static str, &'static str, usize)>);

/// Bars on one scale.
pub(super) fn chart(bars: Vec<Bar>) -> Chart {
    let sum = |pieces: &[(&str, &str, usize)]| pieces.iter().map(|piece| piece.2).sum::<usize>();
    let most = bars.iter().map(|(_, pieces)| sum(pieces)).max().unwrap_or_default().max(1);
    let rows: Vec<Row> = bars
        .into_iter()
        .enumerate()
        .map(|(index, (label, pieces))| {
            let total = sum(&pieces);
            let top = index * ROW + (ROW - BAR) / 2;
            let mut before = 0;
            let mut drawn = Vec::new();
            for (class, name, count) in pieces {
                // Ends, not widths, are rounded: the pieces join without gaps.
                let left = LEFT + before * LENGTH / most;
                before += count;
                let end = LEFT + before * LENGTH / most;
                if count > 0 {
                    let width = (end - left).max(1);
                    let numbered = width >= NUMBERED.max(8 * count.to_string().len() + 4);
                    let middle = left + width / 2;
                    drawn.push(Piece { left, width, middle, numbered, class, name, count });
                }
            }
            let end = LEFT + total * LENGTH / most + 6;
            Row { label, top, height: BAR, baseline: top + 13, pieces: drawn, total, end }
        })
        .collect();
    Chart { width: LEFT + LENGTH + 60, height: rows.len() * ROW, rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_and_the_longest_bar_is_full() {
        let bars = vec![
            ("a".to_owned(), vec![("x", "X", 1), ("y", "Y", 0), ("z", "Z", 2)]),
            ("b".to_owned(), vec![("x", "X", 7)]),
            ("c".to_owned(), vec![]),
        ];
        let chart = chart(bars);
        assert_eq!(chart.height, 3 * ROW);
        let [a, b, c] = &chart.rows[..] else { panic!("three rows") };
        assert_eq!(a.pieces.len(), 2);
        assert_eq!(a.pieces[0].left + a.pieces[0].width, a.pieces[1].left);
        assert_eq!((b.pieces[0].width, b.total), (LENGTH, 7));
        assert!(b.pieces[0].numbered);
        assert!(c.pieces.is_empty());
        assert_eq!(c.end, LEFT + 6);
    }

    #[test]
    fn small_pieces_are_still_seen() {
        let bars = vec![("a".to_owned(), vec![("x", "X", 1), ("z", "Z", 1_000_000)])];
        let chart = chart(bars);
        assert_eq!(chart.rows[0].pieces[0].width, 1);
        assert!(!chart.rows[0].pieces[0].numbered);
    }
}
