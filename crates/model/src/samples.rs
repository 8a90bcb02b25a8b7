//! The cast. Tests of every room, seeds and documentation speak of the same people.

/// One of the cast, before they have an account.
#[derive(Clone, Copy, Debug)]
pub struct Player {
    /// Username.
    pub username: &'static str,
    /// Display name.
    pub display_name: &'static str,
    /// E-mail address.
    pub email: &'static str,
    /// A password that Roost accepts.
    pub password: &'static str,
}

/// Writes first.
pub const ADA: Player = Player {
    username: "ada",
    display_name: "Ada Lovelace",
    email: "ada@example.org",
    password: "poetical-science-1843",
};

/// Answers.
pub const GRACE: Player = Player {
    username: "grace",
    display_name: "Grace Hopper",
    email: "grace@example.org",
    password: "nanosecond-of-wire-1906",
};

/// Is a stranger to the conversation of the other two.
pub const MALLORY: Player = Player {
    username: "mallory",
    display_name: "Mallory Quinn",
    email: "mallory@example.org",
    password: "between-the-two-of-them-7",
};

/// Runs the place.
pub const HEDY: Player = Player {
    username: "hedy",
    display_name: "Hedy Lamarr",
    email: "hedy@example.org",
    password: "frequency-hopping-1942",
};
