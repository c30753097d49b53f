//! Named devices: playwright-core's (Apache-2.0), in `devices/devices.tsv`.

use darkroom_core::capture::{Screen, Viewport};

use super::values::{self, Raw, Reading};

const TABLE: &str = include_str!("../../devices/devices.tsv");

/// A device as a page sees it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Device {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its window, held upright.
    pub(crate) viewport: Viewport,
    /// What its browser calls itself.
    pub(crate) user_agent: &'static str,
}

impl Device {
    /// The device on its side.
    fn turned(self) -> Self {
        Self { viewport: turned(self.viewport), ..self }
    }
}

/// A window on its side.
pub(super) fn turned(viewport: Viewport) -> Viewport {
    Viewport {
        width_px: viewport.width_px.max(viewport.height_px),
        height_px: viewport.width_px.min(viewport.height_px),
        ..viewport
    }
}

/// Every device.
pub(crate) fn all() -> impl Iterator<Item = Device> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(device)
}

/// The device of this name.
pub(super) fn named(raw: &Raw) -> Reading<Device> {
    let given = values::filled_text(raw)?;
    let wanted = letters(&given);
    let of_name = |name: &str| all().find(|device| letters(device.name) == name);
    let on_its_side = || wanted.strip_suffix("landscape").and_then(of_name).map(Device::turned);
    if let Some(device) = of_name(&wanted).or_else(on_its_side) {
        return Ok(device);
    }
    let near = all().map(|it| (strsim::damerau_levenshtein(&letters(it.name), &wanted), it.name));
    let near = near.min().filter(|(distance, _)| *distance <= 3);
    let hint = near.map_or_else(
        || "docs/OPTIONS.md lists them".to_owned(),
        |(_, name)| format!("did you mean `{name}`?"),
    );
    Err(format!("is no device that is known; {hint}").into())
}

/// What counts of a name: `iphone_13_pro_max` is `iPhone 13 Pro Max`.
fn letters(name: &str) -> String {
    let counts = |letter: &char| letter.is_alphanumeric() || *letter == '+';
    name.chars().filter(counts).take(64).collect::<String>().to_lowercase()
}

fn device(line: &'static str) -> Option<Device> {
    let mut fields = line.split('\t');
    let name = fields.next()?;
    let viewport = Viewport {
        width_px: fields.next()?.parse().ok()?,
        height_px: fields.next()?.parse().ok()?,
        scale: fields.next()?.parse().ok()?,
        screen: Screen {
            is_mobile: fields.next()?.parse().ok()?,
            has_touch: fields.next()?.parse().ok()?,
        },
    };
    Some(Device { name, viewport, user_agent: fields.next()? })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_line_is_a_device_whose_name_is_its_own() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        let names: HashSet<_> = all().map(|device| letters(device.name)).collect();
        assert_eq!(names.len(), lines);
        for device in all() {
            let Viewport { width_px, height_px, scale, .. } = device.viewport;
            assert!((1..=Viewport::MAX_SIDE_PX).contains(&width_px), "{device:?}");
            assert!((1..=Viewport::MAX_SIDE_PX).contains(&height_px), "{device:?}");
            assert!((1.0..=Viewport::MAX_SCALE).contains(&scale), "{device:?}");
            assert!(device.user_agent.is_ascii(), "{device:?}");
        }
    }

    #[test]
    fn a_name_may_ask_for_the_device_on_its_side() {
        for name in ["iPhone 13 Pro Max landscape", "iphone_13_pro_max_landscape"] {
            let Viewport { width_px, height_px, .. } =
                named(&Raw::Text(vec![name.to_owned()])).unwrap().viewport;
            assert_eq!((width_px, height_px), (746, 428), "{name}");
        }
        assert!(named(&Raw::Text(vec!["landscape".to_owned()])).is_err());
    }

    #[test]
    fn spaces_and_capitals_of_a_name_do_not_count() {
        for name in ["iPhone 13 Pro Max", "iphone_13_pro_max", "IPHONE13-PRO MAX"] {
            let device = named(&Raw::Text(vec![name.to_owned()])).unwrap();
            assert_eq!((device.viewport.width_px, device.viewport.scale), (428, 3.0), "{name}");
        }
    }
}
