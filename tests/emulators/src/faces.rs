//! The names that differ between the faces of these checks.

diptych_macros::faces! {
    /// The names that differ between the faces of these checks.
    faces {
        aread_path => read_path,
        awrite_path => write_path,
        aget_directory_with => get_directory_with,
        aput_directory_with => put_directory_with,
    }
}
