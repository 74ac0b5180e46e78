//! What an envelope is around: each kind has a content type and, but for snapshots, a role of its own.

/// What an envelope is around: its content type. One never passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Rules.
    Snapshot,
    /// Leave to see chosen variants.
    Preview,
    /// Which snapshot is live.
    Pointer,
    /// Flags that are off at once.
    Kills,
    /// Whose keys count from now on.
    Trust,
}

impl Kind {
    /// As the envelope's header has it.
    pub const fn content_type(self) -> &'static str {
        match self {
            Kind::Snapshot => "application/vnd.waft.snapshot",
            Kind::Preview => "application/vnd.waft.preview",
            Kind::Pointer => "application/vnd.waft.pointer",
            Kind::Kills => "application/vnd.waft.kills",
            Kind::Trust => "application/vnd.waft.trust",
        }
    }

    /// The role whose signatures it needs, and no other kind does. A snapshot needs those of all other roles: `None`.
    pub const fn role(self) -> Option<&'static str> {
        match self {
            Kind::Snapshot => None,
            Kind::Preview => Some("preview"),
            Kind::Pointer => Some("freshness"),
            Kind::Kills => Some("kill"),
            Kind::Trust => Some("root"),
        }
    }

    /// The kind of a content type.
    #[inline(always)]
    pub fn of_type(content_type: &[u8]) -> Option<Self> {
        match content_type {
            _ if content_type == Kind::Snapshot.content_type().as_bytes() => Some(Kind::Snapshot),
            _ if content_type == Kind::Preview.content_type().as_bytes() => Some(Kind::Preview),
            // Who reads no heads has no use for their documents.
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
            b"freshness" => Kind::Pointer,
            b"kill" => Kind::Kills,
            b"root" => Kind::Trust,
            _ => Kind::Snapshot,
        }
    }

    /// Whether its payload is all that it says: there is no manifest, and no body follows.
    pub const fn is_payload(self) -> bool {
        match self {
            Kind::Snapshot | Kind::Preview => false,
            Kind::Pointer | Kind::Kills | Kind::Trust => true,
        }
    }
}
