//! A picture of the graph: layout-rs arranges and writes it.

use layout::backends::svg::SVGWriter;
use layout::core::base::Orientation;
use layout::core::format::{ClipHandle, RenderBackend};
use layout::core::geometry::Point;
use layout::core::style::StyleAttr;
use layout::std_shapes::shapes::{Arrow, Element, ShapeKind};
use layout::topo::layout::VisualGraph;

use super::FlowGraph;

/// The sizes of a box: its height, how much wider it is than its letters, and how wide one of those is.
const HEIGHT: f64 = 36.0;
const ROOM: f64 = 24.0;
const LETTER: f64 = 8.0;
/// What is left free beyond the last box.
const MARGIN: f64 = 30.0;

impl FlowGraph {
    /// The graph as a picture (SVG), from the top to the bottom. Arranging takes time by the square of the number of calls or more: hundreds
    /// take moments, and a thousand a second.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let mut picture = Picture::default();
        // Nothing can't be arranged.
        if !self.nodes.is_empty() {
            self.arranged().do_it(false, false, false, &mut picture);
        }
        picture.finish()
    }

    fn arranged(&self) -> VisualGraph {
        let down = Orientation::TopToBottom;
        let mut graph = VisualGraph::new(down);
        let boxes = self.nodes.iter().map(|name| {
            let name = in_xml(name);
            let letters = u32::try_from(name.chars().count()).unwrap_or(u32::MAX);
            let size = Point::new(ROOM + LETTER * f64::from(letters), HEIGHT);
            let shape = ShapeKind::new_box(&name);
            graph.add_node(Element::create(shape, StyleAttr::simple(), down, size))
        });
        let boxes: Vec<_> = boxes.collect();
        for (after, before) in boxes.iter().zip(&self.before) {
            for before in before.iter().filter_map(|place| boxes.get(*place)) {
                graph.add_edge(Arrow::simple(""), *before, *after);
            }
        }
        graph
    }
}

/// XML has no control characters.
fn in_xml(name: &str) -> String {
    name.replace(char::is_control, "\u{fffd}")
}

/// What is drawn, and the corner that it reaches to: the writer leaves as much room below each text as the text is long.
#[derive(Default)]
struct Picture {
    writer: SVGWriter,
    corner: (f64, f64),
}

impl Picture {
    fn reach(&mut self, x: f64, y: f64) {
        self.corner = (self.corner.0.max(x), self.corner.1.max(y));
    }

    fn finish(self) -> String {
        let (text, (width, height)) = (self.writer.finalize(), self.corner);
        let (width, height) = ((width + MARGIN).ceil(), (height + MARGIN).ceil());
        let parts = text.split_once("<svg ").and_then(|(head, rest)| {
            let (_, drawn) = rest.split_once('>')?;
            Some((head, drawn))
        });
        match parts {
            Some((head, drawn)) => format!(
                "{head}<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
                 xmlns=\"http://www.w3.org/2000/svg\">{drawn}"
            ),
            None => text,
        }
    }
}

impl RenderBackend for Picture {
    fn draw_rect(
        &mut self,
        xy: Point,
        size: Point,
        look: &StyleAttr,
        properties: Option<String>,
        clip: Option<ClipHandle>,
    ) {
        self.reach(xy.x + size.x, xy.y + size.y);
        self.writer.draw_rect(xy, size, look, properties, clip);
    }

    fn draw_line(
        &mut self,
        start: Point,
        stop: Point,
        look: &StyleAttr,
        properties: Option<String>,
    ) {
        self.writer.draw_line(start, stop, look, properties);
    }

    fn draw_circle(
        &mut self,
        xy: Point,
        size: Point,
        look: &StyleAttr,
        properties: Option<String>,
    ) {
        self.writer.draw_circle(xy, size, look, properties);
    }

    fn draw_text(&mut self, xy: Point, text: &str, look: &StyleAttr) {
        self.writer.draw_text(xy, text, look);
    }

    fn draw_arrow(
        &mut self,
        path: &[(Point, Point)],
        dashed: bool,
        head: (bool, bool),
        look: &StyleAttr,
        properties: Option<String>,
        text: &str,
    ) {
        for (point, control) in path {
            self.reach(point.x.max(control.x), point.y.max(control.y));
        }
        self.writer
            .draw_arrow(path, dashed, head, look, properties, text);
    }

    fn create_clip(&mut self, xy: Point, size: Point, rounded_px: usize) -> ClipHandle {
        self.writer.create_clip(xy, size, rounded_px)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A graph of so many calls, of which each depends on some before it.
    fn random(seed: u64) -> FlowGraph {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut graph = FlowGraph::default();
        for after in 0..random.usize(0..40) {
            graph.add(["fetch", "sum up", "tell"][random.usize(0..3)]);
            for _ in 0..random.usize(0..4) {
                if after > 0 {
                    graph.connect(random.usize(0..after), after);
                }
            }
        }
        graph
    }

    #[test]
    fn every_call_is_in_the_picture_and_every_edge_an_arrow() {
        for seed in 0..50 {
            let graph = random(seed);
            let picture = graph.to_svg();
            assert_eq!(picture, graph.to_svg(), "it is the same each time");
            for node in graph.nodes() {
                let text = format!(">{node}</tspan>");
                assert!(picture.contains(&text), "{node} is missing: {picture}");
            }
            let arrows = picture.matches("marker-end=").count();
            assert_eq!(arrows, graph.edges().count(), "{picture}");
        }
    }

    #[test]
    fn names_are_text_and_the_picture_is_as_large_as_what_is_drawn() {
        let mut graph = FlowGraph::default();
        graph.add("say \"<b>\" & \u{1}\n");
        let picture = graph.to_svg();
        let text = ">say &quot;&lt;b&gt;&quot; &amp; \u{fffd}\u{fffd}-0</tspan>";
        assert!(picture.contains(text), "{picture}");
        assert!(picture.contains("height=\"96\" viewBox"), "{picture}");
        let nothing = FlowGraph::default().to_svg();
        assert!(nothing.contains("<svg ") && nothing.ends_with("</svg>"));
    }
}
