//! Who may depend on whom, and where the outside may be touched.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Darkroom's own crates that each of its crates may use.
const MAY_USE: [(&str, &[&str]); 18] = [
    ("darkroom-core", &[]),
    ("darkroom-dialects", &["core"]),
    ("darkroom-flows", &["core", "dialects"]),
    ("darkroom-egress", &["core"]),
    ("darkroom-aws", &["core"]),
    ("darkroom-imaging", &["core"]),
    ("darkroom-chromium", &["core", "egress", "imaging"]),
    ("darkroom-api", &["core", "flows", "aws"]),
    ("darkroom-render", &["core", "flows", "aws", "egress", "chromium"]),
    ("darkroom-notifier", &["core", "flows", "aws", "egress"]),
    ("darkroom-janitor", &["core", "flows", "aws"]),
    ("darkroom-snap", &["core", "dialects", "egress", "chromium"]),
    ("darkroom-ctl", &["core", "dialects", "flows", "aws"]),
    ("darkroom-contract", &["core"]),
    ("darkroom-limit", &[]),
    ("darkroom-model", &[]),
    ("darkroom-world", &["core", "dialects", "flows"]),
    ("darkroom-zoo", &["core", "egress"]),
];

/// Crates that reach the outside, by the beginnings of their names, and who may.
const OUTSIDE: [(&str, &[&str]); 7] = [
    ("aws-", &["darkroom-aws", "darkroom-ctl"]),
    ("chromiumoxide", &["darkroom-chromium"]),
    ("lambda_", &["darkroom-api", "darkroom-render", "darkroom-notifier", "darkroom-janitor"]),
    (
        "aws_lambda_events",
        &["darkroom-aws", "darkroom-render", "darkroom-notifier", "darkroom-janitor"],
    ),
    ("hyper", &["darkroom-egress"]),
    ("reqwest", &[]),
    (
        "tokio",
        &[
            "darkroom-aws",
            "darkroom-chromium",
            "darkroom-egress",
            "darkroom-api",
            "darkroom-render",
            "darkroom-notifier",
            "darkroom-janitor",
            "darkroom-snap",
            "darkroom-ctl",
            "darkroom-zoo",
        ],
    ),
];

fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let of = |package: &cargo_metadata::Package| {
        let normal = package.dependencies.iter().filter(|it| it.kind == DependencyKind::Normal);
        normal.map(|it| it.name.clone()).collect()
    };
    metadata.packages.iter().map(|package| (package.name.to_string(), of(package))).collect()
}

#[test]
fn crates_depend_only_in_the_directions_of_the_map() {
    let dependencies = dependencies();
    let known: BTreeSet<_> = MAY_USE.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(dependencies.keys().cloned().collect::<BTreeSet<_>>(), known, "a crate is missing");
    for (name, allowed) in MAY_USE {
        let allowed: BTreeSet<_> = allowed.iter().map(|it| format!("darkroom-{it}")).collect();
        let own = dependencies[name].iter().filter(|it| it.starts_with("darkroom-"));
        let used: BTreeSet<_> = own.cloned().collect();
        let extra: Vec<_> = used.difference(&allowed).collect();
        assert!(extra.is_empty(), "{name} may not use {extra:?}");
    }
}

#[test]
fn the_outside_is_touched_only_where_it_belongs() {
    for (name, dependencies) in dependencies() {
        for (prefix, allowed) in OUTSIDE {
            let outside: Vec<_> = dependencies.iter().filter(|it| it.starts_with(prefix)).collect();
            let may = outside.is_empty() || allowed.contains(&name.as_str());
            assert!(may, "{name} may not use {outside:?}");
        }
    }
}
