//! The order of folders, of which each uses only those before it. ARCHITECTURE.md draws it.

/// The core: files and folders of `src`, of which each may use only those before it. The longest name that fits counts.
pub(crate) const CORE: &[&str] =
    &["limits", "error", "decimal", "snapshot", "head", "program", "context", "memo", "decide", "lib"];

/// The package: folders and files of `pkg/src`, as above.
pub(crate) const PACKAGE: &[&str] = &[
    "platform",
    "limits",
    "codes",
    "typed",
    "types",
    "served",
    "storage",
    "engine",
    "compat",
    "exposures",
    "context",
    "client",
    "preview",
    "updates",
    "head",
    "documents",
    "debug",
    "testing",
    "rules",
    "vite",
    "openfeature",
    "openfeature-server",
    "openfeature-react",
    "explanation",
    "counted",
    "studio",
    "workbench",
    "devtools",
    "react",
    "server",
    "hydrate",
    "index",
    "lean",
    "script",
];
