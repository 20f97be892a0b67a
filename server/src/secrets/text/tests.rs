//! Texts, and what is told of them.

use super::*;

fn variable(name: &str) -> String {
    format!("${name}")
}

#[test]
fn secrets_are_found_within_a_text() {
    for (given, told) in [
        ("postgres://shop:s3cret@db:5432/shop", "postgres://shop:$PASSWORD@db:5432/shop"),
        ("redis://:s3cret@cache", "redis://:$PASSWORD@cache"),
        ("amqp://a:p@ss@queue/", "amqp://a:$PASSWORD@queue/"),
        ("mysql://u:pa/ss#w?d@db/x", "mysql://u:$PASSWORD@db/x"),
        ("https://0123456789abcdef0123@sentry.example/1", "https://$TOKEN@sentry.example/1"),
        ("a http://u:p@h b https://v:q@i", "a http://u:$PASSWORD@h b https://v:$PASSWORD@i"),
        ("Server=db;User=sa;Password=s3cret;Encrypt=true", "Server=db;User=sa;Password=$PASSWORD;Encrypt=true"),
        ("host=db password='s3 cret' sslmode=off", "host=db password='$PASSWORD' sslmode=off"),
        ("jdbc:x://db/s?user=u&password=s3cret&ssl=1", "jdbc:x://db/s?user=u&password=$PASSWORD&ssl=1"),
        (r#"{"user":"u","password":"s3cret","port":1}"#, r#"{"user":"u","password":"$PASSWORD","port":1}"#),
        (r#"{"password":"s3\"cret\\"}"#, r#"{"password":"$PASSWORD"}"#),
        (r#"{"api_key": "s3cret"}"#, r#"{"api_key": "$API_KEY"}"#),
        ("curl -H 'Authorization: Bearer s3cret' x", "curl -H 'Authorization: Bearer $AUTHORIZATION' x"),
        ("Bearer 0123456789abcdef", "Bearer $TOKEN"),
        ("redis-server --requirepass s3cret --port 1", "redis-server --requirepass $REQUIREPASS --port 1"),
        ("--api-token=s3cret", "--api-token=$API_TOKEN"),
        ("export TOKEN=s3cret; run", "export TOKEN=$TOKEN; run"),
        ("x ghp_0123456789abcdefghij y", "x $TOKEN y"),
        ("eyJhbGciOi.eyJzdWIiOiIx.SflKxwRJSM", "$TOKEN"),
        ("k=-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nz", "k=$PRIVATE_KEY\nz"),
        ("é password=ü", "é password=$PASSWORD"),
    ] {
        assert_eq!(text(given, "", variable), told);
    }
}

#[test]
fn what_holds_no_secret_stays_as_it_is() {
    for plain in [
        "",
        "http://host:8080/path@2",
        "https://host/a?b=c",
        "nginx -g 'daemon off;'",
        "git@example.org:a/b.git",
        "user@host",
        "ssh://git@example.org/a",
        "--password",
        "--password --other",
        "1:M * 3 changes",
        "sort by key",
        "a=b c=d",
        "/usr/bin/task-runner-with-a-long-name",
        "sk-short",
        "monkey=banana",
        "🚢 é \u{202e}",
    ] {
        assert_eq!(text(plain, "", variable), plain);
    }
}

#[test]
fn a_secret_within_something_is_called_after_it() {
    assert_eq!(text("postgres://u:p@db", "DATABASE_URL", variable), "postgres://u:$DATABASE_URL_PASSWORD@db");
}
