//! Plain tables for the terminal: the first column to the left, the others to the right.

/// One line per row under the names of the columns.
pub(crate) fn render<const N: usize>(head: &[&str; N], rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .chain([head[column].len()])
            .max()
            .unwrap_or(0)
    };
    let line = |cells: [&str; N]| {
        let padded: Vec<_> = cells
            .iter()
            .enumerate()
            .map(|(column, cell)| {
                if column == 0 {
                    format!("{cell:<0$}", width(0))
                } else {
                    format!("{cell:>0$}", width(column))
                }
            })
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let rule: [String; N] = std::array::from_fn(|column| "-".repeat(width(column)));
    let body = rows
        .iter()
        .map(|row| line(row.each_ref().map(String::as_str)));
    [line(*head), line(rule.each_ref().map(String::as_str))]
        .into_iter()
        .chain(body)
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [
            ["clippy".to_owned(), "12.5".to_owned()],
            ["a".to_owned(), "3.0".to_owned()],
        ];
        assert_eq!(
            render(&["step", "s"], &rows),
            "step       s\n------  ----\nclippy  12.5\na        3.0"
        );
    }
}
