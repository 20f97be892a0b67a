//! Masking of secrets in texts.

use super::*;

fn variable(name: &str) -> String {
    format!("${name}")
}

#[test]
fn secrets_are_found_within_a_text() {
    for (given, expected) in [
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
        // Command lines, as scripts and as `ps` shows them.
        ("mysqladmin ping -h localhost -ps3cret", "mysqladmin ping -h localhost -p$PASSWORD"),
        ("sh -c mysqladmin -ps3cret ping", "sh -c mysqladmin -p$PASSWORD ping"),
        ("bash -c 'mysqladmin -ps3cret'", "bash -c 'mysqladmin -p$PASSWORD'"),
        ("mysql -p's3 cret' x", "mysql -p'$PASSWORD' x"),
        ("redis-cli -a s3cret ping | grep PONG", "redis-cli -a $PASSWORD ping | grep PONG"),
        ("redis-cli -a \"s3 cret\" ping", "redis-cli -a \"$PASSWORD\" ping"),
        ("test \"$(redis-cli -a s3cret ping)\" = PONG", "test \"$(redis-cli -a $PASSWORD ping)\" = PONG"),
        ("curl -fsSu me:s3cret http://h || exit 1", "curl -fsSu me:$PASSWORD http://h || exit 1"),
        ("curl -f -u me:s3cret http://h || exit 1", "curl -f -u me:$PASSWORD http://h || exit 1"),
        ("PGPASSWORD=s3cret psql -c x", "PGPASSWORD=$PGPASSWORD psql -c x"),
        ("redis-cli config set requirepass s3cret", "redis-cli config set requirepass $REQUIREPASS"),
        ("app -token s3cret", "app -token $TOKEN"),
        ("echo root:s3cret | chpasswd", "echo root:$PASSWORD | chpasswd"),
        ("echo -e 'root:s3;cr|t' | sudo chpasswd -c SHA512", "echo -e 'root:$PASSWORD' | sudo chpasswd -c SHA512"),
        ("sh -c \"echo 'root:s3cret'|chpasswd && run\"", "sh -c \"echo 'root:$PASSWORD'|chpasswd && run\""),
        ("a; printf '%s:%s\\n' root s3cret | chpasswd", "a; printf '%s:%s\\n' $PASSWORD | chpasswd"),
        ("chpasswd <<< \"root:s3cret\"; b", "chpasswd <<< \"root:$PASSWORD\"; b"),
        ("chpasswd <<EOF\nroot:s3cret\nEOF\nrun", "chpasswd <<EOF\nroot:$PASSWORD\nEOF\nrun"),
        ("cat << 'E' | chpasswd\nroot:s3cret\nE\nrun", "cat << 'E' | chpasswd\nroot:$PASSWORD\nE\nrun"),
        ("echo s3cret | passwd --stdin ada", "echo $PASSWORD | passwd --stdin ada"),
        ("echo s3cret | sudo -S mount x", "echo $PASSWORD | sudo -S mount x"),
        ("echo s3cret | docker login -u a --password-stdin", "echo $PASSWORD | docker login -u a --password-stdin"),
        ("(echo s3cret; echo s3cret) | smbpasswd -a ada", "(echo $PASSWORD; echo $PASSWORD) | smbpasswd -a ada"),
        ("echo s3cret | docker secret create db -", "echo $PASSWORD | docker secret create db -"),
        ("mkpasswd -m sha-512 s3cret", "mkpasswd -m sha-512 $PASSWORD"),
        ("openssl passwd -6 s3cret", "openssl passwd -6 $PASSWORD"),
        ("caddy hash-password --plaintext s3cret", "caddy hash-password --plaintext $PASSWORD"),
        ("useradd -p s3cret ada", "useradd -p $PASSWORD ada"),
        ("-e PLEX_CLAIM=claim-x -e HMAC=s3cret", "-e PLEX_CLAIM=$PLEX_CLAIM -e HMAC=$HMAC"),
        ("set claim-0123456789abcdefghij", "set $TOKEN"),
        ("CREATE USER a IDENTIFIED BY 's3cret'", "CREATE USER a IDENTIFIED BY '$BY'"),
        ("ALTER ROLE a PASSWORD 's3cret'", "ALTER ROLE a PASSWORD '$PASSWORD'"),
        // Addresses.
        ("https://x.example/a?sv=1&sig=s3cret%3D&se=2", "https://x.example/a?sv=1&sig=$SIG&se=2"),
        ("https://x.example/a?X-Amz-Signature=s3cret", "https://x.example/a?X-Amz-Signature=$X_AMZ_SIGNATURE"),
        ("https://x.example/f?code=0123456789abcdef==", "https://x.example/f?code=$CODE"),
        ("https://x.example/#access_token=s3cret", "https://x.example/#access_token=$ACCESS_TOKEN"),
        ("https://hooks.slack.com/services/T0/B0/s3cret", "https://hooks.slack.com/$WEBHOOK"),
        ("https://discord.com/api/webhooks/1/s3cret x", "https://discord.com/api/webhooks/$WEBHOOK x"),
        ("https://api.telegram.org/bot1:s3cret/send", "https://api.telegram.org/bot$WEBHOOK"),
        ("http://a:80/?to=http://u:s3cret@h", "http://a:80/?to=http://u:$PASSWORD@h"),
        ("ada:s3cret@tcp(db:3306)/shop", "ada:$PASSWORD@tcp(db:3306)/shop"),
        // Connection strings, JSON in strings, XML, settings.
        ("Server=db;Password=s3,c&ret;Encrypt=true", "Server=db;Password=$PASSWORD;Encrypt=true"),
        ("AccountName=x;AccountKey=Zm9v+/==;Suffix=y", "AccountName=x;AccountKey=$ACCOUNTKEY;Suffix=y"),
        (r#"{\"password\":\"s3cret\",\"port\":1}"#, r#"{\"password\":\"$PASSWORD\",\"port\":1}"#),
        ("<password>s3cret</password>", "<password>$PASSWORD</password>"),
        ("password = s3cret\nport = 1", "password = $PASSWORD\nport = 1"),
        ("password=-s3cret", "password=$PASSWORD"),
        ("Cookie: a=s3cret; b=s3cret", "Cookie: $COOKIE"),
        ("Authorization: Digest username=\"a\", response=\"s3cret\"\nx", "Authorization: Digest $AUTHORIZATION\nx"),
        // Formats.
        ("admin:$apr1$0123abcd$0123456789abcdefABCDEF", "admin:$HASH"),
        ("admin:$$2y$$05$$0123456789abcdefABCDEF,b:x", "admin:$HASH,b:x"),
        ("key AKIAIOSFODNN7EXAMPLE x", "key $TOKEN x"),
        ("110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "110201543:$TOKEN"),
        ("sk-ant-0123456789abcdef", "$TOKEN"),
    ] {
        assert_eq!(text(given, "", variable), expected);
    }
}

#[test]
fn text_without_secrets_is_unchanged() {
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
        "docker run -p 80:80 -p 127.0.0.1:15432:5432 nginx",
        "redis-cli -p 6379 ping",
        "psql -p 5432 -U ada",
        "mkdir -p /a/b && cp -a x y",
        "KEYBOARD=us TOKENIZERS_PARALLELISM=false PINNED=1 SPIN=2 AUTHOR=ada",
        "PASSWORD_FILE=/run/secrets/db",
        "mysqladmin ping -p$MYSQL_ROOT_PASSWORD",
        "mysqladmin ping -p\"$MYSQL_ROOT_PASSWORD\"",
        "PGPASSWORD=${POSTGRES_PASSWORD} psql",
        "npm_lifecycle_script_name",
        "sk-learn-experiments-one",
        "echo $1$2 $5$6",
        "echo root:$PASSWORD | chpasswd",
        "echo done | tee -a log | cat",
        "echo hello; passwd -l ada",
        "claim-check-service-12",
        "x || chpasswd",
        "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----",
        "https://discord.com/invite/x",
        "token: ",
        "🚢 é \u{202e}",
    ] {
        assert_eq!(text(plain, "", variable), plain);
    }
}

#[test]
fn a_variable_for_a_nested_secret_is_named_after_its_context() {
    assert_eq!(text("postgres://u:p@db", "DATABASE_URL", variable), "postgres://u:$DATABASE_URL_PASSWORD@db");
}

/// Texts in which every character could start a secret.
const HOSTILE: [&str; 36] = [
    "webhook_port=",
    "a=",
    "://",
    "\u{1b}[",
    "{",
    "\"",
    "\\",
    "=",
    "-",
    "-p",
    " ",
    "\n",
    "%",
    "@",
    ":",
    "a:",
    "a: ",
    "'",
    "=\"",
    "=\\\"",
    "key_file=",
    "token=\"",
    "x://@",
    "://a:",
    "$",
    "$1$",
    "-----BEGIN ",
    "mysql -p",
    "@tcp(",
    "BY '",
    "<key>",
    "htpasswd -b ",
    "echo a|chpasswd;",
    "chpasswd<<E\n",
    "(echo |passwd ",
    "|",
];

#[test]
fn any_text_takes_linear_time() {
    let time = |piece: &str, bytes: usize| {
        let given = piece.repeat(bytes / piece.len());
        let once = || {
            let began = app::cost_check::cpu_time();
            let _ = text(&given, "", crate::secrets::masked);
            app::cost_check::cpu_time() - began
        };
        (0..5).map(|_| once()).min().unwrap_or_default()
    };
    for piece in HOSTILE {
        let (short, long) =
            (time(piece, crate::secrets::MAX_VALUE_BYTES / 8), time(piece, crate::secrets::MAX_VALUE_BYTES));
        // Eight times the length; quadratic time would be 64 times as long. Times below 100 ms
        // cannot be measured on a busy machine.
        assert!(long < short * 24 + std::time::Duration::from_millis(100), "{piece:?}: {short:?} became {long:?}");
    }
}
