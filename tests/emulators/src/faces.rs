//! The names that differ between the faces of these checks.

diptych_macros::faces! {
    /// The names that differ between the faces of these checks.
    faces {
        AsyncStorage => Storage,
    }
}
