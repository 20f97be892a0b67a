//! Masking of command lines and variables.

use super::*;

fn concealed(line: &str) -> String {
    let words: Vec<&str> = line.split('|').collect();
    arguments(&words, |name| format!("${name}")).join("|")
}

#[test]
fn secret_arguments_are_recognized_by_flag_and_format() {
    for (given, expected) in [
        ("redis-server|--requirepass|s3cret|--port|1", "redis-server|--requirepass|$REQUIREPASS|--port|1"),
        ("app|--db-password=s3 cret", "app|--db-password=$DB_PASSWORD"),
        ("app|-token|s3cret", "app|-token|$TOKEN"),
        ("app|--token|--verbose", "app|--token|--verbose"),
        ("sh|-c|app --token s3cret && true", "sh|-c|app --token $TOKEN && true"),
        ("curl|-u|me:s3cret|http://x", "curl|-u|me:$PASSWORD|http://x"),
        ("curl|-ume:s3cret|http://x", "curl|-ume:$PASSWORD|http://x"),
        ("curl|-H|X-Api-Key: s3cret|x", "curl|-H|X-Api-Key: $X_API_KEY|x"),
        ("curl|-H|Authorization: Bearer s3cret|x", "curl|-H|Authorization: Bearer $AUTHORIZATION|x"),
        ("run|--user|1000:1000", "run|--user|1000:1000"),
        ("run|-u|www-data:www-data", "run|-u|www-data:www-data"),
        ("/usr/bin/mysql|-uroot|-ps3cret", "/usr/bin/mysql|-uroot|-p$PASSWORD"),
        ("docker-entrypoint.sh|mysqladmin|ping|-ps3cret", "docker-entrypoint.sh|mysqladmin|ping|-p$PASSWORD"),
        ("env|PGPASSWORD=s3 cret|psql", "env|PGPASSWORD=$PGPASSWORD|psql"),
        ("psql|postgres://u:s3cret@h/d", "psql|postgres://u:$PASSWORD@h/d"),
        ("redis-cli|-a|s3cret|-p|6380|ping", "redis-cli|-a|$PASSWORD|-p|6380|ping"),
        ("sshpass|-p|s3cret|ssh|-p|22|h", "sshpass|-p|$PASSWORD|ssh|-p|22|h"),
        ("sshpass|-ps3cret|ssh|h", "sshpass|-p$PASSWORD|ssh|h"),
        ("htpasswd|-bc|/f|ada|s3cret", "htpasswd|-bc|/f|ada|$PASSWORD"),
        ("htpasswd|-nb|ada|s3cret", "htpasswd|-nb|ada|$PASSWORD"),
        ("mongosh|-u|root|-p|s3cret", "mongosh|-u|root|-p|$PASSWORD"),
        ("ldapsearch|-w|s3cret", "ldapsearch|-w|$PASSWORD"),
        ("rabbitmqctl|add_user|ada|s3cret", "rabbitmqctl|add_user|ada|$PASSWORD"),
        ("mc|alias|set|x|http://h|ada|s3cret", "mc|alias|set|x|http://h|ada|$PASSWORD"),
        ("aws|configure|set|aws_secret_access_key|s3cret", "aws|configure|set|aws_secret_access_key|$PASSWORD"),
        ("openssl|rsa|-passin|pass:s3cret", "openssl|rsa|-passin|pass:$PASSWORD"),
        ("smbclient|-U|ada%s3cret|//h/x", "smbclient|-U|ada%$PASSWORD|//h/x"),
        ("docker|login|-u|ada|-p|s3cret", "docker|login|-u|ada|-p|$PASSWORD"),
        ("docker|run|-e|DB_PASSWORD=s3cret|-p|80:80|x", "docker|run|-e|DB_PASSWORD=$DB_PASSWORD|-p|80:80|x"),
        (
            "java|-Djavax.net.ssl.keyStorePassword=s3cret|-jar|x",
            "java|-Djavax.net.ssl.keyStorePassword=$DJAVAX_NET_SSL_KEYSTOREPASSWORD|-jar|x",
        ),
        ("ssh|-p22", "ssh|-p22"),
        ("nginx|-p|80:80", "nginx|-p|80:80"),
        ("psql|-p|5432|-U|ada", "psql|-p|5432|-U|ada"),
        ("app|--password-file|/run/pw", "app|--password-file|/run/pw"),
        ("app|--password-file|pw.txt", "app|--password-file|pw.txt"),
        ("nginx|-g|daemon off;", "nginx|-g|daemon off;"),
        ("mkdir|-p|/a/b", "mkdir|-p|/a/b"),
    ] {
        assert_eq!(concealed(given), expected);
    }
}

#[test]
fn secret_variables_are_recognized_by_name_and_value() {
    let concealed = |entry| variable(entry, |name| format!("${name}"));
    for (given, expected) in [
        ("POSTGRES_PASSWORD=a=b c", "POSTGRES_PASSWORD=$POSTGRES_PASSWORD"),
        ("DATABASE_URL=postgres://u:p@db/x", "DATABASE_URL=postgres://u:$DATABASE_URL_PASSWORD@db/x"),
        ("TZ=UTC", "TZ=UTC"),
        ("EMPTY=", "EMPTY="),
        ("PASSWORD=", "PASSWORD="),
        ("bare", "bare"),
    ] {
        assert_eq!(concealed(given), expected);
    }
}

#[test]
fn a_value_that_is_too_long_is_masked_completely() {
    let long = "a=".repeat(MAX_VALUE_BYTES);
    let expected = "****** (131072 bytes, too long to be searched for secrets)";
    assert_eq!(named("NAME", &long, crate::secrets::masked), expected);
    assert_eq!(arguments(&["mysql", &long, "-px"], crate::secrets::masked), ["mysql", expected, "-p******"]);
    assert_eq!(variable(&format!("NAME={long}"), |name| format!("${name}")), "NAME=$NAME");
    // A value of only letters and digits can only be a secret by its name.
    let plain = "x".repeat(2 * MAX_VALUE_BYTES);
    assert_eq!(named("NAME", &plain, crate::secrets::masked), plain);
    let cut = format!("{plain}…");
    assert_eq!(named("NAME", &cut, crate::secrets::masked), cut);
    assert_eq!(named("API_KEY", &plain, crate::secrets::masked), "******");
}
