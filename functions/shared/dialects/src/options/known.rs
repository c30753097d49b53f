//! What is known of an option without reading it: the one table that the parser,
//! its messages and docs/OPTIONS.md go by.

/// An option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// Its name in Nodium's words, without the `[]` that marks a list in a query.
    pub name: &'static str,
    /// Whether this version takes it.
    pub availability: Availability,
    /// Its values, worded to follow "must be".
    pub values: &'static str,
    /// What is taken if it isn't given.
    pub default: Option<&'static str>,
    /// What it does, and what it needs.
    pub effect: &'static str,
    /// Who named it.
    pub origin: Origin,
}

/// Whether this version takes an option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Availability {
    /// It does.
    Built,
    /// It is refused by name, so that no picture lacks it in silence; this is why.
    LeftOut(&'static str),
}

/// Who named an option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// `ScreenshotOne`, whose names Nodium took over.
    Published,
    /// This project, where there was no name.
    Own,
}

/// Options of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Section {
    /// What they are about.
    pub title: &'static str,
    /// The options.
    pub options: &'static [Known],
}

/// Another name of an option in one dialect, or the same name with another default.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Alias {
    /// The dialect's own name.
    pub name: &'static str,
    /// The [`Known::name`] that it stands for.
    pub of: &'static str,
    /// The default there, where it is another.
    pub default: Option<&'static str>,
}

/// The words of one dialect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    /// Its own names.
    pub(crate) aliases: &'static [Alias],
    /// Every option.
    pub(crate) sections: &'static [&'static [Section]],
}

impl Words {
    /// Every option.
    pub(crate) fn options(self) -> impl Iterator<Item = &'static Known> {
        self.sections.iter().copied().flatten().flat_map(|section| section.options)
    }

    /// The option that goes by this name.
    pub(crate) fn find(self, name: &str) -> Option<&'static Known> {
        let shared = self.aliases.iter().find(|alias| alias.name == name);
        let shared = shared.map_or(name, |alias| alias.of);
        self.options().find(|known| known.name == shared)
    }

    /// The default of an option.
    pub(crate) fn default_of(self, known: &Known) -> Option<&'static str> {
        let alias = self.aliases.iter().find(|alias| alias.of == known.name);
        alias.and_then(|alias| alias.default).or(known.default)
    }

    /// The dialect's own word for an option.
    pub(crate) fn own_name(self, shared: &'static str) -> &'static str {
        let alias = self.aliases.iter().find(|alias| alias.of == shared);
        alias.map_or(shared, |alias| alias.name)
    }

    /// Every name there is.
    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        self.aliases.iter().map(|alias| alias.name).chain(self.options().map(|known| known.name))
    }
}

/// An option that is taken. `values` is worded to follow "must be".
pub(crate) const fn built(
    name: &'static str,
    values: &'static str,
    default: Option<&'static str>,
    effect: &'static str,
) -> Known {
    let (availability, origin) = (Availability::Built, Origin::Published);
    Known { name, availability, values, default, effect, origin }
}

/// An option of our own that is taken.
pub(crate) const fn ours(
    name: &'static str,
    values: &'static str,
    default: Option<&'static str>,
    effect: &'static str,
) -> Known {
    Known { origin: Origin::Own, ..built(name, values, default, effect) }
}

/// An option that is refused by name, and why.
pub(crate) const fn left_out(name: &'static str, why: &'static str) -> Known {
    Known { availability: Availability::LeftOut(why), ..built(name, "", None, "") }
}
