//! The cookie that carries a browser's session. Page forms and the REST door set it in the same words.

const MAX_AGE_SECONDS: u32 = 30 * 24 * 60 * 60;

/// Its name. The `__Host-` prefix binds it to this very host, and needs https.
#[must_use]
pub const fn name(secure: bool) -> &'static str {
    if secure { "__Host-roost" } else { "roost" }
}

/// A `Set-Cookie` value that opens a session.
#[must_use]
pub fn set(value: &str, secure: bool) -> String {
    write(value, MAX_AGE_SECONDS, secure)
}

/// A `Set-Cookie` value that ends it.
#[must_use]
pub fn clear(secure: bool) -> String {
    write("", 0, secure)
}

fn write(value: &str, max_age: u32, secure: bool) -> String {
    let name = name(secure);
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn under_https_the_cookie_is_bound_to_the_host_and_to_https() {
        assert_eq!(
            set("v", true),
            "__Host-roost=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000; Secure"
        );
        assert_eq!(clear(false), "roost=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    }
}
