//! Addresses of one person's page on a site that belongs to everybody: `linkedin.com/in/ada`.

/// What stands between the host and the name of a person's page; hosts with all below them.
#[rustfmt::skip]
const PAGES: &[(&str, &[&str])] = &[
    ("linkedin.com", &["in/", "pub/"]), ("facebook.com", &["profile.php?id=", "people/", ""]), ("fb.com", &[""]), ("fb.me", &[""]),
    ("instagram.com", &[""]), ("twitter.com", &[""]), ("x.com", &[""]), ("t.me", &[""]), ("telegram.me", &[""]),
    ("tiktok.com", &["@"]), ("youtube.com", &["@", "c/", "user/", "channel/"]), ("medium.com", &["@"]), ("threads.net", &["@"]),
    ("reddit.com", &["u/", "user/"]), ("github.com", &[""]), ("gitlab.com", &[""]), ("bitbucket.org", &[""]),
    ("snapchat.com", &["add/"]), ("pinterest.com", &[""]), ("flickr.com", &["people/", "photos/"]), ("twitch.tv", &[""]),
    ("discord.com", &["users/"]), ("quora.com", &["profile/"]), ("stackoverflow.com", &["users/"]), ("paypal.com", &["paypalme/"]),
    ("spotify.com", &["user/"]), ("steampowered.com", &["id/", "profiles/"]), ("goodreads.com", &["user/show/"]),
    ("kaggle.com", &[""]), ("huggingface.co", &[""]), ("etsy.com", &["people/"]), ("ebay.com", &["usr/"]), ("imgur.com", &["user/"]),
    ("whatsapp.com", &["send?phone="]), ("yelp.com", &["user_details?userid="]), ("soundcloud.com", &[""]), ("dropbox.com", &["s/", "scl/"]),
];
/// First parts of paths that are pages of the site itself, where a name may stand right behind the host.
#[rustfmt::skip]
const OWN: &[&str] = &[
    "about", "accounts", "ads", "api", "apps", "blog", "business", "careers", "collections", "competitions", "contact", "customer-stories",
    "datasets", "developers", "discover", "docs", "downloads", "enterprise", "events", "explore", "features", "groups", "gaming",
    "hashtag", "help", "home", "i", "intent", "issues", "jobs", "learn", "legal", "login", "login.php", "marketplace", "messages",
    "models", "new", "notifications", "orgs", "p", "pages", "plugins", "policies", "policy", "pricing", "privacy", "product",
    "projects", "pulls", "reel", "reels", "s", "search", "security", "settings", "share", "sharer", "signup", "site", "spaces",
    "sponsors", "stories", "support", "team", "terms", "topics", "tos", "trending", "tv", "users", "videos", "watch", "joinchat",
];

/// Whether an address, from its host on, is that of one person's page. Of sites where a name stands right behind the host,
/// only an address with nothing behind the name is: what follows it is about something else.
pub(super) fn is_profile(address: &str) -> bool {
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let host = host.to_ascii_lowercase();
    let of = |site: &str| host.strip_suffix(site).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let Some((_, heads)) = PAGES.iter().find(|(site, _)| of(site)) else { return false };
    heads.iter().any(|head| match (*head, path.get(..head.len())) {
        ("", _) => {
            let name = path.trim_end_matches('/').split(['?', '#']).next().unwrap_or_default();
            is_name(name) && !OWN.contains(&name.to_ascii_lowercase().as_str())
        }
        (head, Some(found)) => {
            let name = path[head.len()..].split(['/', '?', '#', '&']).next().unwrap_or_default();
            found.eq_ignore_ascii_case(head) && is_name(name)
        }
        (_, None) => false,
    })
}

fn is_name(name: &str) -> bool {
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '%' | '+' | '~');
    name.chars().count() >= 2 && name.chars().all(belongs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_a_person_is_told_from_pages_of_the_site() {
        for address in [
            "www.linkedin.com/in/ada-byron",
            "uk.linkedin.com/in/ada/",
            "facebook.com/ada.byron?ref=1",
            "www.facebook.com/profile.php?id=100012345",
            "instagram.com/ada_b/",
            "t.me/adab",
            "www.tiktok.com/@ada",
            "stackoverflow.com/users/12345/ada",
            "github.com/adab",
        ] {
            assert!(is_profile(address), "{address}");
        }
        for address in [
            "www.linkedin.com/jobs/view/1",
            "github.com/rust-lang/rust",
            "github.com/features",
            "twitter.com/search?q=x",
            "youtube.com/watch?v=abc",
            "en.wikipedia.org/wiki/Ada",
            "notgithub.com/ada",
            "instagram.com/",
            "github.com",
        ] {
            assert!(!is_profile(address), "{address}");
        }
    }
}
