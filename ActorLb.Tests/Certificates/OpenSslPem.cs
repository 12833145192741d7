namespace ActorLb.Tests.Certificates;

/// <summary>Written by openssl ec -aes256: a key of no use to anybody, with the password "secret", and its certificate.</summary>
internal static class OpenSslPem
{
    public const string EncryptedKeyAndCertificate =
        """
        -----BEGIN EC PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-256-CBC,A396E1FC125C40C06C04FC01F358D1A8

        K+O8ZKNZfqFzFF05W+61JXKIHE8Za8VtM9SRT6Dhn7RmQuE3971fcXVlA8+Xsi+l
        LeG2NJTVaq2yHpLR3zFDycYswNCkiasTdSOwuSQopbRpyFF4/98hvHjdGbZJizFa
        4SXIWhDvzEgvLQqOqwXqw/ecEGIDrZfktjbRNqVsQfQ=
        -----END EC PRIVATE KEY-----
        -----BEGIN CERTIFICATE-----
        MIIBdzCCAR2gAwIBAgIUDdrIpJzomPTFNt/JNbDrxVB0L7gwCgYIKoZIzj0EAwIw
        ETEPMA0GA1UEAwwGYSB0ZXN0MB4XDTI2MTEyODE2MjQ1MVoXDTM2MTEyNTE2MjQ1
        MVowETEPMA0GA1UEAwwGYSB0ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
        sgMfssTDLe/5KfKtCcMnDaSvoiSQQKDSt0DskZsxfnI0aeuIO0zVxolAsxr5MQrm
        9iF30AS11hEWQV+R+n3rVaNTMFEwHQYDVR0OBBYEFH0o8d5C0tL23tF5LqlYcc/R
        fAxeMB8GA1UdIwQYMBaAFH0o8d5C0tL23tF5LqlYcc/RfAxeMA8GA1UdEwEB/wQF
        MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhANxdXMcKwt2EJgzXL/4/3/sLw7pUFeGK
        lPc3N7jdlHbpAiAqS41eoJX72CuMdXlGflzjtwu5ppp6I9z7tUohHEoV6Q==
        -----END CERTIFICATE-----
        """;
}
