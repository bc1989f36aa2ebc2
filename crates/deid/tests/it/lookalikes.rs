//! Lines, written by hand, that look like they held a secret and hold none: what scanners raise false alarms on.

use candor_deid::{Engine, IdentifierKind as Kind, Settings};

/// Asserts that no key, token, password or URL with credentials is found in a line.
fn assert_no_secret(lines: &[&str]) {
    let engine = Engine::new(Settings::rules());
    let secret = |kind: Kind| kind <= Kind::Secret;
    for line in lines {
        let found: Vec<_> = engine.detect(line).into_iter().filter(|span| secret(span.kind)).collect();
        assert!(found.is_empty(), "in {line:?}: {found:?}");
    }
}

#[test]
fn stand_ins_for_keys_are_no_keys() {
    assert_no_secret(&[
        "API_KEY=YOUR_API_KEY",
        "api_key = \"your-api-key-here\"",
        "token: <token>",
        "Authorization: Bearer <YOUR_ACCESS_TOKEN>",
        "Authorization: Bearer $TOKEN",
        "Authorization: Bearer ${{ secrets.GITHUB_TOKEN }}",
        "password: ${DB_PASSWORD}",
        "password: {{ vault_db_password }}",
        "password = os.environ[\"DB_PASSWORD\"]",
        "const key = process.env.STRIPE_SECRET_KEY;",
        "secret_key = config.get(\"secret_key\")",
        "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key = xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "xoxb-your-token-here",
        "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx",
        "token=********************************",
        "password: ****************",
        "api_key: REPLACE_ME_WITH_YOUR_KEY",
        "client_secret: changeme",
        "SECRET_KEY=insert-your-secret-key-here",
        "key = \"00000000000000000000000000000000\"",
        "token: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "postgres://user:password@localhost:5432/mydb",
        "postgresql://postgres:${PGPASSWORD}@db/app",
        "mysql://user:<password>@host/db",
        "mongodb://{username}:{password}@cluster/db",
        "https://user:password@example.com/",
        "curl -H \"X-Api-Key: $API_KEY\" https://api.example.com/v1",
        "curl -u $USER:$PASS https://api.example.com",
        "mysql -u root -p$MYSQL_ROOT_PASSWORD",
        "export GITHUB_TOKEN=$(gh auth token)",
        "DATABASE_PASSWORD=\"$(cat /run/secrets/db_password)\"",
        "s3://my-bucket/path/to/file.csv",
        "arn:aws:s3:::${bucket_name}",
    ]);
}

#[test]
fn words_about_secrets_are_no_secrets() {
    assert_no_secret(&[
        "I forgot my password, can you help me reset it?",
        "The secret to good bread is time.",
        "The key is under the doormat.",
        "This token will expire in 30 minutes.",
        "Choose a password with at least 12 characters.",
        "password: string;",
        "password: required",
        "Passwords must match.",
        "def get_token(self, user_id): return self.tokens[user_id]",
        "let password = read_password().unwrap();",
        "token = tokenizer.next_token()",
        "apiKey: apiKey,",
        "private static final String KEY_NAME = \"keyName\";",
        "session_key = generate_session_key(length=32)",
        "max_tokens=1024, temperature=0.7",
        "tokenizer = AutoTokenizer.from_pretrained(\"bert-base-uncased\")",
        "primary key (order_id, customer_id)",
        "foreign key references customers(customer_id)",
        "for key, value in dictionary.items():",
        "KeyError: 'user_authentication_required'",
        "keyboard shortcut Ctrl+Shift+P opens the palette",
        "The access control list is in access_control.yaml",
        "Die Sekretärin hat das Passwort vergessen.",
        "git commit -m \"rotate the signing key\"",
        "login: press Enter to continue",
        "secret_name: database-credentials",
        "tokens per second: 1234.5678",
        "<input type=\"password\" name=\"password\" placeholder=\"Password\">",
        "<label for=\"password\">Password</label>",
        "--password-stdin reads the password from standard input",
    ]);
}

