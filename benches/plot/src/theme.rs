//! Colours that can be read on a page's own background.

use plotters::style::RGBColor;

#[derive(Clone, Copy)]
pub(crate) struct Theme {
    pub(crate) name: &'static str,
    pub(crate) text: RGBColor,
    pub(crate) lines: RGBColor,
    pub(crate) ours: RGBColor,
    pub(crate) others: RGBColor,
}

pub(crate) const LIGHT: Theme = Theme {
    name: "light",
    text: RGBColor(0x1f, 0x23, 0x28),
    lines: RGBColor(0xd0, 0xd7, 0xde),
    ours: RGBColor(0x1f, 0x6f, 0xeb),
    others: RGBColor(0xaf, 0xb8, 0xc1),
};

pub(crate) const DARK: Theme = Theme {
    name: "dark",
    text: RGBColor(0xe6, 0xed, 0xf3),
    lines: RGBColor(0x30, 0x36, 0x3d),
    ours: RGBColor(0x58, 0xa6, 0xff),
    others: RGBColor(0x6e, 0x76, 0x81),
};
