//! Names of secrets, and names that only look like them.

use super::*;

#[test]
fn secrets_are_known_by_the_words_of_their_names() {
    for name in [
        "PASSWORD",
        "PASSWORD2",
        "POSTGRES_PASSWORD",
        "PGPASSWORD",
        "MYSQL_PWD",
        "db.password",
        "dbPassword",
        "DBPassword",
        "--db-password",
        "requirepass",
        "SSHPASS",
        "API_KEY",
        "apikey",
        "AccountKey",
        "SharedAccessKey",
        "AWS_SECRET_ACCESS_KEY",
        "GITHUB_TOKEN",
        "NPM_TOKEN",
        "JWT_SECRET",
        "GOOGLE_CREDENTIALS",
        "DB_PWD",
        "DB_PASS",
        "SSH_KEY_PASSPHRASE",
        "WIFI_PSK",
        "com.example/license-key",
        "MINIO_ROOT_PASSWORD",
        "ALLOW_EMPTY_PASSWORD",
        "SECRET_KEY_BASE",
        "SESSION_COOKIE",
        "RABBITMQ_ERLANG_COOKIE",
        "SLACK_WEBHOOK_URL",
        "DISCORD_WEBHOOK",
        "WEBHOOKS",
        "WALLET_SEED",
        "PIN",
        "DOOR_PIN",
        "REDIS_AUTH",
        "SENTRY_SIGNATURE",
        "traefik.http.middlewares.x.basicauth.users",
        "traefik.http.middlewares.x.digestauth.users",
        "HTTP_BASIC_AUTH_USERS",
        "proxy_authorization",
    ] {
        assert!(names_a_secret(name, "hunter2"), "{name}");
        assert!(may_name_a_secret(name), "{name}");
    }
    for name in [
        "PATH",
        "HOME",
        "PWD",
        "OLDPWD",
        "KEYBOARD",
        "KEYBOARD_LAYOUT",
        "MONKEY",
        "TURKEY",
        "KEYCLOAK_URL",
        "KEYSPACE",
        "COMPASS",
        "BYPASS",
        "TOKENIZER",
        "TOKENIZERS_PARALLELISM",
        "PINNED",
        "SPIN",
        "PINGPONG",
        "AUTHOR",
        "AUTHORS",
        "AUTHENTICATOR",
        "COOKIE_DOMAIN",
        "COOKIECUTTER",
        "SEEDER",
        "SECRETARY",
        "PASSENGER",
        "PASSIVE",
        "SSH_PUBLIC_KEY",
        "SORT_KEY",
        "STOPSIGNAL",
        "DESIGN",
        "TZ",
        "LANG",
        "com.docker.compose.config-hash",
        "NODE_ENV",
        "WEBHOOK_PORT",
        "",
    ] {
        assert!(!names_a_secret(name, "hunter2"), "{name}");
    }
}

#[test]
fn switches_numbers_and_places_stay_although_their_names_mention_a_secret() {
    for (name, value) in [
        ("PASSWORD_MIN_LENGTH", "8"),
        ("TOKEN_TTL", "3600"),
        ("TOKEN_ISSUER", "https://id.example"),
        ("KEY_ALGORITHM", "RS256"),
        ("SECRET_NAME", "db"),
        ("KEYS_ENABLED", "true"),
        ("POSTGRES_PASSWORD_FILE", "/run/secrets/db"),
        ("PASSWORD_FILE", "pw.txt"),
        ("--password-file", "/run/pw"),
        ("SSL_KEY", "/etc/ssl/key.pem"),
        ("TLS_KEY", "server.key"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "creds.json"),
        ("POSTGRES_HOST_AUTH_METHOD", "trust"),
        ("PROXY_AUTH", "basic"),
        ("DB_SEED", "true"),
        ("WEBHOOK_ENABLED", "yes"),
        ("WEBHOOK_TIMEOUT", "30"),
        ("STICKY_COOKIE", "true"),
        ("PASSWORD", ""),
    ] {
        assert!(!names_a_secret(name, value), "{name}={value}");
    }
    // A number is what many a password is; base64 may begin with a slash; a file's name has a dot
    // or a slash.
    for (name, value) in [
        ("PASSWORD", "1234"),
        ("PIN", "1234"),
        ("DB_PASSWORD", "/etc/passwd"),
        ("AWS_SECRET_ACCESS_KEY", "/AbC+dEf/123="),
        ("PASSWORD_FILE", "hunter2"),
        ("WEBHOOK_PATH", "https://hooks.example/abc"),
    ] {
        assert!(names_a_secret(name, value), "{name}={value}");
    }
}