#[test]
fn digests_and_versions_are_no_secrets() {
    assert_no_secret(&[
        "commit 3d6f0a1e9b5c4c2f8f7e6d5c4b3a291807f6e5d4",
        "index 83db48f..bf269f4 100644",
        "Merge: 4a1f0c2 9be8d77",
        "github.com/ada/engine/commit/3b335d612137949d2f21fcc6c8c8164db7603227",
        "actions/checkout@b4ffde65f46336ab88eb53be808477a3936bae11",
        "md5sum: d41d8cd98f00b204e9800998ecf8427e",
        "SHA256 (file.iso) = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "checksum = \"9fb5ff3a3bd4a5b7fd3e4ba1d5b4c4c7e0f6c1b2a3948576d0c9b8a7f6e5d4c3\"",
        "\"integrity\": \"sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==\"",
        "integrity=\"sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC\"",
        "golang.org/x/text v0.3.7 h1:olpwvP2KacW1ZWvsR7uQhoyTYvKAupfQrRGBFM352Gk=",
        "resolved \"https://registry.example.com/lodash/-/lodash-4.17.21.tgz#679591c564c3bffaae8454cf0b3df370c3d6911c\"",
        "image: nginx@sha256:0d17b565c37bcbd895e9d92315a05c1c3c9a29f762b011a10c54a66cd53c9b31",
        "etag: \"33a64df551425fcc55e4d42a148795d9f25f89d4\"",
        "uuid: 550e8400-e29b-41d4-a716-446655440000",
        "request 7c9e6679-7425-40de-944b-e07fc1f90ae7 took 12 ms",
        "{3F2504E0-4F89-41D3-9A0C-0305E82C3301}",
        "Build 20231005.1234.5678.release-candidate-2",
        "ObjectId(\"507f1f77bcf86cd799439011\")",
        "0x52908400098527886e0f7030069857d2e4169ee7 transferred 1.5",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5k9Zq3vX8sP1nR7tB2yLwQ0mF6dHcUeGaKoVxN4bTr ada@engine",
        "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8 (ED25519)",
        "-----BEGIN CERTIFICATE-----\nMIIDXTCCAkWgAwIBAgIJAKoK/heBjcOuMA0GCSqGSIb3DQEBBQUAMEUxCzAJBgNV\nBAYTAkFVMRMwEQYDVQQIDApTb21lLVN0YXRlMSEwHwYDVQQKDBhJbnRlcm5ldCBX\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEjT3vVvH2mQ8p1Z6kR9wXs4NfLbYc\n-----END PUBLIC KEY-----",
        "ipfs://QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnM1Px",
        "v=spf1 include:_spf.example.com ~all",
    ]);
}

#[test]
fn pages_styles_and_pictures_are_no_secrets() {
    assert_no_secret(&[
        "<img src=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk\">",
        "background: url(data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7)",
        "src: url(data:font/woff2;base64,d09GMgABAAAAAAJkAA0AAAAABVgAAAIPAAEAAAAAAAAAAAAAAAAAAAAAAAAA)",
        ".css-1a2b3c4d5e6f7g { color: #ff00ff; }",
        "<div class=\"MuiButton-root-123 jss4567 makeStyles-container-89\">",
        "<path d=\"M12 2C6.48 2 2 6.48 2 12s4.48 10 10 10 10-4.48 10-10S17.52 2 12 2z\"/>",
        "!function(e,t){\"object\"==typeof exports?module.exports=t():e.a=t()}(this,function(){return 42});",
        "var a=1,b=2,c=function(d){return d*a+b},e={f:3,g:\"h1i2j3\"};",
        "main.8f3a2b1c.chunk.js",
        "https://cdn.example.com/assets/app-5f4dcc3b5aa765d61d83.css",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://example.com/search?q=how+to+store+an+api+key",
        "https://example.com/reset?lang=en&page=2",
        "utm_source=newsletter&utm_medium=email&utm_campaign=spring_2024_v2",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "qwertyuiopasdfghjklzxcvbnm",
        "The quick brown fox jumps over the lazy dog 1234567890",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit 12345",
        "com.example.android.authentication.TokenProviderFactory2",
        "/usr/local/lib/python3.11/site-packages/cryptography/hazmat/primitives/keywrap.py",
        "C:\\Program Files\\Common Files\\Microsoft Shared\\Office16\\key.dll",
        "std::collections::hash_map::RandomState",
        "E0308: mismatched types, expected `AccessToken`, found `Option<AccessToken>`",
        "Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif",
        "GET /api/v1/tokens/refresh 200 12ms",
        "2023-10-05T12:30:45.123456Z level=info msg=\"token refreshed\" user=42",
    ]);
}
