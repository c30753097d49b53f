//! What is known of an option without reading it.

/// An option that a dialect knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// Its name, without the `[]` that marks a list in a query.
    pub name: &'static str,
    /// Whether this version takes it.
    pub availability: Availability,
    /// What it does; for one that is taken, its values and default too.
    pub doc: &'static str,
}

/// Whether this version takes an option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Availability {
    /// It does.
    Built,
    /// It is refused by name, so that no picture lacks it in silence.
    Later,
}

/// An option that is taken.
pub(crate) const fn built(name: &'static str, doc: &'static str) -> Known {
    Known { name, availability: Availability::Built, doc }
}

/// An option that is refused by name.
pub(crate) const fn later(name: &'static str, doc: &'static str) -> Known {
    Known { name, availability: Availability::Later, doc }
}
