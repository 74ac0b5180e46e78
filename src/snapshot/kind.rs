//! What an envelope is around: each kind has a content type and, but for snapshots, a role of its own.

/// What an envelope is around: its content type. One never passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Rules.
    Snapshot,
    /// Leave to see chosen variants.
    Preview,
    /// Which snapshot is live.
    #[cfg(feature = "head")]
    Pointer,
    /// Flags that are off at once.
    #[cfg(feature = "head")]
    Kills,
    /// Whose keys count from now on.
    #[cfg(feature = "head")]
    Trust,
}

impl Kind {
    /// As the envelope's header has it.
    pub const fn content_type(self) -> &'static str {
        match self {
            Kind::Snapshot => "application/vnd.waft.snapshot",
            Kind::Preview => "application/vnd.waft.preview",
            #[cfg(feature = "head")]
            Kind::Pointer => "application/vnd.waft.pointer",
            #[cfg(feature = "head")]
            Kind::Kills => "application/vnd.waft.kills",
            #[cfg(feature = "head")]
            Kind::Trust => "application/vnd.waft.trust",
        }
    }

    /// The role whose signatures it needs, and no other kind does. A snapshot needs those of all other roles: `None`.
    pub const fn role(self) -> Option<&'static str> {
        match self {
            Kind::Snapshot => None,
            Kind::Preview => Some("preview"),
            #[cfg(feature = "head")]
            Kind::Pointer => Some("freshness"),
            #[cfg(feature = "head")]
            Kind::Kills => Some("kill"),
            #[cfg(feature = "head")]
            Kind::Trust => Some("root"),
        }
    }

    /// The kind of a content type.
    #[inline(always)]
    pub fn of_type(content_type: &[u8]) -> Option<Self> {
        match content_type {
            _ if content_type == Kind::Snapshot.content_type().as_bytes() => Some(Kind::Snapshot),
            _ if content_type == Kind::Preview.content_type().as_bytes() => Some(Kind::Preview),
            #[cfg(feature = "head")]
            _ => [Kind::Pointer, Kind::Kills, Kind::Trust]
                .into_iter()
                .find(|kind| content_type == kind.content_type().as_bytes()),
            #[cfg(not(feature = "head"))]
            _ => None,
        }
    }

    /// The kind whose envelopes a role signs.
    #[inline(always)]
    pub fn of_role(role: &[u8]) -> Self {
        match role {
            b"preview" => Kind::Preview,
            #[cfg(feature = "head")]
            b"freshness" => Kind::Pointer,
            #[cfg(feature = "head")]
            b"kill" => Kind::Kills,
            #[cfg(feature = "head")]
            b"root" => Kind::Trust,
            _ => Kind::Snapshot,
        }
    }

    /// Whether its payload is all that it says: there is no manifest, and no body follows.
    #[cfg(feature = "head")]
    pub const fn is_payload(self) -> bool {
        match self {
            Kind::Snapshot | Kind::Preview => false,
            Kind::Pointer | Kind::Kills | Kind::Trust => true,
        }
    }
}
