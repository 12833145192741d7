namespace ActorLb.Tests.Passwords;

/// <summary>What htpasswd of Apache 2.4 wrote: "htpasswd -bB -C 4", carol with -C 10.</summary>
internal static class HtpasswdFile
{
    public const string Alice = "alice:$2y$04$EgLDhGg4FsqymmEm8RU.oe9MU6lIAZbRdyVS76S5j.JXND9nshHEu";
    public const string AlicePassword = "secret";

    public const string Juergen = "jürgen:$2y$04$VKm.4MLfqKKTn1lYsfA/uetZLuC8X60KUG.lpyv6Pcg1o47b2xO06";
    public const string JuergenPassword = "pässwörd:x";

    public const string Carol = "carol:$2y$10$ktlBhyeuz7YTgd6ATcQiT.PeSQIa//4PTZQ2hrk6fIpswRxjulk8S";
    public const string CarolPassword = "other";

    /// <summary>The password is 72 times x, and whatever follows.</summary>
    public const string Long = "long:$2y$04$803HobfpZ7a.7wMlMeLgJO0G6Se9vuXNFJPD9DBVTnpCGBiHeRTm2";

    /// <summary>The password is empty.</summary>
    public const string Empty = "empty:$2y$04$dp/53XiBM3LdoN7h8RVBa.8rdKZx.39WaYLnm/e7Tlj3GrfvLnPnS";

    public const string Text = $"{Alice}\n{Juergen}\n{Carol}\n{Long}\n{Empty}\n";
}
